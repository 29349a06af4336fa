"""What stands between a saved plan and the cloud: everything that must hold before anything is applied."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from nhi.errors import InputError
from nhi.flows.announced import Refused, unannounced
from nhi.flows.removed_together import removed_together
from nhi.flows.render import RenderedStack
from nhi.lifecycle.breaker import Beside, tripped_limits
from nhi.model.instant import format_instant
from nhi.model.plan import Action, PlanGround, PlanSummary
from nhi.model.revocation import PolicyPlace
from nhi.model.settings import CircuitBreaker, Stack
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell
from nhi.repository.interface import Repository
from nhi.terraform.address import identity_in
from nhi.terraform.credentials import EndedKey
from nhi.terraform.workspace import PlanRecord

_ENDS = frozenset({Action.DESTROY, Action.REPLACE, Action.FORGET})
_OUTPUT = "output"
FRESH = timedelta(hours=24)
"""A key that was used so recently is in use: its deletion would stop something."""


@dataclass(frozen=True, slots=True)
class Allowances:
    """What the person who started the run insists on."""

    max_removals: int | None = None
    """How many identities the run may remove, in place of every limit of the circuit breaker."""
    replace: frozenset[str] = frozenset()
    """Declared identities whose role or user may be made anew or destroyed."""
    used_keys: bool = False
    """Access keys may end that are in use, or of which nobody knows."""
    lift_revocation: frozenset[str] = frozenset()
    """Identities that may have the access back that was ended at once."""
    uncommitted: bool = False
    """What is applied may stand in no commit, so that the commit in the record does not say what it was."""

    @property
    def options(self) -> tuple[str, ...]:
        """The same as the options of `nhi apply` that say it: an auditor must see which guard was overruled."""
        return (
            *([] if self.max_removals is None else [f"--max-removals {self.max_removals}"]),
            *(f"--allow-replace {identity}" for identity in sorted(self.replace)),
            *(f"--lift-revocation {identity}" for identity in sorted(self.lift_revocation)),
            *(["--used-keys"] if self.used_keys else []),
            *(["--uncommitted"] if self.uncommitted else []),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """A saved plan, read."""

    rendered: RenderedStack
    record: PlanRecord
    summary: PlanSummary
    keys: tuple[EndedKey, ...]
    """The access keys that it would end and whose end has to be safe."""
    half_made: frozenset[str] = frozenset()
    """Addresses of what an earlier apply did not finish creating: nobody can rely on it yet."""
    written: Mapping[PolicyPlace, str] = field(default_factory=dict)
    """The policies that would not deny everything after it, of what is not known as revoked at once: place → whose."""

    @property
    def removed(self) -> tuple[str, ...]:
        """The identities of which the plan would destroy something, and that nobody declares. Sorted."""
        declared = {identity.id for identity in self.rendered.identities}
        return tuple(
            one.identity
            for one in self.summary.identities
            if one.identity is not None
            and one.identity not in declared
            and any(change.action in _ENDS for change in one.changes)
        )


def refuse_moved(record: PlanRecord, rendered: RenderedStack, ground: PlanGround) -> None:
    """Stop where anything that a plan was made from is not what it was.

    Raises:
        InputError: it names all that moved.
    """
    stack = rendered.stack.name
    pairs = (
        ("the manifests, modules or settings", (record.stack, record.root), (stack, rendered.digest)),
        ("the commit", record.commit, ground.commit),
        ("the base", record.base, ground.base),
        ("nhi.yaml, owners.yaml or nhi itself", record.policy, ground.policy),
    )
    moved = [_moved(what, before, now) for what, before, now in pairs if before != now]
    if moved:
        raise InputError(
            f"the saved plan of {stack} is stale, since this moved after it was made: {'; '.join(moved)}",
            hint="run `nhi plan` again, with the same --base, and look at what it says now",
        )


def _moved(what: str, before: object, now: object) -> str:
    match before, now:
        case (str() | None, str() | None) if what.startswith("the "):
            return f"{what} ({_short(before)} → {_short(now)})"
        case _:
            return what


def _short(commit: object) -> str:
    return "none" if commit is None else str(commit)[:12]


def refusals(
    plans: Sequence[Judged],
    repository: Repository | None,
    commit: str | None,
    breaker: CircuitBreaker,
    allowances: Allowances,
) -> tuple[Refused, ...]:
    """Why the plans may not be applied, all of them together; nothing where they may."""
    found = [*_too_many(plans, repository, commit, breaker, allowances)]
    for one in plans:
        found += unannounced(repository, commit, one.rendered.stack.name, one.removed)
        found += _ownerless(one)
        found += _made_anew(one, allowances)
        found += _lifting(one, allowances)
    return tuple(found)


def _too_many(
    plans: Sequence[Judged],
    repository: Repository | None,
    commit: str | None,
    breaker: CircuitBreaker,
    allowances: Allowances,
) -> Iterator[Refused]:
    removed = {one.rendered.stack.name: one.removed for one in plans}
    removals = {stack: len(identities) for stack, identities in removed.items()}
    totals = {one.rendered.stack.name: len(one.rendered.identities) + len(one.removed) for one in plans}
    elsewhere: Mapping[str, int] = {}
    asked = allowances.max_removals is None and sum(removals.values()) <= breaker.removals
    if asked and repository is not None and commit is not None:
        elsewhere = removed_together(repository, commit, removed)
    for tripped in tripped_limits(removals, totals, breaker, allowances.max_removals, elsewhere):
        allowed = f"--max-removals {sum(removals.values())}"
        hint = f"nothing was applied; if it is meant, allow it with {allowed}, or raise circuit_breaker in nhi.yaml"
        yield Refused(replace(tripped, beside=Beside.TOGETHER).words, hint, tripped.stack)


def _ownerless(one: Judged) -> Iterator[Refused]:
    """What belongs to no identity is nobody's to remove."""
    stack = one.rendered.stack.name
    outside = [change for found in one.summary.identities if found.identity is None for change in found.changes]
    for change in outside:
        if change.action in _ENDS and change.type != _OUTPUT:
            reason = f"{stack}: {change.address} would go ({change.action.value}), and belongs to no identity"
            yield Refused(reason, "find out how it came into the state; take it out with `terraform state`", stack)


