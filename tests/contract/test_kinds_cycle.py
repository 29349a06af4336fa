"""Every kind through its whole life on a loopback AWS: applied, expired, changed, tampered with, mended, removed."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

import pytest
from tests.fixtures.access import Access, access, entry_of_others, statements
from tests.fixtures.life import EXPECTED, FATES, RENEWED_TO, WITH_ROLES, Story, live, name_of
from tests.fixtures.modules import STACK, VALID, Once, identity, label

from nhi.errors import ExitCode
from nhi.model.identity import Json
from nhi.model.instant import format_instant
from nhi.model.plan import Action, PlanSummary
from nhi.model.verification import Present
from nhi.sandbox.evaluator import Allowed, Denied, Evaluator, Verdict
from nhi.sandbox.leaks import leaks
from nhi.terraform.process import TerraformBinary

_SECOND = timedelta(seconds=1)
_EACH = pytest.mark.parametrize("example", EXPECTED, ids=label)
_EACH_ROLE = pytest.mark.parametrize("example", WITH_ROLES, ids=label)
_EACH_FATE = pytest.mark.parametrize("fate", FATES)

Answers: TypeAlias = Mapping[tuple[str, str, datetime], Access]
"""Moment of the story, name of the identity, time of the calls → what the role or user lets through."""


@pytest.fixture(scope="session")
def story(once: Once, terraform: TerraformBinary) -> Story:
    return once("kinds-cycle", lambda folder: live(folder, terraform))


@pytest.fixture(scope="session")
def answers(story: Story, evaluator: Evaluator) -> Answers:
    standings = {"applied": story.applied, "tampered": story.tampered, "changed": story.changed}
    return access(
        evaluator,
        {
            (moment, name_of(example, fate), at): (
                standing.principals[name_of(example, fate)],
                at,
                _trusted(story, name_of(example, fate)),
            )
            for moment, standing in standings.items()
            for example in EXPECTED
            for fate in FATES
            for expiry in (identity(example).expiry, RENEWED_TO)
            for at in (expiry - _SECOND, expiry)
        },
    )


@pytest.fixture(scope="session")
def answers_to_others(story: Story, evaluator: Evaluator) -> Mapping[str, Mapping[str, Verdict]]:
    """Name of the identity → what is wrong with the caller → whether it gets a session while the role is of use."""
    names = {name_of(example, "renewed"): identity(example).expiry - _SECOND for example in WITH_ROLES}
    return entry_of_others(evaluator, {name: (story.applied.roles[name], at) for name, at in names.items()})


def _trusted(story: Story, name: str) -> Json:
    """The trust of a role while it is not suspended: what it names comes at every moment. None of a user."""
    roles = [standing.roles[name] for standing in (story.applied, story.changed) if name in standing.roles]
    return next((one.trust for one in roles if any(each["Effect"] == "Allow" for each in statements(one.trust))), None)


def _ids(examples: Iterable[Path], *fates: str) -> set[str]:
    return {f"{STACK.name}/{name_of(example, fate)}" for example in examples for fate in fates}


def _planned(plan: PlanSummary) -> set[str | None]:
    return {one.identity for one in plan.identities}


def _actions(plan: PlanSummary) -> set[Action]:
    return {change.action for one in plan.identities for change in one.changes}


def _allows_all(verdicts: tuple[Verdict, ...]) -> bool:
    return all(one == Allowed() for one in verdicts)


def _denied_by(verdict: Verdict) -> set[str]:
    """The Sids of the statements that deny explicitly."""
    assert isinstance(verdict, Denied), verdict
    assert verdict.explicit, verdict
    return {reason.rpartition("statement ")[2] for reason in verdict.reasons}


# --- applied ---------------------------------------------------------------------------------------------------------


def test_the_first_plan_creates_all_that_is_declared_and_nothing_else(story: Story) -> None:
    assert _planned(story.first_plan) == _ids(VALID, *FATES)
    assert _actions(story.first_plan) == {Action.CREATE}


def test_after_an_apply_the_plan_is_empty(story: Story) -> None:
    assert story.again.empty


def test_another_role_than_the_one_that_applies_finds_everything_as_declared(story: Story) -> None:
    report = story.applied.report
    assert {one.identity for one in report.verified if one.answer == Present()} == _ids(EXPECTED, *FATES)
    assert report.exit_code is ExitCode.CLEAN


def test_for_what_has_no_api_people_are_asked(story: Story) -> None:
    assert set(story.applied.report.needs_attestation) == _ids(VALID, *FATES) - _ids(EXPECTED, *FATES)


def test_only_who_applies_writes_and_nobody_who_verifies(story: Story) -> None:
    assert story.writers == {"nhi-apply", "mallory"}


@_EACH
@_EACH_FATE
def test_what_is_applied_denies_everything_from_its_expiry_on(example: Path, fate: str, story: Story) -> None:
    principal = story.applied.principals[name_of(example, fate)]
    denies = [
        one for policy in principal.inline.values() for one in statements(policy) if one["Sid"] == "DenyAfterExpiry"
    ]
    expiry = format_instant(identity(example).expiry)
    assert denies == [
        {
            "Sid": "DenyAfterExpiry",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateGreaterThanEquals": {"aws:CurrentTime": expiry}},
        }
    ]


@_EACH_ROLE
@_EACH_FATE
def test_an_applied_role_trusts_nobody_beyond_its_expiry(example: Path, fate: str, story: Story) -> None:
    trust = statements(story.applied.roles[name_of(example, fate)].trust)
    allows = [one for one in trust if one["Effect"] == "Allow"]
    ends = [one["Condition"]["DateLessThan"] for one in allows]
    assert ends == [{"aws:CurrentTime": format_instant(identity(example).expiry)}] * len(allows)
    assert bool(allows) == (fate != "resumed")


@_EACH_ROLE
@pytest.mark.parametrize(("moment", "fate"), [("applied", "resumed"), ("changed", "suspended")])
def test_a_suspended_role_names_nobody_whose_leaving_could_stop_it(
    example: Path, moment: Literal["applied", "changed"], fate: str, story: Story
) -> None:
    """IAM refuses the whole of a trust policy that names a user or role who is gone."""
    trust = {"applied": story.applied, "changed": story.changed}[moment].roles[name_of(example, fate)].trust
    assert [(one["Effect"], one["Principal"]) for one in statements(trust)] == [("Deny", {"AWS": "*"})]


@_EACH
@_EACH_FATE
def test_what_is_applied_says_whose_it_is_and_when_it_ends(example: Path, fate: str, story: Story) -> None:
    principal, declared = story.applied.principals[name_of(example, fate)], identity(example)
    assert principal.path == f"/nhi/{STACK.name}/"
    assert principal.tags == {
        "nhi:id": f"{STACK.name}/{principal.name}",
        "nhi:owner": declared.owner,
        "nhi:expiry": format_instant(declared.expiry),
    }


@_EACH_ROLE
@_EACH_FATE
def test_sessions_of_an_applied_role_last_as_long_as_declared(example: Path, fate: str, story: Story) -> None:
    (declared,) = EXPECTED[example].roles
    assert story.applied.roles[name_of(example, fate)].max_session_seconds == declared.max_session_seconds


@_EACH_ROLE
def test_who_lacks_one_thing_that_a_trust_asks_for_gets_no_session(
    example: Path, story: Story, answers_to_others: Mapping[str, Mapping[str, Verdict]]
) -> None:
    """An external id, a claim of a token, a source: left out, or another one."""
    name = name_of(example, "renewed")
    found = answers_to_others[name]
    asked_for = {
        key
        for one in statements(story.applied.roles[name].trust)
        for tests in one.get("Condition", {}).values()
        for key in tests
    }
    assert {what.split(" ")[-1] for what in found} == asked_for - {"aws:CurrentTime"}
    assert [what for what, verdict in found.items() if verdict == Allowed()] == []


# --- expired ---------------------------------------------------------------------------------------------------------


@_EACH
@pytest.mark.parametrize("fate", [fate for fate in FATES if fate != "resumed"])
def test_one_second_before_the_expiry_it_is_of_use(example: Path, fate: str, answers: Answers) -> None:
    found = answers["applied", name_of(example, fate), identity(example).expiry - _SECOND]
    assert _allows_all(found.verdicts), found


@_EACH
def test_at_the_expiry_a_live_session_or_key_is_denied(example: Path, answers: Answers) -> None:
    found = answers["applied", name_of(example, "renewed"), identity(example).expiry]
    assert [_denied_by(one) for one in found.work] == [{"DenyAfterExpiry"}] * len(found.work)


@_EACH
def test_at_the_expiry_it_is_denied_even_what_a_resource_allows_everybody(example: Path, answers: Answers) -> None:
    found = answers["applied", name_of(example, "renewed"), identity(example).expiry]
    assert _denied_by(found.granted) == {"DenyAfterExpiry"}


@_EACH_ROLE
def test_at_the_expiry_nobody_gets_a_new_session(example: Path, answers: Answers) -> None:
    found = answers["applied", name_of(example, "renewed"), identity(example).expiry]
    assert [type(one) for one in found.entry] == [Denied] * len(found.entry)


# --- suspended, resumed, renewed -------------------------------------------------------------------------------------


@_EACH
@pytest.mark.parametrize(("moment", "fate"), [("applied", "resumed"), ("changed", "suspended")])
def test_what_is_suspended_is_denied_everything_long_before_its_expiry(
    example: Path, moment: str, fate: str, answers: Answers
) -> None:
    found = answers[moment, name_of(example, fate), identity(example).expiry - _SECOND]
    assert [_denied_by(one) for one in (*found.work, found.granted)] == [{"DenySuspended"}] * (len(found.work) + 1)


@_EACH_ROLE
@pytest.mark.parametrize(("moment", "fate"), [("applied", "resumed"), ("changed", "suspended")])
def test_a_suspended_role_gives_no_new_session(example: Path, moment: str, fate: str, answers: Answers) -> None:
    found = answers[moment, name_of(example, fate), identity(example).expiry - _SECOND]
    assert [type(one) for one in found.entry] == [Denied] * len(found.entry)


@_EACH
def test_what_is_resumed_is_of_use_again_until_its_expiry(example: Path, answers: Answers) -> None:
    name, expiry = name_of(example, "resumed"), identity(example).expiry
    assert _allows_all(answers["changed", name, expiry - _SECOND].verdicts)
    assert not any(one == Allowed() for one in answers["changed", name, expiry].verdicts)


@_EACH
def test_what_is_renewed_is_of_use_beyond_its_old_expiry(example: Path, answers: Answers) -> None:
    name = name_of(example, "renewed")
    for at in (identity(example).expiry, RENEWED_TO - _SECOND):
        assert _allows_all(answers["changed", name, at].verdicts), at


@_EACH
def test_what_is_renewed_is_denied_at_its_new_expiry(example: Path, answers: Answers) -> None:
    found = answers["changed", name_of(example, "renewed"), RENEWED_TO]
    assert [_denied_by(one) for one in (*found.work, found.granted)] == [{"DenyAfterExpiry"}] * (len(found.work) + 1)
    assert [type(one) for one in found.entry] == [Denied] * len(found.entry)


# --- tampered with ---------------------------------------------------------------------------------------------------


@_EACH
def test_every_change_by_hand_is_reported(example: Path, story: Story) -> None:
    name = name_of(example, "tampered")
    (found,) = [one for one in story.tampered.report.verified if one.identity == f"{STACK.name}/{name}"]
    assert isinstance(found.answer, Present)
    wheres = " | ".join(one.where for one in found.answer.differences)
    inline = next(iter(story.applied.principals[name].inline))
    sort, own = (
        ("role", ("trust policy, statement TrustUntilExpiry", "longest session"))
        if EXPECTED[example].roles
        else ("user", ("access keys",))
    )
    for aspect in (
        *own,
        f"inline policy {inline}, statement DenyAfterExpiry",
        "inline policy by-hand",
        "attached policies",
        "tag nhi:owner",
    ):
        assert f"{sort} {name}, {aspect}" in wheres


def test_what_nobody_touched_is_still_as_declared(story: Story) -> None:
    report = story.tampered.report
    assert {one.identity for one in report.verified if not one.holds} == _ids(EXPECTED, "tampered")
    assert report.exit_code is ExitCode.FINDINGS


@_EACH
def test_what_was_opened_by_hand_lets_through_after_its_expiry(example: Path, answers: Answers) -> None:
    """So that the denials in these tests are known to come from what was applied."""
    assert _allows_all(answers["tampered", name_of(example, "tampered"), identity(example).expiry].verdicts)


def test_the_next_plan_mends_what_was_changed_by_hand_and_does_what_was_declared(story: Story) -> None:
    declared = _ids(VALID, "suspended", "resumed", "renewed")
    assert _planned(story.second_plan) == declared | _ids(EXPECTED, "tampered")


def test_no_change_makes_a_role_or_a_user_anew(story: Story) -> None:
    """A new one would have another unique id: what trusts the old one by its id would break."""
    assert _actions(story.second_plan) == {Action.UPDATE}


def test_the_next_apply_mends_what_was_changed_by_hand(story: Story) -> None:
    tampered = [name_of(example, "tampered") for example in EXPECTED]
    before, after = story.applied.principals, story.changed.principals
    assert [after[name] for name in tampered] == [before[name] for name in tampered]
    assert story.changed.report.exit_code is ExitCode.CLEAN


# --- removed ---------------------------------------------------------------------------------------------------------


def test_the_command_line_plans_applies_and_verifies_a_removal(story: Story) -> None:
    done = {title: story.said[title] for title in ("plan", "apply", "verify")}
    assert {title: said.code for title, said in done.items()} == dict.fromkeys(done, ExitCode.CLEAN), done


def test_what_is_removed_is_verified_to_be_absent(story: Story) -> None:
    verified = json.loads(story.said["verify"].out)["verified"]
    absent = {one["identity"] for one in verified if (one["wanted"], one["answer"]) == ("absent", "absent")}
    assert absent == _ids(EXPECTED, "removed")


def test_of_what_has_no_api_no_absence_is_claimed(story: Story) -> None:
    people_tell = json.loads(story.said["verify"].out)["needs_attestation"]
    assert set(people_tell) == _ids(VALID, *FATES) - _ids(EXPECTED, *FATES)


def test_a_removal_takes_its_own_roles_and_users_whatever_was_done_to_them_and_no_others(story: Story) -> None:
    gone = {name_of(example, "removed") for example in EXPECTED}
    assert story.left.principals == {name: one for name, one in story.changed.principals.items() if name not in gone}


def test_a_removed_role_leaves_its_instance_profile(story: Story) -> None:
    assert story.in_profile == ()


# --- secrets ---------------------------------------------------------------------------------------------------------


def test_where_aws_refuses_nothing_is_claimed(story: Story) -> None:
    assert (story.said["refused plan"].code, story.said["refused verify"].code) == (4, 4)


def test_no_file_and_no_output_holds_a_secret_of_the_credentials(story: Story) -> None:
    assert story.leaks == set()


def test_plans_states_and_all_outputs_were_searched_for_secrets(story: Story) -> None:
    work = f".nhi/terraform/{STACK.name}/"
    assert story.searched >= {
        "Terraform's lines",
        "nhi plan",
        "nhi apply",
        "nhi verify",
        "refused nhi plan",
        "refused nhi verify",
        f".nhi/state/{STACK.name}/terraform.tfstate",
        work + "plan.json",
        work + "plan.tfplan: tfplan",
        work + "root/identities.tf",
    }


def test_a_secret_is_found_in_files_archives_and_outputs(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("token=a%2Fsecret")
    (tmp_path / "clean").write_text("a secret")
    with zipfile.ZipFile(tmp_path / "plan", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", "a/secret")
    found = leaks(tmp_path, {"said": "it is a/secret.", "said well": "nothing"}, ["a/secret"])
    assert {name for name, leaked in found.items() if leaked} == {"log", "plan: inner", "said"}
