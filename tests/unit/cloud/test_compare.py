from dataclasses import replace

import pytest

from nhi.cloud.compare import (
    Credentials,
    FoundEventRule,
    FoundRole,
    FoundSecret,
    FoundUser,
    compare_event_rule,
    compare_role,
    compare_secret,
    compare_user,
    short,
)
from nhi.cloud.policy_document import OddPolicy
from nhi.model.identity import Json
from nhi.model.verification import Difference, ExpectedEventRule, ExpectedRole, ExpectedSecret, ExpectedUser


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
EXPECTED_USER = ExpectedUser(
    name="ledger-writer",
    path="/nhi/prod/",
    inline={"nhi": policy(statement("One"))},
    attached=(),
    tags={"nhi:id": "prod/ledger-writer"},
    access_keys=("Active", "Inactive"),
)
FOUND_USER = FoundUser(
    name=EXPECTED_USER.name,
    path=EXPECTED_USER.path,
    inline=EXPECTED_USER.inline,
    attached=(),
    groups=(),
    tags=EXPECTED_USER.tags,
    credentials=Credentials(access_keys=("Active", "Inactive")),
)
EXPECTED_SECRET = ExpectedSecret("nhi/prod/ledger-writer", {"nhi:id": "prod/ledger-writer"})
FOUND_SECRET = FoundSecret(EXPECTED_SECRET.name, EXPECTED_SECRET.tags)
TOPIC = "arn:aws:sns:eu-west-1:111122223333:security"
EXPECTED_RULE = ExpectedEventRule(
    "nhi-prod-ledger-writer", {"source": ["aws.sts"], "detail": {"eventName": ["AssumeRole"]}}, (TOPIC,)
)
FOUND_RULE = FoundEventRule(EXPECTED_RULE.name, "ENABLED", EXPECTED_RULE.pattern, None, (TOPIC,))


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


def user_differences(**found: object) -> list[tuple[str, str, str]]:
    there = compare_user(EXPECTED_USER, replace(FOUND_USER, **found))  # type: ignore[arg-type]  # each test names its own
    return [(one.where.removeprefix("user ledger-writer, "), one.expected, one.found) for one in there]


def test_a_user_as_declared_has_no_differences() -> None:
    assert compare_user(EXPECTED_USER, FOUND_USER) == ()


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        ({"name": "Ledger-Writer"}, ("name", "ledger-writer", "Ledger-Writer")),
        ({"path": "/"}, ("path", "/nhi/prod/", "/")),
        ({"permissions_boundary": "arn:b"}, ("permissions boundary", "none", "arn:b")),
        ({"inline": {}}, ("inline policy nhi", "present", "missing")),
        ({"attached": ("arn:a",)}, ("attached policies", "nothing more", "arn:a")),
        ({"groups": ("admins", "all")}, ("groups", "nothing more", "admins, all")),
        ({"tags": {}}, ("tag nhi:id", "prod/ledger-writer", "missing")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_every_part_of_a_user_is_compared(found: dict[str, object], difference: tuple[str, str, str]) -> None:
    assert user_differences(**found) == [difference]


@pytest.mark.parametrize(
    ("added", "difference"),
    [
        ({"access_keys": ("Active", "Active")}, ("access keys, newest first", "Active, Inactive", "Active, Active")),
        (
            {"access_keys": ("Inactive", "Active")},
            ("access keys, newest first", "Active, Inactive", "Inactive, Active"),
        ),
        ({"access_keys": ("Active",)}, ("access keys, newest first", "Active, Inactive", "Active")),
        ({"access_keys": ()}, ("access keys, newest first", "Active, Inactive", "none")),
        ({"has_password": True}, ("console password", "none", "present")),
        ({"ssh_keys": ("Inactive",)}, ("SSH keys", "none", "1 Inactive")),
        ({"signing_certificates": ("Active",)}, ("signing certificates", "none", "1 Active")),
        ({"service_credentials": ("Active",)}, ("credentials for one service", "none", "1 Active")),
    ],
)
def test_every_credential_of_a_user_is_compared(added: dict[str, object], difference: tuple[str, str, str]) -> None:
    credentials = replace(FOUND_USER.credentials, **added)  # type: ignore[arg-type]  # each case names its own
    assert user_differences(credentials=credentials) == [difference]


def test_a_secret_as_declared_has_no_differences() -> None:
    assert compare_secret(EXPECTED_SECRET, FOUND_SECRET) == ()


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        ({"name": "other"}, Difference("secret nhi/prod/ledger-writer, name", "nhi/prod/ledger-writer", "other")),
        ({"tags": {}}, Difference("secret nhi/prod/ledger-writer, tag nhi:id", "prod/ledger-writer", "missing")),
        (
            {"scheduled_for_deletion": True},
            Difference("secret nhi/prod/ledger-writer", "present", "scheduled for deletion"),
        ),
    ],
)
def test_every_part_of_a_secret_is_compared(found: dict[str, object], difference: Difference) -> None:
    there = replace(FOUND_SECRET, **found)  # type: ignore[arg-type]  # each case names its own
    assert compare_secret(EXPECTED_SECRET, there) == (difference,)


