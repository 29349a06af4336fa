"""What is planned is what was rendered, upon what is known; what a killed apply left is found first."""

import fcntl
import json
import os
from pathlib import Path

import pytest
from tests.fixtures.applying import DONE, NOW, Stage, change, hook, stage

from nhi.cloud.leftovers import Standing
from nhi.errors import InputError, OutsideError
from nhi.model.application import Fate, Outcome
from nhi.model.verification import CouldNotTell

WRITER = "module.nhi-ledger-writer.aws_iam_role.this"
KEY = "module.nhi-ledger-writer.aws_iam_access_key.this"


@pytest.fixture
def one(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def standing(one: Stage, **parts: object) -> None:
    """In the cloud stands what the identity ledger-writer would make."""
    found = {"id": "ledger-writer", "identity": "prod/ledger-writer", "place": "/nhi/prod/"} | parts
    one.leftovers.there = {("aws_iam_role", "ledger-writer"): Standing(**found)}  # type: ignore[arg-type]  # of one test


def test_a_plan_is_made_of_what_was_rendered_and_recorded(one: Stage) -> None:
    one.terraform.changes = [change("ledger-writer", "create")]
    one.base = "1" * 40

    found = one.plan()

    assert one.terraform.calls == ["init", "plan", "show"]
    assert one.heard == ["Initializing", "Planning"]
    assert [item.identity for item in found.summary.identities] == ["prod/ledger-writer"]
    record = one.workspace.record()
    assert record.commit == one.ground.commit
    assert (record.stack, record.base, record.policy, record.digest) == ("prod", "1" * 40, one.policy, found.digest)


@pytest.mark.parametrize("step", ["init", "plan", "show"])
def test_a_plan_that_fails_leaves_nothing_to_apply(one: Stage, step: str) -> None:
    one.plan()
    one.terraform.fails = step

    with pytest.raises(OutsideError):
        one.plan()

    with pytest.raises(InputError, match="holds no saved plan"):
        one.workspace.record()


def test_two_runs_in_one_folder_do_not_mix(one: Stage) -> None:
    one.workspace.folder.mkdir(parents=True)
    other = os.open(one.workspace.lock_file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)

    with pytest.raises(OutsideError, match="another run works in"):
        one.plan()

    assert one.terraform.calls == []
    os.close(other)
    one.plan()


def test_without_creations_the_cloud_is_not_asked(one: Stage) -> None:
    one.terraform.changes = [change("ledger-writer", "update"), change("x", "create", type="terraform_data")]

    one.plan()

    assert one.leftovers.asked == []


def test_what_stands_with_the_identitys_own_tag_is_taken_in(one: Stage) -> None:
    one.terraform.changes = [change("ledger-writer", "create"), change("ledger-reader", "create")]
    standing(one)

    one.plan()

    assert one.leftovers.asked == ["prod: aws_iam_role ledger-reader", "prod: aws_iam_role ledger-writer"]
    assert one.terraform.calls == ["init", "plan", "show", "plan with imports", "show"]
    assert (
        (one.workspace.root / "imports.tf")
        .read_text()
        .endswith(f'\nimport {{\n  to = {WRITER}\n  id = "ledger-writer"\n}}\n')
    )


def test_the_next_plan_takes_nothing_in_any_more(one: Stage) -> None:
    one.terraform.changes = [change("ledger-writer", "create")]
    standing(one)
    one.plan()
    one.terraform.changes, one.leftovers.there = [], {}

    one.plan()

    assert not (one.workspace.root / "imports.tf").exists()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"identity": None}, "does not carry the identity's tag"),
        ({"identity": "prod/other"}, "carries the id 'prod/other'"),
        ({"identity": "staging/ledger-writer"}, "carries the id 'staging/ledger-writer'"),
        ({"place": "/"}, "is not the stack's place"),
        ({"id": "Ledger-Writer"}, "as /nhi/prod/Ledger-Writer"),
        ({"place": "", "waits_for_deletion": True}, "waits for its deletion"),
    ],
)
def test_what_is_somebody_elses_is_never_taken_in(one: Stage, parts: dict[str, object], words: str) -> None:
    one.terraform.changes = [change("ledger-writer", "create")]
    standing(one, **parts)

    with pytest.raises(InputError, match=words):
        one.plan()

    with pytest.raises(InputError, match="holds no saved plan"):
        one.workspace.record()


