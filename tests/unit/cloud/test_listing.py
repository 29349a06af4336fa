"""The account's roles, users and quotas, read: what is not said is unknown."""

from datetime import UTC, datetime

import pytest

from nhi.cloud.inventory import OddAnswer
from nhi.cloud.listing import account_quotas, live_identities
from nhi.model.inventory import Quota
from nhi.model.plan import PrincipalType
from nhi.model.usage import NoUseSeen

CREATED = datetime(2026, 11, 1, tzinfo=UTC)


def role(name: str = "a", path: str = "/", **changes: object) -> dict[str, object]:
    return {
        "RoleName": name,
        "Path": path,
        "Arn": f"arn:aws:iam::111122223333:role{path}{name}",
        "RoleId": "AROAEXAMPLE",
        "CreateDate": CREATED,
        "RoleLastUsed": {},
        **changes,
    }


def user(name: str = "a") -> dict[str, object]:
    arn = f"arn:aws:iam::111122223333:user/{name}"
    return {"UserName": name, "Path": "/", "Arn": arn, "UserId": "AIDAEXAMPLE", "CreateDate": CREATED}


def page(*roles: dict[str, object], users: tuple[dict[str, object], ...] = ()) -> dict[str, object]:
    return {"RoleDetailList": list(roles), "UserDetailList": list(users)}


def test_roles_and_users_of_all_pages_are_listed_by_arn() -> None:
    found = live_identities([page(role("b"), users=(user("b"),)), page(role("a"))])
    assert [(one.type, one.name) for one in found] == [
        (PrincipalType.ROLE, "a"),
        (PrincipalType.ROLE, "b"),
        (PrincipalType.USER, "b"),
    ]


@pytest.mark.parametrize(
    ("path", "provided"),
    [("/aws-service-role/x.amazonaws.com/", True), ("/aws-reserved/sso.amazonaws.com/", True), ("/nhi/prod/", False)],
)
def test_what_the_cloud_made_for_itself_says_so(path: str, *, provided: bool) -> None:
    (found,) = live_identities([page(role(path=path))])
    assert found.provided is provided


def test_a_listing_that_does_not_say_the_use_leaves_it_open() -> None:
    silent, seen, person = live_identities([page(role("a", RoleLastUsed=None), role("b"), users=(user(),))])
    assert (silent.last_use, seen.last_use, person.last_use) == (None, NoUseSeen(), None)


def test_the_id_is_the_tags() -> None:
    tags = [{"Key": "nhi:id", "Value": "prod/a"}, {"Key": "team", "Value": ""}]
    (found,) = live_identities([page(role(Tags=tags))])
    assert found.id == "prod/a"


@pytest.mark.parametrize(
    "pages",
    [
        [{}],
        [{"RoleDetailList": []}],
        [{"UserDetailList": []}],
        [page(role()), page(role())],
        [page(role(RoleId=None))],
        [page(role(CreateDate=None))],
        [page(role(CreateDate="2026"))],
        [page(role(Arn=""))],
        [page(role(RoleLastUsed={"Region": "eu-west-1"}))],
    ],
)
def test_an_odd_listing_is_no_inventory(pages: list[dict[str, object]]) -> None:
    with pytest.raises(OddAnswer):
        live_identities(pages)


def test_quotas_are_what_is_used_and_what_may_be() -> None:
    summary = {"Roles": 12, "RolesQuota": 1000, "Users": 0, "RolePolicySizeQuota": 10240, "AccountMFAEnabled": 1}
    assert account_quotas({"SummaryMap": summary}) == (
        Quota("InstanceProfiles", None, None),
        Quota("Policies", None, None),
        Quota("RolePolicySize", None, 10240),
        Quota("Roles", 12, 1000),
        Quota("Users", 0, None),
    )


@pytest.mark.parametrize(
    "summary", [None, {}, {"RolesQuota": "many"}, {"RolesQuota": -1}, {"RolesQuota": 9, "Users": 1}]
)
def test_odd_quotas_are_no_quotas(summary: object) -> None:
    with pytest.raises(OddAnswer):
        account_quotas({"SummaryMap": summary})
