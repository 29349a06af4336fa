"""`nhi scan`: what it needs, what it prints, and how it ends. checkov and Terraform are in the contract tests."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fixtures.command_line import AS_OF, Organisation

from nhi.errors import OutsideError
from nhi.flows.ground import read_ground
from nhi.flows.render import render_stack
from nhi.model.identity import Json
from nhi.repository.worktree import WorkingTree
from nhi.scan.interface import NotPassed, ScanResult
from nhi.terraform.workspace import Workspace

LEDGER = "identities/production/payments/ledger-writer.yaml"
NAME = "Ensure no policy allows everything"
OPEN = NotPassed(
    "CKV_AWS_355",
    NAME,
    None,
    "module.nhi-ledger-writer.aws_iam_role_policy.this",
    "aws_iam_role_policy",
    ("policy", "Allow0", "Action"),
)
BY_DESIGN = NotPassed(
    "CKV_AWS_273", "Ensure no users", None, "module.nhi-ledger-writer.aws_iam_user.this", "aws_iam_user"
)
NOBODYS = NotPassed("CKV_AWS_355", NAME, None, "module.other.aws_iam_role_policy.this", "aws_iam_role_policy")
EXCEPTION = """\
exceptions:
  - rule: ckv-aws-355
    reason: The table's name is not known before the first settlement.
    compensating_control: The account holds nothing but the settlement tables.
    approver: security
    expiry: 2027-01-31
