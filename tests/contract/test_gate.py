"""`nhi gate` with real Git and a forge in memory: what it says of which pull request, and what it never says."""

import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fixtures.gating import (
    IN_ORDER,
    OWNERLESS,
    READER,
    TEST_WRITER,
    FakeExamine,
    Gating,
    gating,
)
from tests.fixtures.manifests import AS_OF, FILES, OWNERS_TEXT, PATH, SETTINGS_TEXT, manifest
from tests.fixtures.memory_forge import MemoryForge

from nhi.errors import ExitCode, InputError, MissingTool, NhiError, OutsideError
from nhi.flows.gate import Ending, Telling, Words, refuse
from nhi.flows.gate_stacks import Examined, PlanTask
from nhi.flows.render import render_stack
from nhi.model.finding import Finding, Severity
from nhi.model.forge import Comment, PullRequest, PullState, StatusState
from nhi.model.gate import MARKER
from nhi.model.risk import Risk
from nhi.model.settings import Stack
from nhi.output.approvals import SECTION, SECTION_END

MODULE = "modules/service-role/main.tf"


@pytest.fixture
def world(tmp_path: Path) -> Gating:
    """The organisation on a forge."""
    return gating(tmp_path)


def scanned(path: str, severity: Severity = Severity.ERROR) -> Finding:
    """What a scan finds in a manifest."""
    return Finding("ckv-aws-355", "CKV_AWS_355", severity, "prod/x", path, 1, 1, "does not pass", "mend it")


# --- the answers -----------------------------------------------------------------------------------------------------


def test_a_change_in_order_passes_with_its_plan(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})

    outcome = world.gate(number)

    assert (outcome.ending, outcome.report and outcome.report.exit_code) == (Ending.TOLD, ExitCode.CLEAN)
    said = world.said(number)
    assert (said.state, said.description) == (StatusState.SUCCESS, "no findings; 1 identity changes, low risk")
    (comment,) = world.comments(number)
    assert comment.splitlines()[:2] == [
        MARKER,
        "### :white_check_mark: nhi gate passed: no findings; 1 identity changes, low risk",
    ]
    assert "nhi plan: 1 identity changes" in comment
    assert "<!-- nhi:approvals -->" in comment


def test_a_finding_blocks_and_stands_at_its_line_of_the_head(world: Gating) -> None:
    number = world.propose({READER: OWNERLESS})

    outcome = world.gate(number)

    assert outcome.report
    assert outcome.report.exit_code is ExitCode.FINDINGS
    assert (world.said(number).state, world.said(number).description) == (StatusState.FAILURE, "1 finding")
    (comment,) = world.comments(number)
    head = world.forge.pulls[number].head
    assert f"/blob/{head}/{READER}#L1)" in comment
    assert "missing-owner" in comment


def test_what_is_found_is_pending_before_it_is_told(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    seen: list[StatusState] = []

    def look(task: PlanTask) -> list[Examined]:
        seen.append(world.said(number).state)
        return list(FakeExamine()(task))  # type: ignore[arg-type]  # it was told of no errors

    world.gate(number, look)

    assert seen == [StatusState.PENDING]
    assert world.said(number).state is StatusState.SUCCESS


def test_a_run_that_is_killed_leaves_a_status_that_blocks(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})

    def killed(_task: PlanTask) -> list[Examined]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.gate(number, killed)

    assert world.said(number).state is StatusState.PENDING
    assert world.comments(number) == []


def test_a_second_run_rewrites_the_one_comment(world: Gating) -> None:
    number = world.propose({READER: OWNERLESS})
    world.gate(number)
    world.push(number, {READER: IN_ORDER})
    world.gate(number)

    (comment,) = world.comments(number)
    assert "nhi gate passed" in comment


def test_a_dry_run_writes_nothing(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})

    outcome = world.gate(number, silent=True)

    assert outcome.ending is Ending.UNTOLD
    assert outcome.report
    assert outcome.report.state is StatusState.SUCCESS
    assert (world.forge.commit_statuses, world.forge.posted, world.forge.sarif) == ({}, {}, [])


