"""How risky an identity and a change are, and whose approval a change needs."""

from dataclasses import replace

import pytest
from tests.fixtures.policy import AS_OF, OWNERS, STACKS, sample, statement

from nhi.model.change import Change, ManifestChange
from nhi.model.difference import Effect
from nhi.model.identity import AcceptedException, Hold, Json, Manifest, Suspension
from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.risk import Assessment, Risk
from nhi.model.settings import Approvals, HighRisk, Quorum, Settings
from nhi.model.source import ChangeType, PathChange
from nhi.policy.approvals import approvals_needed
from nhi.policy.difference import meaning
from nhi.policy.risk import risk_of, risk_of_change

SETTINGS = Settings(stacks=STACKS)
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"


def scope(*actions: str, resources: tuple[str, ...] = (TABLE,), **more: Json) -> dict[str, Json]:
    return {"allow": [statement(actions, resources)], **more}


def changed(**after: object) -> ManifestChange:
    return ManifestChange("prod/ledger-writer", sample(), sample(**after))


@pytest.mark.parametrize(
    ("given", "risk"),
    [
        (scope("dynamodb:GetItem", "dynamodb:ListTables"), Risk.LOW),
        (scope("dynamodb:PutItem"), Risk.STANDARD),
        ({"system": "mainframe", "access": ["read"]}, Risk.STANDARD),
        (scope("iam:PutRolePolicy"), Risk.HIGH),
        (scope("cloudtrail:StopLogging"), Risk.HIGH),
        (scope("dynamodb:*"), Risk.HIGH),
        (scope("s3:PutBucketPolicy"), Risk.HIGH),
        (scope("secretsmanager:GetSecretValue", resources=("*",)), Risk.HIGH),
        (scope("dynamodb:GetItem", vendor={"name": "x"}), Risk.HIGH),
        (scope("dynamodb:GetItem", credential={"type": "static-key"}), Risk.HIGH),
        (scope("dynamodb:GetItem", trust={"principals": ["arn:aws:iam::999988887777:root"]}), Risk.HIGH),
        (scope("dynamodb:GetItem", incident="INC-77"), Risk.EMERGENCY),
        ({"allow": [{"odd": "shape"}]}, Risk.HIGH),
    ],
)
def test_the_scope_decides_the_risk(given: dict[str, Json], risk: Risk) -> None:
    assert risk_of(sample(scope=given), SETTINGS).risk is risk


def test_a_named_secret_is_standard() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:checkout/processor-a1B2c3"

    assert risk_of(sample(scope=scope("secretsmanager:GetSecretValue", resources=(arn,))), SETTINGS).risk < Risk.HIGH


def test_a_repository_number_of_twelve_digits_is_no_account() -> None:
    given = scope("dynamodb:GetItem", trust={"repository_id": "999988887777"})

    assert risk_of(sample(scope=given), SETTINGS).risk is Risk.LOW


@pytest.mark.parametrize("more", [HighRisk(stacks=frozenset({"prod"})), HighRisk(actions=("dynamodb:Put*",))])
def test_the_configuration_can_make_it_stricter(more: HighRisk) -> None:
    assert risk_of(sample(), replace(SETTINGS, high_risk=more)).risk is Risk.HIGH


def test_the_reasons_of_the_deciding_class_are_listed_once() -> None:
    assessed = risk_of(sample(scope=scope("iam:PutRolePolicy", "iam:PutRolePolicy")), SETTINGS)

    assert "may change identities ('iam:PutRolePolicy')" in assessed.reasons
    assert len(set(assessed.reasons)) == len(assessed.reasons)


HIGH = scope("iam:PutRolePolicy")
SINCE = parse_instant("2026-11-01")
EXCEPTION = AcceptedException("static-credential", "a reason", "a control", "security", parse_instant("2027-01-31"))


@pytest.mark.parametrize(
    ("change", "risk"),
    [
        (changed(expiry=parse_instant("2027-06-30")), Risk.STANDARD),
        (changed(expiry=parse_instant("2026-12-31")), Risk.LOW),
        (changed(purpose="Another purpose that is said in as many words."), Risk.LOW),
        (changed(owner="security"), Risk.STANDARD),
        (changed(suspended=Suspension(SINCE, "leak")), Risk.LOW),
        (changed(exceptions=(EXCEPTION,)), Risk.HIGH),
        (changed(scope=HIGH), Risk.HIGH),
        (ManifestChange("a/b", None, sample(scope=HIGH)), Risk.HIGH),
        (ManifestChange("a/b", sample(scope=HIGH), None), Risk.LOW),
        (
            ManifestChange("a/b", sample(scope=HIGH), sample(scope=HIGH, expiry=parse_instant("2027-06-30"))),
            Risk.STANDARD,
        ),
        (ManifestChange("a/b", sample(suspended=Suspension(SINCE, "leak"), scope=HIGH), sample(scope=HIGH)), Risk.HIGH),
        (ManifestChange("a/b", sample(hold=Hold("legal", "matter", SINCE)), sample()), Risk.HIGH),
    ],
)
def test_the_risk_of_a_change_is_that_of_what_it_gives(change: ManifestChange, risk: Risk) -> None:
    assert risk_of_change(change, SETTINGS).risk is risk


def effects(change: ManifestChange) -> dict[Effect, str]:
    return dict(meaning(change, SETTINGS).effects)


