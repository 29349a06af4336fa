"""`nhi rotate`: commit the next step of each key's rotation, each on a branch of its own.

Everything is read from the one commit that the branches are based upon, never from the working tree.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from nhi.cloud.interface import AccessKeys
from nhi.errors import InputError
from nhi.flows.declared import read_declared, stack_named
from nhi.flows.ground import read_ground
from nhi.lifecycle.branch import branch_part
from nhi.lifecycle.rotation import BRANCHES, branches_of, day_of_rotation, guarded, in_time, next_turns, propose
from nhi.manifest.edit import edited
from nhi.manifest.ground import Ground
from nhi.manifest.place import stack_and_name
from nhi.manifest.read import read
from nhi.model.declared import DeclaredState, UnreadableFile
from nhi.model.identity import Json
from nhi.model.instant import NotAnInstant, parse_instant
from nhi.model.kind import Kind
from nhi.model.rotation import Occupied, Proposed, RotationReport, Step, Stopped, Turn
from nhi.model.settings import Stack
from nhi.model.source import ChangeType, FileType, PathChange, SourceFile
from nhi.repository.interface import Edit, Repository

MOST = 100
"""So many branches are made in one run: more would be one large change that nobody reviews key by key."""


@dataclass(frozen=True, slots=True)
class RotateOrder:
    """What a rotation was told to do."""

    as_of: datetime
    dry_run: bool
    stacks: tuple[str, ...] = ()
    """Only these; without any, all."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where branches stand and new ones are put: in this clone, or on a remote."""

    standing: Callable[[str], Mapping[str, str]]
    """A prefix → the branches whose name starts so, with their commits, which this clone has."""
    put: Callable[[str, Sequence[Edit]], Mapping[str, str]]
    """The commit to build upon and the edits → the branches that were made, with their commits."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What a run rests on."""

    repository: Repository
    ground: Ground
    commit: str
    """Full id of the commit that everything is read from."""
    now: datetime


@dataclass(frozen=True, slots=True)
class _Ready:
    """A step with the manifest that it edits."""

    proposed: Proposed
    data: bytes
    """The manifest as it is now."""
    after: bytes


def rotate(
    repository: Repository, keys: AccessKeys, base: str, order: RotateOrder, shelf: Shelf | None = None
) -> RotationReport:
    """Take each step that is due, upon the commit that `base` names. No key is touched here.

    Without a shelf the branches are this clone's, and nothing is pushed.

    Raises:
        InputError: the configuration is not valid, or there is no such revision or stack.
        OutsideError: git failed; no branch was made.
    """
    commit = repository.commit_id(base)
    ground, _ = read_ground(repository.snapshot(commit))
    run = _Run(repository, ground, commit, order.as_of)
    stacks = [stack_named(ground, name) for name in sorted(set(order.stacks) or set(ground.settings.stacks))]
    declared = _declared(run, order.stacks)
    turns = next_turns(declared.identities, rotating_kinds(ground.catalog.kinds), order.as_of, ground.settings.limits)
    allowed, waiting, stopped = _guard(turns.due, run, keys)
    ready, refused = _ready(allowed, run)
    shelf = shelf or Shelf(repository.branches, repository.commit_edits)
    branches = shelf.standing(BRANCHES)
    standing = [one for one in ready if one.proposed.branch in branches]
    looks = [_look(run, one, branches[one.proposed.branch]) for one in standing]
    missing = [one for one in ready if one.proposed.branch not in branches]
    made: Mapping[str, str] = {}
    if not order.dry_run:
        made = shelf.put(commit, [_edit(one, order.as_of) for one in missing[:MOST]])
    return RotationReport(
        base=commit,
        as_of=order.as_of,
        dry_run=order.dry_run,
        proposed=tuple(one.proposed for one in missing[:MOST]),
        made=made,
        already=tuple(one.proposed for one, look in zip(standing, looks, strict=True) if look is None),
        later=tuple(one.proposed.turn for one in missing[MOST:]),
        waiting=tuple(sorted((*turns.waiting, *waiting), key=lambda turn: (turn.due, turn.declared.identity.id))),
        resting=turns.resting,
        stopped=(*turns.stopped, *stopped, *refused),
        occupied=tuple(filter(None, looks)),
        superseded=_superseded(branches, ready, stacks, declared.unreadable),
        unreadable=declared.unreadable,
    )


def rotating_kinds(kinds: Mapping[str, Kind]) -> frozenset[str]:
    """The kinds whose keys overlap: their scope's `credential` has a `previous`. The schema alone says so."""
    return frozenset(name for name, kind in kinds.items() if _property(kind.scope_schema, "credential", "previous"))


def _property(schema: Mapping[str, Json], *path: str) -> bool:
    found: Json = dict(schema)
    for key in path:
        properties = found.get("properties") if isinstance(found, dict) else None
        found = properties.get(key) if isinstance(properties, dict) else None
    return found is not None


