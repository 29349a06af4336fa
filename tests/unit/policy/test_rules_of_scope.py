"""The rules about what a scope allows and to whom, where examples cannot show it."""

import json
from collections.abc import Mapping

import pytest
from tests.fixtures.policy import STACKS, change_of, change_violations, context, sample, statement, violations

from nhi.model.change import Change
from nhi.model.finding import Severity
from nhi.model.identity import Json, Suspension
from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.settings import Settings
from nhi.policy.discovery import discover
from nhi.policy.iam.actions import data_date
from nhi.policy.rule import Context, Violation
from nhi.policy.scopes import account_of, foreign_accounts, open_paths

BOOK = discover()
RULES = {entry.slug: entry for entry in BOOK.of_manifests}
BROADENED = next(entry for entry in BOOK.of_changes if entry.slug == "broadened-scope")
ROLE = "arn:aws:iam::111122223333:role/settlement"
MINE = (
    "negated-scope",
    "wildcard-principal",
    "unknown-action",
    "privilege-escalation",
    "admin-policy",
    "identity-write",
    "audit-trail-write",
    "all-secrets-read",
    "foreign-account-trust",
    "missing-external-id",
    "loose-subject",
    "public-trust",
    "oversized-policy",
)


def _say(slug: str, scope: Mapping[str, Json] | None, given: Context | None = None) -> list[Violation]:
    return violations(RULES[slug], sample(scope=scope), given)


def _only(slug: str, *statements: dict[str, Json]) -> Violation:
    (violation,) = _say(slug, {"allow": list(statements)})
    return violation


def _broadened(before: Mapping[str, Json] | None, after: Mapping[str, Json] | None) -> list[Violation]:
    one = change_of(sample(scope=before), sample(scope=after))
    return [found for _, found in change_violations(BROADENED, Change((one,), ()))]


@pytest.mark.parametrize("slug", MINE)
@pytest.mark.parametrize(
    "scope",
    [
        None,
        {},
        {"allow": None, "trust": None},
        {"allow": "everything", "trust": True},
        {"allow": ["everything", {"actions": "iam:*"}, {"actions": [7, None], "resources": {}}], "trust": 12},
        {"allow": [{"actions": [""], "resources": [""]}], "trust": [[], {"": ""}, 1.5, -(10**40), "arn:", "arn:::::"]},
    ],
)
def test_a_scope_of_another_shape_brings_no_rule_down(slug: str, scope: Mapping[str, Json] | None) -> None:
    for found in _say(slug, scope):
        assert found.at[0] == "scope"


def test_a_misspelt_action_is_told_what_was_probably_meant_and_of_when_the_list_is() -> None:
    violation = _only("unknown-action", statement(["dynamodb:PutItems"]))

    assert violation.message == "'dynamodb:PutItems' is not among the actions of 'dynamodb'"
    assert violation.hint.startswith("write dynamodb:PutItem; ")
    assert violation.hint.endswith(f"the list here is of {data_date()})")


def test_an_action_of_a_look_alike_letter_is_shown_as_what_it_is() -> None:
    assert r"dynam\u043edb" in _only("unknown-action", statement(["dynam\u043edb:PutItem"])).message


def test_paths_are_named_up_to_three_and_the_others_counted() -> None:
    violation = _only("privilege-escalation", statement(["iam:*"], [ROLE]))

    assert violation.at == ("scope", "allow", 0, "actions")
    assert violation.message.startswith("it can change what it, or an identity that it can become, may do (iam:")
    assert violation.message.count("; ") == 3
    assert violation.message.endswith(" more)")


def test_a_path_over_two_statements_is_told_at_the_one_that_passes_the_role() -> None:
    violation = _only(
        "privilege-escalation",
        statement(["lambda:CreateFunction", "lambda:InvokeFunction"], ["*"]),
        statement(["iam:PassRole"], ["arn:aws:iam::111122223333:role/*"]),
    )

    assert violation.at == ("scope", "allow", 1, "actions")
    assert "iam:PassRole + lambda:CreateFunction" in violation.message


def test_each_statement_is_one_finding_however_many_paths_it_opens() -> None:
    many = statement(["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreatePolicyVersion"], [ROLE, "*"])

    assert [one.at for one in _say("privilege-escalation", {"allow": [many, many]})] == [
        ("scope", "allow", 0, "actions")
    ]


def test_an_ordinary_scope_asks_nothing_of_the_known_paths() -> None:
    assert open_paths(sample()) == []


def test_a_pattern_tells_which_writes_it_takes_in() -> None:
    violation = _only("identity-write", statement(["organizations:*"], ["*"]))

    assert violation.message.startswith(
        "'organizations:*' changes identities or the organisation itself: 'organizations:"
    )
    assert violation.message.endswith(" more")


def test_the_same_action_is_no_finding_of_two_concerns() -> None:
    trail = _say("audit-trail-write", {"allow": [statement(["cloudtrail:*", "logs:Delete*"], ["*"])]})

    assert [one.at[-1] for one in trail] == [0, 1]


def test_two_actions_that_read_every_secret_are_one_finding_at_the_resource() -> None:
    scope: dict[str, Json] = {"allow": [statement(["ssm:GetParameter", "kms:Decrypt"], ["*"])]}

    assert [one.at for one in _say("all-secrets-read", scope)] == [("scope", "allow", 0, "resources", 0)]