def test_what_changes_nothing_of_ours_says_what_it_looked_at(world: Gating) -> None:
    number = world.propose({"README.md": "# Hello\n"})

    world.gate(number)

    assert world.said(number).description == "no findings; no identities change"
    (comment,) = world.comments(number)
    assert "1 file changes, and 0 manifests were checked." in comment
    assert "No identity is among them, and nothing that governs identities: `README.md`." in comment
    assert "No stack is touched: there is nothing to plan." in comment
    assert world.examine
    assert world.examine.tasks == []


def test_without_a_plan_the_comment_says_so(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.examine = None

    assert world.report(number).state is StatusState.SUCCESS
    assert "No plan was made and nothing scanned" in world.comments(number)[0]


def test_the_change_is_judged_against_the_base_as_it_is_now(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.merge_into_main({"identities/prod/twin/ledger-reader.yaml": IN_ORDER})

    report = world.report(number)

    assert {one.rule for one in report.findings if one.blocks} == {"duplicate-name"}


def test_what_others_merged_meanwhile_is_not_taken_for_the_change(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.merge_into_main({"identities/prod/other.yaml": manifest(name="other")}, remove=[TEST_WRITER])

    assert [one.identity for one in world.report(number).meanings] == ["prod/ledger-reader"]


# --- the pull requests -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [PullState.CLOSED, PullState.MERGED])
def test_one_that_is_not_open_gets_no_word(world: Gating, state: PullState) -> None:
    number = world.propose({READER: OWNERLESS}, state=state)

    assert world.gate(number).ending is Ending.NOT_OPEN
    assert (world.forge.commit_statuses, world.forge.posted) == ({}, {})


def test_one_that_is_closed_while_it_is_judged_gets_no_answer(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})

    outcome = world.gate(number, meanwhile(lambda: world.forge.close_pull_request(number)))

    assert outcome.ending is Ending.NOT_OPEN
    assert world.comments(number) == []
    assert world.said(number).state is StatusState.PENDING


def test_a_push_while_it_is_judged_leaves_the_answer_to_the_newer_run(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    old = world.forge.pulls[number].head

    outcome = world.gate(number, meanwhile(lambda: world.push(number, {READER: OWNERLESS})))

    new = world.forge.pulls[number].head
    assert outcome.ending is Ending.MOVED
    assert world.comments(number) == []
    assert world.status(new) is None
    status = world.status(old)
    assert status
    assert (status.state, "moved" in status.description) == (StatusState.ERROR, True)
    assert world.forge.sarif == []


def test_another_base_while_it_is_judged_leaves_the_answer_to_the_newer_run(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})

    outcome = world.gate(number, meanwhile(lambda: world.forge.alter_pull(number, base_branch="other")))

    assert outcome.ending is Ending.MOVED
    assert world.said(number).state is StatusState.ERROR


def test_a_push_between_the_first_look_and_the_reading_is_judged_and_the_old_head_blocks(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    old = world.forge.pulls[number].head
    world.forge = Late(world.forge, lambda: world.push(number, {READER: OWNERLESS}))

    report = world.report(number)

    assert (report.pull.head != old, report.blocking) == (True, 1)
    assert world.said(number).state is StatusState.FAILURE
    status = world.status(old)
    assert status
    assert status.state is StatusState.ERROR


def test_a_head_that_never_stands_still_is_no_success(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.forge.alter_pull(number, head="1" * 40)

    assert world.gate(number).ending is Ending.MOVED
    assert world.said(number).state is StatusState.ERROR


def test_a_head_whose_branch_and_fork_are_gone_is_judged_all_the_same(world: Gating) -> None:
    number = world.propose({READER: OWNERLESS}, own_branch=False, author=None, head_branch="")

    assert world.report(number).blocking == 1
    assert "It comes from a fork: it was read as data only" in world.comments(number)[0]


def test_a_draft_is_judged_and_said_to_be_one(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER}, is_draft=True)

    assert world.report(number).state is StatusState.SUCCESS
    assert "It is a draft." in world.comments(number)[0]


def test_one_into_another_branch_is_told_where_changes_go(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER}, onto="release")

    assert world.report(number).exit_code is ExitCode.FINDINGS
    assert world.said(number).state is StatusState.FAILURE
    assert "changes of identities are merged into" in world.comments(number)[0]


def test_a_conflict_names_the_files_and_what_to_do(world: Gating) -> None:
    number = world.propose({PATH: manifest(purpose="One purpose that is long enough to be one of its own.")})
    world.merge_into_main({PATH: manifest(purpose="Another purpose that is long enough to be one of its own.")})

    report = world.report(number)

    assert (report.state, report.conflicts, report.judged) == (StatusState.FAILURE, (PATH,), False)
    assert world.said(number).description == "conflicts with main in 1 file: update the branch"
    assert f"- `{PATH}`" in world.comments(number)[0]


def test_a_history_of_its_own_is_the_changes_fault(world: Gating) -> None:
    world.author.git("checkout", "--quiet", "--orphan", "strange")
    number = world.propose_commit(world.author.commit("Strange"))

    assert world.report(number).state is StatusState.FAILURE
    assert "history in common" in world.said(number).description


def test_objects_that_git_refuses_are_the_changes_fault(world: Gating) -> None:
    git = world.author.git
    inner = git("mktree", stdin=f"100644 blob {git('hash-object', '-w', '--stdin', stdin=b'x')}\tconfig\n".encode())
    tree = git("mktree", stdin=f"040000 tree {inner}\t.git\n".encode())
    number = world.propose_commit(git("commit-tree", tree, "-p", "main", "-m", "Hostile"))

    report = world.report(number)

    assert (report.state, report.exit_code) == (StatusState.FAILURE, ExitCode.FINDINGS)
    assert "an object that git does not take" in world.said(number).description


def test_more_files_than_githubs_api_lists_are_all_judged(world: Gating) -> None:
    files = {f"identities/prod/many/many-{one:04}.yaml": manifest(name=f"many-{one:04}") for one in range(3000)}
    last = "identities/prod/many/zzz-last.yaml"
    number = world.propose_many({**files, last: manifest(["owner"], name="zzz-last")})

    report = world.report(number)

    assert (len(report.changes), len(report.meanings)) == (3001, 3001)
    assert "missing-owner" in {one.rule for one in report.findings if one.path == last}
    assert len(world.comments(number)[0]) < 65_536
    assert "left out here" in world.comments(number)[0]


# --- the control plane -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".github/workflows/gate.yml", "on: push\n"),
        ("src/nhi/policy/rules/missing_owner.py", "raise SystemExit\n"),
        ("modules/service-role/tests/more.tftest.hcl", "run {}\n"),
        ("nhi.yaml", SETTINGS_TEXT + "lifetimes: {high: 30}\n"),
        ("identities/owners.yaml", OWNERS_TEXT + "  data: {accountable: alice, members: [alice]}\n"),
        ("pyproject.toml", "[project]\n"),
    ],
)
def test_what_governs_identities_is_of_high_risk_and_for_the_security_team(
    world: Gating, path: str, content: str
) -> None:
    number = world.propose({path: content})

    report = world.report(number)

    assert (report.control_plane, report.risk and report.risk.risk) == ((path,), Risk.HIGH)
    assert [one.who for one in report.requirements] == ["security"]
    assert "**High risk: the security team must approve it.**" in world.comments(number)[0]


