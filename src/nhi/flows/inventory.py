"""`nhi inventory`: what really stands in the accounts, beside what is declared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nhi.cloud.expectation import expectation
from nhi.cloud.interface import Inventories, LastUses
from nhi.errors import ExitCode
from nhi.flows.declared import read_declared, stack_named
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.manifest.place import stack_and_name
from nhi.model.declared import UnreadableFile
from nhi.model.identity import Identity
from nhi.model.inventory import InventoryEntry, LiveIdentity, StackInventory, Standing
from nhi.model.plan import PrincipalType
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell
from nhi.repository.interface import Snapshot

_BELOW = re.compile(r"/nhi/(?P<stack>[^/]+)/.*", re.DOTALL)
_OURS = frozenset({Standing.DECLARED, Standing.NOT_DECLARED, Standing.UNKNOWN})


@dataclass(frozen=True, slots=True)
class InventoryReport:
    """What was found in all accounts that were asked about."""

    stacks: tuple[StackInventory, ...]
    unreadable: tuple[UnreadableFile, ...]
    """What these declare is not known."""

    @property
    def exit_code(self) -> ExitCode:
        """Not knowing weighs more than a finding: it could hide one."""
        entries = [one for stack in self.stacks if isinstance(stack.entries, tuple) for one in stack.entries]
        answers: list[object] = [answer for stack in self.stacks for answer in (stack.entries, stack.quotas)]
        answers += [one.live.last_use for one in entries if one.live is not None]
        if self.unreadable or any(isinstance(one, CouldNotTell) for one in answers):
            return ExitCode.OUTSIDE
        found = any(one.standing in {Standing.MISSING, Standing.NOT_DECLARED} for one in entries)
        return ExitCode.FINDINGS if found else ExitCode.CLEAN


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the manifests say about one stack."""

    in_cloud: Mapping[str, frozenset[tuple[PrincipalType, str]]]
    """Identity → the roles and users that it is, by their names."""
    on_paper: frozenset[str]
    """On systems without an API."""
    unreadable: frozenset[str]
    """Ids that the manifests which cannot be read may declare."""


def inventory(
    inventories: Inventories, uses: LastUses, snapshot: Snapshot, *, stacks: Sequence[str]
) -> InventoryReport:
    """What stands in the account of each of the stacks; without any, of all.

    Raises:
        InputError: the configuration is not valid, there is no such stack, or a kind's expectation does not render.
    """
    ground, _ = read_ground(snapshot)
    chosen = [stack_named(ground, name) for name in sorted(set(stacks) or ground.settings.stacks)]
    unreadable: dict[str, UnreadableFile] = {}
    found = []
    for stack in chosen:
        state = read_declared(snapshot, ground, stack.name)
        unreadable |= {file.path: file for file in state.unreadable}
        identities = [one.identity for one in state.identities]
        in_cloud = {one.id: wanted for one in identities if (wanted := _principals(one, ground, stack))}
        declared = _Declared(
            in_cloud,
            frozenset({one.id for one in identities} - in_cloud.keys()),
            frozenset(f"{stack.name}/{stack_and_name(file.path)[1]}" for file in state.unreadable),
        )
        live = inventories.inventory(stack)
        entries = live if isinstance(live, CouldNotTell) else _entries(live, stack, declared, ground)
        if isinstance(entries, tuple):
            entries = tuple(_with_use(one, uses, stack) for one in entries)
        on_paper = tuple(sorted(declared.on_paper))
        found.append(StackInventory(stack.name, stack.account, entries, inventories.quotas(stack), on_paper))
    return InventoryReport(tuple(found), tuple(unreadable[path] for path in sorted(unreadable)))


def _principals(identity: Identity, ground: Ground, stack: Stack) -> frozenset[tuple[PrincipalType, str]]:
    """What must stand for an identity; nothing where it is on a system without an API."""
    wanted = expectation(identity, ground.catalog.kinds[identity.kind], stack)
    if wanted is None:
        return frozenset()
    roles = {(PrincipalType.ROLE, one.name) for one in wanted.roles}
    return frozenset(roles | {(PrincipalType.USER, one.name) for one in wanted.users})


def _entries(
    live: Sequence[LiveIdentity], stack: Stack, declared: _Declared, ground: Ground
) -> tuple[InventoryEntry, ...]:
    elsewhere = {
        other.name for other in ground.settings.stacks.values() if other.account == stack.account and other != stack
    }
    standing = [_entry(one, stack, declared) for one in live if _claimed_stack(one) not in elsewhere]
    there = {one.identity for one in standing if one.standing is Standing.DECLARED}
    missing = [
        InventoryEntry(Standing.MISSING, identity, None, "it is declared, and nothing stands for it")
        for identity in sorted(declared.in_cloud.keys() - there)
    ]
    return (*missing, *standing)


def _entry(live: LiveIdentity, stack: Stack, declared: _Declared) -> InventoryEntry:
    path = f"/nhi/{stack.name}/"
    standing, reason = Standing.NOT_DECLARED, ""
    if live.id is None and live.provided:
        standing = Standing.PROVIDED
    elif live.id is None and _claimed_stack(live) is None:
        standing = Standing.NOT_MANAGED
    elif live.id is None:
        reason = f"it stands below {path} without a tag nhi:id"
    elif live.id in declared.unreadable:
        standing, reason = Standing.UNKNOWN, "the manifest that may declare it cannot be read"
    elif live.id in declared.on_paper:
        reason = f"{live.id} is declared on a system without an API"
    elif live.id not in declared.in_cloud:
        reason = f"it says that it is {live.id}, which nothing declares in this account"
    elif live.path != path:
        reason = f"it says that it is {live.id}, and does not stand at {path}"
    elif (live.type, live.name) not in declared.in_cloud[live.id]:
        reason = f"it says that it is {live.id}, which is no {live.type.value} {live.name}"
    else:
        standing = Standing.DECLARED
    return InventoryEntry(standing, live.id, live, reason)


def _claimed_stack(live: LiveIdentity) -> str | None:
    """The stack that it stands below, or else the one that it says it is of."""
    below = _BELOW.fullmatch(live.path)
    return below["stack"] if below else (live.id or "").partition("/")[0] or None


def _with_use(entry: InventoryEntry, uses: LastUses, stack: Stack) -> InventoryEntry:
    """The entry with what the listing did not say, where it is ours."""
    live = entry.live
    if live is None or live.last_use is not None or entry.standing not in _OURS or live.path != f"/nhi/{stack.name}/":
        return entry
    return replace(entry, live=replace(live, last_use=uses.last_use(live.name, stack)))
