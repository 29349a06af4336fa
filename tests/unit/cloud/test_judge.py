import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.cloud.compare import Credentials, FoundEventRule, FoundSecret
from nhi.cloud.inventory import Holding, Inventory, OddAnswer, build
from nhi.cloud.judge import Account, judge_gone, judge_present
from nhi.cloud.regional import Regional, regional
from nhi.model.identity import Json
from nhi.model.verification import (
    Absent,
    Difference,
    Expectation,
    ExpectedEventRule,
    ExpectedRole,
    ExpectedSecret,
    ExpectedUser,
    Present,
)

PATH = "/nhi/prod/"
TRUST: Json = {"Version": "2012-10-17", "Statement": []}
ROLE = ExpectedRole("writer", PATH, TRUST, {}, (), {"nhi:id": "prod/writer"}, 3600)
WANTED = Expectation(roles=(ROLE,))
USER = ExpectedUser("writer", PATH, {}, (), {"nhi:id": "prod/writer"}, ("Active",))
SECRET = ExpectedSecret("nhi/prod/writer", {"nhi:id": "prod/writer"})
EVENT_RULE = ExpectedEventRule("nhi-prod-writer", {"source": ["aws.sts"]}, ())
WANTED_USER = Expectation(users=(USER,), secrets=(SECRET,), event_rules=(EVENT_RULE,))


def entry(name: str, path: str = PATH, identity: str | None = None, **more: object) -> dict[str, Any]:
    tags = [{"Key": "nhi:id", "Value": identity}] if identity else []
    return {
        "RoleName": name,
        "RoleId": f"AROA{name}",
        "Path": path,
        "Arn": f"arn:aws:iam::111122223333:role{path}{name}",
        "AssumeRolePolicyDocument": TRUST,
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": tags,
        "MaxSessionDuration": 3600,
        **more,
    }


def user(name: str, identity: str | None, path: str = "/", **more: object) -> dict[str, Any]:
    return {
        "UserName": name,
        "UserId": f"AIDA{name}",
        "Path": path,
        "Arn": f"arn:aws:iam::111122223333:user{path}{name}",
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "Tags": [{"Key": "nhi:id", "Value": identity}] if identity else [],
        **more,
    }


def inventory(
    *roles: Mapping[str, Any], users: tuple[Mapping[str, Any], ...] = (), others: tuple[Holding, ...] = ()
) -> Inventory:
    page = {"RoleDetailList": list(roles), "UserDetailList": list(users)}
    below_roles, below_users = ([one for one in listed if one["Path"].startswith(PATH)] for listed in (roles, users))
    return build(PATH, [page], below_roles, below_users, others)


@dataclass(frozen=True)
class Known:
    """An account whose direct answers are given, beside its listings."""

    inventory: Inventory
    roles: tuple[Mapping[str, Any], ...] = ()
    users: tuple[Mapping[str, Any], ...] = ()
    secrets: Mapping[str, FoundSecret] = field(default_factory=dict)
    event_rules: Mapping[str, FoundEventRule] = field(default_factory=dict)
    leftovers: tuple[Holding, ...] = ()
    ignoring_case: bool = False

    def regional(self) -> Regional:
        return regional(self.leftovers)

    def get_role(self, name: str) -> Mapping[str, object] | None:
        alike = (one for one in self.roles if self.ignoring_case and one["RoleName"].lower() == name.lower())
        return {role["RoleName"]: role for role in self.roles}.get(name) or next(alike, None)

    def get_user(self, name: str) -> Mapping[str, object] | None:
        return {user["UserName"]: user for user in self.users}.get(name)

    def credentials(self, user: str) -> Credentials:
        return Credentials(access_keys=("Active",) if user == "writer" else ())

    def secret(self, name: str) -> FoundSecret | None:
        return self.secrets.get(name)

    def event_rule(self, name: str) -> FoundEventRule | None:
        return self.event_rules.get(name)


def account(*roles: Mapping[str, Any], users: tuple[Mapping[str, Any], ...] = ()) -> Known:
    """An account whose listings and direct answers agree."""
    return Known(inventory(*roles, users=users), roles, users)


def leftover(kind: str, name: str, identity: str | None) -> Holding:
    return Holding(kind, name, "", f"arn:aws:x:eu-west-1:111122223333:{name}", {"nhi:id": identity} if identity else {})


def present(there: Account, wanted: Expectation = WANTED) -> object:
    return judge_present(there, "prod/writer", "writer", wanted)


def gone(there: Account) -> object:
    return judge_gone(there, "prod/writer", "writer")