def test_an_account_that_nhi_yaml_lists_is_the_organisations() -> None:
    settings = Settings(stacks=STACKS, accounts=frozenset({"999988887777"}))
    given = Context(context().owners, settings, Moment(parse_instant("2026-11-20")), edited=True)
    scope: dict[str, Json] = {"trust": {"accounts": ["999988887777"]}}

    assert _say("foreign-account-trust", scope, given) == []
    assert _say("missing-external-id", scope, given) == []
    assert len(_say("foreign-account-trust", scope)) == 1


def test_the_account_of_any_stack_is_the_organisations_also_where_the_manifests_own_is_gone() -> None:
    manifest = sample(stack="gone", scope={"trust": ["111122223333", "999988887777"]})

    assert [account for _, account in foreign_accounts(manifest, Settings(stacks=STACKS))] == ["999988887777"]


@pytest.mark.parametrize(
    ("key", "text", "account"),
    [
        ("principals", "arn:aws:iam::999988887777:role/x", "999988887777"),
        ("principals", "arn:aws:iam::999988887777", "999988887777"),
        ("principals", "arn:aws:iam*", "*"),
        ("principals", "arn:aws:iam", None),
        ("source_arns", "arn:aws:s3:::ledger", None),
        ("principals", "999988887777", "999988887777"),
        ("account_id", "999988887777", "999988887777"),
        ("repository_id", "999988887777", None),
        ("principals", "99998888777", None),
        ("services", "ecs-tasks.amazonaws.com", None),
    ],
)
def test_the_account_that_a_text_names(key: str, text: str, account: str | None) -> None:
    assert account_of(("scope", "trust", key), text) == account


def _rendered(resource: str) -> int:
    """The size of the policy that modules/aws-service-role/permissions.tf renders, suspended, for two statements."""
    conditions = {"StringEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d4e5f67890"]}}
    first = {"Sid": "Allow0", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [resource]}
    second = {**first, "Sid": "Allow1", "Resource": ["*"], "Condition": conditions}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    until = {"DateGreaterThanEquals": {"aws:CurrentTime": "2027-03-31T00:00:00Z"}}
    denies = [{"Sid": "DenyAfterExpiry", **deny, "Condition": until}, {"Sid": "DenySuspended", **deny}]
    policy = {"Version": "2012-10-17", "Statement": [first, second, *denies]}
    return len(json.dumps(policy, separators=(",", ":")))


@pytest.mark.parametrize("suspended", [False, True])
def test_permissions_are_counted_to_the_character_as_they_are_rendered_when_suspended(*, suspended: bool) -> None:
    """Also of what is not suspended: there must be room for the Deny that a suspension adds."""
    longest = "arn:aws:s3:::" + "x" * (10_240 - _rendered("arn:aws:s3:::"))
    conditions: Json = {"StringEquals": {"aws:SourceVpce": ["vpce-0a1b2c3d4e5f67890"]}}
    cut = Suspension(parse_instant("2026-11-01"), "leak suspected") if suspended else None

    def found(resource: str) -> list[Violation]:
        second: Json = {**statement(["s3:GetObject"], ["*"]), "conditions": conditions}
        scope = {"allow": [statement(["s3:GetObject"], [resource]), second]}
        return violations(RULES["oversized-policy"], sample(scope=scope, suspended=cut))

    assert found(longest) == []
    assert len(found(longest + "x")) == 1


def test_white_space_does_not_count() -> None:
    resource = "arn:aws:s3:::" + "x " * 5_000

    assert _say("oversized-policy", {"allow": [statement(["s3:GetObject"], [resource])]}) == []


def test_what_is_newly_allowed_is_said_in_words() -> None:
    more: dict[str, Json] = {"allow": [statement(), statement(["s3:DeleteObject"], ["arn:aws:s3:::ledger/*"])]}

    (violation,) = _broadened({"allow": [statement()]}, more)

    assert violation.at == ("scope", "allow")
    assert violation.message == "it may now also delete objects in bucket ledger (compared with the base)"


def test_who_is_newly_let_in_is_named() -> None:
    (violation,) = _broadened({"trust": {"services": ["a"]}}, {"trust": {"services": ["a", "lambda.amazonaws.com"]}})

    assert violation.at == ("scope", "trust")
    assert "new is services lambda.amazonaws.com" in violation.message


def test_however_much_is_new_one_bounded_line_says_it() -> None:
    names = ["dynamodb:Put" + "\u202e" * n + "A" * 120 + "." for n in range(40)]
    after: dict[str, Json] = {"allow": [statement(names, ["x" * 300, "*"])], "trust": {"\x1b]8": ["\x07." * 900]}}

    for found in _broadened({"allow": [statement()]}, after):
        assert found.message.isprintable()
        assert len(found.message) < 400
        assert not found.message.endswith(".")


def test_a_new_or_a_removed_identity_is_not_broadened() -> None:
    for one in (change_of(None, sample()), change_of(sample(), None)):
        assert change_violations(BROADENED, Change((one,), ())) == []


def test_a_scope_that_cannot_be_read_is_not_compared() -> None:
    unread = sample(scope=None, unreadable=frozenset({"scope"}))

    for one in (change_of(unread, sample()), change_of(sample(), unread)):
        assert change_violations(BROADENED, Change((one,), ())) == []


def test_more_is_never_an_error() -> None:
    everything: dict[str, Json] = {"allow": [statement(["*"], ["*"])], "trust": "*"}

    assert BROADENED.rule.severity is Severity.WARNING
    assert {found.severity for found in _broadened({"allow": [statement()]}, everything)} == {None}
