"""Whole rotations on a real repository: manifest, decision, edit, branch; merged, and the next step."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import FILES, SERVICE_ROLE, ground, manifest

from nhi.cloud.interface import AccessKeys
from nhi.errors import ExitCode, InputError
from nhi.flows import rotate as flow
from nhi.flows.rotate import RotateOrder, rotate, rotating_kinds
from nhi.manifest.read import read
from nhi.model.identity import Json, Manifest
from nhi.model.instant import parse_instant
from nhi.model.kind import Kind
from nhi.model.rotation import LiveKey, RotationReport, Step
from nhi.model.settings import Stack
from nhi.model.source import FileType, SourceFile
from nhi.model.usage import NoUseSeen, Used
from nhi.model.verification import CouldNotTell

NOW = parse_instant("2026-11-20T02:00:00Z")
DAY = timedelta(days=1)
PATH = "identities/prod/payments/ledger-key.yaml"
OTHER = "identities/staging/ledger-key.yaml"
PART: Json = {
    "type": "object",
    "additionalProperties": False,
    "required": ["type", "rotate_every", "rotated"],
    "properties": {
        "type": {"type": "string"},
        "rotate_every": {"type": "integer", "minimum": 1},
        "rotated": {"type": "string"},
        "previous": {
            "type": "object",
            "additionalProperties": False,
            "required": ["rotated", "active"],
            "properties": {"rotated": {"type": "string"}, "active": {"type": "boolean"}},
        },
    },
}
SCOPE: Json = {"type": "object", "additionalProperties": False, "properties": {"credential": PART}}
KIND: Json = {"title": "A key", "description": "A user with a key.", **SCOPE}  # type: ignore[dict-item]  # a mapping
TEXT = manifest(
    kind="some-key",
    name="ledger-key  # as the vendor knows it",
    expiry="2027-01-31   # the end of the contract",
    scope="""
  # The vendor cannot federate: PAY-77.
  credential:
    type: static-key
    rotate_every: 90     # days
    rotated: 2026-08-20  # by the night

    # The runbook stands in the wiki.""",
)
RETIRING = TEXT.replace(
    "rotated: 2026-08-20  # by the night\n",
    "rotated: 2026-11-01  # by the night\n    previous: {rotated: 2026-08-20, active: true}\n",
)


OLD = LiveKey("AKIAOLD", parse_instant("2026-08-20"), active=True, last_use=NoUseSeen())
NEW = LiveKey("AKIANEW", parse_instant("2026-11-01"), active=True, last_use=NoUseSeen())
OFF = replace(OLD, active=False)


@dataclass
class Keys:
    """Two keys of every identity; a stand-in for the cloud, which the adapter's own contract test asks for real."""

    answer: tuple[LiveKey, ...] | CouldNotTell = (OLD, NEW)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def access_keys(self, name: str, stack: Stack) -> tuple[LiveKey, ...] | CouldNotTell:
        self.asked.append((name, stack.name))
        return self.answer


@pytest.fixture
def organisation(git_repository: Callable[..., Clone]) -> Callable[..., Clone]:
    """A repository with a kind whose keys overlap, and these manifests."""

    def make(files: Mapping[str, str]) -> Clone:
        return git_repository({**FILES, "modules/some-key/schema.json": json.dumps(KIND), **files})

    return make


@pytest.fixture
def clone(organisation: Callable[..., Clone]) -> Clone:
    return organisation({PATH: TEXT})


def run(
    clone: Clone,
    keys: AccessKeys | None = None,
    now: datetime = NOW,
    *,
    dry_run: bool = False,
    stacks: tuple[str, ...] = (),
) -> RotationReport:
    return rotate(clone.repository, keys or Keys(), "main", RotateOrder(now, dry_run, stacks))


def only_branch(report: RotationReport) -> str:
    (one,) = report.proposed
    return one.branch


