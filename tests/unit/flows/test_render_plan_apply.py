"""What is rendered is whole, what is planned is what was rendered, and what is applied is what was planned."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.fixtures.manifests import PAPER, PATH, Tree, manifest, tree

from nhi.errors import InputError, OutsideError
from nhi.flows.apply import Applied, Refused, apply_stack
from nhi.flows.plan import plan_stack
from nhi.flows.render import RenderedStack, render_stack
from nhi.model.identity import Json
from nhi.model.plan import Action
from nhi.terraform.workspace import Workspace

READER = "identities/prod/ledger-reader.yaml"
ON_PAPER = "identities/prod/mainframe-reader.yaml"
STATE = "../state/terraform.tfstate"


def quiet(_line: str) -> None:
    """Nobody listens."""


def rendered(one: Tree, stack: str = "prod") -> RenderedStack:
    """A stack's root."""
    ground = one.ground()
    return render_stack(one.snapshot, ground, ground.settings.stacks[stack], STATE)


def change(name: str, *actions: str) -> Json:
    """A change of one resource of one identity, as Terraform writes it."""
    return {
        "address": f"module.nhi-{name}.aws_iam_role.this",
        "module_address": f"module.nhi-{name}",
        "change": {"actions": list(actions), "before": None, "after": {"name": name}},
    }


@dataclass
class FakeTerraform:
    """A Terraform whose plans would do what the test says, and which remembers what it was told."""

    changes: list[Json] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    fails: str = ""

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.fails == name:
            raise OutsideError(f"terraform {name} failed")

    def version(self) -> str:
        return "1.11.4"

    def init(self, root: Path, on_line: Callable[[str], None]) -> None:
        assert (root / "main.tf").is_file()
        self._called("init")
        on_line("Initializing")

    def validate(self, root: Path) -> None:
        self._called(f"validate {root}")

    def plan(self, root: Path, plan_file: Path, on_line: Callable[[str], None]) -> bool:
        self._called("plan")
        on_line("Planning")
        plan_file.write_text((root / "identities.tf").read_text())
        return bool(self.changes)

    def show(self, root: Path, plan_file: Path) -> dict[str, Json]:
        assert root.is_dir()
        assert plan_file.is_file()
        self._called("show")
        return {"format_version": "1.2", "planned_values": {}, "resource_changes": self.changes}

    def apply(self, root: Path, plan_file: Path, on_line: Callable[[str], None]) -> None:
        assert root.is_dir()
        assert plan_file.is_file()
        self._called("apply")
        on_line("Applying")