@pytest.mark.parametrize(
    ("change", "effect", "words"),
    [
        (ManifestChange("a/b", None, sample()), Effect.CREATED, "for 'payments', until 2027-03-31T00:00:00Z"),
        (ManifestChange("a/b", sample(), None), Effect.REMOVED, "owned by 'payments'"),
        (
            ManifestChange("a/b", sample(owner=None, unreadable=frozenset({"owner"})), None),
            Effect.REMOVED,
            "cannot be read",
        ),
        (changed(expiry=parse_instant("2027-06-30")), Effect.RENEWED, "from 2027-03-31T00:00:00Z to 2027-06-30"),
        (changed(expiry=parse_instant("2026-12-31")), Effect.SHORTENED, "to 2026-12-31T00:00:00Z"),
        (changed(scope=scope("dynamodb:PutItem", "dynamodb:DeleteItem")), Effect.SCOPE_UP, "may now also delete items"),
        (changed(scope=scope("dynamodb:DeleteItem")), Effect.SCOPE_DOWN, "may no longer"),
        (changed(kind="paper-account"), Effect.KIND_CHANGED, "to 'paper-account'"),
        (changed(owner="security"), Effect.OWNER_CHANGED, "from 'payments' to 'security'"),
        (changed(purpose="Other words"), Effect.PURPOSE_CHANGED, "'Other words'"),
        (changed(suspended=Suspension(SINCE, "leak")), Effect.SUSPENDED, "'leak'"),
        (ManifestChange("a/b", sample(suspended=Suspension(SINCE, "x")), sample()), Effect.RESUMED, "comes back"),
        (changed(hold=Hold("legal", "matter", SINCE)), Effect.HELD, "'legal'"),
        (ManifestChange("a/b", sample(hold=Hold("legal", "m", SINCE)), sample()), Effect.HOLD_LIFTED, "removed again"),
        (changed(exceptions=(EXCEPTION,)), Effect.EXCEPTIONS_CHANGED, "'static-credential'"),
        (changed(path="identities/prod/team/ledger-writer.yaml"), Effect.MOVED, "team/ledger-writer.yaml"),
        (changed(ticket="PAY-2"), Effect.EDITED, "nothing that gives access"),
    ],
)
def test_each_effect_is_named_in_words(change: ManifestChange, effect: Effect, words: str) -> None:
    assert words in effects(change)[effect]


def test_what_cannot_be_compared_is_more() -> None:
    assert Effect.SCOPE_UP in effects(changed(scope={"allow": "odd"}))


def test_another_trusted_service_is_more() -> None:
    before = sample(scope=scope("dynamodb:PutItem", trust={"services": ["lambda.amazonaws.com"]}))
    after = sample(scope=scope("dynamodb:PutItem", trust={"services": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}))

    assert "'ec2.amazonaws.com'" in effects(ManifestChange("a/b", before, after))[Effect.SCOPE_UP]


def needed(
    change: ManifestChange, *, author: str | None = None, settings: Settings = SETTINGS, paths: tuple[str, ...] = ()
) -> dict[str, tuple[int, tuple[str, ...]]]:
    whole = Change((change,), tuple(PathChange(path, ChangeType.EDITED) for path in paths), author)
    risks = [risk_of_change(change, settings)]
    found = approvals_needed(whole, risks, OWNERS, settings, Moment(AS_OF))
    return {one.who: (one.count, one.candidates) for one in found}


def test_the_owners_approve_what_is_ordinary() -> None:
    assert needed(changed(expiry=parse_instant("2027-06-30"))) == {"payments": (1, ("alice", "carol"))}


def test_who_asks_never_counts_and_who_left_cannot_approve() -> None:
    assert needed(changed(expiry=parse_instant("2027-06-30")), author="alice") == {"payments": (1, ("carol",))}


def test_high_risk_needs_security_too() -> None:
    assert needed(changed(scope=HIGH)) == {"payments": (1, ("alice", "carol")), "security": (1, ("erin",))}


def test_old_and_new_owners_both_approve_a_handover() -> None:
    assert set(needed(changed(owner="reporting"))) == {"payments", "reporting"}


def test_what_nobody_answers_for_needs_security() -> None:
    orphan = ManifestChange("a/b", sample(owner="nobody"), None)

    assert needed(orphan) == {"security": (1, ("erin",))}


def test_what_nobody_answers_for_is_not_taken_over_without_security() -> None:
    taken = ManifestChange("a/b", sample(owner="nobody"), sample(owner="payments"))

    assert needed(taken) == {"payments": (1, ("alice", "carol")), "security": (1, ("erin",))}


def test_a_team_that_is_owner_and_security_is_asked_once() -> None:
    assert needed(ManifestChange("a/b", None, sample(owner="security", scope=HIGH))) == {"security": (1, ("erin",))}


def test_what_governs_identities_needs_security() -> None:
    assert "security" in needed(changed(ticket="PAY-2"), paths=("modules/a/main.tf",))


def test_the_configuration_can_ask_for_more_people() -> None:
    stricter = replace(SETTINGS, approvals=Approvals(low=Quorum(owners=2, security=1)))

    assert needed(changed(ticket="PAY-2"), settings=stricter) == {
        "payments": (2, ("alice", "carol")),
        "security": (1, ("erin",)),
    }


def test_too_few_people_leave_the_requirement_standing() -> None:
    risks = [Assessment(Risk.HIGH, ("x",))]
    change = Change((changed(scope=HIGH),), (), "erin")
    (_, security) = approvals_needed(change, risks, OWNERS, SETTINGS, Moment(AS_OF))

    assert (security.who, security.candidates, security.can_be_met) == ("security", (), False)


def test_hostile_text_is_quoted_and_bounded() -> None:
    hostile = "\x1b[31m\u202e" + "A" * 5000
    odd: Manifest = sample(owner=hostile, purpose=hostile, kind=hostile, scope=scope(hostile, resources=(hostile,)))

    words = " ".join(text for _, text in meaning(ManifestChange("a/b", sample(), odd), SETTINGS).effects)

    assert words.isprintable()
    assert len(words) < 3000
