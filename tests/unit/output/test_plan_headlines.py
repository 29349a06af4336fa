"""What a reviewer must know first: each thing that hurts has a headline, and nothing else has."""

import pytest
from tests.fixtures.plans import EVERYTHING, identity, principal, resource

from nhi.model.plan import Action, IdentityChange, PlanSummary, Principal, PrincipalType, ResourceChange
from nhi.output.plan_headlines import Headline, Topic, headlines


def told(*identities: IdentityChange, principals: tuple[Principal, ...] = (), **more: tuple[str, ...]) -> list[Topic]:
    """The topics of a plan's headlines."""
    summary = PlanSummary("prod", identities, principals, more.get("created", ()), more.get("destroyed", ()))
    return [one.topic for one in headlines(summary)]


def words(topic: Topic) -> str:
    """What the plan that does everything says of a topic first."""
    return next(one.words for one in headlines(EVERYTHING) if one.topic is topic)


def test_headlines_stand_in_the_order_of_what_hurts_most() -> None:
    topics = [one.topic for one in headlines(EVERYTHING)]

    assert list(dict.fromkeys(topics)) == list(Topic)
    assert topics == sorted(topics, key=list(Topic).index)


def test_a_plan_that_only_creates_needs_no_headline() -> None:
    made = identity("a", resource("a", "aws_iam_role", Action.CREATE, "assume_role_policy"))
    policy = identity("a", resource("a", "aws_iam_role_policy", Action.CREATE, "policy"))

    assert told(made, policy, principals=(principal("a", Action.CREATE, None),), created=("prod/a",)) == []


def test_a_change_of_tags_alone_needs_no_headline() -> None:
    assert told(identity("a", resource("a", "aws_iam_role", Action.UPDATE, "tags", "tags_all"))) == []


def test_what_is_only_read_needs_no_headline() -> None:
    assert told(identity("a", resource("a", "data.aws_iam_policy", Action.READ, "policy"))) == []


def test_a_policy_that_is_let_go_stays_as_it_is() -> None:
    assert told(identity("a", resource("a", "aws_iam_role_policy", Action.FORGET, "policy"))) == [Topic.LET_GO]


def test_a_destroyed_identity_has_one_headline() -> None:
    gone = identity("a", resource("a", "aws_iam_role", Action.DESTROY), resource("a", "x", Action.DESTROY))
    only = (principal("a", Action.DESTROY, "AROAA"),)

    assert told(gone, principals=only, destroyed=("prod/a",)) == [Topic.DESTROYED]
    assert words(Topic.DESTROYED) == "is destroyed, with all that belongs to it (2 resources)"


def test_a_role_that_goes_while_its_identity_stays_is_told() -> None:
    assert words(Topic.PRINCIPAL_DESTROYED) == ("the role shrunk (AROASHRUNK): destroyed, though the identity stays")


def test_a_replaced_role_is_named_with_the_id_that_others_trust() -> None:
    assert words(Topic.REPLACED) == (
        "the role replaced (AROAREPLACED): replaced by another with a new unique id, so what trusts the old one breaks"
    )


def test_a_replaced_user_is_a_user() -> None:
    user = Principal("module.nhi-a.aws_iam_user.this", PrincipalType.USER, "a", Action.REPLACE, "AIDAA")
    summary = PlanSummary("prod", (identity("a", resource("a", "aws_iam_user", Action.REPLACE)),), (user,))

    assert headlines(summary)[0].words.startswith("the user a (AIDAA): replaced")


def test_another_resource_that_is_replaced_is_no_new_principal() -> None:
    assert told(identity("a", resource("a", "terraform_data", Action.REPLACE, "input"))) == []


def test_a_key_that_comes_goes_or_stops_working_is_told() -> None:
    assert words(Topic.CREDENTIAL) == (
        "its credentials change, so whoever uses an old one may lose access: "
        'aws_iam_access_key.this is created, status of aws_iam_access_key.this["old"]'
    )


@pytest.mark.parametrize("action", [Action.CREATE, Action.REPLACE, Action.DESTROY])
def test_each_way_to_change_a_credential_is_told(action: Action) -> None:
    assert told(identity("a", resource("a", "aws_iam_access_key", action))) == [Topic.CREDENTIAL]