def changed_lines(clone: Clone, branch: str) -> list[str]:
    shown = clone.git("diff", "--unified=0", "main", branch).split("\n")
    return [line for line in shown if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def declared(clone: Clone, revision: str) -> Manifest:
    text = clone.git("show", f"{revision}:{PATH}").encode() + b"\n"
    catalog = ground({**FILES, "modules/some-key/schema.json": json.dumps(KIND)}).catalog
    reading = read(SourceFile(PATH, FileType.REGULAR, text), catalog, ("prod",))
    assert reading.problems == ()
    assert reading.manifest is not None
    return reading.manifest


def test_a_key_that_is_due_gets_a_branch_with_one_commit_that_edits_its_manifest(clone: Clone) -> None:
    report = run(clone)
    branch = only_branch(report)
    assert branch.startswith("nhi/rotate/prod/ledger-key/")
    assert clone.git("rev-list", "--count", f"main..{branch}") == "1"
    assert changed_lines(clone, branch) == [
        "-    rotated: 2026-08-20  # by the night",
        "+    rotated: 2026-11-20  # by the night",
        "+    previous: {rotated: 2026-08-20, active: true}",
    ]
    assert report.exit_code is ExitCode.CLEAN
    assert report.made == clone.repository.branches("nhi/")
    assert clone.git("log", "-1", "--format=%s%n%ct", branch) == (
        "prod/ledger-key: make a new key beside the old one\n1795140000"
    )
    assert clone.git("status", "--porcelain") == ""


def test_a_whole_rotation_ends_with_the_manifest_as_it_was_but_for_the_day(clone: Clone) -> None:
    new = replace(NEW, created=NOW + DAY)
    keys, now, steps = Keys((OLD, new)), NOW, []
    for _ in range(40):
        report = run(clone, keys, now)
        for one in report.proposed:
            steps.append((one.turn.step, now.date().isoformat()))
            clone.git("merge", "--quiet", "--no-ff", "--no-edit", one.branch)
            if one.turn.step is Step.RETIRE:
                keys.answer = (OFF, new)
        assert report.exit_code is ExitCode.CLEAN
        now += DAY
    assert steps == [(Step.ROTATE, "2026-11-20"), (Step.RETIRE, "2026-11-28"), (Step.DROP, "2026-12-05")]
    assert clone.git("show", f"main:{PATH}") + "\n" == TEXT.replace("2026-08-20", "2026-11-20")


@pytest.mark.parametrize(
    ("text", "old"), [(TEXT, OLD), (RETIRING, OLD), (RETIRING.replace("active: true", "active: false"), OFF)]
)
def test_no_step_touches_anything_but_the_credential(
    organisation: Callable[..., Clone], text: str, old: LiveKey
) -> None:
    clone = organisation({PATH: text})
    (one,) = run(clone, Keys((old, NEW))).proposed
    before, after = declared(clone, "main"), declared(clone, one.branch)
    assert after == replace(before, scope=after.scope)
    assert after.scope != before.scope


def test_a_second_run_makes_nothing_new_on_the_same_day_or_later(clone: Clone) -> None:
    branch = only_branch(run(clone))
    before = clone.state()
    for later in (timedelta(0), timedelta(hours=5), 3 * DAY):
        again = run(clone, now=NOW + later)
        assert (again.made, again.proposed, again.occupied) == ({}, (), ())
        assert [one.branch for one in again.already] == [branch]
        assert again.exit_code is ExitCode.CLEAN
    assert clone.state() == before


def test_a_dry_run_decides_the_same_and_makes_nothing(clone: Clone) -> None:
    before = clone.state()
    report = run(clone, dry_run=True)
    assert clone.state() == before
    assert report.made == {}
    assert report.proposed == run(clone).proposed


def test_a_branch_that_was_not_merged_in_time_is_reported(clone: Clone) -> None:
    branch = only_branch(run(clone))
    late = run(clone, now=NOW + 7 * DAY)
    assert [one.branch for one in late.occupied] == [branch]
    assert "not merged while the two keys would overlap" in late.occupied[0].reason
    assert late.exit_code is ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("nhi.yaml", "more", "changed since nhi made it"),
        (PATH, TEXT.replace("2027-01-31", "2028-01-31"), "changed since nhi made it"),
        (PATH, TEXT.replace("rotated: 2026-08-20", "rotated: 2026-11-20"), "changed since nhi made it"),
        (PATH, TEXT.replace("rotated: 2026-08-20", "rotated: yesterday"), "changed since nhi made it"),
        (PATH, "- a\n", "changed since nhi made it"),
        (PATH, TEXT, "merged, and what it did is undone"),
    ],
)
def test_a_branch_that_does_something_else_is_not_taken_for_ours(
    clone: Clone, path: str, content: str, reason: str
) -> None:
    branch = only_branch(run(clone))
    clone.git("switch", "--quiet", branch)
    clone.write(path, content)
    clone.commit("And more")
    clone.git("switch", "--quiet", "main")
    report = run(clone)
    assert [(one.branch, reason in one.reason) for one in report.occupied] == [(branch, True)]
    assert (report.already, report.proposed, report.exit_code) == ((), (), ExitCode.FINDINGS)