def _declared(run: _Run, stacks: Sequence[str]) -> DeclaredState:
    """What the commit declares: of all stacks, or of these."""
    snapshot = run.repository.snapshot(run.commit)
    if not stacks:
        return read_declared(snapshot, run.ground)
    states = [read_declared(snapshot, run.ground, name) for name in sorted(set(stacks))]
    unreadable = {file for state in states for file in state.unreadable}
    return DeclaredState(
        identities=tuple(one for state in states for one in state.identities),
        unreadable=tuple(sorted(unreadable, key=lambda file: file.path)),
    )


def _guard(due: Sequence[Turn], run: _Run, keys: AccessKeys) -> tuple[list[Turn], list[Turn], list[Stopped]]:
    """What may be done, what has to wait, and what is stopped. The cloud is only asked about old keys."""
    allowed: list[Turn] = []
    waiting: list[Turn] = []
    stopped: list[Stopped] = []
    for turn in due:
        if turn.step is Step.ROTATE:
            allowed.append(turn)
            continue
        identity = turn.declared.identity
        match guarded(turn, keys.access_keys(identity.name, run.ground.settings.stacks[identity.stack]), run.now):
            case Turn() as later if later.due > run.now:
                waiting.append(later)
            case Turn() as free:
                allowed.append(free)
            case Stopped() as stop:
                stopped.append(stop)
    return allowed, waiting, stopped


def _ready(turns: Sequence[Turn], run: _Run) -> tuple[list[_Ready], list[Stopped]]:
    """Each step with its edited manifest; what cannot be edited stops itself alone."""
    paths = [turn.declared.identity.path for turn in turns]
    manifests = {file.path: file.data for file in run.repository.snapshot(run.commit).read(paths)}
    ready: list[_Ready] = []
    refused: list[Stopped] = []
    for turn in turns:
        path = turn.declared.identity.path
        proposed, data = propose(turn, day_of_rotation(turn, run.now)), manifests[path]
        try:
            after = edited(data, proposed.edits)
        except InputError as error:
            refused.append(Stopped(turn.declared, turn.step, error.message))
            continue
        problems = read(
            SourceFile(path, FileType.REGULAR, after), run.ground.catalog, run.ground.settings.stacks
        ).problems
        if problems:
            refused.append(Stopped(turn.declared, turn.step, f"its kind does not take that: {problems[0].message}"))
        else:
            ready.append(_Ready(proposed, data, after))
    return ready, refused


def _edit(one: _Ready, at: datetime) -> Edit:
    return Edit(one.proposed.branch, {one.proposed.turn.declared.identity.path: one.after}, one.proposed.message, at)


def _look(run: _Run, one: _Ready, commit: str) -> Occupied | None:
    """Whether an existing branch still does what its name says, in time; None where it does."""
    turn, branch = one.proposed.turn, one.proposed.branch
    path = turn.declared.identity.path
    try:
        found = run.repository.changes(run.repository.merge_base(run.commit, commit), commit, (".",))
        file = run.repository.snapshot(commit).file(path)
    except InputError as cause:
        return Occupied(turn, branch, commit, cause.message)
    if not found:
        reason = "merged, and what it did is undone"
    elif found != (PathChange(path, ChangeType.EDITED),) or file is None:
        reason = "changed since nhi made it"
    else:
        reason = _otherwise(run, one, file)
    return (
        Occupied(turn, branch, commit, f"the branch was {reason}; delete it, and it is made anew") if reason else None
    )


def _otherwise(run: _Run, one: _Ready, file: SourceFile) -> str:
    """What is wrong with the manifest of a branch that an earlier run made; "" where it is as that run made it.

    A new key's `rotated` is of the day on which the branch was made, so the edit is made again with that day.
    """
    turn = one.proposed.turn
    if turn.step is not Step.ROTATE:
        return "" if file.data == one.after else "changed since nhi made it"
    written = _rotated(file, run.ground)
    if written is None or edited(one.data, propose(turn, written).edits) != file.data:
        return "changed since nhi made it"
    return "" if in_time(turn, parse_instant(written), run.now) else "not merged while the two keys would overlap"


def _rotated(file: SourceFile, ground: Ground) -> str | None:
    """The day of the last rotation, as a manifest writes it."""
    reading = read(file, ground.catalog, ground.settings.stacks)
    if reading.problems or reading.manifest is None or reading.manifest.scope is None:
        return None
    credential = reading.manifest.scope.get("credential")
    written = credential.get("rotated") if isinstance(credential, dict) else None
    try:
        parse_instant(written if isinstance(written, str) else "")
    except NotAnInstant:
        return None
    return cast("str", written)


def _superseded(
    branches: Iterable[str], ready: Iterable[_Ready], stacks: Iterable[Stack], unreadable: Iterable[UnreadableFile]
) -> tuple[str, ...]:
    """Branches of these stacks that are nothing's next step. Of what cannot be read, nothing is known."""
    current = {one.proposed.branch for one in ready}
    ours = tuple(branches_of(stack.name) for stack in stacks)
    unknown = {branch_part(stack_and_name(file.path)[1]) for file in unreadable}
    return tuple(
        sorted(
            name
            for name in branches
            if name not in current
            and name.startswith(ours)
            and name.rpartition("/")[0].rpartition("/")[2] not in unknown
        )
    )