def test_a_key_that_goes_on_working_and_one_of_a_new_identity_need_no_headline() -> None:
    assert told(identity("a", resource("a", "aws_iam_access_key", Action.UPDATE, "tags"))) == []
    new = identity("a", resource("a", "aws_iam_access_key", Action.CREATE, "status"))
    assert told(new, created=("prod/a",)) == []


def test_an_import_says_what_changes_with_it() -> None:
    assert words(Topic.IMPORTED) == (
        "stood already, and is taken in: aws_iam_role.this (changing assume_role_policy, tags)"
    )


def test_an_import_that_changes_the_trust_is_a_change_of_trust_too() -> None:
    adopted = [one.topic for one in headlines(EVERYTHING) if one.identity == "prod/adopted"]

    assert adopted == [Topic.IMPORTED, Topic.TRUST, Topic.PERMISSIONS]


@pytest.mark.parametrize(
    "change",
    [
        resource("a", "aws_iam_role_policy", Action.UPDATE, "policy"),
        resource("a", "aws_iam_role_policy", Action.CREATE, "name", "policy"),
        resource("a", "aws_iam_role_policy", Action.DESTROY, "name", "policy"),
        resource("a", "aws_iam_role_policy", Action.REPLACE, "name"),
        resource("a", "aws_iam_user_policy", Action.UPDATE, "policy"),
        resource("a", "aws_iam_role_policy_attachment", Action.CREATE, "policy_arn"),
        resource("a", "aws_iam_role_policies_exclusive", Action.UPDATE, "policy_names"),
        resource("a", "aws_iam_role_policy_attachments_exclusive", Action.DESTROY),
        resource("a", "aws_iam_policy", Action.UPDATE, "policy"),
        resource("a", "aws_iam_role", Action.UPDATE, "permissions_boundary"),
        resource("a", "aws_sqs_queue_policy", Action.UPDATE, "policy"),
    ],
    ids=lambda one: f"{one.type}-{one.action}",
)
def test_each_way_to_change_what_an_identity_may_do_is_told(change: ResourceChange) -> None:
    assert told(identity("a", change)) == [Topic.PERMISSIONS]


@pytest.mark.parametrize("name", ["a.b", 'c"]', "aws_iam_role.this"])
def test_a_resource_of_many_is_known_by_its_type_whatever_its_key_is(name: str) -> None:
    key = name.replace('"', '\\"')
    change = ResourceChange(f'module.nhi-a.module.x["{key}"].aws_iam_role_policy.this["{key}"]', Action.CREATE, ())

    assert change.type == "aws_iam_role_policy"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("aws_iam_role.this", "aws_iam_role"),
        ("module.a.aws_iam_role.this[0]", "aws_iam_role"),
        ("module.a.data.aws_iam_policy.x", "aws_iam_policy"),
        ("aws_iam_role.this (deposed object ab12cd34)", "aws_iam_role"),
        ("output.arn", "output"),
        ("", ""),
    ],
)
def test_the_type_of_a_resource_is_read_from_its_address(address: str, kind: str) -> None:
    assert ResourceChange(address, Action.CREATE, ()).type == kind


def test_drift_is_told_identity_by_identity() -> None:
    drifted = [one for one in headlines(EVERYTHING) if one.topic is Topic.DRIFT]

    assert [one.identity for one in drifted] == ["prod/made", "prod/renewed"]
    assert drifted[0].words.endswith("since the last apply: aws_iam_role.this is gone")
    assert drifted[1].words.endswith(
        "max_session_duration, tags of aws_iam_role.this, policy_names of aws_iam_role_policies_exclusive.this"
    )


def test_drift_is_told_where_nothing_is_to_change() -> None:
    summary = PlanSummary("prod", (), drift=EVERYTHING.drift)

    assert [one.topic for one in headlines(summary)] == [Topic.DRIFT, Topic.DRIFT]


def test_what_belongs_to_no_identity_is_told_with_its_whole_address() -> None:
    assert words(Topic.OUTSIDE) == (
        "belongs to no identity of the stack: aws_iam_role.stray is destroyed, output.arn is created"
    )


def test_many_resources_are_counted_and_not_all_named() -> None:
    changes = [ResourceChange(f"module.nhi-a.aws_iam_role.r{n}", Action.FORGET, ()) for n in range(20)]
    (only,) = headlines(PlanSummary("prod", (identity("a", *changes),)))

    assert only == Headline(Topic.LET_GO, "prod/a", only.words)
    assert only.words.endswith("aws_iam_role.r7 and 12 more")