def test_a_branch_that_switches_off_is_ours_on_any_later_day_unless_it_was_changed(
    organisation: Callable[..., Clone],
) -> None:
    clone = organisation({PATH: RETIRING})
    branch = only_branch(run(clone))
    assert [one.branch for one in run(clone, now=NOW + 60 * DAY).already] == [branch]
    clone.git("switch", "--quiet", branch)
    clone.write(PATH, RETIRING.replace("active: true", "active: false").replace("by the night", "by day"))
    clone.commit("And more")
    clone.git("switch", "--quiet", "main")
    assert ["changed since" in one.reason for one in run(clone).occupied] == [True]


def test_a_branch_of_another_history_is_not_taken_for_ours(clone: Clone) -> None:
    branch = only_branch(run(clone))
    clone.git("update-ref", f"refs/heads/{branch}", clone.git("commit-tree", "main^{tree}", "-m", "Another history"))
    assert "no history in common" in run(clone).occupied[0].reason


def test_a_merged_branch_is_superseded(clone: Clone) -> None:
    branch = only_branch(run(clone))
    clone.git("merge", "--quiet", "--no-edit", branch)
    report = run(clone)
    assert (report.superseded, report.exit_code) == ((branch,), ExitCode.CLEAN)
    assert [(one.step, one.due.date().isoformat()) for one in report.waiting] == [(Step.RETIRE, "2026-11-27")]


def test_a_key_in_use_is_not_switched_off_and_its_earlier_branch_is_superseded(
    organisation: Callable[..., Clone],
) -> None:
    clone = organisation({PATH: RETIRING})
    keys = Keys()
    branch = only_branch(run(clone, keys))
    assert changed_lines(clone, branch)[1] == "+    previous: {rotated: 2026-08-20, active: false}"
    assert keys.asked == [("ledger-key", "prod")]
    report = run(clone, Keys((replace(OLD, last_use=Used(NOW - DAY / 2, "s3", "eu-west-1")), NEW)))
    assert [(one.step, "in use" in one.reason) for one in report.stopped] == [(Step.RETIRE, True)]
    assert (report.superseded, report.already, report.proposed) == ((branch,), (), ())
    assert report.exit_code is ExitCode.FINDINGS


def test_a_cloud_that_cannot_tell_stops_the_step_and_is_a_failure_outside(organisation: Callable[..., Clone]) -> None:
    clone = organisation({PATH: RETIRING, OTHER: TEXT})
    report = run(clone, Keys(CouldNotTell("throttled")))
    assert [(one.declared.identity.id, one.unknown) for one in report.stopped] == [("prod/ledger-key", True)]
    assert [one.turn.declared.identity.id for one in report.proposed] == ["staging/ledger-key"]
    assert report.exit_code is ExitCode.OUTSIDE


