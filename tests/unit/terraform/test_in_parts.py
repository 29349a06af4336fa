"""A stack in parts is planned and applied as one, whatever happens in one of its parts."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nhi.errors import InputError, MissingTool, OutsideError
from nhi.model.identity import Json
from nhi.model.parts import part_names, part_of
from nhi.terraform.in_parts import TerraformInParts
from nhi.terraform.interface import Terraform
from nhi.terraform.roots import of_all_parts

PARTS = part_names(3)
FIRST, SECOND, THIRD = PARTS


@dataclass
class OneRoot:
    """A Terraform that works on one root, and remembers what it was told."""

    changing: Sequence[str] = PARTS
    fails: dict[str, OutsideError] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    seen: list[list[str]] = field(default_factory=list)
    """The transcripts that were there when each apply began."""

    def _called(self, what: str, root: Path) -> None:
        self.calls.append(f"{what} {root.name}")
        if root.name in self.fails:
            raise self.fails[root.name]

    def version(self) -> str:
        return "1.11.4"

    def init(self, root: Path, on_line: Callable[[str], None], *, holding: Sequence[int] = ()) -> None:
        assert holding == [7]
        if root.name == FIRST:
            (root / ".terraform" / "providers").mkdir(parents=True, exist_ok=True)
            (root / ".terraform" / "providers" / "aws").write_text("a provider")
            (root / ".terraform.lock.hcl").write_text("its version")
        self._called("init", root)
        on_line("Initializing")

    def validate(self, root: Path) -> None:
        self._called("validate", root)

    def plan(
        self,
        root: Path,
        plan_file: Path,
        on_line: Callable[[str], None],
        *,
        replace: Sequence[str] = (),
        holding: Sequence[int] = (),
    ) -> bool:
        assert holding == [7]
        self._called(" ".join(["plan", *replace]), root)
        plan_file.write_text(f"the plan of {root.name}")
        on_line("Planning")
        return root.name in self.changing

    def show(self, root: Path, plan_file: Path) -> dict[str, Json]:
        self._called("show", root)
        return {"format_version": "1.2", "resource_changes": [plan_file.read_text()]}

    def apply(
        self,
        root: Path,
        plan_file: Path,
        on_line: Callable[[str], None],
        *,
        transcript: Path,
        holding: Sequence[int] = (),
    ) -> None:
        assert holding == [7]
        self.seen.append([one.name for one in of_all_parts(transcript.with_name("said"))])
        transcript.write_text(f"{plan_file.read_text()} is applied")
        self._called("apply", root)
        on_line("Applying")

    def push_state(self, root: Path, state: Path, on_line: Callable[[str], None]) -> None:
        self._called(f"push {state.name}", root)
        on_line("Pushing")

    def unlock(self, root: Path, lock: str, on_line: Callable[[str], None]) -> None:
        self._called(f"unlock {lock}", root)
        on_line("Unlocked")


@dataclass
class World:
    """A root in three parts, and the Terraform that works in each of them."""

    root: Path
    one: OneRoot = field(default_factory=OneRoot)
    heard: list[str] = field(default_factory=list)

    @property
    def terraform(self) -> Terraform:
        return TerraformInParts(self.one)

    @property
    def plan_file(self) -> Path:
        return self.root.parent / "plan"

    def plan(self, *replace: str) -> bool:
        return self.terraform.plan(self.root, self.plan_file, self.heard.append, replace=replace, holding=[7])

    def apply(self) -> None:
        said = self.root.parent / "said"
        self.terraform.apply(self.root, self.plan_file, self.heard.append, transcript=said, holding=[7])


@pytest.fixture
def parted(tmp_path: Path) -> World:
    for part in PARTS:
        (tmp_path / "root" / part).mkdir(parents=True)
        (tmp_path / "root" / part / "main.tf").write_text("")
    return World(tmp_path / "root")


@pytest.fixture
def whole(tmp_path: Path) -> World:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "main.tf").write_text("")
    return World(tmp_path / "root", OneRoot(changing=["root"]))


def test_a_root_in_one_piece_is_handed_on_as_it_is(whole: World) -> None:
    terraform, said = whole.terraform, whole.heard.append
    assert terraform.version() == "1.11.4"
    terraform.init(whole.root, said, holding=[7])
    terraform.validate(whole.root)
    assert whole.plan("an.address")
    assert whole.plan_file.read_text() == "the plan of root"
    assert terraform.show(whole.root, whole.plan_file)["resource_changes"] == ["the plan of root"]
    whole.apply()
    assert (whole.root.parent / "said").read_text() == "the plan of root is applied"
    terraform.push_state(whole.root, Path("errored.tfstate"), said)
    terraform.unlock(whole.root, "a-lock", said)

    steps = ("init", "validate", "plan an.address", "show", "apply", "push errored.tfstate", "unlock a-lock")
    assert whole.one.calls == [f"{step} root" for step in steps]
    assert whole.heard == ["Initializing", "Planning", "Applying", "Pushing", "Unlocked"]


def test_each_part_is_prepared_with_the_providers_of_the_first(parted: World) -> None:
    for _ in range(2):
        parted.terraform.init(parted.root, parted.heard.append, holding=[7])

    assert parted.heard == [f"{part}: Initializing" for part in PARTS] * 2
    for part in PARTS:
        assert (parted.root / part / ".terraform" / "providers" / "aws").read_text() == "a provider"
        assert (parted.root / part / ".terraform.lock.hcl").read_text() == "its version"
    parted.terraform.validate(parted.root)
    assert parted.one.calls[-3:] == [f"validate {part}" for part in PARTS]


def test_providers_that_were_taken_away_are_shared_anew(parted: World) -> None:
    (parted.root / SECOND / ".terraform").mkdir()
    (parted.root / SECOND / ".terraform" / "providers").symlink_to("../nowhere")

    parted.terraform.init(parted.root, parted.heard.append, holding=[7])

    assert (parted.root / SECOND / ".terraform" / "providers" / "aws").read_text() == "a provider"


def test_a_plan_is_of_all_parts(parted: World) -> None:
    assert parted.plan()

    plan: Any = parted.terraform.show(parted.root, parted.plan_file)
    assert plan["resource_changes"] == [f"the plan of {part}" for part in PARTS]
    parted.one.changing = ()
    assert not parted.plan()


def test_what_is_made_anew_is_told_to_its_own_part_alone(parted: World) -> None:
    address = "module.nhi-ledger-writer.aws_iam_access_key.this"
    own = part_of("ledger-writer", 3)

    parted.plan(address)

    assert parted.one.calls == [f"plan {address} {part}" if part == own else f"plan {part}" for part in PARTS]


def test_a_part_whose_plan_fails_leaves_no_plan(parted: World) -> None:
    parted.plan()
    parted.one.fails = {SECOND: OutsideError("terraform plan failed")}

    with pytest.raises(OutsideError, match="terraform plan failed"):
        parted.plan()

    assert of_all_parts(parted.plan_file) == []


def _exchange(world: World) -> None:
    world.plan_file.with_name(f"plan.{SECOND}").write_text("another plan")


def _lose(world: World) -> None:
    world.plan_file.with_name(f"plan.{SECOND}").unlink()


def _damage(world: World) -> None:
    world.plan_file.write_text("[{}]")


def _leave_out(world: World) -> None:
    world.plan_file.write_text(json.dumps(json.loads(world.plan_file.read_text())[1:]))


def _divide_otherwise(world: World) -> None:
    (world.root / THIRD / "main.tf").unlink()


@pytest.mark.parametrize("harm", [_exchange, _lose, _damage, _leave_out, _divide_otherwise])
def test_a_plan_of_which_a_part_is_not_what_was_saved_is_neither_shown_nor_applied(
    parted: World, harm: Callable[[World], None]
) -> None:
    parted.plan()
    harm(parted)
    parted.one.calls.clear()

    with pytest.raises(InputError, match=r"plan is (no saved plan|not the plan of these parts)"):
        parted.terraform.show(parted.root, parted.plan_file)
    with pytest.raises(InputError, match=r"plan is (no saved plan|not the plan of these parts)"):
        parted.apply()

    assert parted.one.calls == []


def test_only_parts_that_would_change_something_are_applied(parted: World) -> None:
    parted.one.changing = [FIRST, THIRD]
    parted.plan()
    parted.apply()

    assert [call for call in parted.one.calls if call.startswith("apply")] == [f"apply {FIRST}", f"apply {THIRD}"]
    transcripts = of_all_parts(parted.root.parent / "said")
    assert {one.name: one.read_text() for one in transcripts} == {
        f"said.{part}": f"the plan of {part} is applied" for part in (FIRST, THIRD)
    }


def test_before_the_first_part_is_applied_each_has_its_empty_transcript(parted: World) -> None:
    parted.plan()
    parted.apply()

    assert parted.one.seen[0] == [f"said.{part}" for part in PARTS]
    assert {one.stat().st_mode & 0o777 for one in of_all_parts(parted.root.parent / "said")} == {0o600}


def test_a_part_that_fails_stops_no_other(parted: World) -> None:
    parted.plan()
    parted.one.fails = {FIRST: MissingTool("terraform is gone", hint="bring it back")}

    with pytest.raises(MissingTool, match=r"^terraform is gone$"):
        parted.apply()

    assert parted.one.calls[-3:] == [f"apply {part}" for part in PARTS]


def test_of_parts_that_fail_each_is_told_up_to_a_bound(tmp_path: Path) -> None:
    parts = part_names(5)
    for part in parts:
        (tmp_path / "root" / part).mkdir(parents=True)
        (tmp_path / "root" / part / "main.tf").write_text("")
    world = World(tmp_path / "root", OneRoot(changing=parts))
    world.plan()
    world.one.fails = {part: OutsideError(f"{part} failed", hint=f"look at {part}") for part in parts}

    with pytest.raises(OutsideError) as failed:
        world.apply()

    assert failed.value.message.splitlines() == [
        *(f"{one} failed" for one in parts[:3]),
        "and 2 more parts of the stack failed",
    ]
    assert failed.value.hint == f"look at {parts[0]}"


def test_a_state_is_given_back_to_its_own_part(parted: World) -> None:
    parted.terraform.push_state(parted.root / SECOND, Path("errored.tfstate"), parted.heard.append)

    assert parted.one.calls == [f"push errored.tfstate {SECOND}"]


def test_a_lock_is_taken_away_wherever_it_is(parted: World) -> None:
    parted.one.fails = {FIRST: OutsideError("no lock of this id")}

    parted.terraform.unlock(parted.root, "a-lock", parted.heard.append)

    assert parted.one.calls == [f"unlock a-lock {FIRST}", f"unlock a-lock {SECOND}"]
    assert parted.heard == [f"{SECOND}: Unlocked"]


def test_a_lock_that_is_nowhere_is_not_taken_away(parted: World) -> None:
    parted.one.fails = {part: OutsideError(f"{part} has no lock of this id") for part in PARTS}

    with pytest.raises(OutsideError, match=f"{FIRST} has no lock"):
        parted.terraform.unlock(parted.root, "a-lock", parted.heard.append)