def taken_in(one: Stage, **after: str) -> None:
    """A plan with the import that the first one led to."""
    found = change("ledger-writer", "update", assume_role_policy="ecs-tasks")
    assert isinstance(found, dict)
    values = found["change"]
    assert isinstance(values, dict)
    values |= {"importing": {"id": "ledger-writer"}}
    assert isinstance(values["after"], dict)
    values["after"] |= after
    one.terraform.changes = [found]


def test_a_role_that_others_could_use_is_not_taken_in(one: Stage) -> None:
    taken_in(one, assume_role_policy="somebody else")

    with pytest.raises(InputError, match=r"prod/ledger-writer: .* others may use it than its manifest says") as refused:
        one.plan()

    assert "delete the role" in refused.value.hint
    with pytest.raises(InputError, match="holds no saved plan"):
        one.workspace.record()


def test_a_role_that_is_taken_in_may_change_otherwise(one: Stage) -> None:
    taken_in(one, description="another")

    assert [found.action for found in one.plan().summary.principals] == ["import"]


def test_where_the_cloud_cannot_tell_nothing_is_created_blindly(one: Stage) -> None:
    one.terraform.changes = [change("ledger-writer", "create")]
    one.leftovers.there = CouldNotTell("AWS answered with AccessDenied")

    with pytest.raises(OutsideError, match="AccessDenied"):
        one.plan()

    with pytest.raises(InputError, match="holds no saved plan"):
        one.workspace.record()


def user_with_a_new_key(one: Stage) -> None:
    user = change("ledger-writer", "no-op", type="aws_iam_user")
    one.terraform.changes = [user, change("ledger-writer", "create", type="aws_iam_access_key", user="ledger-writer")]


def test_an_access_key_that_no_state_knows_is_taken_in_and_made_anew(one: Stage) -> None:
    user_with_a_new_key(one)
    one.leftovers.of_users = {"ledger-writer": ("AKIAEXAMPLE",)}

    one.plan()

    assert f"replace {KEY}" in one.terraform.calls
    assert f'to = {KEY}\n  id = "AKIAEXAMPLE"' in (one.workspace.root / "imports.tf").read_text()


def test_a_key_that_the_state_knows_is_no_stray(one: Stage) -> None:
    user_with_a_new_key(one)
    known = change("other", "no-op", type="aws_iam_access_key", user="ledger-writer", id="AKIAKNOWN")
    one.terraform.changes.append(known)
    one.leftovers.of_users = {"ledger-writer": ("AKIAKNOWN",)}

    one.plan()

    assert one.terraform.calls == ["init", "plan", "show"]


def test_more_unknown_keys_than_places_for_them_are_named(one: Stage) -> None:
    user_with_a_new_key(one)
    one.leftovers.of_users = {"ledger-writer": ("AKIAONE", "AKIATWO")}

    with pytest.raises(InputError, match="AKIAONE, AKIATWO"):
        one.plan()


def test_where_nobody_can_tell_the_keys_no_key_is_made(one: Stage) -> None:
    user_with_a_new_key(one)
    one.leftovers.of_users = {"ledger-writer": CouldNotTell("throttled")}

    with pytest.raises(OutsideError, match="throttled"):
        one.plan()


def test_a_user_who_is_not_there_yet_has_no_keys(one: Stage) -> None:
    one.terraform.changes = [
        change("ledger-writer", "create", type="aws_iam_user"),
        change("ledger-writer", "create", type="aws_iam_access_key", user="ledger-writer"),
    ]

    one.plan()

    assert one.leftovers.asked == ["prod: aws_iam_user ledger-writer"]