def test_the_cloud_is_asked_about_no_key_that_is_not_to_go(clone: Clone) -> None:
    keys = Keys()
    run(clone, keys)
    assert keys.asked == []


def test_what_cannot_be_read_blocks_itself_alone_and_is_told(organisation: Callable[..., Clone]) -> None:
    clone = organisation({PATH: TEXT, OTHER: TEXT})
    first = run(clone)
    clone.write(PATH, "- a\n")
    clone.commit()
    report = run(clone)
    assert [one.path for one in report.unreadable] == [PATH]
    assert [one.turn.declared.identity.id for one in report.already] == ["staging/ledger-key"]
    assert report.superseded == ()  # of the branch of what cannot be read, nothing is known
    assert report.exit_code is ExitCode.FINDINGS
    assert len(first.made) == 2


def test_what_cannot_be_edited_stops_itself_alone(organisation: Callable[..., Clone]) -> None:
    flow_mapping = (
        "{type: x, rotate_every: 90, rotated: 2026-11-01, # c\n    previous: {rotated: 2026-08-20, active: false}}"
    )
    odd = manifest(kind="some-key", name="ledger-key", expiry="2027-01-31", scope="\n  credential: " + flow_mapping)
    clone = organisation({PATH: odd, OTHER: TEXT})
    report = run(clone, Keys((OFF, NEW)))
    assert ["a comment stands within it" in one.reason for one in report.stopped] == [True]
    assert [one.turn.declared.identity.id for one in report.proposed] == ["staging/ledger-key"]


def test_what_the_kind_does_not_take_stops_itself_alone(organisation: Callable[..., Clone]) -> None:
    clone = organisation({PATH: RETIRING, OTHER: TEXT})
    clone.write("modules/some-key/schema.json", json.dumps(KIND).replace('"active": {', '"active": {"const": true, '))
    clone.commit()
    report = run(clone)
    assert ["its kind does not take that" in one.reason for one in report.stopped] == [True]
    assert [one.turn.declared.identity.id for one in report.proposed] == ["staging/ledger-key"]


def test_only_the_stacks_that_are_named(organisation: Callable[..., Clone]) -> None:
    clone = organisation({PATH: TEXT, OTHER: TEXT, "identities/prod/broken.yaml": "- a\n"})
    clone.git("branch", "nhi/rotate/prod/ledger-key/0123456789abcdef")
    report = run(clone, stacks=("staging", "staging"))
    assert [one.turn.declared.identity.stack for one in report.proposed] == ["staging"]
    assert (report.unreadable, report.superseded) == ((), ())
    with pytest.raises(InputError, match="no stack 'nowhere'"):
        run(clone, stacks=("nowhere",))


def test_one_run_makes_so_many_branches_and_the_next_the_others(
    organisation: Callable[..., Clone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "MOST", 2)
    clone = organisation(
        {PATH.replace("key", f"key{number}"): TEXT.replace("ledger-key", f"ledger-key{number}") for number in range(3)}
    )
    first = run(clone)
    assert (len(first.made), len(first.later)) == (2, 1)
    second = run(clone)
    assert (len(second.made), len(second.already), len(second.later)) == (1, 2, 0)
    assert first.exit_code is second.exit_code is ExitCode.CLEAN


def test_the_schema_alone_says_which_kinds_rotate() -> None:
    kinds = {
        "some-key": Kind("some-key", "t", "d", SCOPE, None),  # type: ignore[arg-type]  # a mapping
        "role": Kind("role", "t", "d", SERVICE_ROLE, None),
        "certificate": Kind("certificate", "t", "d", {"properties": {"credential": {"properties": {}}}}, None),
        "odd": Kind("odd", "t", "d", {"properties": {"credential": True}}, None),
    }
    assert rotating_kinds(kinds) == {"some-key"}


def test_what_is_not_in_git_is_not_rotated(clone: Clone) -> None:
    clone.write(PATH, RETIRING)
    clone.write(OTHER, TEXT)
    assert [one.turn.step for one in run(clone).proposed] == [Step.ROTATE]
