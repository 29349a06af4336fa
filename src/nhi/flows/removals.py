"""`nhi verify --proof`: what Git, the cloud's record and two looks say of the end of each removed identity."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from nhi.cloud.interface import Cloud, Inventories, Trails
from nhi.cloud.pace import Clock
from nhi.errors import ExitCode
from nhi.flows.withdrawn import Withdrawn, withdrawn_since
from nhi.lifecycle.removal_proof import Ending, Leaving, ending, prove, type_of
from nhi.model.application import Application
from nhi.model.inventory import LiveIdentity
from nhi.model.plan import Action, PrincipalType
from nhi.model.removal import Doubt, Look, RemovalProof
from nhi.model.settings import Stack
from nhi.model.trail import Attribute, Search, Trail, TrailEvent
from nhi.model.verification import CouldNotTell
from nhi.policy.risk import risk_of
from nhi.repository.interface import Repository

_RECORD_REACHES = timedelta(days=90)
"""https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""
_LONGEST_SESSION = timedelta(hours=12)
"""Of any role: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html"""
_MOST_KEYS = 100
"""Keys of one identity whose use is looked for: two lookups a second are all that CloudTrail answers."""
_KEY = re.compile(r"(AKIA|ASIA)[A-Z0-9]{12,124}")
_SESSIONS = "sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class Witness:
    """Other eyes than those of who removes, and a clock."""

    look: Callable[[], Cloud]
    """A new look at the cloud: nothing of an earlier one is remembered."""
    trails: Trails
    inventories: Inventories
    clock: Clock
    again_after: float
    """Seconds between the two looks."""


@dataclass(frozen=True, slots=True)
class ProofReport:
    """The proofs of all removals that were asked about."""

    proofs: tuple[RemovalProof, ...]
    """Sorted by identity."""
    needs_attestation: tuple[str, ...]
    """Removed identities on systems without an API: only people can tell."""

    @property
    def exit_code(self) -> ExitCode:
        """Not knowing weighs more than a finding: it could hide one."""
        doubts = {doubt for one in self.proofs for doubt in one.doubts}
        if Doubt.COULD_NOT_TELL in doubts:
            return ExitCode.OUTSIDE
        return ExitCode.FINDINGS if doubts else ExitCode.CLEAN


@dataclass(frozen=True, slots=True)
class _Gone:
    """A removed identity, and what the cloud recorded about its name."""

    leaving: Leaving
    stack: Stack | None
    """None where nothing says in which account it stood."""
    record: Trail | CouldNotTell
    end: Ending

    @property
    def name(self) -> str:
        return self.leaving.identity.partition("/")[2]


def prove_removals(  # noqa: PLR0913  # two commits, and who is asked about what between them
    witness: Witness,
    repository: Repository,
    base: str,
    head: str,
    applications: Callable[[Stack], Iterable[Application]],
    *,
    stacks: Collection[str] = (),
) -> ProofReport:
    """Prove every removal between two commits, also of what came and went in between, and of what is deleted here.

    Args:
        witness: who looks.
        repository: a clone with its whole history.
        base: a commit that the head descends from.
        head: the commit that is checked out, of the branch that removals are merged into.
        applications: the applies of a stack that are known, oldest first.
        stacks: only these; all where there are none.

    Raises:
        InputError: the configuration of one of the two commits is not valid, or the clone is shallow.
    """
    removed = [
        one for one in withdrawn_since(repository, base, head) if not stacks or one.manifest.stack in set(stacks)
    ]
    gone = [_gone(witness, one, applications) for one in removed if not one.on_paper]
    first = _looks(witness, gone)
    if gone:
        witness.clock.pause(witness.again_after)
    second = _looks(witness, gone)
    proofs = [
        prove(one.leaving, one.record, _uses(witness, one), list(filter(None, looks)))
        for one, *looks in zip(gone, first, second, strict=True)
    ]
    return ProofReport(tuple(proofs), tuple(one.manifest.id for one in removed if one.on_paper))