def killed(one: Stage, *tells: str) -> None:
    """An apply after whose beginning nothing was heard of nhi."""
    one.terraform.changes = [change("ledger-writer", "create"), change("ledger-reader", "create")]
    one.plan()
    one.terraform.tells = tells
    record = one.workspace.folder / "apply.json"
    kept: list[str] = []
    one.terraform.meanwhile = lambda: kept.append(record.read_text())
    one.apply()
    record.write_text(kept[0])
    one.terraform.meanwhile = lambda: None


def test_the_record_of_a_killed_apply_is_completed_from_what_terraform_said(one: Stage) -> None:
    killed(one, hook("apply_start", WRITER), hook("apply_complete", WRITER), '{"cut off')

    one.plan()

    last = one.workspace.last_application()
    assert last is not None
    assert (last.outcome, last.ended) == (Outcome.FAILED, NOW.replace(second=5))
    assert [(found.address, found.fate) for found in last.resources] == [
        ("module.nhi-ledger-reader.aws_iam_role.this", Fate.NOT_BEGUN),
        (WRITER, Fate.DONE),
    ]
    assert last.failure is not None
    assert "it was killed" in last.failure
    assert "the last apply of prod had no witness: 1 done, 1 not begun" in one.heard


def test_a_terraform_that_went_on_alone_has_applied_all(one: Stage) -> None:
    killed(one, DONE)

    one.plan()

    last = one.workspace.last_application()
    assert last is not None
    assert (last.outcome, last.failure) == (Outcome.APPLIED, None)
    assert {found.fate for found in last.resources} == {Fate.DONE}


def test_the_plan_of_a_killed_apply_is_not_applied_again(one: Stage) -> None:
    killed(one)
    one.terraform.calls.clear()

    with pytest.raises(InputError, match="begun by an apply that nobody saw the end of") as refused:
        one.apply()

    assert "run `nhi plan`" in refused.value.hint
    assert one.terraform.calls == []


def knows(one: Stage, arn: str, part: str = "resource_changes", mode: str = "managed") -> None:
    """The state has a resource with this ARN."""
    found = change("former", "delete", arn=arn)
    assert isinstance(found, dict)
    one.terraform.parts = {part: [{**found, "mode": mode}]}


@pytest.mark.parametrize("part", ["resource_changes", "resource_drift"])
@pytest.mark.parametrize(
    ("arn", "place"),
    [
        ("arn:aws:iam::999999999999:role/nhi/prod/former", "999999999999:"),
        ("arn:aws:secretsmanager:ap-south-2:111122223333:secret:nhi/prod/former", "111122223333 ap-south-2:"),
    ],
    ids=["account", "region"],
)
def test_a_stack_does_not_move_away_from_what_its_state_knows(one: Stage, arn: str, place: str, part: str) -> None:
    knows(one, arn, part)

    with pytest.raises(InputError, match=f"first module.nhi-former.aws_iam_role.this in {place}"):
        one.plan()

    with pytest.raises(InputError, match="holds no saved plan"):
        one.workspace.record()


@pytest.mark.parametrize(
    ("arn", "mode"),
    [
        ("arn:aws:iam::111122223333:role/nhi/prod/former", "managed"),
        ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:nhi/prod/former", "managed"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "managed"),
        ("arn:aws:iam::999999999999:role/theirs", "data"),
    ],
)
def test_what_is_where_the_stack_is_or_only_read_stops_no_plan(one: Stage, arn: str, mode: str) -> None:
    knows(one, arn, mode=mode)

    assert one.plan().digest == one.workspace.record().digest


