import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.cloud.inventory import Holding, Inventory, OddAnswer, build
from nhi.cloud.judge import GetRole, judge_gone, judge_present
from nhi.model.identity import Json
from nhi.model.verification import Absent, Difference, ExpectedRole, Present

PATH = "/nhi/prod/"
TRUST: Json = {"Version": "2012-10-17", "Statement": []}
WANTED = ExpectedRole("writer", PATH, TRUST, {}, (), {"nhi:id": "prod/writer"}, 3600)


def entry(name: str, path: str = PATH, identity: str | None = None, **more: object) -> dict[str, Any]:
    tags = [{"Key": "nhi:id", "Value": identity}] if identity else []
    return {
        "RoleName": name,
        "Path": path,
        "Arn": f"arn:aws:iam::111122223333:role{path}{name}",
        "AssumeRolePolicyDocument": TRUST,
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": tags,
        "MaxSessionDuration": 3600,
        **more,
    }


def inventory(
    *roles: Mapping[str, Any], users: tuple[Mapping[str, Any], ...] = (), others: tuple[Holding, ...] = ()
) -> Inventory:
    page = {"RoleDetailList": list(roles), "UserDetailList": list(users)}
    return build(PATH, [page], [role for role in roles if role["Path"].startswith(PATH)], others)


def knows(*roles: Mapping[str, Any]) -> GetRole:
    return {role["RoleName"]: role for role in roles}.get


def user(name: str, identity: str) -> dict[str, Any]:
    return {
        "UserName": name,
        "Path": "/",
        "Arn": f"arn:aws:iam::111122223333:user/{name}",
        "Tags": [{"Key": "nhi:id", "Value": identity}],
    }


def test_a_role_that_stands_as_wanted_is_present() -> None:
    writer = entry("writer", identity="prod/writer")
    assert judge_present(inventory(writer), knows(), "prod/writer", "writer", (WANTED,)) == Present()


def test_one_of_two_roles_is_not_absent() -> None:
    other = ExpectedRole("reader", PATH, TRUST, {}, (), {}, 3600)
    writer = entry("writer", identity="prod/writer")
    answer = judge_present(inventory(writer), knows(writer), "prod/writer", "writer", (WANTED, other))
    assert answer == Present((Difference("role reader", "present", "missing"),))


def test_a_user_that_carries_the_id_is_a_difference_and_a_policy_is_not() -> None:
    held = Holding("policy", "p", PATH, "arn:aws:iam::111122223333:policy/nhi/prod/p", {"nhi:id": "prod/writer"})
    there = inventory(entry("writer", identity="prod/writer"), users=(user("u", "prod/writer"),), others=(held,))
    answer = judge_present(there, knows(), "prod/writer", "writer", (WANTED,))
    assert isinstance(answer, Present)
    assert [one.where for one in answer.differences] == ["user u"]


def test_a_role_that_appears_while_the_account_is_read_gives_no_answer() -> None:
    writer = entry("writer", identity="prod/writer")
    with pytest.raises(OddAnswer, match="came or went"):
        judge_present(inventory(), knows(writer), "prod/writer", "writer", (WANTED,))
    with pytest.raises(OddAnswer, match="came or went"):
        judge_gone(inventory(), knows(writer), "prod/writer", "writer")


def test_a_role_that_goes_while_the_account_is_read_gives_no_answer() -> None:
    writer = entry("writer", identity="prod/writer")
    with pytest.raises(OddAnswer, match="came or went"):
        judge_gone(inventory(writer), knows(), "prod/writer", "writer")
    elsewhere = entry("writer", "/", identity="prod/writer")
    with pytest.raises(OddAnswer, match="came or went"):
        judge_present(inventory(elsewhere), knows(), "prod/writer", "writer", (WANTED,))


def test_a_role_elsewhere_that_carries_the_id_is_not_gone() -> None:
    moved = entry("writer", "/", identity="prod/writer")
    assert isinstance(judge_gone(inventory(moved), knows(moved), "prod/writer", "writer"), Present)


@pytest.mark.parametrize("identity", [None, "test/writer"])
def test_a_role_elsewhere_without_the_id_does_not_count(identity: str | None) -> None:
    foreign = entry("writer", "/nhi/test/", identity=identity)
    assert judge_gone(inventory(foreign), knows(foreign), "prod/writer", "writer") == Absent()


def test_leftovers_are_named_once_and_say_by_what_they_were_known() -> None:
    left = entry("Writer")
    answer = judge_gone(inventory(left, users=(user("u", "prod/writer"),)), knows(), "prod/writer", "writer")
    assert answer == Present(
        (
            Difference("user u", "nothing more", "arn:aws:iam::111122223333:user/u (nhi:id prod/writer)"),
            Difference("role Writer", "nothing more", "arn:aws:iam::111122223333:role/nhi/prod/Writer (same name)"),
        )
    )


@given(
    names=st.lists(st.text("abAB-", min_size=1, max_size=4), unique_by=str.lower),
    asked=st.text("ab-", min_size=1, max_size=4),
)
def test_gone_and_present_never_agree(names: list[str], asked: str) -> None:
    roles = [entry(name, identity=f"prod/{name}") for name in names]
    answer = judge_gone(inventory(*roles), knows(*roles), f"prod/{asked}", asked)
    assert (answer == Absent()) == (asked.lower() not in {name.lower() for name in names})


def test_two_listings_that_differ_give_no_inventory() -> None:
    page = {"RoleDetailList": [entry("one")], "UserDetailList": []}
    with pytest.raises(OddAnswer, match=r"differ \(one\)"):
        build(PATH, [page], [], [])


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
    ],
    ids=json.dumps,
)
def test_an_answer_of_another_shape_gives_no_inventory(page: Mapping[str, object]) -> None:
    with pytest.raises(OddAnswer):
        build(PATH, [page], [], [])


@pytest.mark.parametrize("lacks", ["AssumeRolePolicyDocument", "RolePolicyList", "AttachedManagedPolicies"])
def test_a_role_that_is_described_by_half_is_not_compared(lacks: str) -> None:
    half = entry("writer", identity="prod/writer") | {lacks: None}
    with pytest.raises(OddAnswer, match=lacks):
        judge_present(inventory(half), knows(half), "prod/writer", "writer", (WANTED,))


def test_a_list_of_tags_that_is_left_out_is_no_tags() -> None:
    bare = entry("writer", Tags=None)
    answer = judge_present(inventory(bare), knows(bare), "prod/writer", "writer", (WANTED,))
    assert answer == Present((Difference("role writer, tag nhi:id", "prod/writer", "missing"),))


def test_the_session_length_of_a_role_elsewhere_is_asked_for() -> None:
    moved = entry("writer", "/", identity="prod/writer", MaxSessionDuration=7200)
    answer = judge_present(inventory(moved), knows(moved), "prod/writer", "writer", (WANTED,))
    assert answer == Present(
        (
            Difference("role writer, path", "/nhi/prod/", "/"),
            Difference("role writer, longest session", "3600 s", "7200 s"),
        )
    )