def wheres(answer: object) -> list[str]:
    assert isinstance(answer, Present), answer
    return [one.where for one in answer.differences]


WRITER = entry("writer", identity="prod/writer")
WRITING_USER = user("writer", "prod/writer", PATH)
FOUND_SECRET = FoundSecret(SECRET.name, SECRET.tags)
FOUND_EVENT_RULE = FoundEventRule(EVENT_RULE.name, "ENABLED", EVENT_RULE.pattern, None, ())
STANDING = replace(
    account(users=(WRITING_USER,)),
    secrets={SECRET.name: FOUND_SECRET},
    event_rules={EVENT_RULE.name: FOUND_EVENT_RULE},
)


def test_a_role_that_stands_as_wanted_is_present() -> None:
    assert present(account(WRITER)) == Present()


def test_a_user_with_a_secret_and_an_event_rule_that_stand_as_wanted_is_present() -> None:
    assert present(STANDING, WANTED_USER) == Present()


def test_one_of_two_roles_is_not_absent() -> None:
    other = ExpectedRole("reader", PATH, TRUST, {}, (), {}, 3600)
    assert present(account(WRITER), Expectation(roles=(ROLE, other))) == Present(
        (Difference("role reader", "present", "missing"),)
    )


def test_each_missing_thing_is_a_difference_while_another_stands() -> None:
    without_user = replace(STANDING, inventory=inventory(), users=())
    assert wheres(present(without_user, WANTED_USER)) == ["user writer"]
    assert wheres(present(replace(STANDING, secrets={}), WANTED_USER)) == ["secret nhi/prod/writer"]
    assert wheres(present(replace(STANDING, event_rules={}), WANTED_USER)) == ["event rule nhi-prod-writer"]


def test_nothing_of_what_is_wanted_is_absent() -> None:
    assert present(account(), WANTED_USER) == Absent()


def test_a_secret_that_is_scheduled_for_deletion_does_not_stand() -> None:
    scheduled = {SECRET.name: replace(FOUND_SECRET, scheduled_for_deletion=True)}
    assert present(replace(account(), secrets=scheduled), WANTED_USER) == Absent()
    assert present(replace(STANDING, secrets=scheduled), WANTED_USER) == Present(
        (Difference("secret nhi/prod/writer", "present", "scheduled for deletion"),)
    )


def test_what_was_never_made_and_left_a_secret_of_another_name_is_not_absent() -> None:
    held = leftover("event rule", "nhi-other", "prod/writer")
    assert wheres(present(replace(account(), leftovers=(held,)))) == ["role writer", "event rule nhi-other"]


def test_a_user_that_carries_the_id_is_a_difference_and_a_policy_is_not() -> None:
    held = Holding("policy", "p", PATH, "arn:aws:iam::111122223333:policy/nhi/prod/p", {"nhi:id": "prod/writer"})
    there = Known(inventory(WRITER, users=(user("u", "prod/writer"),), others=(held,)))
    assert wheres(present(there)) == ["user u"]


def test_a_user_of_the_same_name_that_carries_the_id_is_a_difference_where_a_role_is_wanted() -> None:
    assert wheres(present(account(WRITER, users=(WRITING_USER,)))) == ["user writer"]


def test_a_role_or_user_that_appears_while_the_account_is_read_gives_no_answer() -> None:
    for there in (Known(inventory(), roles=(WRITER,)), Known(inventory(), users=(WRITING_USER,))):
        with pytest.raises(OddAnswer, match="came or went"):
            present(there, Expectation(roles=(ROLE,), users=(USER,)))
        with pytest.raises(OddAnswer, match="came or went"):
            gone(there)


def test_a_role_or_user_that_goes_while_the_account_is_read_gives_no_answer() -> None:
    for there in (Known(inventory(WRITER)), Known(inventory(users=(WRITING_USER,)))):
        with pytest.raises(OddAnswer, match="came or went"):
            gone(there)
    elsewhere = entry("writer", "/", identity="prod/writer")
    with pytest.raises(OddAnswer, match="came or went"):
        present(Known(inventory(elsewhere)))


def test_a_user_that_was_made_again_while_the_account_is_read_gives_no_answer() -> None:
    again = WRITING_USER | {"UserId": "AIDAanother"}
    with pytest.raises(OddAnswer, match="the user writer came or went"):
        gone(Known(inventory(users=(WRITING_USER,)), users=(again,)))


def test_a_role_elsewhere_that_carries_the_id_is_not_gone() -> None:
    assert wheres(gone(account(entry("writer", "/", identity="prod/writer")))) == ["role writer"]


