"""What a change means, identity by identity, in words that a reviewer understands."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from nhi.model.change import ManifestChange
from nhi.model.difference import Effect, Meaning
from nhi.model.identity import Json, Manifest
from nhi.model.instant import format_instant
from nhi.model.settings import Settings
from nhi.policy.iam import access, trust, words
from nhi.policy.iam.access import Change as Access
from nhi.policy.risk import risk_of_change, scope_change
from nhi.policy.rotation import rotation_step
from nhi.policy.wording import quoted

_MOST = 12


def meaning(change: ManifestChange, settings: Settings) -> Meaning:
    """What the change does to the identity; never empty."""
    effects = tuple(_effects(change, settings)) or ((Effect.EDITED, "nothing that gives access"),)
    return Meaning(change.identity, effects, risk_of_change(change, settings))


def _effects(change: ManifestChange, settings: Settings) -> Iterator[tuple[Effect, str]]:
    before, after = change.before, change.after
    if after is None:
        yield Effect.REMOVED, _what_it_was(before)
        return
    if before is None:
        owner = quoted(after.owner or "nobody")
        yield Effect.CREATED, f"for {owner}, until {_day(after.expiry)}: {quoted(after.purpose or 'no purpose')}"
        yield from _scope_effects(None, after, settings)
        return
    yield from _life(before, after)
    yield from _scope_effects(before, after, settings)
    yield from _rest(before, after)


def _what_it_was(before: Manifest | None) -> str:
    if before is None or before.unreadable:
        return "what it was cannot be read"
    return f"owned by {quoted(before.owner or 'nobody')}, until {_day(before.expiry)}"


def _life(before: Manifest, after: Manifest) -> Iterator[tuple[Effect, str]]:
    if before.expiry != after.expiry:
        later = before.expiry is not None and after.expiry is not None and after.expiry > before.expiry
        yield (
            Effect.RENEWED if later or after.expiry is None else Effect.SHORTENED,
            f"from {_day(before.expiry)} to {_day(after.expiry)}",
        )
    if before.suspended is None and after.suspended is not None:
        yield Effect.SUSPENDED, f"since {_day(after.suspended.since)}: {quoted(after.suspended.reason)}"
    if before.suspended is not None and after.suspended is None:
        yield Effect.RESUMED, "access comes back"
    if before.hold is None and after.hold is not None:
        yield Effect.HELD, f"by {quoted(after.hold.authority)}, to be reviewed on {_day(after.hold.review)}"
    if before.hold is not None and after.hold is None:
        yield Effect.HOLD_LIFTED, "it may be removed again"


def _scope_effects(before: Manifest | None, after: Manifest, settings: Settings) -> Iterator[tuple[Effect, str]]:
    result = scope_change(before, after)
    old, new = _scope(before), _scope(after)
    also = "may now also" if before is not None else "may"
    if result.is_up:
        lines = [
            f"{also} {one}"
            for one in words.sentences(access.gained(old.get("allow"), new.get("allow"), _MOST), _home(after, settings))
        ]
        lines += _trusted("is now also trusted" if before is not None else "is trusted", old, new)
        yield Effect.SCOPE_UP, "; ".join(lines) or "what it allows cannot be compared with what it allowed"
    if result in {Access.NARROWED, Access.BOTH} and before is not None:
        lost = [
            f"may no longer {one}"
            for one in words.sentences(access.lost(old.get("allow"), new.get("allow"), _MOST), _home(after, settings))
        ]
        lost += _trusted("is no longer trusted", new, old)
        if lost:
            yield Effect.SCOPE_DOWN, "; ".join(lost)


def _trusted(said: str, old: dict[str, Json], new: dict[str, Json]) -> list[str]:
    entries = trust.entries_gained(old.get("trust"), new.get("trust"), _MOST)
    return [f"{said} by {quoted(one.at)} {quoted(one.value)}" for one in entries]


def _rest(before: Manifest, after: Manifest) -> Iterator[tuple[Effect, str]]:
    step = rotation_step(_scope(before).get("credential"), _scope(after).get("credential"))
    if step is not None:
        yield Effect.ROTATED, step
    if before.kind != after.kind:
        yield Effect.KIND_CHANGED, f"from {quoted(before.kind)} to {quoted(after.kind)}"
    if before.owner != after.owner:
        yield Effect.OWNER_CHANGED, f"from {quoted(before.owner or 'nobody')} to {quoted(after.owner or 'nobody')}"
    if before.purpose != after.purpose:
        yield Effect.PURPOSE_CHANGED, f"to {quoted(after.purpose or 'no purpose')}"
    if before.exceptions != after.exceptions:
        names = ", ".join(quoted(one.rule) for one in after.exceptions) or "none"
        yield Effect.EXCEPTIONS_CHANGED, f"now: {names}"
    if before.path != after.path:
        yield Effect.MOVED, f"from {quoted(before.path)} to {quoted(after.path)}"


def _home(manifest: Manifest, settings: Settings) -> words.Home | None:
    stack = settings.stacks.get(manifest.stack)
    return None if stack is None else words.Home(stack.account, stack.region)


def _scope(manifest: Manifest | None) -> dict[str, Json]:
    scope = None if manifest is None else manifest.scope
    return dict(scope) if isinstance(scope, Mapping) else {}


def _day(instant: datetime | None) -> str:
    return "no date" if instant is None else format_instant(instant)