@pytest.fixture
def one(tmp_path: Path) -> Tree:
    """A repository with two identities of one stack."""
    return tree(tmp_path / "repository", {PATH: manifest(), READER: manifest(name="ledger-reader")})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Where Terraform works."""
    return Workspace(tmp_path / "work" / "prod")


def planned(one: Tree, workspace: Workspace, terraform: FakeTerraform) -> RenderedStack:
    """The root of a plan that is saved now."""
    root = rendered(one)
    plan_stack(terraform, root, workspace, None, quiet)
    return root


def test_a_root_has_the_modules_of_the_kinds_in_use_and_no_others(one: Tree) -> None:
    assert sorted(rendered(one).files) == ["identities.tf", "main.tf", "modules/service-role/main.tf"]


def test_only_terraforms_own_files_of_a_module_are_taken(one: Tree) -> None:
    one.write({"modules/service-role/README.md": "x", "modules/service-role/tests/a.tf": "x"})

    assert [path for path in rendered(one).files if path.startswith("modules/")] == ["modules/service-role/main.tf"]


def test_the_same_manifests_give_the_same_digest(one: Tree, tmp_path: Path) -> None:
    again = tree(tmp_path / "again", {READER: manifest(name="ledger-reader"), PATH: manifest()})

    assert rendered(again).digest == rendered(one).digest


@pytest.mark.parametrize(
    "change",
    [
        {PATH: manifest(purpose="Settlement batch writes other transactions to the ledger table.")},
        {"modules/service-role/main.tf": "# other\n"},
        {"modules/service-role/more.tf": ""},
        {ON_PAPER: PAPER},
    ],
    ids=["manifest", "module", "new file", "new identity"],
)
def test_another_root_has_another_digest(one: Tree, change: dict[str, str]) -> None:
    before = rendered(one).digest

    assert rendered(one.write(change)).digest != before


def test_what_is_no_terraform_does_not_change_it(one: Tree) -> None:
    before = rendered(one).digest

    one.write({"identities/README.md": "x", "identities/staging/other.yaml": manifest(name="other")})

    assert rendered(one).digest == before


@pytest.mark.parametrize("path", ["identities/prod/broken.yaml", "identities/stray.yaml", "identities/prod/x.txt"])
def test_a_manifest_that_cannot_be_read_stops_the_rendering(one: Tree, path: str) -> None:
    with pytest.raises(InputError, match=path):
        rendered(one.write({path: "- a\n"}))


def test_a_kind_without_terraform_stops_it(one: Tree) -> None:
    with pytest.raises(InputError, match=r"^modules/service-role holds no Terraform$"):
        rendered(one.remove("modules/service-role/main.tf"))


def test_a_link_in_a_module_stops_it(one: Tree) -> None:
    (one.root / "modules/service-role/more.tf").symlink_to("main.tf")

    with pytest.raises(InputError, match=r"modules/service-role/more\.tf is not a file"):
        rendered(one)


def test_a_module_that_is_no_text_stops_it(one: Tree) -> None:
    with pytest.raises(InputError, match=r"modules/service-role/main\.tf is not UTF-8"):
        rendered(one.write({"modules/service-role/main.tf": b"\xff"}))


def test_a_module_that_is_too_large_is_never_cut(one: Tree) -> None:
    with pytest.raises(InputError, match="at most 64 KiB"):
        rendered(one.write({"modules/service-role/main.tf": "#" * 70_000}))


def test_a_stack_without_identities_is_a_root_too(one: Tree) -> None:
    assert sorted(rendered(one, "staging").files) == ["identities.tf", "main.tf"]


def test_a_plan_is_made_of_what_was_rendered_and_recorded(one: Tree, workspace: Workspace) -> None:
    terraform, heard = FakeTerraform([change("ledger-writer", "create")]), list[str]()
    root = rendered(one)

    found = plan_stack(terraform, root, workspace, "0" * 40, heard.append)

    assert terraform.calls == ["init", "plan", "show"]
    assert heard == ["Initializing", "Planning"]
    assert (workspace.root / "identities.tf").read_text() == root.files["identities.tf"]
    assert [item.identity for item in found.summary.identities] == ["prod/ledger-writer"]
    assert found.digest.startswith("sha256:")
    record = workspace.record()
    assert (record.stack, record.root, record.commit) == ("prod", root.digest, "0" * 40)


@pytest.mark.parametrize("step", ["init", "plan", "show"])
def test_a_plan_that_fails_leaves_nothing_to_apply(one: Tree, workspace: Workspace, step: str) -> None:
    planned(one, workspace, FakeTerraform())

    with pytest.raises(OutsideError):
        planned(one, workspace, FakeTerraform(fails=step))

    with pytest.raises(InputError, match="holds no saved plan"):
        workspace.record()


def test_a_plan_is_applied_once(one: Tree, workspace: Workspace) -> None:
    terraform = FakeTerraform([change("ledger-writer", "create")])
    root = planned(one, workspace, terraform)
    terraform.calls.clear()

    found = apply_stack(terraform, root, workspace, 25, quiet)

    assert isinstance(found, Applied)
    assert found.summary.count(Action.CREATE) == 1
    assert terraform.calls == ["show", "apply"]
    with pytest.raises(InputError, match="holds no saved plan"):
        apply_stack(terraform, root, workspace, 25, quiet)


def test_a_plan_without_changes_is_not_applied_and_is_done(one: Tree, workspace: Workspace) -> None:
    terraform = FakeTerraform()
    root = planned(one, workspace, terraform)

    assert isinstance(apply_stack(terraform, root, workspace, 0, quiet), Applied)
    assert "apply" not in terraform.calls


def test_without_a_plan_nothing_is_applied(one: Tree, workspace: Workspace) -> None:
    with pytest.raises(InputError, match="holds no saved plan") as refused:
        apply_stack(FakeTerraform(), rendered(one), workspace, 25, quiet)
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
def test_a_plan_of_other_manifests_is_stale_and_refused(one: Tree, workspace: Workspace, moved: dict[str, str]) -> None:
    terraform = FakeTerraform([change("ledger-writer", "create")])
    planned(one, workspace, terraform)
    one.write(moved)

    with pytest.raises(InputError, match="is not of the manifests as they are now"):
        apply_stack(terraform, rendered(one), workspace, 25, quiet)
    assert "apply" not in terraform.calls


def test_a_plan_of_another_stack_is_refused(one: Tree, workspace: Workspace) -> None:
    terraform = FakeTerraform()
    planned(one, workspace, terraform)

    with pytest.raises(InputError, match="the saved plan of staging"):
        apply_stack(terraform, rendered(one, "staging"), workspace, 25, quiet)


def test_a_plan_file_that_was_exchanged_is_refused(one: Tree, workspace: Workspace) -> None:
    terraform = FakeTerraform()
    root = planned(one, workspace, terraform)
    workspace.plan_file.write_text("another plan")

    with pytest.raises(InputError, match="is not the plan that was recorded"):
        apply_stack(terraform, root, workspace, 25, quiet)


def test_a_record_that_is_damaged_is_no_record(one: Tree, workspace: Workspace) -> None:
    root = planned(one, workspace, FakeTerraform())
    (workspace.folder / "plan.json").write_text(json.dumps({"stack": "prod"}))

    with pytest.raises(InputError, match="holds no saved plan"):
        apply_stack(FakeTerraform(), root, workspace, 25, quiet)


REMOVALS: list[Json] = [change(f"former-{number}", "delete") for number in range(3)]


def test_removals_beyond_the_limit_are_refused_and_nothing_is_done(one: Tree, workspace: Workspace) -> None:
    terraform = FakeTerraform(REMOVALS)
    root = planned(one, workspace, terraform)

    found = apply_stack(terraform, root, workspace, 2, quiet)

    assert found == Refused(
        "the plan would remove 3 identities of prod: more than 2",
        "if that is meant, say so with --max-removals 3",
    )
    assert "apply" not in terraform.calls


def test_what_was_refused_can_be_allowed_without_a_new_plan(one: Tree, workspace: Workspace) -> None:
    terraform = FakeTerraform(REMOVALS)
    root = planned(one, workspace, terraform)
    apply_stack(terraform, root, workspace, 2, quiet)

    assert isinstance(apply_stack(terraform, root, workspace, 3, quiet), Applied)


def test_what_is_still_declared_is_not_removed_by_being_replaced(one: Tree, workspace: Workspace) -> None:
    terraform = FakeTerraform([change("ledger-writer", "delete", "create"), change("ledger-reader", "delete")])
    root = planned(one, workspace, terraform)

    assert isinstance(apply_stack(terraform, root, workspace, 0, quiet), Applied)


def test_what_belongs_to_no_identity_counts_as_one_removal(one: Tree, workspace: Workspace) -> None:
    stray: Json = {"address": "aws_iam_role.stray", "change": {"actions": ["delete"], "before": {}, "after": None}}
    terraform = FakeTerraform([stray])
    root = planned(one, workspace, terraform)

    assert isinstance(apply_stack(terraform, root, workspace, 0, quiet), Refused)


def test_an_apply_that_fails_is_an_error_and_leaves_the_plan(one: Tree, workspace: Workspace) -> None:
    terraform = FakeTerraform([change("ledger-writer", "create")], fails="apply")
    root = planned(one, workspace, terraform)

    with pytest.raises(OutsideError):
        apply_stack(terraform, root, workspace, 25, quiet)
    assert workspace.plan_file.is_file()