def test_a_changed_module_is_not_run_nor_its_stacks_planned(world: Gating) -> None:
    number = world.propose({MODULE: 'data "external" "x" { program = ["touch", "PWNED"] }\n'})

    report = world.report(number)

    assert world.examine
    assert world.examine.tasks == []
    assert [(one.stack.name, "modules that it uses" in one.left_out) for one in report.stacks] == [
        ("prod", True),
        ("staging", True),
    ]
    assert "`prod` is not planned: " in world.comments(number)[0]


@pytest.mark.parametrize("path", ["modules/service-role/schema.json", MODULE])
def test_identities_of_a_kind_that_changes_with_them_are_not_planned(world: Gating, path: str) -> None:
    content = FILES[path].replace("A role", "The role") + "\n"
    world.evidence()
    number = world.propose({path: content, READER: IN_ORDER})

    report = world.report(number)

    assert world.examine
    assert "prod" not in world.examine.planned
    assert next(one for one in report.stacks if one.stack.name == "prod").left_out


def test_a_stack_whose_settings_change_is_not_planned_with_either(world: Gating) -> None:
    number = world.propose({"nhi.yaml": SETTINGS_TEXT.replace('"444455556666"', '"123456789012"')})

    report = world.report(number)

    assert world.examine
    assert world.examine.tasks == []
    assert [(one.stack.name, "settings" in one.left_out) for one in report.stacks] == [("staging", True)]
    assert report.stacks[0].stack.account == "444455556666"