def _gone(witness: Witness, one: Withdrawn, applications: Callable[[Stack], Iterable[Application]]) -> _Gone:
    manifest, merged = one.manifest, one.merged
    hours = getattr(one.settings.removal_hours, risk_of(manifest, one.settings).risk.word)
    leaving = Leaving(
        identity=manifest.id,
        expiry=manifest.expiry,
        merged=merged.at if merged else None,
        merge_commit=merged.commit if merged else None,
        unique_id=_unique_id(applications(one.stack), manifest.name, merged.at if merged else None)
        if one.stack
        else None,
        allowed=timedelta(hours=hours),
        again=one.again,
        types=one.types,
    )
    record: Trail | CouldNotTell
    if one.stack is None:
        record = CouldNotTell(f"{manifest.id}: no nhi.yaml that it stood under says the account of {manifest.stack!r}")
    else:
        about = Search(Attribute.RESOURCE, manifest.name)
        record = _together(witness, one.stack, [about], witness.clock.now() - _RECORD_REACHES)
    gone = _Gone(leaving, one.stack, record, ending(leaving, record))
    if gone.end.unique_id is not None:
        return gone
    leaving = replace(leaving, unique_id=_id_at_work(witness, gone))
    return replace(gone, leaving=leaving, end=ending(leaving, record))


def _id_at_work(witness: Witness, gone: _Gone) -> str | None:
    """IAM's own id of what was at work when it was due: what was made over 90 days ago is not in the record."""
    begin = _begin(gone, witness.clock.now())
    if begin is None or gone.stack is None or isinstance(gone.record, CouldNotTell):
        return None
    arn = _its_arn(gone, gone.stack)
    seen = _together(witness, gone.stack, [arn, Search(Attribute.USER, gone.name)], begin - _LONGEST_SESSION)
    if isinstance(seen, CouldNotTell):
        return None
    end = gone.end.removed.at if gone.end.removed else seen.until
    lived = [one for one in seen.events if one.at <= end and _is_before_the_heir(one, gone)]
    # A session of its name may be another's, and open one of a third.
    ids = {one.unique_id for one in lived if _is_session(one, gone) and arn.value in one.resources}
    ids |= {one.actor.unique_id for one in lived if _is_by(one, gone)}
    known = {one for one in ids if one is not None and type_of(one) in gone.leaving.types}
    return known.pop() if len(known) == 1 else None


def _unique_id(applications: Iterable[Application], name: str, merged: datetime | None) -> str | None:
    """IAM's own id of what an apply destroyed; of one before the merge it is another identity's of that name."""
    found = [
        principal.unique_id
        for one in applications
        for principal in one.intended.principals
        if merged is not None and one.began >= merged
        if (principal.name, principal.action) == (name, Action.DESTROY)
    ]
    return found[-1] if found else None


def _looks(witness: Witness, gone: Sequence[_Gone]) -> list[Look | None]:
    """One look at each, all with the same eyes."""
    cloud = witness.look()
    stacks = {one.stack for one in gone if one.stack is not None}
    live = {stack: witness.inventories.inventory(stack) for stack in stacks}
    callers = {stack: witness.trails.caller(stack) for stack in stacks}
    looks: list[Look | None] = []
    for one in gone:
        if one.stack is None:
            looks.append(None)
            continue
        by, standing = callers[one.stack], live[one.stack]
        if isinstance(standing, CouldNotTell):
            looks.append(Look(witness.clock.now(), by, standing))
            continue
        found = tuple(sorted(entry.unique_id for entry in standing if _is_its(entry, one, one.stack)))
        answer = cloud.gone(one.name, one.stack)
        looks.append(Look(witness.clock.now(), by, answer, found))
    return looks


def _is_its(entry: LiveIdentity, gone: _Gone, stack: Stack) -> bool:
    """Whether something is the identity, says that it is, or has its name where it stood.

    A user can be moved to another path, so one that says nothing else counts wherever it stands.
    """
    identity = gone.leaving.identity
    named = entry.name.lower() == gone.name.lower()
    there = entry.path == f"/nhi/{stack.name}/" or (entry.type is PrincipalType.USER and entry.id is None)
    return entry.id == identity or entry.unique_id == gone.end.unique_id or (named and there)