"""


PLAN: dict[str, Json] = {"format_version": "1.2", "planned_values": {}, "resource_changes": []}


class Terraform:
    """A Terraform that shows a plan in which nothing stands: the scanner here has prepared answers."""

    def show(self, _root: Path, _plan_file: Path) -> dict[str, Json]:
        return PLAN


class Scanner:
    """A scanner with prepared answers."""

    def __init__(self, found: Sequence[NotPassed] = (), error: OutsideError | None = None) -> None:
        self.found, self.error = found, error
        self.scans = 0

    def scan(self, plan: Mapping[str, Json]) -> ScanResult:
        assert "planned_values" in plan
        self.scans += 1
        if self.error:
            raise self.error
        return ScanResult(1, tuple(self.found))


@pytest.fixture
def planned(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """The organisation, with a saved plan of each stack."""
    monkeypatch.setattr("nhi.cli.wiring.terraform", Terraform)
    plan(organisation)
    return organisation


def plan(organisation: Organisation) -> None:
    """Save a plan of each stack, as `nhi plan` does, but of nothing."""
    root, snapshot = organisation.clone.root, WorkingTree(organisation.clone.root)
    ground, _ = read_ground(snapshot)
    for name, stack in ground.settings.stacks.items():
        workspace = Workspace(root / ".nhi" / "terraform" / name)
        state = f"../../../state/{name}/terraform.tfstate"
        rendered = render_stack(snapshot, ground, stack, state)
        workspace.write_root(rendered.files)
        workspace.plan_file.write_text("a plan")
        record = {
            "stack": name,
            "root": rendered.digest,
            "plan": workspace.plan_digest(),
            "commit": None,
            "base": None,
            "policy": "",
            "digest": "",
        }
        (workspace.folder / "plan.json").write_text(json.dumps(record))


def scanning(monkeypatch: pytest.MonkeyPatch, scanner: Scanner) -> Scanner:
    monkeypatch.setattr("nhi.cli.wiring.scanner", lambda: scanner)
    return scanner


def test_where_nothing_is_found_the_exit_code_is_0(planned: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = scanning(monkeypatch, Scanner())

    said = planned("scan", *AS_OF)

    assert (said.code, said.err) == (0, "")
    assert said.out.endswith("0 errors, 0 warnings\n")
    assert scanner.scans == 2


def test_a_finding_is_told_at_its_line_with_what_to_do(planned: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    scanning(monkeypatch, Scanner([OPEN]))
    line = next(
        n for n, one in enumerate((planned.clone.root / LEDGER).read_text().split("\n"), 1) if "actions:" in one
    )

    said = planned("scan", "--stack", "production", *AS_OF)

    assert said.code == 1
    assert f"{LEDGER}:{line}:" in said.out
    assert "CKV_AWS_355 ckv-aws-355" in said.out
    assert f"aws_iam_role_policy does not pass: {NAME}" in said.out
    assert "accept an exception for ckv-aws-355" in said.out


def test_of_one_of_several_the_type_is_told_whatever_its_key_is(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanning(monkeypatch, Scanner([replace(OPEN, address=f'{OPEN.address}["arn:aws:iam::aws:policy/a.b.c"]')]))

    said = planned("scan", "--stack", "production", *AS_OF)

    assert f"aws_iam_role_policy does not pass: {NAME}" in said.out


def test_a_plan_that_is_exchanged_while_it_is_read_is_not_scanned(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanner = scanning(monkeypatch, Scanner())

    def exchanged(_self: Terraform, root: Path, plan_file: Path) -> dict[str, Json]:
        workspace = Workspace(root.parent)
        record = workspace.record()
        plan_file.write_text("another plan")
        workspace.keep_record(replace(record, plan=workspace.plan_digest()))
        return PLAN

    monkeypatch.setattr(Terraform, "show", exchanged)

    said = planned("scan", "--stack", "production", *AS_OF)

    assert (said.code, scanner.scans) == (3, 0)
    assert "another plan of production was saved meanwhile" in said.err


def test_a_live_exception_covers_it_and_an_ended_one_does_not(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanning(monkeypatch, Scanner([OPEN]))
    manifest = planned.clone.root / LEDGER
    manifest.write_text(manifest.read_text() + EXCEPTION)

    live = planned("scan", "--stack", "production", *AS_OF)
    ended = planned("scan", "--stack", "production", "--as-of", "2027-01-31")

    assert (live.code, ended.code) == (0, 1)
    assert "accepted by security until 2027-01-31T00:00:00Z" in live.out


def test_an_exception_that_covers_nothing_is_told_without_blocking(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanning(monkeypatch, Scanner())
    manifest = planned.clone.root / LEDGER
    manifest.write_text(manifest.read_text() + EXCEPTION)

    said = planned("scan", "--stack", "production", *AS_OF)

    assert said.code == 0
    assert "NHI510 orphaned-exception: checkov finds nothing by 'ckv-aws-355'" in said.out


def test_the_check_leaves_exceptions_for_the_scan_alone(organisation: Organisation) -> None:
    manifest = organisation.clone.root / LEDGER
    before = organisation("check", LEDGER, *AS_OF).out
    manifest.write_text(manifest.read_text() + EXCEPTION)

    assert organisation("check", LEDGER, *AS_OF).out == before


def test_what_is_not_judged_blocks_and_can_be_excepted(planned: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = NotPassed(OPEN.check, NAME, None, OPEN.address, OPEN.type, ("policy",), judged=False)
    scanning(monkeypatch, Scanner([unknown]))

    said = planned("scan", "--stack", "production", *AS_OF)

    assert said.code == 1
    assert "could not be judged, so it is not known whether it passes" in said.out


def test_what_is_by_design_is_counted_and_listed_on_demand(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanning(monkeypatch, Scanner([BY_DESIGN]))

    plain = planned("scan", "--stack", "production", *AS_OF)
    everything = planned("scan", "--stack", "production", "--all", *AS_OF)

    assert (plain.code, everything.code) == (0, 0)
    assert "CKV_AWS_273" not in plain.out
    assert plain.err == "1 finding by design or skipped: `nhi scan --all` lists them\n"
    assert "CKV_AWS_273" in everything.out
    assert "by design: " in everything.out
    assert everything.err == ""


def test_what_is_not_judged_is_never_by_design(planned: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown = NotPassed(BY_DESIGN.check, "x", None, BY_DESIGN.address, BY_DESIGN.type, judged=False)
    scanning(monkeypatch, Scanner([unknown]))

    assert planned("scan", "--stack", "production", *AS_OF).code == 1


def test_what_belongs_to_no_identity_stands_where_the_stack_is_declared(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanning(monkeypatch, Scanner([NOBODYS]))
    settings = (planned.clone.root / "nhi.yaml").read_text().split("\n")

    said = planned("scan", "--stack", "production", "--format", "json", *AS_OF)

    (found,) = json.loads(said.out)["findings"]
    assert (found["path"], found["identity"]) == ("nhi.yaml", None)
    assert settings[found["line"] - 1].strip() == "production:"
    assert "no manifest declares it" in found["hint"]


def test_settings_turn_a_check_into_a_warning_or_skip_it(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanning(monkeypatch, Scanner([OPEN]))
    settings = planned.clone.root / "nhi.yaml"
    text = settings.read_text()

    settings.write_text(f"{text}scan: {{warn: [{{check: CKV_AWS_355, reason: Decided by the board.}}]}}\n")
    plan(planned)
    warned = planned("scan", "--stack", "production", *AS_OF)
    settings.write_text(f"{text}scan: {{skip: [{{check: CKV_AWS_355, reason: Decided by the board.}}]}}\n")
    plan(planned)
    skipped = planned("scan", "--stack", "production", *AS_OF)

    assert (warned.code, skipped.code) == (0, 0)
    assert "warning CKV_AWS_355" in warned.out
    assert "CKV_AWS_355" not in skipped.out


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif", "junit", "markdown"])
def test_every_format_of_the_check_names_the_finding(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    scanning(monkeypatch, Scanner([OPEN]))

    printed = planned("scan", "--stack", "production", "--format", form, *AS_OF)
    target = tmp_path / "new" / "report"
    written = planned("scan", "--stack", "production", "--format", form, "--output", str(target), *AS_OF)

    assert (printed.code, written.code, written.out) == (1, 1, "")
    assert target.read_text() == printed.out
    assert "CKV_AWS_355" in printed.out.replace("\\_", "_")
    assert "nhi check" not in printed.out or form == "sarif"


def test_all_stacks_are_in_one_document(planned: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = NotPassed("CKV_AWS_355", NAME, None, OPEN.address.replace("writer", "writer-test"), OPEN.type)
    scanning(monkeypatch, Scanner([OPEN, staged]))

    said = planned("scan", "--format", "json", *AS_OF)

    document = json.loads(said.out)
    assert document["schema"] == "nhi/findings/v1"
    assert {one["identity"] for one in document["findings"]} >= {
        "production/ledger-writer",
        "staging/ledger-writer-test",
    }


def test_without_a_plan_there_is_nothing_to_scan(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = scanning(monkeypatch, Scanner())

    said = organisation("scan", "--stack", "staging")

    assert (said.code, said.out, scanner.scans) == (3, "", 0)
    assert "holds no saved plan" in said.err
    assert "nhi plan" in said.err


def test_a_plan_of_other_manifests_is_not_scanned(planned: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = scanning(monkeypatch, Scanner())
    manifest = planned.clone.root / LEDGER
    manifest.write_text(manifest.read_text().replace("dynamodb:PutItem", "dynamodb:GetItem"))

    said = planned("scan", "--stack", "production")

    assert (said.code, said.out, scanner.scans) == (3, "", 0)
    assert "is not of the manifests as they are now" in said.err


def test_a_scanner_that_fails_is_a_failure_outside_and_prints_no_result(
    planned: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanning(monkeypatch, Scanner(error=OutsideError("checkov ended with exit code 2", hint="again")))

    said = planned("scan", "--format", "json")

    assert (said.code, said.out) == (4, "")
    assert "checkov ended with exit code 2" in said.err


def test_without_checkov_it_says_how_to_install_it(planned: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NHI_CHECKOV", "no-such-checkov")

    said = planned("scan", "--stack", "production")

    assert (said.code, said.out) == (4, "")
    assert "no-such-checkov is not installed" in said.err
    assert "scripts/setup" in said.err


def test_stacks_are_chosen_in_one_way(organisation: Organisation) -> None:
    assert organisation("scan", "--stack", "production", "--base", "HEAD").code == 2


def test_a_stack_that_is_not_there_is_bad_input(organisation: Organisation) -> None:
    said = organisation("scan", "--stack", "nowhere")

    assert (said.code, said.out) == (3, "")
    assert "stacks: production, staging" in said.err


def test_where_no_stack_is_touched_nothing_is_scanned(planned: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    scanner = scanning(monkeypatch, Scanner())
    planned.clone.write("identities/README.md", "# x\n")

    said = planned("scan", "--base", "HEAD", *AS_OF)

    assert (said.code, scanner.scans) == (0, 0)
    assert said.out.startswith("0 manifests checked")