def test_what_is_planned_is_the_proposed_identities_upon_the_base(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER, "README.md": "# of the head\n"})

    world.gate(number)

    assert world.examine
    (task,) = world.examine.tasks
    assert [one.name for one in task.stacks] == ["prod"]
    assert READER in list(task.snapshot.paths("identities"))
    assert task.snapshot.file("README.md") is None


def test_the_owners_that_are_planned_with_are_the_bases(world: Gating) -> None:
    more = OWNERS_TEXT.replace("members: [alice, carol]}", "members: [alice]}")
    number = world.propose(
        {"identities/owners.yaml": more, READER: IN_ORDER.replace("owner: payments", "owner: carol")}
    )

    report = world.report(number)

    assert "mixed-change" in {one.rule for one in report.findings}
    assert report.state is StatusState.FAILURE


def test_manifests_with_findings_are_not_planned_and_others_are(world: Gating) -> None:
    number = world.propose({READER: OWNERLESS, TEST_WRITER: manifest(name="test-writer", ticket="PAY-1")})

    report = world.report(number)

    assert world.examine
    assert world.examine.planned == ["staging"]
    assert [(one.stack.name, one.left_out[:14]) for one in report.stacks] == [
        ("prod", "findings first"),
        ("staging", ""),
    ]


def test_settings_that_are_not_valid_are_the_changes_fault(world: Gating) -> None:
    number = world.propose({"nhi.yaml": "apiVersion: nhi/v1\nstacks: {prod: {account: 12}}\n"})

    report = world.report(number)

    assert (report.state, report.exit_code) == (StatusState.FAILURE, ExitCode.FINDINGS)
    assert world.said(number).description.startswith("nhi.yaml:2:")
    assert world.examine
    assert world.examine.tasks == []


def test_a_stack_that_would_be_forgotten_blocks(world: Gating) -> None:
    gone = SETTINGS_TEXT.replace('  staging: {account: "444455556666", region: eu-west-1}\n', "")
    number = world.propose({"nhi.yaml": gone}, remove=[TEST_WRITER])

    report = world.report(number)

    assert report.state is StatusState.FAILURE
    assert "is gone from nhi.yaml" in world.comments(number)[0].replace("`", "")


def many(stack: str, count: int) -> dict[str, str]:
    """Manifests of a stack, each with a purpose of its own."""
    purpose = "Writes what was cleared today to the table of ledger number {}."
    return {
        f"identities/{stack}/writer-{number}.yaml": manifest(name=f"writer-{number}", purpose=purpose.format(number))
        for number in range(count)
    }


def test_a_change_that_no_apply_would_apply_is_not_merged(world: Gating) -> None:
    standing = many("prod", 20) | many("staging", 20)
    world.merge_into_main(standing)
    world.author.git("pull", "--quiet", str(world.bare), "main")
    number = world.propose({}, remove=[path for path in standing if path.endswith(("4.yaml", "5.yaml", "6.yaml"))])

    report = world.report(number)

    assert report.state is StatusState.FAILURE
    (trouble,) = report.troubles
    assert trouble.where == "the removals"
    assert trouble.message == (
        "prod: 6 of 21 identities: 3 more than circuit_breaker.percent allows (3)\n"
        "staging: 6 of 21 identities: 3 more than circuit_breaker.percent allows (3)"
    )
    assert "raise sweep.circuit_breaker in nhi.yaml" in trouble.hint
    assert "prod: 6 of 21 identities: 3 more than" in world.comments(number)[0]


