"""The full cycle of every kind with the real parts: declared, used, ended, suspended, renewed, removed, gone.

All kinds share one stack, so that a few runs of Terraform, which take seconds each, tell all stories. Each kind is
judged by itself in each step. As in `nhi.sandbox.demo`, only time is told and not waited for.
"""

import shutil
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Literal

from nhi.model.instant import format_instant
from nhi.sandbox.answers import (
    Faults,
    again_faults,
    apply_faults,
    check_faults,
    clean,
    init_faults,
    plan_faults,
    standing,
    validate_faults,
)
from nhi.sandbox.aws import LoopbackAws, loopback_aws
from nhi.sandbox.evaluator import Evaluator
from nhi.sandbox.examples import STACK, Example, Told, examples, manifest, owners, settings
from nhi.sandbox.keys import key_faults
from nhi.sandbox.live import Live, LiveUser, live_below
from nhi.sandbox.person import Answer, Person
from nhi.sandbox.table import Cell, Fault, Mark, Step, Table, blamed, cell
from nhi.sandbox.verdicts import SECOND, ask, denied_faults, used_faults

_LIFE = timedelta(days=30)
_LONGER = timedelta(days=60)
_UNTIL_SUSPENDED = timedelta(days=5)
_UNTIL_RENEWED = timedelta(days=10)
_WORK = Path(".nhi") / "terraform" / STACK.name
_ONE_STACK = ("--stack", STACK.name)
_IN_JSON = ("--format", "json")
_MODULES = Path(".terraform") / "modules" / "modules.json"

Cells = Mapping[str, Cell]
"""By kind."""
Acts = Generator[tuple[Step, Cells], None, bool]
"""Steps as they are done; at the end, whether the ones after them can be."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """What the cycle is played with."""

    clone: Path
    """An empty folder; the throw-away repository is made there."""
    start: datetime
    environment: Mapping[str, str]
    """Of the programs that are started: PATH and the like."""
    evaluator: Evaluator
    tell: Callable[[Step, Cells], None]
    """Hears of each step as it is done."""

    @property
    def suspended(self) -> datetime:
        """When they are suspended."""
        return self.start + _UNTIL_SUSPENDED

    @property
    def renewed(self) -> datetime:
        """When they are resumed and renewed, before they expire."""
        return self.start + _UNTIL_RENEWED

    @property
    def end(self) -> datetime:
        """When the identities expire: a day's first second."""
        return datetime.combine((self.start + _LIFE).date(), time(), UTC)

    @property
    def renewed_to(self) -> datetime:
        """When they expire after their renewal."""
        return datetime.combine((self.start + _LONGER).date(), time(), UTC)


@dataclass(frozen=True, slots=True)
class _World:
    """A repository, an AWS account, who acts on them, and what was said."""

    cycle: Cycle
    aws: LoopbackAws
    kinds: tuple[Example, ...]
    """Those that go on."""
    applier: Person
    verifier: Person
    people: frozenset[str] = frozenset()
    """Kinds that no API can be asked about: nhi says that people must tell."""
    heard: list[str] = field(default_factory=list)

    def live(self) -> dict[str, Live]:
        """What stands in AWS, by kind."""
        found = live_below(self.verifier.environment, f"/nhi/{STACK.name}/")
        return {one.kind: found[one.name] for one in self.kinds if one.name in found}

    def nhi(self, *arguments: str) -> Answer:
        """By who applies, in JSON."""
        answer = self.applier.ask(*arguments, *_IN_JSON)
        self.heard.append(answer.out + answer.err)
        return answer

    def verify(self, wanted: str, *arguments: str) -> Cells:
        """By another role than the one that applies."""
        answer = self.verifier.ask("verify", *arguments, *_ONE_STACK, *_IN_JSON)
        self.heard.append(answer.out + answer.err)
        names = {one.name for one in self.kinds if one.kind in self.live()}
        return standing(answer, self.kinds, names, wanted)