def _made_anew(one: Judged, allowances: Allowances) -> Iterator[Refused]:
    """A role that is made anew has another unique id: whoever trusts the old one trusts nobody."""
    stack = one.rendered.stack.name
    declared = {identity.id for identity in one.rendered.identities}
    for principal in one.summary.principals:
        identity = f"{stack}/{identity_in(principal.address)}"
        unfinished = principal.action is Action.REPLACE and principal.address in one.half_made
        if principal.action in _ENDS and identity in declared - allowances.replace and not unfinished:
            what = f"its {principal.type.value} {principal.name} would end ({principal.action.value})"
            hint = f"whatever trusts it loses it; if that is meant, say so with --allow-replace {identity}"
            yield Refused(f"{identity} is declared, and {what}", hint, stack, identity)


def _lifting(one: Judged, allowances: Allowances) -> Iterator[Refused]:
    """What `nhi revoke --now` ended comes back only when somebody says so, never as the side of another change."""
    for identity in one.summary.lifted:
        if identity not in allowances.lift_revocation:
            yield _lifted(identity, one.rendered.stack.name)


def _lifted(identity: str, stack: str) -> Refused:
    hint = f"merge its revocation or suspension first; to give it back, say --lift-revocation {identity}"
    return Refused(f"{identity}: its access was ended at once (--now), and would come back", hint, stack, identity)


def revoked_meanwhile(
    plans: Sequence[Judged],
    denied: Callable[[Collection[PolicyPlace], Stack], frozenset[PolicyPlace] | CouldNotTell],
    allowances: Allowances,
) -> tuple[Refused, ...]:
    """A refusal for each identity that was revoked at once after the plan was made, which would write its policy back.

    Terraform applies a saved plan without another look at what stands there.
    """
    found: list[Refused] = []
    for one in plans:
        stack = one.rendered.stack
        asked = {place: whose for place, whose in one.written.items() if whose not in allowances.lift_revocation}
        match denied(asked.keys(), stack) if asked else frozenset():
            case CouldNotTell(reason=reason):
                words = f"{stack.name}: nobody knows whether access that was ended at once would come back: {reason}"
                found.append(Refused(words, "mend that, and run it again", stack.name))
            case revoked:
                found += [_lifted(whose, stack.name) for whose in sorted({asked[place] for place in revoked})]
    return tuple(found)


def used_keys(
    plans: Sequence[Judged], key_use: Callable[[str, Stack], LastUse], now: datetime, allowances: Allowances
) -> tuple[Refused, ...]:
    """A refusal for each access key that would end although it was used in the last day, or nobody knows."""
    if allowances.used_keys:
        return ()
    found = []
    for one in plans:
        stack = one.rendered.stack
        for key in one.keys:
            reason = _in_use(key_use(key.key, stack), now)
            if reason:
                hint = "find who uses it, and give them the new key; --used-keys insists"
                words = f"{key.identity}: the access key {key.key} of {key.user} would end, and {reason}"
                found.append(Refused(words, hint, stack.name, key.identity))
    return tuple(found)


def _in_use(use: LastUse, now: datetime) -> str | None:
    match use:
        case Used(at=at, service=service) if now - at < FRESH:
            return f"was used at {format_instant(at)}" + (f" for {service}" if service else "")
        case CouldNotTell(reason=reason):
            return f"nobody knows when it was last used: {reason}"
        case Used() | NoUseSeen():
            return None


def counted_keys(keys: Sequence[EndedKey], live: Mapping[str, bool]) -> tuple[EndedKey, ...]:
    """The keys whose use counts: of identities that have access now. `live` says it of those that are known.

    An identity that is suspended, past its expiry or revoked at once is denied everything, so that nothing can be
    stopped by the end of its key; what AWS shows as its use then is denied attempts. Of an identity that is not known,
    use counts.
    """
    return tuple(one for one in keys if one.identity is None or live.get(one.identity, True))