def test_the_limit_is_one_for_all_stacks_of_a_change(world: Gating) -> None:
    standing = many("prod", 140) | many("staging", 140)
    world.merge_into_main(standing)
    world.author.git("pull", "--quiet", str(world.bare), "main")
    gone = [f"identities/{stack}/writer-{number}.yaml" for stack in ("prod", "staging") for number in range(13)]

    report = world.report(world.propose({}, remove=gone))
    (trouble,) = report.troubles
    assert trouble.message == "26 removals in one run: 1 more than circuit_breaker.removals allows (25)"

    assert world.report(world.propose({}, remove=gone[1:])).troubles == ()
    raised = SETTINGS_TEXT + "sweep: {circuit_breaker: {removals: 26}}\n"
    assert world.report(world.propose({"nhi.yaml": raised}, remove=gone)).troubles == ()


def test_what_no_apply_would_remove_counts_nowhere(world: Gating) -> None:
    strays = {f"identities/nowhere/writer-{number}.yaml": "x" for number in range(30)}
    world.merge_into_main(strays | {f"identities/stray-{number}.yaml": "x" for number in range(30)})
    world.author.git("pull", "--quiet", str(world.bare), "main")
    strays |= {f"identities/stray-{number}.yaml": "x" for number in range(30)}

    assert world.report(world.propose({}, remove=strays)).troubles == ()


def test_what_is_moved_within_its_stack_is_not_removed(world: Gating) -> None:
    standing = many("prod", 6)
    world.merge_into_main(standing)
    world.author.git("pull", "--quiet", str(world.bare), "main")
    moved = {path.replace("prod/", "prod/ledger/"): text for path, text in standing.items()}

    assert world.report(world.propose(moved, remove=standing)).troubles == ()


def test_a_base_that_is_not_valid_is_an_error_of_ours(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.merge_into_main({"identities/owners.yaml": "people: 1\n"})

    report = world.report(number)

    assert (report.state, report.exit_code) == (StatusState.ERROR, ExitCode.INPUT)
    assert world.said(number).state is StatusState.ERROR


def test_settings_here_that_are_not_valid_are_said_on_the_head(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})

    telling = Telling(lambda _: Words("", ""), lambda error: f"failed: {error}", lambda _: None)
    refuse(world.forge, telling, number, InputError("nhi.yaml is not valid"))

    assert (world.said(number).state, world.said(number).description) == (
        StatusState.ERROR,
        "failed: nhi.yaml is not valid",
    )


# --- plans and scans -------------------------------------------------------------------------------------------------


def test_a_plan_that_fails_is_an_error_and_hides_nothing_else(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER, TEST_WRITER: manifest(name="test-writer", ticket="PAY-1")})
    world.examine = FakeExamine(errors={"prod": OutsideError("AccessDenied: @everyone\nno", hint="ask")})

    report = world.report(number)

    assert (report.state, report.exit_code) == (StatusState.ERROR, ExitCode.OUTSIDE)
    assert world.said(number).description == "the plan of prod failed: AccessDenied: @everyone"
    (comment,) = world.comments(number)
    assert "`@everyone`" in comment
    assert "- `staging`: " in comment