def play(cycle: Cycle, source: Path) -> Table:
    """Play the cycle of every kind of the folder `source`/modules.

    Raises:
        InputError: there are no kinds.
        OutsideError: the loopback AWS did not start, or a program did not end in time.
    """
    kinds = examples(source / "modules")
    cells: dict[tuple[str, Step], Cell] = {}
    with loopback_aws(cycle.environment) as aws:
        applier, verifier = (_person(cycle, aws, role) for role in ("nhi-apply", "nhi-verify"))
        _found(cycle.clone, applier, source, kinds)
        for step, found in _acts(_World(cycle, aws, kinds, applier, verifier)):
            cells |= {(kind, step): one for kind, one in found.items()}
            cycle.tell(step, found)
    return Table(tuple(one.kind for one in kinds), cells, cycle.end, cycle.renewed_to)


def _person(cycle: Cycle, aws: LoopbackAws, role: str) -> Person:
    own = {key: value for key, value in cycle.environment.items() if not key.startswith("AWS_")}
    return Person(cycle.clone, own | aws.credentials_for(STACK.account, role=role), role)


def _found(clone: Path, person: Person, source: Path, kinds: Sequence[Example]) -> None:
    """Found a repository that has the kinds, one stack, and nothing declared."""
    shutil.copytree(source / "modules", clone / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    (clone / "identities" / STACK.name).mkdir(parents=True)
    for name, text in (("nhi.yaml", settings()), ("identities/owners.yaml", owners(kinds)), (".gitignore", "/.nhi/\n")):
        (clone / name).write_text(text, "utf-8")
    person.git("init", "--quiet", "--initial-branch", "main")
    person.commit("The kinds, and one stack")


def _acts(world: _World) -> Iterator[tuple[Step, Cells]]:
    """Every step, until one fails that the next ones need."""
    start, end = world.cycle.start, world.cycle.end
    checked = _declare(world, Told(start, end, end), start)
    yield Step.CHECK, blamed(checked)
    world = _without(world, [kind for kind, faults in checked.items() if faults])
    if not world.kinds or not (yield from _make(world)):
        return
    present = world.verify("present")
    yield Step.PRESENT, present
    world = replace(world, people=frozenset(kind for kind, one in present.items() if one.mark is Mark.ATTEST))
    yield Step.KEYS, _keys(world)
    yield from _use(world)
    before = world.live()
    if not (yield from _change(world, Step.SUSPEND)):
        return
    eve = end - SECOND
    yield Step.SHUT, _judged(world, denied_faults(ask(world.cycle.evaluator, world.live(), [eve], before)[eve]))
    if not (yield from _change(world, Step.RENEW)):
        return
    yield Step.LONGER, _longer(world)
    yield from _remove(world)


def _declare(world: _World, told: Told, at: datetime) -> Faults:
    """Write and commit every manifest, and check the change."""
    before = world.applier.git("rev-parse", "HEAD").strip()
    for one in world.kinds:
        if one.text:
            (world.cycle.clone / one.path).write_text(manifest(one, told), "utf-8")
    world.applier.commit("Declare one of each kind")
    faults = check_faults(world.nhi("check", "--base", before, "--as-of", format_instant(at)), world.kinds)
    lacking = Fault("an example in its tests/valid", "none")
    return {one.kind: faults[one.kind] if one.text else [lacking] for one in world.kinds}


def _without(world: _World, kinds: Sequence[str]) -> _World:
    """A manifest that does not pass is not merged; the others go on."""
    left = [one for one in world.kinds if one.kind in kinds]
    for one in left:
        (world.cycle.clone / one.path).unlink(missing_ok=True)
    if any(one.text for one in left):
        world.applier.commit("Leave out what does not pass")
    return replace(world, kinds=tuple(one for one in world.kinds if one not in left))


def _make(world: _World) -> Acts:
    """Plan, apply, plan again. Whether the next steps have what they need."""
    root = world.cycle.clone / _WORK / "root"
    planned = world.nhi("plan", *_ONE_STACK, "--quiet")
    modules = root / _MODULES
    inits = init_faults(planned, modules.read_text("utf-8") if modules.is_file() else "", world.kinds)
    yield Step.INIT, blamed(inits)
    if planned.code and not clean(inits.values()):
        return False
    yield Step.VALIDATE, blamed(validate_faults(world.applier.terraform(root, "validate", "-json"), world.kinds))
    yield Step.PLAN, blamed(plan_faults(planned, world.kinds, "create"))
    if planned.code:
        return False
    applied = world.nhi("apply", *_ONE_STACK, "--quiet")
    yield Step.APPLY, blamed(apply_faults(applied, world.kinds))
    if applied.code:
        return False
    yield Step.AGAIN, blamed(again_faults(world.nhi("plan", *_ONE_STACK, "--quiet"), world.kinds))
    return True


def _keys(world: _World) -> Cells:
    """Whether access keys are there, and their secrets nowhere."""
    secrets, live = world.aws.secrets_of_access_keys(), world.live()
    users = {kind: one for kind, one in live.items() if isinstance(one, LiveUser)}
    faults = {
        kind: key_faults(user, secrets, world.cycle.clone / ".nhi", STACK, world.heard) for kind, user in users.items()
    }
    return {
        one.kind: cell(faults.get(one.kind, ()), Mark.OK if one.kind in users else Mark.NONE) for one in world.kinds
    }


def _use(world: _World) -> Iterator[tuple[Step, Cells]]:
    end = world.cycle.end
    asked = ask(world.cycle.evaluator, world.live(), [end - SECOND, end])
    yield Step.USED, _judged(world, used_faults(asked[end - SECOND]))
    yield Step.ENDED, _judged(world, denied_faults(asked[end]))


def _longer(world: _World) -> Cells:
    end, renewed_to = world.cycle.end, world.cycle.renewed_to
    asked = ask(world.cycle.evaluator, world.live(), [end, renewed_to - SECOND, renewed_to])
    found = (used_faults(asked[end]), used_faults(asked[renewed_to - SECOND]), denied_faults(asked[renewed_to]))
    return _judged(world, _all(*found))


def _judged(world: _World, faults: Mapping[str, Sequence[Fault]]) -> Cells:
    """Of what stands nowhere in AWS nothing can be asked; only what people vouch for may stand nowhere."""
    nothing = Fault("a role or a user in AWS", "nothing of its name")
    return {
        one.kind: cell(
            faults.get(one.kind, [] if one.kind in world.people else [nothing]),
            Mark.OK if one.kind in faults else Mark.NONE,
        )
        for one in world.kinds
    }


def _change(world: _World, step: Literal[Step.SUSPEND, Step.RENEW]) -> Acts:
    """Change every manifest in Git, and all that follows from it. Whether it was applied."""
    cycle = world.cycle
    match step:
        case Step.SUSPEND:
            at, told = cycle.suspended, Told(cycle.start, cycle.end, cycle.end, suspended=cycle.suspended)
        case Step.RENEW:
            at, told = cycle.renewed, Told(cycle.start, cycle.end, cycle.renewed_to, certified=cycle.renewed)
    found = [_declare(world, told, at)]
    planned = world.nhi("plan", *_ONE_STACK, "--quiet")
    found.append(plan_faults(planned, world.kinds, "update"))
    applied = planned
    if not planned.code:
        applied = world.nhi("apply", *_ONE_STACK, "--quiet")
        found.append(apply_faults(applied, world.kinds))
        found.append({kind: list(one.faults) for kind, one in world.verify("present").items()})
    yield step, blamed(_all(*found))
    return not applied.code


def _remove(world: _World) -> Iterator[tuple[Step, Cells]]:
    before = world.applier.git("rev-parse", "HEAD").strip()
    world.applier.git("rm", "--quiet", "--", *(one.path for one in world.kinds))
    world.applier.commit("Remove what is no longer needed")
    planned = world.nhi("plan", *_ONE_STACK, "--quiet")
    faults = plan_faults(planned, world.kinds, "destroy")
    if not planned.code:
        meant = ("--max-removals", str(len(world.kinds)))
        faults = _all(faults, apply_faults(world.nhi("apply", *_ONE_STACK, *meant, "--quiet"), world.kinds))
    yield Step.DESTROY, blamed(faults)
    if clean(faults.values()):
        yield Step.ABSENT, world.verify("absent", "--base", before)


def _all(*found: Mapping[str, Sequence[Fault]]) -> Faults:
    """By kind, the faults of several lists, each once."""
    kinds = dict.fromkeys(kind for one in found for kind in one)
    return {kind: list(dict.fromkeys(each for one in found for each in one.get(kind, ()))) for kind in kinds}
