"""The risk of an identity and of a change, computed and not declared, with the reasons listed.

What always counts as high stands here; `nhi.yaml` can add to it (`high_risk`) and never take away.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from nhi.model.change import ManifestChange
from nhi.model.identity import Json, Manifest
from nhi.model.risk import Assessment, Risk, highest
from nhi.model.settings import Settings
from nhi.policy.iam import access, trust
from nhi.policy.iam.actions import AccessLevel, access_level
from nhi.policy.iam.escalation import escalation_paths
from nhi.policy.iam.patterns import have_in_common, is_pattern
from nhi.policy.iam.sensitive import Concern, concerning
from nhi.policy.iam.statement import Statement, read
from nhi.policy.rotation import rotation_step
from nhi.policy.scope_parts import static_credential
from nhi.policy.scopes import foreign_accounts
from nhi.policy.wording import quoted

_READING = frozenset({AccessLevel.LIST, AccessLevel.READ})
_TELLING_KEYS = (
    ("incident", Risk.EMERGENCY, "is made for an incident"),
    ("report_to", Risk.HIGH, "is for emergencies: its use is reported"),
    ("vendor", Risk.HIGH, "is used by a vendor"),
)
"""Keys of a scope that tell its risk, whatever the kind."""
_HARMLESS_PATTERN = ("list", "describe")
_CONCERNS = {
    Concern.IDENTITIES: "may change identities",
    Concern.AUDIT_TRAIL: "may stop or blind what records and detects",
}


def risk_of(manifest: Manifest, settings: Settings) -> Assessment:
    """The risk of an identity as it stands."""
    scope = _scope(manifest)
    statements = read(scope.get("allow"))
    found = [
        *_of_place(manifest, settings),
        *_of_keys(manifest),
        *_of_trust(manifest, settings),
        *_of_statements(statements, settings),
    ]
    return highest(found, _otherwise(statements))


def risk_of_change(change: ManifestChange, settings: Settings) -> Assessment:
    """The risk of what a change does to one identity: a renewal is less than a grant, a removal is little."""
    before, after = change.before, change.after
    if after is None and before is not None and before.unreadable:
        return Assessment(Risk.HIGH, ("is removed, and what it was cannot be read",))
    if after is None:
        return Assessment(Risk.LOW, ("is removed",))
    standing = risk_of(after, settings)
    if before is None:
        return standing
    found = list(_of_edit(before, after, standing))
    return highest(found, Assessment(Risk.LOW, ("nothing that gives access changes",)))


def scope_change(before: Manifest | None, after: Manifest | None) -> access.Change:
    """What a change does to what is allowed, and to whom. Where it cannot be told, it is more."""
    old, new = _scope(before), _scope(after)
    rest = [
        trust.compare_sets(old.get(key), new.get(key)) if key in old and key in new else access.Change.BOTH
        for key in sorted(old.keys() | new.keys())
        if key != "allow" and old.get(key) != new.get(key)
        if key != "credential" or rotation_step(old.get(key), new.get(key)) is None
    ]
    return access.together(access.compare(old.get("allow"), new.get("allow")), *rest)


def _of_edit(before: Manifest, after: Manifest, standing: Assessment) -> Iterator[tuple[Risk, str]]:
    if before.kind != after.kind or scope_change(before, after).is_up:
        yield from ((standing.risk, reason) for reason in standing.reasons)
    if before.suspended and not after.suspended:
        yield standing.risk, "is not suspended any more"
    if before.hold and not after.hold:
        yield Risk.HIGH, "is not under hold any more"
    if set(after.exceptions) - set(before.exceptions):
        yield Risk.HIGH, "has a new accepted exception"
    if before.owner != after.owner:
        yield Risk.STANDARD, "has another owner"
    if _later(before.expiry, after.expiry):
        yield min(standing.risk, Risk.STANDARD), "is renewed"


def _of_place(manifest: Manifest, settings: Settings) -> Iterator[tuple[Risk, str]]:
    if manifest.stack in settings.high_risk.stacks:
        yield Risk.HIGH, f"stands in the stack {manifest.stack}"


def _of_trust(manifest: Manifest, settings: Settings) -> Iterator[tuple[Risk, str]]:
    for account in sorted({account for _, account in foreign_accounts(manifest, settings)}):
        yield Risk.HIGH, f"is trusted to the account {account}, which is not the organisation's"


def _of_keys(manifest: Manifest) -> Iterator[tuple[Risk, str]]:
    scope = _scope(manifest)
    for key, risk, words in _TELLING_KEYS:
        if key in scope:
            yield risk, words
    if static_credential(manifest) is not None:
        yield Risk.HIGH, "has a static credential"


def _of_statements(statements: tuple[Statement, ...], settings: Settings) -> Iterator[tuple[Risk, str]]:
    for statement in statements:
        if statement.unread:
            yield Risk.HIGH, "has a statement that nobody can read"
        for action in statement.actions:
            yield from _of_action(action, statement, settings)
    if escalation_paths(statements):
        yield Risk.HIGH, "may give itself more permissions"


def _of_action(action: str, statement: Statement, settings: Settings) -> Iterator[tuple[Risk, str]]:
    for concern, words in _CONCERNS.items():
        if concerning(action, concern):
            yield Risk.HIGH, f"{words} ({quoted(action)})"
    if concerning(action, Concern.SECRETS) and any(is_pattern(one) for one in statement.resources):
        yield Risk.HIGH, f"may read more than a named secret ({quoted(action)})"
    if is_pattern(action) and not action.lower().rpartition(":")[2].startswith(_HARMLESS_PATTERN):
        yield Risk.HIGH, f"may use every action that {quoted(action)} matches"
    if access_level(action) is AccessLevel.PERMISSIONS:
        yield Risk.HIGH, f"may change who has access ({quoted(action)})"
    if any(have_in_common(pattern.lower(), action.lower()) for pattern in settings.high_risk.actions):
        yield Risk.HIGH, f"may use {quoted(action)}, which nhi.yaml counts as high risk"


def _otherwise(statements: tuple[Statement, ...]) -> Assessment:
    levels = {access_level(action) for one in statements for action in one.actions}
    if levels and levels <= _READING:
        return Assessment(Risk.LOW, ("only reads",))
    return Assessment(Risk.STANDARD, ("writes" if statements else "says in words what it may do",))


def _scope(manifest: Manifest | None) -> dict[str, Json]:
    scope = None if manifest is None else manifest.scope
    return dict(scope) if isinstance(scope, Mapping) else {}


def _later(before: datetime | None, after: datetime | None) -> bool:
    return before is not None and after is not None and after > before