def rule_differences(**found: object) -> list[tuple[str, str, str]]:
    there = compare_event_rule(EXPECTED_RULE, replace(FOUND_RULE, **found))  # type: ignore[arg-type]  # as above
    return [(one.where.removeprefix("event rule nhi-prod-ledger-writer, "), one.expected, one.found) for one in there]


def test_the_order_of_keys_in_a_pattern_says_nothing() -> None:
    turned: Json = {"detail": {"eventName": ["AssumeRole"]}, "source": ["aws.sts"]}
    assert rule_differences(pattern=turned) == []


@pytest.mark.parametrize(
    ("found", "difference"),
    [
        ({"name": "other"}, ("name", "nhi-prod-ledger-writer", "other")),
        ({"state": "DISABLED"}, ("state", "ENABLED", "DISABLED")),
        ({"schedule": "rate(1 day)"}, ("schedule", "none", "rate(1 day)")),
        ({"targets": ()}, ("targets", TOPIC, "missing")),
        ({"targets": (TOPIC, "arn:other")}, ("targets", "nothing more", "arn:other")),
        ({"targets": (TOPIC, TOPIC)}, ("targets", "nothing more", TOPIC)),
    ],
)
def test_every_part_of_an_event_rule_is_compared(found: dict[str, object], difference: tuple[str, str, str]) -> None:
    assert rule_differences(**found) == [difference]


def test_a_rule_that_must_get_what_only_reads_is_not_merely_enabled() -> None:
    every = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    expected, rule = replace(EXPECTED_RULE, state=every), "event rule nhi-prod-ledger-writer"
    assert compare_event_rule(expected, replace(FOUND_RULE, state=every)) == ()
    assert compare_event_rule(expected, FOUND_RULE) == (Difference(f"{rule}, state", every, "ENABLED"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [({"a": [1]}, {"a": [True]}), ({"a": ["1"]}, {"a": [1]}), ({"a": [None]}, {}), ({"a": ["x"]}, None)],
)
def test_another_pattern_is_a_difference(one: Json, other: Json) -> None:
    expected, found = replace(EXPECTED_RULE, pattern=one), replace(FOUND_RULE, pattern=other)
    assert [one.where for one in compare_event_rule(expected, found)] == ["event rule nhi-prod-ledger-writer, pattern"]


def test_no_value_is_longer_than_a_line_or_holds_what_cannot_be_printed() -> None:
    ((_, _, found),) = differences(tags={**EXPECTED.tags, "x": "\x1b[2J" + "y" * 5000})
    assert found.startswith("\N{REPLACEMENT CHARACTER}[2Jy")
    assert len(found) == 301
    assert found.endswith("…")


def test_a_short_text_is_left_as_it_is() -> None:
    assert short("arn:aws:iam::111122223333:role/a") == "arn:aws:iam::111122223333:role/a"


def found_with(*statements: Json) -> tuple[Difference, ...]:
    found = FoundRole(
        EXPECTED.name, EXPECTED.path, TRUST, {"nhi": policy(*statements)}, EXPECTED.attached, EXPECTED.tags, 3600
    )
    return compare_role(replace(EXPECTED, max_session_seconds=3600), found)


def test_a_denial_of_everything_is_called_a_revocation() -> None:
    deny: Json = {"Sid": "DenyRevokedNow", "Effect": "Deny", "Action": ["*"], "Resource": "*"}
    (found,) = found_with(deny, statement("One"))
    assert found.found.startswith("revoked: ")


@pytest.mark.parametrize(
    "weaker",
    [{"Condition": {"StringEquals": {"aws:UserId": "x"}}}, {"Action": "s3:*"}, {"Resource": "arn:aws:s3:::one"}],
)
def test_a_denial_that_was_weakened_is_not_called_a_revocation(weaker: dict[str, Json]) -> None:
    deny = {"Sid": "DenyRevokedNow", "Effect": "Deny", "Action": "*", "Resource": "*", **weaker}
    found = found_with(deny, statement("One"), statement("Two"))
    assert [one.expected for one in found] == ["nothing more"]
    assert not any("revoked" in one.found for one in found)
