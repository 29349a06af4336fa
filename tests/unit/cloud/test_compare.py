from dataclasses import replace

import pytest

from nhi.cloud.compare import FoundRole, compare_role, short
from nhi.cloud.policy_document import OddPolicy
from nhi.model.identity import Json
from nhi.model.verification import Difference, ExpectedRole


def statement(sid: str, **elements: Json) -> dict[str, Json]:
    named: dict[str, Json] = {"Sid": sid} if sid else {}
    return {**named, "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **elements}


def policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


TRUST: Json = policy(
    {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
)
EXPECTED = ExpectedRole(
    name="ledger-writer",
    path="/nhi/prod/",
    trust=TRUST,
    inline={"nhi": policy(statement("One"), statement("Two"))},
    attached=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
    tags={"nhi:id": "prod/ledger-writer"},
    max_session_seconds=3600,
)
FOUND = FoundRole(
    name=EXPECTED.name,
    path=EXPECTED.path,
    trust=EXPECTED.trust,
    inline=EXPECTED.inline,
    attached=EXPECTED.attached,
    tags=EXPECTED.tags,
    max_session_seconds=3600,
)


def differences(**found: object) -> list[tuple[str, str, str]]:
    there = compare_role(EXPECTED, replace(FOUND, **found))  # type: ignore[arg-type]  # each test names its own
    return [(one.where.removeprefix("role ledger-writer, "), one.expected, one.found) for one in there]


def inline(*statements: Json) -> list[tuple[str, str, str]]:
    there = differences(inline={"nhi": policy(*statements)})
    return [(where.removeprefix("inline policy nhi, "), expected, found) for where, expected, found in there]


def test_a_role_as_declared_has_no_differences() -> None:
    assert compare_role(EXPECTED, FOUND) == ()


def test_the_order_of_statements_says_nothing() -> None:
    assert inline(statement("Two"), statement("One")) == []


def test_an_edited_statement_is_named_by_its_sid() -> None:
    assert inline(statement("One"), statement("Two", Action=["s3:*", "s3:GetObject"])) == [
        ("statement Two, Action", "nothing more", "s3:*")
    ]


def test_an_element_that_was_dropped_is_missing() -> None:
    deny = statement("Deny", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    expected = replace(EXPECTED, inline={"nhi": policy(deny)})
    bare = {key: value for key, value in deny.items() if key != "Condition"}
    assert compare_role(expected, replace(FOUND, inline={"nhi": policy(bare)})) == (
        Difference(
            "role ledger-writer, inline policy nhi, statement Deny, Condition",
            "Bool aws:SecureTransport false",
            "missing",
        ),
    )


def test_a_deny_that_became_an_allow_is_seen() -> None:
    assert inline(statement("One"), statement("Two", Effect="Deny")) == [("statement Two, Effect", "Allow", "Deny")]


def test_a_missing_statement_and_an_extra_one_are_told_apart() -> None:
    assert inline(statement("One")) == [("statement Two", "present", "missing")]
    assert inline(statement("One"), statement("Two"), statement("Three", Action="*")) == [
        ("statement Three", "nothing more", "Allow Action * Resource *")
    ]


def test_a_renamed_statement_is_one_difference() -> None:
    assert inline(statement("One"), statement("Renamed")) == [("statement Two, Sid", "Two", "Renamed")]


def test_statements_without_a_sid_are_compared_too() -> None:
    assert inline(statement("One"), statement("Two"), statement("", Action="*"), statement("", Action="s3:*")) == [
        ("statement without a Sid", "nothing more", "Allow Action * Resource *"),
        ("statement without a Sid", "nothing more", "Allow Action s3:* Resource *"),
    ]


def test_another_version_is_a_difference() -> None:
    assert differences(trust={**TRUST, "Version": "2008-10-17"}) == [  # type: ignore[dict-item]  # wrong on purpose
        ("trust policy, version", "2012-10-17", "2008-10-17")
    ]


def test_attached_policies_are_these_and_no_others() -> None:
    assert differences(attached=("arn:aws:iam::aws:policy/AdministratorAccess",)) == [
        (
            "attached policies",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::aws:policy/AdministratorAccess",
        )
    ]


def test_tags_are_these_and_no_others_but_for_those_of_aws_itself() -> None:
    assert differences(tags={"aws:cloudformation:stack-name": "x", "team": "x"}) == [
        ("tag nhi:id", "prod/ledger-writer", "missing"),
        ("tag team", "nothing more", "x"),
    ]


def test_a_name_in_another_case_is_a_difference() -> None:
    assert differences(name="Ledger-Writer") == [("name", "ledger-writer", "Ledger-Writer")]


def test_a_policy_that_is_none_is_not_compared() -> None:
    with pytest.raises(OddPolicy):
        compare_role(EXPECTED, replace(FOUND, trust="nonsense"))


def test_no_value_is_longer_than_a_line_or_holds_what_cannot_be_printed() -> None:
    ((_, _, found),) = differences(tags={**EXPECTED.tags, "x": "\x1b[2J" + "y" * 5000})
    assert found.startswith("\N{REPLACEMENT CHARACTER}[2Jy")
    assert len(found) == 301
    assert found.endswith("…")


def test_a_short_text_is_left_as_it_is() -> None:
    assert short("arn:aws:iam::111122223333:role/a") == "arn:aws:iam::111122223333:role/a"