def _uses(witness: Witness, gone: _Gone) -> Trail | CouldNotTell:
    """The calls made by it from when it was due or removed on, and its sessions that can have lived then.

    CloudTrail's event history holds management events only, and of each region its own: two are searched, where IAM is
    recorded and the stack's. The trail begins where all that can have been made is in it.
    """
    if isinstance(gone.record, CouldNotTell) or gone.stack is None:
        return gone.record
    now = witness.clock.now()
    begin = _begin(gone, now)
    if begin is None:
        return CouldNotTell(f"{gone.leaving.identity}: nothing says when its access was to end")
    if begin >= now:
        return Trail(now, now, ())
    given = _together(witness, gone.stack, [_its_arn(gone, gone.stack)], begin - _LONGEST_SESSION)
    if isinstance(given, CouldNotTell):
        return given
    keys = {*_keys(gone.record.events, begin), *_keys(given.events, begin)}
    made = _calls(witness, gone, gone.stack, sorted(keys), begin)
    if isinstance(made, CouldNotTell):
        return made
    sessions = [one for one in given.events if _is_session(one, gone)]
    events = {one.id: one for one in (*made.events, *sessions)}
    since, until = max(made.since, given.since + _LONGEST_SESSION), min(made.until, given.until)
    return Trail(since, until, _in_order(events.values()))


def _begin(gone: _Gone, now: datetime) -> datetime | None:
    """From when on it was not to be used, where that is not to come, and the record reaches so far back."""
    first = min((one for one in (gone.leaving.due, gone.end.removed and gone.end.removed.at) if one), default=None)
    return None if first is None else min(max(first, now - _RECORD_REACHES), now)


def _its_arn(gone: _Gone, stack: Stack) -> Search:
    return Search(Attribute.RESOURCE, f"arn:aws:iam::{stack.account}:role/nhi/{stack.name}/{gone.name}")


def _calls(witness: Witness, gone: _Gone, stack: Stack, keys: Sequence[str], since: datetime) -> Trail | CouldNotTell:
    """What was called with its keys, and by a user of its name."""
    if len(keys) > _MOST_KEYS:
        return CouldNotTell(f"{gone.leaving.identity}: it was given {len(keys)} keys, too many to look for")
    searches = [*(Search(Attribute.ACCESS_KEY, key) for key in keys), Search(Attribute.USER, gone.name)]
    made = _together(witness, stack, searches, since)
    if isinstance(made, CouldNotTell):
        return made
    return Trail(made.since, made.until, tuple(one for one in made.events if _is_by(one, gone)))


def _keys(events: Iterable[TrailEvent], since: datetime) -> Iterator[str]:
    """The keys that it was given, but for those that had ended by then."""
    for event in events:
        ended = event.expires is not None and event.expires < since
        given = event.action == "iam:CreateAccessKey" or event.action.startswith("sts:")
        if event.error is None and given and not ended:
            yield from (one for one in event.resources if _KEY.fullmatch(one))


def _is_by(event: TrailEvent, gone: _Gone) -> bool:
    """A session of somebody else can have any name, and what was made later under its name is another."""
    if event.actor.unique_id is not None and gone.end.unique_id is not None:
        return event.actor.unique_id == gone.end.unique_id
    named = event.actor.principal.rpartition("/")[2].lower() == gone.name.lower()
    here = gone.stack is not None and event.actor.account in {"", gone.stack.account}
    return named and here and _is_before_the_heir(event, gone)


def _is_session(event: TrailEvent, gone: _Gone) -> bool:
    return event.action.startswith(_SESSIONS) and event.error is None and _is_before_the_heir(event, gone)


def _is_before_the_heir(event: TrailEvent, gone: _Gone) -> bool:
    return gone.end.heir is None or event.at < gone.end.heir


def _together(witness: Witness, stack: Stack, searches: Iterable[Search], since: datetime) -> Trail | CouldNotTell:
    """Several searches in both regions as one trail; unknown where one of them is."""
    begin, until = since, witness.clock.now()
    events: dict[str, TrailEvent] = {}
    for search in searches:
        for in_region in (False, True):
            found = witness.trails.trail(search, since, until, stack, in_region=in_region)
            if isinstance(found, CouldNotTell):
                return found
            begin = max(begin, found.since)
            events |= {one.id: one for one in found.events}
    return Trail(begin, until, _in_order(events.values()))


def _in_order(events: Iterable[TrailEvent]) -> tuple[TrailEvent, ...]:
    return tuple(sorted(events, key=lambda one: (one.at, one.id)))