@pytest.mark.parametrize("identity", [None, "test/writer"])
def test_a_role_elsewhere_without_the_id_does_not_count(identity: str | None) -> None:
    assert gone(account(entry("writer", "/nhi/test/", identity=identity))) == Absent()


@pytest.mark.parametrize("path", ["/", "/nhi/test/", PATH])
def test_a_user_that_was_moved_and_stripped_of_its_tags_is_not_gone(path: str) -> None:
    assert wheres(gone(account(users=(user("writer", None, path),)))) == ["user writer"]


def test_another_identitys_user_of_the_same_name_does_not_count() -> None:
    assert gone(account(users=(user("writer", "test/writer", "/nhi/test/"),))) == Absent()


@pytest.mark.parametrize("ignoring_case", [True, False])
def test_somebody_elses_role_whose_name_has_other_letters_does_not_count_however_iam_is_asked(
    *, ignoring_case: bool
) -> None:
    there = replace(account(entry("Writer", "/")), ignoring_case=ignoring_case)
    assert gone(there) == Absent()
    assert wheres(gone(replace(account(entry("Writer")), ignoring_case=ignoring_case))) == ["role Writer"]


def test_a_role_and_a_user_of_the_name_are_both_named() -> None:
    both = account(WRITER, users=(WRITING_USER,))
    assert wheres(gone(both)) == ["role writer", "user writer"]


def test_leftovers_are_named_once_and_say_by_what_they_were_known() -> None:
    left = entry("Writer")
    answer = gone(Known(inventory(left, users=(user("u", "prod/writer"),))))
    assert answer == Present(
        (
            Difference("user u", "nothing more", "arn:aws:iam::111122223333:user/u (nhi:id prod/writer)"),
            Difference("role Writer", "nothing more", "arn:aws:iam::111122223333:role/nhi/prod/Writer (same name)"),
        )
    )


@pytest.mark.parametrize(
    ("kind", "name", "identity"),
    [
        ("secret", "anything", "prod/writer"),
        ("secret", "nhi/prod/writer", None),
        ("secret", "/nhi/prod/writer", None),
        ("secret", "nhi/prod/writer/key-2", "prod/another"),
        ("event rule", "nhi-anything", "prod/writer"),
        ("event rule", "nhi-prod-writer", None),
        ("event rule", "nhi-prod-writer", "prod/another"),
        ("event rule", "nhi-writer", None),
        ("event rule", "nhi-writer", "prod/another"),
    ],
)
def test_a_secret_or_event_rule_that_is_left_is_not_gone(kind: str, name: str, identity: str | None) -> None:
    held = leftover(kind, name, identity)
    there = replace(account(), leftovers=(held, held), secrets={held.arn: FoundSecret(name, {})})
    assert wheres(gone(there)) == [f"{kind} {name}"]


@pytest.mark.parametrize(
    ("kind", "name", "identity"),
    [
        ("secret", "nhi/prod/writer-2", None),
        ("secret", "nhi/test/writer", None),
        ("secret", "other/prod/writer", None),
        ("secret", "nhi/nhi-prod-writer", None),
        ("secret", "mine", "prod/writer-2"),
        ("event rule", "nhi-prod-writer-2", None),
        ("event rule", "nhi-mine", "prod/writer-2"),
        ("event rule", "nhi-prod-writer", "test/prod-writer"),
        ("event rule", "nhi-writer", "test/writer"),
        ("event rule", "nhi-test-writer", None),
    ],
)
def test_what_is_anothers_does_not_count(kind: str, name: str, identity: str | None) -> None:
    held = leftover(kind, name, identity)
    assert gone(replace(account(), leftovers=(held,), secrets={held.arn: FoundSecret(name, {})})) == Absent()


def test_a_rule_whose_name_two_identities_could_have_is_of_the_one_whose_id_it_carries() -> None:
    there = replace(account(), leftovers=(leftover("event rule", "nhi-prod-eu-writer", "prod-eu/writer"),))
    assert judge_gone(there, "prod/eu-writer", "eu-writer") == Absent()
    assert wheres(judge_gone(there, "prod-eu/writer", "writer")) == ["event rule nhi-prod-eu-writer"]


@pytest.mark.parametrize("found", [None, FoundSecret("nhi/prod/writer", {}, scheduled_for_deletion=True)])
def test_a_secret_that_is_still_listed_and_gone_by_itself_is_gone(found: FoundSecret | None) -> None:
    held = leftover("secret", "nhi/prod/writer", "prod/writer")
    secrets = {} if found is None else {held.arn: found}
    assert gone(replace(account(), leftovers=(held,), secrets=secrets)) == Absent()


