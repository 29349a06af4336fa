"""What stands in the accounts, for people and as JSON: the format `nhi/inventory/v1`, a contract with other tools.

Keys may come; none goes or changes meaning. An answer is `{"answer": "could-not-tell", "reason"}` where there is none.

```text
schema      "nhi/inventory/v1"
as_of       when, as an RFC 3339 time in UTC
stacks      one for each stack, sorted by name:
  stack, account
  could_not_tell     why nothing of what stands there is known, or null
  counts             entries by standing: declared, not-declared, missing, unknown, not-managed, provided
  entries            what is missing, then what stands, by ARN; of others (the last two standings) only with --all:
    standing, identity (or null), reason ("" where all is well)
    live               null where it is missing:
      type               "role" or "user"
      name, path, arn, unique_id, created
      last_use           null where it was not asked for, `{"answer": "no-use-seen"}`, or `{"answer": "used", "at",
                         "service", "region"}`
  quotas             `name`, `used`, `limit`, each null where the cloud does not say; or one answer in place of the list
  needs_attestation  identities on systems without an API
unreadable  manifests that cannot be read: `path`, `reason`
```
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from nhi.model.declared import UnreadableFile
from nhi.model.instant import format_instant
from nhi.model.inventory import InventoryEntry, LiveIdentity, Quota, StackInventory, Standing
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell
from nhi.output.plain import counted, json_text, one_line

_HEADS = {
    Standing.DECLARED: "ok",
    Standing.NOT_DECLARED: "ORPHAN",
    Standing.MISSING: "MISSING",
    Standing.UNKNOWN: "UNKNOWN",
    Standing.NOT_MANAGED: "other",
    Standing.PROVIDED: "cloud's",
}
_WORDS = {
    Standing.DECLARED: "declared",
    Standing.NOT_DECLARED: "not declared",
    Standing.MISSING: "missing",
    Standing.UNKNOWN: "not known",
    Standing.NOT_MANAGED: "not managed",
    Standing.PROVIDED: "of the cloud itself",
}
_OTHERS = frozenset({Standing.NOT_MANAGED, Standing.PROVIDED})


def inventory_text(
    as_of: datetime, stacks: Sequence[StackInventory], unreadable: Sequence[UnreadableFile], *, everything: bool
) -> str:
    """Stack by stack one line for each role and user, then the quotas; `everything` lists what is not managed too."""
    lines: list[str] = []
    for stack in stacks:
        lines.append(f"{one_line(stack.stack)} (account {stack.account})")
        lines += [f"  {line}" for line in _stack_lines(as_of, stack, everything=everything)]
    lines += [f"UNKNOWN  {one_line(one.path)}: it cannot be read: {one_line(one.reason)}" for one in unreadable]
    return "\n".join(lines) + "\n"


def inventory_json(
    as_of: datetime, stacks: Sequence[StackInventory], unreadable: Sequence[UnreadableFile], *, everything: bool
) -> str:
    """The format `nhi/inventory/v1`."""
    document = {
        "schema": "nhi/inventory/v1",
        "as_of": format_instant(as_of),
        "stacks": [_stack_document(stack, everything=everything) for stack in stacks],
        "unreadable": [{"path": one.path, "reason": one.reason} for one in unreadable],
    }
    return json_text(document)


def _stack_lines(as_of: datetime, stack: StackInventory, *, everything: bool) -> list[str]:
    lines: list[str] = []
    match stack.entries:
        case CouldNotTell(reason):
            lines.append(f"UNKNOWN  could not tell what stands there: {one_line(reason)}")
        case entries:
            lines += [_line(as_of, one) for one in entries if everything or one.standing not in _OTHERS]
            lines += [f"         {_counts(entries)}"]
    lines += [
        f"attest   {one_line(name)}: no API can be asked; only people can tell" for name in stack.needs_attestation
    ]
    match stack.quotas:
        case CouldNotTell(reason):
            lines.append(f"UNKNOWN  could not tell the quotas: {one_line(reason)}")
        case quotas:
            counted_ones = [_quota(one) for one in quotas if everything or one.used is not None or one.limit is None]
            lines.append(f"quotas   {one_line(', '.join(counted_ones), 2000)}")
    return lines


def _line(as_of: datetime, entry: InventoryEntry) -> str:
    head = f"{_HEADS[entry.standing]:9}"
    reason = f"; {one_line(entry.reason)}" if entry.reason else ""
    if entry.live is None:
        return f"{head}{one_line(entry.identity or '')}{reason.replace(';', ':', 1)}"
    live = entry.live
    name = entry.identity if entry.standing is Standing.DECLARED and entry.identity else live.arn
    days = max(0, (as_of - live.created).days)
    return f"{head}{one_line(name)}: {live.type.value}, {counted(days, 'day')} old, {_use(live.last_use)}{reason}"


def _use(use: LastUse | None) -> str:
    match use:
        case None:
            return "use not asked for"
        case Used(at, service, region):
            where = " ".join(one_line(one) for one in (service, region) if one)
            return f"last used {format_instant(at)}" + (f" ({where})" if where else "")
        case NoUseSeen():
            return "no use seen"
        case CouldNotTell(reason):
            return f"use UNKNOWN ({one_line(reason)})"


def _counts(entries: Sequence[InventoryEntry]) -> str:
    number = Counter(one.standing for one in entries)
    return ", ".join(f"{number[standing]} {words}" for standing, words in _WORDS.items() if number[standing]) or "empty"


def _quota(quota: Quota) -> str:
    limit = "unknown" if quota.limit is None else str(quota.limit)
    return f"{quota.name} {limit}" if quota.used is None else f"{quota.name} {quota.used} of {limit}"


def _stack_document(stack: StackInventory, *, everything: bool) -> dict[str, object]:
    entries = stack.entries if isinstance(stack.entries, tuple) else ()
    counts = Counter(one.standing for one in entries)
    return {
        "stack": stack.stack,
        "account": stack.account,
        "could_not_tell": None if isinstance(stack.entries, tuple) else stack.entries.reason,
        "counts": {standing.value: counts[standing] for standing in Standing},
        "entries": [_entry(one) for one in entries if everything or one.standing not in _OTHERS],
        "quotas": _untold(stack.quotas)
        if isinstance(stack.quotas, CouldNotTell)
        else [{"name": one.name, "used": one.used, "limit": one.limit} for one in stack.quotas],
        "needs_attestation": list(stack.needs_attestation),
    }


def _entry(entry: InventoryEntry) -> dict[str, object]:
    return {
        "standing": entry.standing.value,
        "identity": entry.identity,
        "reason": entry.reason,
        "live": None if entry.live is None else _live(entry.live),
    }


def _live(live: LiveIdentity) -> dict[str, object]:
    return {
        "type": live.type.value,
        "name": live.name,
        "path": live.path,
        "arn": live.arn,
        "unique_id": live.unique_id,
        "created": format_instant(live.created),
        "last_use": _use_document(live.last_use),
    }


def _use_document(use: LastUse | None) -> dict[str, object] | None:
    match use:
        case None:
            return None
        case Used(at, service, region):
            return {"answer": "used", "at": format_instant(at), "service": service, "region": region}
        case NoUseSeen():
            return {"answer": "no-use-seen"}
        case CouldNotTell():
            return _untold(use)


def _untold(unknown: CouldNotTell) -> dict[str, object]:
    return {"answer": "could-not-tell", "reason": unknown.reason}