UNSAVED = json.dumps({"version": 4, "serial": 2, "lineage": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"})
FIRST = json.dumps({"version": 4, "serial": 0, "lineage": ""})
"""What Terraform leaves of the first apply where the state is in S3."""


@pytest.mark.parametrize("unsaved", [UNSAVED, FIRST], ids=["later", "first"])
def test_a_state_that_could_not_be_saved_is_given_back_first(one: Stage, unsaved: str) -> None:
    one.plan()
    (one.workspace.root / "errored.tfstate").write_text(unsaved)
    one.terraform.calls.clear()

    with pytest.raises(InputError, match="could not save"):
        one.apply()
    one.plan()

    assert one.terraform.calls == ["init", "push errored.tfstate", "plan", "show"]
    assert one.workspace.unsaved_states() == []


def test_a_state_that_terraform_does_not_take_back_stops_everything(one: Stage) -> None:
    one.plan()
    (one.workspace.root / "errored.tfstate").write_text(UNSAVED)
    one.terraform.fails = "push errored.tfstate"

    with pytest.raises(OutsideError, match="cannot be given back"):
        one.plan()

    assert one.workspace.unsaved_states() == [one.workspace.root / "errored.tfstate"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 4, "serial": 9999, "lineage": ""}'])
def test_a_state_of_no_line_never_takes_the_place_of_the_stacks(one: Stage, text: str) -> None:
    one.plan()
    (one.workspace.root / "errored.tfstate").write_text(text)
    one.terraform.calls.clear()

    with pytest.raises(OutsideError, match="does not say of which state it is"):
        one.plan()

    assert one.terraform.calls == ["init"]


@pytest.mark.parametrize(
    "name", ["more.tf", "more.tf.json", "override.tf", "terraform.tfvars", "x.auto.tfvars.json", ".tf"]
)
def test_nothing_but_what_was_rendered_decides_what_terraform_does(one: Stage, name: str) -> None:
    one.plan()
    (one.workspace.root / name).write_text("")

    one.plan()

    assert not (one.workspace.root / name).exists()
    assert (one.workspace.root / "main.tf").exists()


def test_what_is_terraforms_own_stays_in_the_root(one: Stage) -> None:
    one.plan()
    own = one.workspace.root / ".terraform"
    own.mkdir()
    (one.workspace.root / ".terraform.lock.hcl").write_text("")

    one.plan()

    assert own.exists()
    assert (one.workspace.root / ".terraform.lock.hcl").exists()


def test_a_workspace_that_somebody_selected_by_hand_is_not_worked_in(one: Stage) -> None:
    """Its state is another one: everything would be made again beside what stands."""
    one.plan()
    chosen = one.workspace.root / ".terraform" / "environment"
    chosen.parent.mkdir()
    chosen.write_text("other")

    one.plan()

    assert not chosen.exists()


STATE = json.dumps({"version": 4, "serial": 1})


def local_state(one: Stage, text: str, backup: str | None) -> Path:
    one.workspace.write_root({})
    state = one.workspace.root.parent / "state" / "terraform.tfstate"
    state.parent.mkdir()
    state.write_text(text)
    if backup is not None:
        state.with_name("terraform.tfstate.backup").write_text(backup)
    return state


@pytest.mark.parametrize("cut", ["", STATE[:9]])
def test_a_state_that_a_kill_cut_off_is_mended_from_its_backup(one: Stage, cut: str) -> None:
    killed(one)
    state = local_state(one, cut, STATE)

    one.plan()

    assert state.read_text() == STATE
    assert any("was cut off by a kill" in line for line in one.heard)


def test_a_state_cut_off_in_the_first_apply_is_set_aside(one: Stage) -> None:
    killed(one)
    state = local_state(one, STATE[:9], None)

    one.plan()

    assert not state.exists()
    assert state.with_name("terraform.tfstate.cut-off").read_text() == STATE[:9]


def test_a_state_that_is_cut_off_with_its_backup_stops_everything(one: Stage) -> None:
    killed(one)
    local_state(one, "", STATE[:9])

    with pytest.raises(OutsideError, match="is not whole"):
        one.plan()


def test_a_state_that_is_broken_though_nothing_was_killed_is_not_touched(one: Stage) -> None:
    state = local_state(one, STATE[:9], STATE)

    with pytest.raises(OutsideError, match="is no Terraform state"):
        one.plan()

    assert state.read_text() == STATE[:9]
