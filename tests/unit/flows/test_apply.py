"""What is applied is what was planned, whatever else was meant meanwhile; and whatever happens is recorded."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fixtures.applying import DONE, NOW, READER, Stage, change, hook, stage
from tests.fixtures.git import Clone
from tests.fixtures.manifests import PATH, manifest

from nhi.errors import InputError
from nhi.flows.guards import Allowances
from nhi.model.application import Application, Fate, Outcome
from nhi.model.identity import Json
from nhi.model.revocation import PolicyPlace
from nhi.model.settings import CircuitBreaker
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell

WRITER = "module.nhi-ledger-writer.aws_iam_role.this"
READERS = "module.nhi-ledger-reader.aws_iam_role.this"
FORMER = [f"former-{number}" for number in range(5)]
MANY = CircuitBreaker(removals=100, percent=100)


@pytest.fixture
def one(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def planned(one: Stage, *changes: Json) -> Stage:
    one.terraform.changes = list(changes)
    one.plan()
    one.terraform.calls.clear()
    return one


def recorded(one: Stage) -> Application:
    last = one.workspace.last_application()
    assert last is not None
    return last


def reasons(one: Stage, **allowed: object) -> list[str]:
    """Why the saved plan is not applied."""
    report = one.apply(**allowed)  # type: ignore[arg-type]  # of one test
    assert "apply" not in one.terraform.calls
    assert one.workspace.last_application() is None
    return [refused.reason for refused in report.refused]


# What is applied


def test_a_plan_is_applied_once(one: Stage) -> None:
    planned(one, change("ledger-writer", "create"))

    assert one.apply().clean

    assert one.terraform.calls == ["show", "apply"]
    assert not one.workspace.plan_file.exists()
    with pytest.raises(InputError, match="holds no saved plan"):
        one.apply()


def test_a_plan_without_changes_is_not_applied_and_is_done(one: Stage) -> None:
    planned(one)

    assert one.apply().clean

    assert one.terraform.calls == ["show"]
    assert (recorded(one).outcome, recorded(one).resources) == (Outcome.APPLIED, ())


def test_without_a_plan_nothing_is_applied(one: Stage) -> None:
    with pytest.raises(InputError, match="holds no saved plan") as refused:
        one.apply()
    assert refused.value.hint == "run `nhi plan` first"


@pytest.mark.parametrize(
    "moved",
    [
        {PATH: manifest(expiry="2027-04-30")},
        {"identities/prod/new.yaml": manifest(name="new")},
        {"modules/service-role/main.tf": "# other\n"},
    ],
    ids=["edited", "added", "module"],
)
def test_a_plan_of_other_manifests_is_stale(one: Stage, moved: dict[str, str | bytes]) -> None:
    planned(one, change("ledger-writer", "create")).tree.write(moved)

    with pytest.raises(InputError, match=r"moved after it was made: the manifests, modules or settings$"):
        one.apply()
    assert one.terraform.calls == []


def test_a_plan_of_another_commit_is_stale(one: Stage) -> None:
    planned(one, change("ledger-writer", "create")).tree.write({"README.md": "x"})
    one.clone.commit("Nothing of the stack's")

    with pytest.raises(InputError, match=r"moved after it was made: the commit \([0-9a-f]{12} → [0-9a-f]{12}\)$"):
        one.apply()


@pytest.mark.parametrize(("before", "after"), [("a" * 40, "b" * 40), (None, "b" * 40), ("a" * 40, None)])
def test_a_plan_upon_another_base_is_stale(one: Stage, before: str | None, after: str | None) -> None:
    one.base = before
    planned(one, change("ledger-writer", "create"))
    one.base = after

    with pytest.raises(InputError, match=r"moved after it was made: the base \("):
        one.apply()


def test_a_plan_that_was_judged_by_another_policy_is_stale(one: Stage) -> None:
    planned(one, change("ledger-writer", "create")).policy = "sha256:other"

    with pytest.raises(InputError, match=r"moved after it was made: nhi\.yaml, owners\.yaml or nhi itself$"):
        one.apply()


def test_all_that_moved_is_named_at_once(one: Stage) -> None:
    planned(one, change("ledger-writer", "create")).tree.write({PATH: manifest(expiry="2027-04-30")})
    one.clone.commit("Renew")
    one.policy = "sha256:other"

    with pytest.raises(InputError, match=r"the manifests, .*; the commit .*; nhi\.yaml"):
        one.apply()


def test_a_plan_file_that_was_exchanged_is_refused(one: Stage) -> None:
    planned(one).workspace.plan_file.write_text("another plan")

    with pytest.raises(InputError, match="is not the plan that was recorded"):
        one.apply()


def test_a_record_that_is_damaged_is_no_record(one: Stage) -> None:
    (planned(one).workspace.folder / "plan.json").write_text(json.dumps({"stack": "prod"}))

    with pytest.raises(InputError, match="holds no saved plan"):
        one.apply()


# Removals


def test_removals_beyond_the_limit_are_refused_and_nothing_is_done(one: Stage) -> None:
    one.withdrawn(*FORMER)
    planned(one, *(change(name, "delete") for name in FORMER))

    assert reasons(one, breaker=CircuitBreaker(removals=4, percent=100)) == [
        "5 removals in one run: 1 more than circuit_breaker.removals allows (4)"
    ]


def test_removals_beyond_a_share_of_the_stack_are_refused(one: Stage) -> None:
    one.withdrawn(*FORMER)
    planned(one, *(change(name, "delete") for name in FORMER))

    assert reasons(one) == ["prod: 5 of 7 identities: 2 more than circuit_breaker.percent allows (3)"]


def test_what_was_refused_can_be_allowed_without_a_new_plan(one: Stage) -> None:
    one.withdrawn(*FORMER)
    planned(one, *(change(name, "delete") for name in FORMER))
    assert reasons(one, max_removals=4) == ["5 removals in one run: 1 more than --max-removals allows (4)"]

    assert one.apply(max_removals=5).clean


def two_stacks(one: Stage) -> None:
    """Each of two stacks would lose two identities."""
    for number in range(8):
        one.clone.write(f"identities/staging/other-{number}.yaml", manifest(name=f"other-{number}"))
        one.clone.write(f"identities/prod/other-{number}.yaml", manifest(name=f"other-{number}"))
    one.clone.commit("Declare")
    for stack in ("prod", "staging"):
        for name in ("other-0", "other-1"):
            one.tree.remove(f"identities/{stack}/{name}.yaml")
    one.clone.commit("Remove")
    one.terraform.changes = [change("other-0", "delete"), change("other-1", "delete")]
    for stack in ("prod", "staging"):
        one.plan(stack)
    one.terraform.calls.clear()


def test_the_limit_is_of_all_stacks_of_the_run_and_none_is_begun(one: Stage) -> None:
    two_stacks(one)

    report = one.apply(breaker=CircuitBreaker(removals=3), stacks=("prod", "staging"))

    assert [refused.reason for refused in report.refused] == [
        "4 removals in one run: 1 more than circuit_breaker.removals allows (3)"
    ]
    assert one.terraform.calls == ["show", "show"]
    assert one.apply(breaker=CircuitBreaker(removals=4), stacks=("prod", "staging")).clean


ELSEWHERE = [f"identities/staging/other-{number}.yaml" for number in range(3)]
FORMERS = "identities/prod/former.yaml"


def declared(one: Stage, *paths: str) -> None:
    for path in paths:
        one.clone.write(path, manifest(name=Path(path).stem))
    one.clone.commit("Declare")


def removed(one: Stage, *paths: str) -> None:
    one.clone.git("rm", "--quiet", *paths)
    one.clone.commit("Remove")


def test_a_change_that_removes_a_little_in_each_stack_is_one_of_many(one: Stage) -> None:
    declared(one, FORMERS, *ELSEWHERE)
    removed(one, FORMERS, *ELSEWHERE)
    planned(one, change("former", "delete"))

    (reason,) = reasons(one, breaker=CircuitBreaker(removals=3))
    assert reason == (
        "4 removals at once, 3 of them in other stacks, by the same commits: "
        "1 more than circuit_breaker.removals allows (3)"
    )
    assert one.apply(breaker=CircuitBreaker(removals=4)).clean


def test_what_one_branch_removed_in_several_commits_was_removed_at_once(one: Stage) -> None:
    declared(one, FORMERS, *ELSEWHERE)
    one.clone.git("checkout", "--quiet", "-b", "tidy")
    removed(one, FORMERS)
    removed(one, *ELSEWHERE)
    one.clone.git("checkout", "--quiet", "main")
    one.clone.git("merge", "--quiet", "--no-ff", "tidy")
    planned(one, change("former", "delete"))

    assert "4 removals at once" in reasons(one, breaker=CircuitBreaker(removals=3))[0]


def test_what_another_change_removed_elsewhere_does_not_count(one: Stage) -> None:
    declared(one, FORMERS, *ELSEWHERE)
    removed(one, *ELSEWHERE)
    removed(one, FORMERS)
    planned(one, change("former", "delete"))

    assert one.apply(breaker=CircuitBreaker(removals=1)).clean


def test_of_several_changes_the_largest_counts(one: Stage) -> None:
    other = "identities/prod/older.yaml"
    declared(one, FORMERS, other, *ELSEWHERE)
    removed(one, FORMERS, *ELSEWHERE[:2])
    removed(one, other, *ELSEWHERE[2:])
    planned(one, change("former", "delete"), change("older", "delete"))

    assert "4 removals at once" in reasons(one, breaker=CircuitBreaker(removals=3))[0]
    assert one.apply(breaker=CircuitBreaker(removals=4)).clean


def test_a_move_of_all_long_ago_is_not_how_one_went(one: Stage) -> None:
    moved = "identities/prod/team/former.yaml"
    declared(one, FORMERS, *ELSEWHERE)
    one.clone.write(moved, manifest(name="former"))
    removed(one, FORMERS, *ELSEWHERE)
    removed(one, moved)
    planned(one, change("former", "delete"))

    assert one.apply(breaker=CircuitBreaker(removals=1)).clean


def test_a_removal_of_all_that_was_undone_is_not_how_one_went(one: Stage) -> None:
    again = "identities/prod/team/former.yaml"
    declared(one, FORMERS, *ELSEWHERE)
    removed(one, FORMERS, *ELSEWHERE)
    later = {**one.clone.environment, "GIT_COMMITTER_DATE": "2090-01-01T00:00:00Z"}
    one.clone = Clone(one.clone.root, later)
    declared(one, again)
    removed(one, again)
    planned(one, change("former", "delete"))

    assert one.apply(breaker=CircuitBreaker(removals=1)).clean


def test_what_was_moved_or_is_back_is_not_removed(one: Stage) -> None:
    moved, back, _ = ELSEWHERE
    declared(one, FORMERS, *ELSEWHERE)
    one.clone.write("identities/staging/team/other-0.yaml", manifest(name="other-0"))
    removed(one, FORMERS, moved, back)
    declared(one, back)
    planned(one, change("former", "delete"))

    assert one.apply(breaker=CircuitBreaker(removals=1)).clean


def test_a_person_who_names_a_number_means_this_run(one: Stage) -> None:
    declared(one, FORMERS, *ELSEWHERE)
    removed(one, FORMERS, *ELSEWHERE)
    planned(one, change("former", "delete"))

    assert one.apply(breaker=CircuitBreaker(removals=3), max_removals=1).clean


def test_after_a_stack_that_fails_no_other_is_begun(one: Stage) -> None:
    two_stacks(one)
    one.terraform.fails = "apply"

    report = one.apply(stacks=("prod", "staging"))

    assert [found.stack for found in report.applications] == ["prod"]
    assert report.not_begun == ("staging",)
    assert one.terraform.calls == ["show", "show", "apply"]
    one.terraform.fails = ""
    assert one.apply(stacks=("staging",)).clean


def test_an_identity_of_many_resources_is_one_removal(one: Stage) -> None:
    one.withdrawn("former")
    planned(one, change("former", "delete"), change("former", "delete", type="aws_iam_role_policy"))

    assert one.apply(max_removals=1).clean


def test_a_removal_that_is_not_committed_is_refused(one: Stage) -> None:
    one.tree.remove(READER)
    planned(one, change("ledger-reader", "delete"))

    report = one.apply()

    assert "its manifest is deleted here, but not in the commit" in report.refused[0].reason
    assert "commit the removal" in report.refused[0].hint


def test_what_no_commit_ever_removed_is_refused(one: Stage) -> None:
    planned(one, change("stranger", "delete"))

    report = one.apply()

    assert "prod/stranger: no commit up to" in report.refused[0].reason
    assert "find out who made it" in report.refused[0].hint


def test_a_removal_on_a_branch_that_was_merged_is_announced(one: Stage) -> None:
    one.clone.git("checkout", "--quiet", "-b", "sweep")
    one.tree.remove(READER)
    one.clone.commit("Remove the reader")
    one.clone.git("checkout", "--quiet", "main")
    one.clone.write("README.md", "x")
    one.clone.commit("Meanwhile")
    one.clone.git("merge", "--quiet", "--no-ff", "sweep")
    planned(one, change("ledger-reader", "delete"))

    assert one.apply().clean


def test_a_removal_in_another_stack_announces_nothing(one: Stage) -> None:
    one.clone.write("identities/staging/former.yaml", manifest(name="former"))
    one.clone.commit("Declare")
    one.tree.remove("identities/staging/former.yaml")
    one.clone.commit("Remove")
    planned(one, change("former", "delete"))

    assert "prod/former: no commit" in reasons(one)[0]


def test_a_shallow_clone_is_told_how_to_get_the_history(one: Stage, tmp_path: Path) -> None:
    one.withdrawn("former")
    one.tree.write({"README.md": "x"})
    one.clone.commit("Later")
    url = f"file://{one.clone.root}"
    one.clone.git("clone", "--quiet", "--depth", "1", url, str(tmp_path / "shallow"))
    one.clone = Clone(tmp_path / "shallow", one.clone.environment)
    planned(one, change("former", "delete"))

    report = one.apply()

    assert "too shallow" in report.refused[0].reason
    assert "fetch-depth: 0" in report.refused[0].hint


def test_outside_of_git_nothing_is_removed(one: Stage) -> None:
    one.in_git = False
    planned(one, change("former", "delete"))

    assert reasons(one) == ["prod: 1 identities would be removed, and no Git history says that they should be"]


def test_outside_of_git_all_else_is_applied(one: Stage) -> None:
    one.in_git = False
    planned(one, change("ledger-writer", "update"))

    assert one.apply().clean


@pytest.mark.parametrize("actions", [("delete",), ("delete", "create"), ("forget",)])
def test_what_belongs_to_no_identity_does_not_go(one: Stage, actions: tuple[str, ...]) -> None:
    stray: Json = {
        "address": "aws_iam_policy.stray",
        "change": {"actions": list(actions), "before": {"name": "x"}, "after": None},
    }
    planned(one, stray)

    assert "aws_iam_policy.stray would go" in reasons(one)[0]


@pytest.mark.parametrize("actions", [("delete", "create"), ("create", "delete"), ("delete",), ("forget",)])
def test_the_role_of_a_declared_identity_does_not_go_unless_somebody_insists(
    one: Stage, actions: tuple[str, ...]
) -> None:
    planned(one, change("ledger-writer", *actions))

    report = one.apply(replace=["prod/ledger-reader"])

    assert "prod/ledger-writer is declared, and its role ledger-writer would end" in report.refused[0].reason
    assert "--allow-replace prod/ledger-writer" in report.refused[0].hint
    assert one.apply(replace=["prod/ledger-writer"]).clean


def test_what_an_apply_did_not_finish_creating_may_be_made_anew(one: Stage) -> None:
    unfinished = change("ledger-writer", "delete", "create")
    assert isinstance(unfinished, dict)
    planned(one, unfinished | {"action_reason": "replace_because_tainted"})

    assert one.apply().clean


def test_a_part_of_a_declared_identity_may_go(one: Stage) -> None:
    planned(one, change("ledger-writer", "delete", type="aws_iam_role_policy"))

    assert one.apply(max_removals=0).clean


# Keys that are in use


def key(name: str, *actions: str) -> Json:
    return change(name, *actions, type="aws_iam_access_key", status="Active", user=name, id="AKIAEXAMPLE")


HOURS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (Used(NOW - 23 * HOURS, "s3", None), "was used at 2026-11-19T13:00:00Z for s3"),
        (Used(NOW + HOURS, None, None), "was used at 2026-11-20T13:00:00Z"),
        (CouldNotTell("throttled"), "nobody knows when it was last used: throttled"),
    ],
)
def test_a_key_that_is_in_use_does_not_end_unless_somebody_insists(one: Stage, use: LastUse, said: str) -> None:
    planned(one, key("ledger-writer", "delete")).used["AKIAEXAMPLE"] = use

    assert reasons(one) == [f"prod/ledger-writer: the access key AKIAEXAMPLE of ledger-writer would end, and {said}"]
    assert one.apply(used_keys=True).clean


@pytest.mark.parametrize("use", [Used(NOW - 24 * HOURS, "s3", None), NoUseSeen()])
def test_a_key_that_rests_for_a_day_may_end(one: Stage, use: LastUse) -> None:
    planned(one, key("ledger-writer", "delete")).used["AKIAEXAMPLE"] = use

    assert one.apply().clean


FRESH = Used(NOW - HOURS, "s3", None)


@pytest.mark.parametrize(
    "text",
    [
        manifest(expiry=(NOW - HOURS).isoformat()),
        manifest(suspended='{since: "2026-11-19T08:00:00Z", reason: leak}'),
    ],
    ids=["expired", "suspended"],
)
def test_the_key_of_who_is_denied_everything_may_end(one: Stage, text: str) -> None:
    one.tree.write({PATH: text})
    one.clone.commit("Deny")
    planned(one, key("ledger-writer", "delete")).used["AKIAEXAMPLE"] = FRESH

    assert one.apply().clean


def test_the_key_of_who_was_removed_before_the_expiry_is_in_use_still(one: Stage) -> None:
    one.withdrawn("former")
    planned(one, key("former", "delete")).used["AKIAEXAMPLE"] = FRESH

    assert "AKIAEXAMPLE" in reasons(one, breaker=MANY)[0]


def test_the_key_of_who_was_removed_after_the_expiry_may_end(one: Stage) -> None:
    one.clone.write("identities/prod/former.yaml", manifest(name="former", expiry="2026-11-01"))
    one.clone.commit("Declare")
    one.tree.remove("identities/prod/former.yaml")
    one.clone.commit("Remove what expired")
    planned(one, key("former", "delete")).used["AKIAEXAMPLE"] = FRESH

    assert one.apply(breaker=MANY).clean


def test_of_a_manifest_that_was_moved_within_its_stack_no_older_expiry_counts(one: Stage) -> None:
    old, new = "identities/prod/team/former.yaml", "identities/prod/former.yaml"
    one.clone.write(old, manifest(name="former", expiry="2026-11-01"))
    one.clone.commit("Declare")
    one.tree.remove(old)
    one.clone.write(new, manifest(name="former"))
    one.clone.commit("Move and renew")
    one.tree.remove(new)
    one.clone.commit("Remove")
    planned(one, key("former", "delete")).used["AKIAEXAMPLE"] = FRESH

    assert "AKIAEXAMPLE" in reasons(one, breaker=MANY)[0]


# Access that was ended at once

DENY_NOW = '{"Statement": [{"Sid": "DenyRevokedNow", "Effect": "Deny", "Action": "*", "Resource": "*"}]}'


def revoked(name: str, *actions: str) -> Json:
    return change(name, *actions, type="aws_iam_role_policy", policy=DENY_NOW, role=name)


def given_back(name: str) -> Json:
    found = revoked(name, "update")
    assert isinstance(found, dict)
    return {**found, "change": {**found["change"], "after": {"policy": '{"Statement": []}'}}}  # type: ignore[dict-item]  # any JSON


def test_access_that_was_ended_at_once_comes_back_only_when_somebody_says_so(one: Stage) -> None:
    planned(one, given_back("ledger-writer"), change("ledger-reader", "update"))

    report = one.apply(lift=["prod/ledger-reader"])

    assert [(found.identity, found.stack) for found in report.refused] == [("prod/ledger-writer", "prod")]
    assert "was ended at once" in report.refused[0].reason
    assert "--lift-revocation prod/ledger-writer" in report.refused[0].hint
    assert one.apply(lift=["prod/ledger-writer"]).clean


def test_a_plan_that_was_saved_before_the_revocation_does_not_undo_it(one: Stage) -> None:
    written = change("ledger-writer", "update", type="aws_iam_role_policy", policy='{"Statement": []}', role="ledger")
    planned(one, written).denied = frozenset({PolicyPlace("role", "ledger", "ledger-writer")})

    report = one.apply()

    assert [(found.identity, found.stack) for found in report.refused] == [("prod/ledger-writer", "prod")]
    assert "was ended at once" in report.refused[0].reason
    assert one.apply(lift=["prod/ledger-writer"]).clean


def test_where_nobody_knows_whether_access_was_ended_meanwhile_nothing_is_written_over_it(one: Stage) -> None:
    written = change("ledger-writer", "update", type="aws_iam_role_policy", policy='{"Statement": []}', role="ledger")
    planned(one, written, change("ledger-reader", "update")).denied = CouldNotTell("AWS answered with AccessDenied")

    (refused,) = one.apply().refused

    assert "nobody knows whether access that was ended at once would come back: AWS answered" in refused.reason


def test_the_cloud_is_asked_of_no_plan_that_writes_no_policy(one: Stage) -> None:
    planned(one, change("ledger-reader", "update")).denied = CouldNotTell("AWS was asked")

    assert one.apply().clean


def test_the_key_of_who_was_revoked_at_once_and_removed_may_end(one: Stage) -> None:
    one.withdrawn("former")
    user = change("former", "delete", type="aws_iam_user")
    policy = change("former", "delete", type="aws_iam_user_policy", policy=DENY_NOW, user="former")
    planned(one, key("former", "delete"), policy, user).used["AKIAEXAMPLE"] = FRESH

    assert one.apply(breaker=MANY).clean


# What is recorded


def test_an_apply_is_recorded_before_it_begins(one: Stage) -> None:
    planned(one, change("ledger-writer", "create"))
    seen: list[Json] = []
    one.terraform.meanwhile = lambda: seen.append(json.loads((one.workspace.folder / "apply.json").read_text()))

    one.apply()

    match seen:
        case [{"schema": "nhi/apply/v1", "outcome": "started", "ended": None, "resources": [resource]}]:
            assert resource == {"address": WRITER, "fate": "not-begun"}
        case other:
            pytest.fail(f"{other}")


def test_what_was_applied_is_recorded_with_what_it_was_made_from(one: Stage) -> None:
    one.base = "a" * 40
    planned(one, change("ledger-writer", "create")).terraform.tells = [DONE]
    plan = one.workspace.record()

    one.apply()

    found = recorded(one)
    assert (found.outcome, found.began, found.ended, found.failure) == (Outcome.APPLIED, NOW, NOW, None)
    assert (found.root, found.plan) == (plan.root, plan.digest)
    assert (found.commit, found.base, found.policy) == (plan.commit, plan.base, plan.policy)
    assert [(one.address, one.fate) for one in found.resources] == [(WRITER, Fate.DONE)]
    assert [(one.name, one.action) for one in found.intended.principals] == [("ledger-writer", "create")]


def test_a_partial_failure_says_what_was_done_and_what_was_not(one: Stage) -> None:
    third = "module.nhi-third.aws_iam_role.this"
    one.tree.write({"identities/prod/third.yaml": manifest(name="third")})
    one.clone.commit("A third")
    planned(one, *(change(name, "create") for name in ("ledger-writer", "ledger-reader", "third")))
    one.terraform.fails = "apply"
    one.terraform.tells = [
        hook("apply_start", WRITER),
        hook("apply_start", READERS),
        hook("apply_complete", WRITER),
        hook("apply_errored", READERS),
    ]

    report = one.apply()

    assert report.error is not None
    found = recorded(one)
    assert found == report.applications[0]
    assert {one.address: one.fate for one in found.resources} == {
        WRITER: Fate.DONE,
        READERS: Fate.FAILED,
        third: Fate.NOT_BEGUN,
    }
    assert (found.outcome, found.failure) == (Outcome.FAILED, "terraform apply failed:\nError: no")
    with pytest.raises(InputError, match="holds no saved plan"):
        one.apply()


def test_an_interrupted_apply_is_recorded_as_failed(one: Stage) -> None:
    planned(one, change("ledger-writer", "create")).terraform.interrupt = True
    one.terraform.tells = [hook("apply_start", WRITER)]

    with pytest.raises(KeyboardInterrupt):
        one.apply()

    found = recorded(one)
    assert found.outcome is Outcome.FAILED
    assert found.failure is not None
    assert "interrupted" in found.failure
    assert [one.fate for one in found.resources] == [Fate.UNKNOWN]
    assert one.heard[-1] == "the apply of prod was interrupted: 1 unknown"


def test_an_interrupt_after_all_was_applied_makes_no_failure_of_it(one: Stage) -> None:
    planned(one, change("ledger-writer", "create")).terraform.interrupt = True
    one.terraform.tells = [hook("apply_start", WRITER), hook("apply_complete", WRITER), DONE]

    with pytest.raises(KeyboardInterrupt):
        one.apply()

    assert (recorded(one).outcome, recorded(one).failure) == (Outcome.APPLIED, None)
    assert [one.fate for one in recorded(one).resources] == [Fate.DONE]


def test_which_guard_was_overruled_is_recorded(one: Stage) -> None:
    planned(one, change("ledger-writer", "delete", "create"), given_back("ledger-reader"))

    one.apply(max_removals=0, replace=["prod/ledger-writer"], lift=["prod/ledger-reader"])

    assert recorded(one).insisted == (
        "--max-removals 0",
        "--allow-replace prod/ledger-writer",
        "--lift-revocation prod/ledger-reader",
    )
    assert recorded(one).intended.lifted == ("prod/ledger-reader",)


def test_every_guard_that_can_be_overruled_has_its_words_in_the_record() -> None:
    insisting = Allowances(
        max_removals=3,
        replace=frozenset({"b/x", "a/x"}),
        used_keys=True,
        lift_revocation=frozenset({"a/y"}),
        uncommitted=True,
    )

    assert insisting.options == (
        "--max-removals 3",
        "--allow-replace a/x",
        "--allow-replace b/x",
        "--lift-revocation a/y",
        "--used-keys",
        "--uncommitted",
    )


def test_where_nobody_insisted_nothing_is_said_of_it(one: Stage) -> None:
    planned(one, change("ledger-writer", "create")).apply()

    assert recorded(one).insisted == ()


def test_a_record_from_before_these_were_kept_is_read(one: Stage) -> None:
    planned(one, change("ledger-writer", "create")).apply()
    file = one.workspace.folder / "apply.json"
    document = json.loads(file.read_text())
    del document["insisted"], document["intended"]["lifted"]
    file.write_text(json.dumps(document))

    assert recorded(one).outcome is Outcome.APPLIED


def test_earlier_records_are_kept_up_to_a_bound(one: Stage) -> None:
    for _ in range(3):
        planned(one, change("ledger-writer", "create")).apply()
    assert len(list(one.workspace.folder.glob("apply-20261120T120000Z-*.json"))) == 2
    for number in range(60):
        (one.workspace.folder / f"apply-20250101T000000Z-{number:03}.json").write_text("{}")

    planned(one, change("ledger-writer", "create")).apply()

    assert len(list(one.workspace.folder.glob("apply-*.json"))) == 50
    assert len(list(one.workspace.folder.glob("apply-2026*.json"))) == 3


def test_the_records_that_are_kept_are_given_oldest_first(one: Stage) -> None:
    assert one.workspace.applications() == ()
    for name in ("first", "second", "third"):
        planned(one, change(name, "create")).apply()

    found = [application.resources[0].address for application in one.workspace.applications()]

    assert [address.partition(".aws_")[0] for address in found] == [
        f"module.nhi-{name}" for name in ("first", "second", "third")
    ]


def test_records_are_their_owners_only(one: Stage) -> None:
    planned(one, change("ledger-writer", "create")).apply()

    assert os.stat(one.workspace.folder / "apply.json").st_mode & 0o077 == 0  # noqa: PTH116  # its mode alone


def test_a_record_that_cannot_be_read_is_not_overwritten(one: Stage) -> None:
    planned(one, change("ledger-writer", "create"))
    (one.workspace.folder / "apply.json").write_text("{}")

    with pytest.raises(InputError, match="is no record of an apply"):
        one.apply()
