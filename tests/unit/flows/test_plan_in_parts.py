"""A stack in parts: what an apply left behind belongs to one part, and the apply has ended when each part has."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fixtures.applying import DONE, NOW, Stage, change, hook, stage
from tests.fixtures.manifests import SETTINGS_TEXT

from nhi.cloud.leftovers import Standing
from nhi.errors import InputError, OutsideError
from nhi.model.application import Fate, Outcome
from nhi.model.parts import part_names, part_of
from nhi.terraform.in_parts import TerraformInParts
from nhi.terraform.roots import of_part, roots_in

FIRST, SECOND = part_names(2)
MOVER, WRITER = (f"module.nhi-ledger-{one}.aws_iam_role.this" for one in ("mover", "writer"))
UNSAVED = json.dumps({"version": 4, "serial": 2, "lineage": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"})
CUT_OFF = '{"version": 4, "ser'


def in_parts(one: Stage, parts: int) -> Stage:
    """The same stage with its stack in so many parts."""
    settings = SETTINGS_TEXT.replace("eu-west-1}", f"eu-west-1, parts: {parts}}}", 1)
    one.tree.write({"nhi.yaml": settings})
    one.clone.commit(f"In {parts} parts")
    one.behind = TerraformInParts
    return one


@pytest.fixture
def one(tmp_path: Path) -> Stage:
    assert [part_of(f"ledger-{name}", 2) for name in ("writer", "mover")] == [FIRST, SECOND]
    return in_parts(stage(tmp_path), 2)


def test_what_stands_is_taken_in_by_the_part_that_knows_the_identity(one: Stage) -> None:
    one.terraform.changes = [change("ledger-writer", "create"), change("ledger-mover", "create")]
    one.leftovers.there = {
        ("aws_iam_role", name): Standing(id=name, identity=f"prod/{name}", place="/nhi/prod/")
        for name in ("ledger-mover", "ledger-writer")
    }

    one.plan()

    for name in ("ledger-mover", "ledger-writer"):
        imports = one.workspace.root / part_of(name, 2) / "imports.tf"
        assert f"to = module.nhi-{name}.aws_iam_role.this\n" in imports.read_text()
        assert imports.read_text().count("import {") == 1


def test_a_state_that_could_not_be_saved_is_given_back_to_its_own_part(one: Stage) -> None:
    one.plan()
    (one.workspace.root / SECOND / "errored.tfstate").write_text(UNSAVED)
    one.terraform.calls.clear()

    with pytest.raises(InputError, match=f"{SECOND}/errored.tfstate is a state that an apply could not save"):
        one.apply()
    one.plan()

    assert one.terraform.calls == ["init", "init", "push errored.tfstate", "plan", "plan", "show", "show"]
    assert one.workspace.unsaved_states() == []


@pytest.mark.parametrize("place", [".", "part-02-of-03"])
def test_a_state_of_other_parts_is_given_to_none_of_these(one: Stage, place: str) -> None:
    one.plan()
    (one.workspace.root / place).mkdir(exist_ok=True)
    (one.workspace.root / place / "errored.tfstate").write_text(UNSAVED)
    one.terraform.calls.clear()

    with pytest.raises(OutsideError, match="when the stack had other parts") as refused:
        one.plan()

    assert "bring that number of `parts` back" in refused.value.hint
    assert one.terraform.calls == ["init", "init"]


def killed(one: Stage, *said: str) -> None:
    """An apply after whose beginning nothing was heard of nhi, and what Terraform said of each part."""
    one.terraform.changes = [change("ledger-writer", "create"), change("ledger-mover", "create")]
    one.plan()
    one.apply()
    last = one.workspace.last_application()
    assert last is not None
    one.workspace.keep_application(replace(last, outcome=Outcome.STARTED, ended=None))
    for part, text in zip((FIRST, SECOND), said, strict=True):
        of_part(one.workspace.transcript, part).write_text(text)


APPLIED = "\n".join([hook("apply_start", WRITER), hook("apply_complete", WRITER), DONE])


def test_an_apply_that_was_killed_between_two_parts_is_not_taken_for_whole(one: Stage) -> None:
    killed(one, APPLIED, "")

    one.plan()

    last = one.workspace.last_application()
    assert last is not None
    assert (last.outcome, last.ended) == (Outcome.FAILED, NOW.replace(second=9))
    assert [(found.address, found.fate) for found in last.resources] == [(MOVER, Fate.NOT_BEGUN), (WRITER, Fate.DONE)]


def test_an_apply_of_which_each_part_ended_alone_is_whole(one: Stage) -> None:
    killed(one, APPLIED, DONE)

    one.plan()

    last = one.workspace.last_application()
    assert last is not None
    assert (last.outcome, last.failure) == (Outcome.APPLIED, None)


def test_an_interrupt_ends_the_apply_before_the_next_part(one: Stage) -> None:
    one.terraform.changes = [change("ledger-writer", "create")]
    one.plan()
    one.terraform.interrupt = True
    one.terraform.tells = [APPLIED]

    with pytest.raises(KeyboardInterrupt):
        one.apply()

    last = one.workspace.last_application()
    assert last is not None
    assert last.outcome is Outcome.FAILED
    assert of_part(one.workspace.transcript, SECOND).read_text() == ""


def test_a_failure_in_one_part_is_recorded_with_what_the_others_did(one: Stage) -> None:
    one.terraform.changes = [change("ledger-writer", "create"), change("ledger-mover", "create")]
    one.terraform.tells = [hook("apply_start", WRITER), hook("apply_complete", WRITER)]
    one.plan()
    one.terraform.fails = "apply"

    report = one.apply()

    assert report.error is not None
    assert report.error.message.count("terraform apply failed") == 2
    (application,) = report.applications
    assert application.outcome is Outcome.FAILED
    assert [found.fate for found in application.resources] == [Fate.NOT_BEGUN, Fate.DONE]


def test_a_local_state_that_was_cut_off_is_mended_in_its_part_alone(one: Stage) -> None:
    killed(one, APPLIED, "")
    states = [one.workspace.root / f"../state/terraform.tfstate.{part}" for part in (FIRST, SECOND)]
    states[0].parent.mkdir()
    states[0].write_text(UNSAVED)
    states[1].write_text(CUT_OFF)
    states[1].with_name(f"{states[1].name}.backup").write_text(UNSAVED)

    one.plan()

    assert [state.read_text() for state in states] == [UNSAVED, UNSAVED]
    (said,) = [line for line in one.heard if "was cut off" in line]
    assert SECOND in said


def test_a_local_state_of_a_part_that_nobody_cut_off_and_is_none_stops_the_plan(one: Stage) -> None:
    state = one.workspace.root / f"../state/terraform.tfstate.{SECOND}"
    one.workspace.root.mkdir(parents=True)
    state.parent.mkdir()
    state.write_text(CUT_OFF)

    with pytest.raises(OutsideError, match=f"{SECOND} is no Terraform state"):
        one.plan()


def test_nothing_of_an_earlier_division_is_a_root_any_more(one: Stage) -> None:
    root = one.workspace.root
    one.plan()
    assert [found.name for found in roots_in(root)] == [FIRST, SECOND]

    in_parts(one, 3).plan()
    assert [found.name for found in roots_in(root)] == list(part_names(3))
    assert not list((root / FIRST).glob("*.tf"))

    in_parts(one, 1).plan()
    assert roots_in(root) == [root]
    assert not list(root.glob("part-*/*.tf"))

    in_parts(one, 2).plan()
    assert [found.name for found in roots_in(root)] == [FIRST, SECOND]
    assert not list(root.glob("*.tf"))


def test_a_plan_that_is_dropped_leaves_no_part_of_it(one: Stage) -> None:
    one.plan()
    assert len(list(one.workspace.folder.glob("plan.tfplan*"))) == 3

    one.workspace.drop_plan()

    assert not list(one.workspace.folder.glob("plan.tfplan*"))


def test_the_next_apply_hears_nothing_of_the_last_ones_parts(one: Stage) -> None:
    killed(one, APPLIED, "")
    in_parts(one, 1).plan()
    one.terraform.tells = [DONE]
    one.terraform.changes = [change("ledger-writer", "update")]
    one.plan()
    one.apply()

    assert one.workspace.transcripts() == {"": [DONE]}