def test_what_stands_in_the_way_of_a_plan_is_the_changes_fault(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.examine = FakeExamine(errors={"prod": InputError("somebody's role stands there already")})

    assert world.report(number).state is StatusState.FAILURE
    assert "somebody's role stands there already" in world.comments(number)[0]


def rendered(task: PlanTask) -> list[Examined | NhiError]:
    """Plans of what can be rendered."""

    def one(stack: Stack) -> Examined | NhiError:
        try:
            render_stack(task.snapshot, task.ground, stack, "")
        except InputError as error:
            return error
        return FakeExamine()(replace(task, stacks=(stack,)))[0]

    return [one(stack) for stack in task.stacks]


def test_a_manifest_that_is_broken_on_main_is_not_blamed_on_who_leaves_it_alone(world: Gating) -> None:
    world.merge_into_main({PATH: "kind: [\n"})
    number = world.propose({READER: IN_ORDER})

    report = world.gate(number, rendered).report

    assert report
    assert (report.state, report.exit_code, report.findings) == (StatusState.ERROR, ExitCode.INPUT, ())
    said = f"the plan of prod failed: {PATH} is broken on main already, not by this change"
    assert world.said(number).description.startswith(said)
    assert "mend it in a pull request of its own, which can pass" in world.comments(number)[0]


def test_a_manifest_that_is_broken_on_main_stops_no_other_stack(world: Gating) -> None:
    world.merge_into_main({PATH: "kind: [\n"})
    number = world.propose({TEST_WRITER: manifest(name="test-writer", ticket="PAY-1")})

    world.gate(number, rendered)

    assert world.said(number).state is StatusState.SUCCESS


def test_who_mends_what_is_broken_on_main_passes(world: Gating) -> None:
    commit = world.merge_into_main({PATH: "kind: [\n"})
    world.author.git("fetch", "--quiet", str(world.bare), "main")
    world.author.git("checkout", "--quiet", "-B", "main", commit)
    number = world.propose({PATH: manifest()})

    world.gate(number, rendered)

    assert world.said(number).state is StatusState.SUCCESS


def test_who_breaks_a_manifest_is_blamed_though_another_is_broken_on_main(world: Gating) -> None:
    world.merge_into_main({"identities/prod/ruin.yaml": "kind: [\n"})
    number = world.propose({READER: "kind: [\n"})

    report = world.gate(number, rendered).report

    assert report
    assert (report.state, report.exit_code) == (StatusState.FAILURE, ExitCode.FINDINGS)
    assert [one.path for one in report.findings] == [READER]


def test_no_terraform_is_an_error_and_the_findings_are_told(world: Gating) -> None:
    number = world.propose({READER: OWNERLESS, TEST_WRITER: manifest(name="test-writer", ticket="PAY-1")})
    world.examine = FakeExamine(broken=MissingTool("terraform is not installed", hint="install it"))

    report = world.report(number)

    assert (report.state, report.exit_code) == (StatusState.ERROR, ExitCode.OUTSIDE)
    assert world.said(number).description == "planning failed: terraform is not installed; 1 finding"
    assert "missing-owner" in world.comments(number)[0]


def test_no_scanner_is_an_error_and_the_plan_is_shown(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.examine = FakeExamine(scan_errors={"prod": MissingTool("checkov is not installed")})

    assert world.report(number).state is StatusState.ERROR
    assert "nhi plan: 1 identity changes" in world.comments(number)[0]
    assert world.said(number).description == "the scan of prod failed: checkov is not installed"


def test_a_saved_plan_that_cannot_be_scanned_is_ours(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.examine = FakeExamine(scan_errors={"prod": InputError("there is no saved plan")})

    assert world.report(number).exit_code is ExitCode.INPUT


def test_what_the_scan_finds_in_the_change_blocks(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.examine = FakeExamine(found=[scanned(READER)])

    report = world.report(number)

    assert (report.state, report.checks) == (StatusState.FAILURE, {"CKV_AWS_355": "Asks for it"})
    assert "ckv-aws-355" in world.comments(number)[0]


def test_what_the_scan_finds_elsewhere_is_told_and_not_blamed_on_the_change(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.examine = FakeExamine(found=[scanned(PATH)])

    report = world.report(number)

    assert (report.state, report.findings) == (StatusState.SUCCESS, ())
    assert "1 finding in what this change leaves alone" in world.comments(number)[0]


# --- the forge fails -------------------------------------------------------------------------------------------------


def calls(world: Gating, number: int) -> int:
    """How many calls a run makes."""
    before = len(world.forge.calls)
    world.gate(number)
    return len(world.forge.calls) - before


def test_wherever_the_forge_fails_there_is_no_success_and_a_second_run_makes_it_good(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    total = calls(world, number)
    for call in range(1, total + 1):
        world.forge.commit_statuses.clear()
        world.forge.posted.clear()
        world.forge.fail(call)
        states = []
        try:
            outcome = world.gate(number)
            states.append(outcome.report and outcome.report.state)
        except OutsideError:
            pass
        status = world.status(world.forge.pulls[number].head)
        assert status is None or status.state is not StatusState.SUCCESS, call
        assert StatusState.SUCCESS not in states, call
        world.gate(number)
        assert world.said(number).state is StatusState.SUCCESS
        assert len(world.comments(number)) == 1


def test_a_comment_that_cannot_be_written_is_said_in_the_status(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.forge = Refusing(world.forge)

    with pytest.raises(OutsideError):
        world.gate(number)

    assert (world.said(number).state, world.said(number).description) == (StatusState.ERROR, "failed: GitHub said 502")


class Late(MemoryForge):
    """Something happens right after the first pull request was asked for."""

    def __init__(self, forge: MemoryForge, happens: Callable[[], object]) -> None:
        super().__init__()
        self.__dict__.update(forge.__dict__)
        self.happens: list[Callable[[], object]] = [happens]

    def pull_request(self, number: int) -> PullRequest:
        found = super().pull_request(number)
        while self.happens:
            self.happens.pop()()
        return found


class Refusing(MemoryForge):
    """Takes no comment."""

    def __init__(self, forge: MemoryForge) -> None:
        super().__init__()
        self.__dict__.update(forge.__dict__)

    def keep_comment(self, number: int, marker: str, body: str) -> Comment:
        raise OutsideError(f"GitHub said 502\nand more: {number} {marker} {len(body)}")


def test_a_summary_that_cannot_be_written_is_said_in_the_status(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})

    def full(_report: object) -> None:
        raise OSError(28, "No space left on device")

    world.told = type("Full", (list,), {"append": lambda _self, one: full(one)})()
    with pytest.raises(OSError, match="No space"):
        world.gate(number)

    assert world.said(number).state is StatusState.ERROR


def test_code_scanning_that_is_refused_is_told_and_fails_nothing(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.forge.sarif_refusal = "Advanced Security must be enabled"

    outcome = world.gate(number)

    assert outcome.refusal == "Advanced Security must be enabled"
    assert world.said(number).state is StatusState.SUCCESS


def test_findings_go_to_code_scanning_for_the_head_and_its_reference(world: Gating) -> None:
    number = world.propose({READER: OWNERLESS})

    world.gate(number)

    head = world.forge.pulls[number].head
    assert world.forge.sarif == [(head, f"refs/pull/{number}/head", "{}")]


def test_what_was_not_all_looked_at_does_not_go_to_code_scanning(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})
    world.examine = FakeExamine(broken=OutsideError("no"))

    world.gate(number)

    assert world.forge.sarif == []


def meanwhile(happens: Callable[[], object]) -> Callable[[PlanTask], list[Examined]]:
    """A plan during which something happens."""

    def examine(task: PlanTask) -> list[Examined]:
        happens()
        return list(FakeExamine()(task))  # type: ignore[arg-type]  # it was told of no errors

    return examine


# --- hostile content -------------------------------------------------------------------------------------------------

_HOSTILE = '$(touch PWNED) `touch PWNED` ${{ github.token }} {{ 7*7 }} ${file("/etc/passwd")} @everyone <img src=x>'
_COMMAND = "identities/prod/::set-output name=a::b.yaml"
_HOSTILE_FILES: Mapping[str, str | bytes] = {
    "identities/prod/$(touch PWNED).yaml": manifest(name="x"),
    _COMMAND: manifest(name="x"),
    "identities/prod/![x](https:evil.example).yaml": manifest(name="x"),
    "identities/prod/a | b <!-- nhi:gate -->.yaml": "kind: [",
    "identities/prod/```\n### passed\n.yaml": "\x00",
    "identities/prod/\x1b[31mred.yaml": "a: &a [*a]\n",
    "identities/prod/huge.yaml": b"a" * 200_000,
    READER: manifest(name="ledger-reader", purpose=f"'{_HOSTILE}'"),
}


def test_hostile_files_stay_text_and_run_nothing(world: Gating) -> None:
    number = world.propose(_HOSTILE_FILES, title=_HOSTILE, body=_HOSTILE, head_branch="$(id)")
    before = world.clone.state()

    report = world.report(number)

    (comment,) = world.comments(number)
    assert report.state is StatusState.FAILURE
    assert {one.path for one in report.findings} >= set(_HOSTILE_FILES) - {READER}
    assert [line for line in comment.splitlines() if line.startswith("<!--")] == [MARKER, SECTION, SECTION_END]
    assert not any(line.strip() in ("### passed", "```") for line in comment.splitlines())
    assert "\x1b" not in comment
    assert world.clone.state() == before
    assert not list(world.clone.root.parent.rglob("PWNED"))


def test_links_and_submodules_in_the_place_of_manifests_are_found(world: Gating) -> None:
    author = world.author
    author.git("checkout", "--quiet", "--detach", "main")
    (author.root / READER).symlink_to("/etc/passwd")
    author.git("add", "--all")
    head = author.git("rev-parse", "HEAD")
    author.git("update-index", "--add", "--cacheinfo", f"160000,{head},identities/prod/module.yaml")
    author.git("commit", "--quiet", "--message", "Links")
    number = world.propose_commit(author.git("rev-parse", "HEAD"))

    report = world.report(number)

    assert {one.path for one in report.findings if one.blocks} == {READER, "identities/prod/module.yaml"}


def test_the_folder_of_identities_as_a_link_blocks(world: Gating) -> None:
    author = world.author
    author.git("checkout", "--quiet", "--detach", "main")
    author.git("rm", "-r", "--quiet", "identities")
    (author.root / "identities").symlink_to("/etc")
    number = world.propose_commit(author.commit("A link"))

    report = world.report(number)

    assert (report.state, report.judged) == (StatusState.FAILURE, False)
    assert "symbolic link" in world.said(number).description


def test_a_stacks_folder_as_a_link_blocks_and_is_not_planned_as_empty(world: Gating) -> None:
    author = world.author
    author.git("checkout", "--quiet", "--detach", "main")
    author.git("rm", "-r", "--quiet", "identities/prod")
    (author.root / "identities" / "prod").symlink_to("staging")
    number = world.propose_commit(author.commit("A link"))

    assert world.report(number).state is StatusState.FAILURE
    assert world.examine
    assert world.examine.planned == []


def test_names_that_are_not_utf_8_are_the_changes_fault(world: Gating) -> None:
    author = world.author
    author.git("checkout", "--quiet", "--detach", "main")
    blob = author.git("hash-object", "-w", "--stdin", stdin=b"x")
    author.git("update-index", "-z", "--index-info", stdin=b"100644 %s\tidentities/prod/\xff.yaml\0" % blob.encode())
    author.git("commit", "--quiet", "--message", "Latin")
    number = world.propose_commit(author.git("rev-parse", "HEAD"))

    report = world.report(number)

    assert (report.state, report.exit_code) == (StatusState.FAILURE, ExitCode.FINDINGS)
    assert "not UTF-8" in world.said(number).description


def test_hooks_and_configuration_of_the_head_run_nothing(world: Gating) -> None:
    number = world.propose(
        {
            ".gitattributes": "* filter=evil diff=evil merge=evil\n",
            ".githooks/post-checkout": "#!/bin/sh\ntouch PWNED\n",
            ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% PWNED\n',
            READER: IN_ORDER,
        }
    )

    assert world.report(number).judged
    assert not list(world.clone.root.parent.rglob("PWNED"))


def test_nothing_of_the_head_is_checked_out(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER, "run.sh": "#!/bin/sh\n"})
    before = world.clone.state()

    world.gate(number)

    assert world.clone.state() == before
    assert stat.S_ISDIR(world.clone.root.stat().st_mode)


def test_the_report_is_as_of_the_moment_that_is_asked_for(world: Gating) -> None:
    number = world.propose({READER: IN_ORDER})

    outcome = world.gate(number, as_of=AS_OF.replace(year=2027))

    assert outcome.report
    assert "past-expiry" in {one.rule for one in outcome.report.findings}


def test_a_pull_request_that_is_not_there_is_bad_input(world: Gating) -> None:
    with pytest.raises(InputError):
        world.gate(99)


def test_two_pull_requests_of_one_head_get_the_same_answer(world: Gating) -> None:
    number = world.propose({READER: OWNERLESS})
    other = world.propose_commit(world.forge.pulls[number].head)

    first, second = world.report(number), world.report(other)

    assert replace(first, pull=second.pull, approvals=None) == replace(second, approvals=None)