@given(
    names=st.lists(st.text("abAB-", min_size=1, max_size=4), unique_by=str.lower),
    asked=st.text("ab-", min_size=1, max_size=4),
    as_users=st.booleans(),
)
def test_gone_and_present_never_agree(names: list[str], asked: str, *, as_users: bool) -> None:
    users = tuple(user(name, f"prod/{name}", PATH) for name in names)
    roles = [entry(name, identity=f"prod/{name}") for name in names]
    there = account(users=users) if as_users else account(*roles)
    answer = judge_gone(there, f"prod/{asked}", asked)
    assert (answer == Absent()) == (asked.lower() not in {name.lower() for name in names})


def test_two_listings_that_differ_give_no_inventory() -> None:
    page = {"RoleDetailList": [entry("one")], "UserDetailList": [user("two", None, PATH)]}
    with pytest.raises(OddAnswer, match=r"roles below /nhi/prod/ differ \(one\)"):
        build(PATH, [page], [], [page["UserDetailList"][0]], [])
    with pytest.raises(OddAnswer, match=r"users below /nhi/prod/ differ \(two\)"):
        build(PATH, [page], [page["RoleDetailList"][0]], [], [])


def test_a_holding_knows_its_unique_id() -> None:
    there = inventory(WRITER, users=(user("u", "prod/writer"),))
    assert [one.unique_id for one in there.of("prod/writer", "writer")] == ["AROAwriter", "AIDAu"]


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"RoleDetailList": [], "UserDetailList": None},
        {"RoleDetailList": "none", "UserDetailList": []},
        {"RoleDetailList": ["writer"], "UserDetailList": []},
        {"RoleDetailList": [{**entry("writer", "/"), "RoleName": ""}], "UserDetailList": []},
        {"RoleDetailList": [{**entry("writer", "/"), "Path": None}], "UserDetailList": []},
        {"RoleDetailList": [{**entry("writer", "/"), "Arn": 7}], "UserDetailList": []},
        {"RoleDetailList": [{**entry("writer", "/"), "Tags": [{"Key": "nhi:id"}]}], "UserDetailList": []},
        {"RoleDetailList": [{**entry("writer", "/"), "RoleId": None}], "UserDetailList": []},
        {"RoleDetailList": [], "UserDetailList": [{**user("writer", None), "UserId": ""}]},
    ],
    ids=json.dumps,
)
def test_an_answer_of_another_shape_gives_no_inventory(page: Mapping[str, object]) -> None:
    with pytest.raises(OddAnswer):
        build(PATH, [page], [], [], [])


@pytest.mark.parametrize("lacks", ["AssumeRolePolicyDocument", "RolePolicyList", "AttachedManagedPolicies"])
def test_a_role_that_is_described_by_half_is_not_compared(lacks: str) -> None:
    half = WRITER | {lacks: None}
    with pytest.raises(OddAnswer, match=lacks):
        present(account(half))


@pytest.mark.parametrize("lacks", ["GroupList", "AttachedManagedPolicies"])
def test_a_user_that_is_described_by_half_is_not_compared(lacks: str) -> None:
    with pytest.raises(OddAnswer, match=lacks):
        present(account(users=(WRITING_USER | {lacks: None},)), Expectation(users=(USER,)))


def test_a_list_of_tags_that_is_left_out_is_no_tags() -> None:
    assert present(account(entry("writer", Tags=None))) == Present(
        (Difference("role writer, tag nhi:id", "prod/writer", "missing"),)
    )


def test_the_session_length_of_a_role_elsewhere_is_asked_for() -> None:
    moved = entry("writer", "/", identity="prod/writer", MaxSessionDuration=7200)
    assert present(account(moved)) == Present(
        (
            Difference("role writer, path", "/nhi/prod/", "/"),
            Difference("role writer, longest session", "3600 s", "7200 s"),
        )
    )


def test_what_was_added_to_a_user_is_a_difference() -> None:
    document = {"PolicyName": "more", "PolicyDocument": TRUST}
    boundary = {"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    more = WRITING_USER | {"UserPolicyList": [document], "GroupList": ["admins"], "PermissionsBoundary": boundary}
    assert wheres(present(account(users=(more,)), Expectation(users=(USER,)))) == [
        "user writer, permissions boundary",
        "user writer, inline policy more",
        "user writer, groups",
    ]
