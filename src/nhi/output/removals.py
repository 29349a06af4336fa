"""Proofs of removals, for people and as JSON: the format `nhi/removals/v1`, a contract with other tools.

Keys may come; none goes or changes meaning. Times are of RFC 3339, in UTC, and null where nobody knows them.

```text
schema             "nhi/removals/v1"
as_of              when the proof began
removals           one for each identity that Git removed, sorted by identity:
  identity           `<stack>/<name>`
  proven             whether there is no doubt
  doubts             their names (`nhi.model.removal.Doubt`), sorted
  unique_id          IAM's own id of what was removed, or null
  due, deadline      when its access was to end, and until when it had to be removed
  merged             when its manifest was removed, by `merge_commit`
  removed            null, or `at`, `action`, `by` and `event` as CloudTrail recorded them
  record             null, or from `since` to `until` CloudTrail was read
  open_until         until then an event can still come late; null where that is past
  looks              `at`, `by` (null where it is not known), `answer` (present, absent, could-not-tell), `standing`
                     (unique ids) and `left`: `what` is left of it, as `found`
  uses               calls by it after it was due or removed: `at`, `action`, `by`, `error` (or null), `event`
  unknown            why something could not be found out
needs_attestation  removed identities on systems without an API
by                 `arn`, `principal` (the role behind a session), `account` and `unique_id`, both or null
```
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from nhi.model.instant import format_instant
from nhi.model.removal import Doubt, Look, RemovalProof
from nhi.model.trail import Actor, TrailEvent
from nhi.model.verification import Absent, CouldNotTell, Difference, Present
from nhi.output.plain import json_text, one_line

_WORDS = {
    Doubt.NOT_MERGED: "no commit of this branch removed its manifest",
    Doubt.DECLARED_AGAIN: "a manifest declares its name again; only the unique id tells the two apart",
    Doubt.EXPIRY_UNKNOWN: "its last manifest says no expiry that can be read: it may have been due earlier",
    Doubt.NO_REMOVAL_EVENT: "the cloud's record shows no removal (events can come 15 minutes late, and last 90 days)",
    Doubt.NOTHING_RECORDED: "the cloud's record shows neither a making nor a removal: never applied, or long ago",
    Doubt.RECORD_TOO_SHORT: "the cloud's record, of it or of its use, begins only after its end",
    Doubt.ANOTHER_IDENTITY: "something else stands under its name now: its unique id is another",
    Doubt.STILL_THERE: "it is still there",
    Doubt.COULD_NOT_TELL: "something could not be found out",
    Doubt.SAME_CREDENTIAL: "who looked may be who removed",
    Doubt.LOOKED_ONCE: "it was not seen to be gone twice",
    Doubt.LATE: "it was not removed in the time that it is given",
    Doubt.USED_AFTER_DUE: "it was used, or somebody tried to, after its access was to end",
    Doubt.USED_AFTER_REMOVAL: "it was used, or somebody tried to, after it was removed",
    Doubt.UNIQUE_ID_UNKNOWN: "nothing says which unique id it had",
}
_SHOWN = 5
_INDENT = " " * 11


def removals_text(proofs: Sequence[RemovalProof], needs_attestation: Sequence[str]) -> str:
    """Each removal with its four times, and below it each doubt."""
    lines = [line for one in proofs for line in _lines(one)]
    lines += [f"attest   {one_line(name)}: no API can be asked; only people can tell" for name in needs_attestation]
    good = sum(not one.doubts for one in proofs)
    lines.append(f"{len(proofs)} removed, {good} proven")
    return "\n".join(lines) + "\n"


def removals_json(as_of: datetime, proofs: Sequence[RemovalProof], needs_attestation: Sequence[str]) -> str:
    """The format `nhi/removals/v1`."""
    document = {
        "schema": "nhi/removals/v1",
        "as_of": format_instant(as_of),
        "removals": [_removal(one) for one in proofs],
        "needs_attestation": list(needs_attestation),
    }
    return json_text(document)


def _lines(proof: RemovalProof) -> Iterator[str]:
    head = "proven   "
    if proof.doubts:
        head = "UNKNOWN  " if Doubt.COULD_NOT_TELL in proof.doubts else "DOUBT    "
    yield f"{head}{one_line(proof.identity)} ({one_line(proof.unique_id or 'unique id unknown')})"
    until = f", to be removed until {format_instant(proof.deadline)}" if proof.deadline else ""
    yield f"{_INDENT}due      {_at(proof.due)}{until}"
    commit = f" in {proof.merge_commit[:12]}" if proof.merge_commit else ""
    yield f"{_INDENT}merged   {_at(proof.merged)}{commit}"
    removed = proof.removed
    by = (
        f" by {one_line(removed.by.arn)}: {one_line(removed.action)}, event {one_line(removed.event_id)}"
        if removed
        else ""
    )
    yield f"{_INDENT}removed  {_at(removed.at if removed else None)}{by}"
    if proof.open_until:
        late = "events can come 15 minutes late, so prove it again then"
        yield f"{_INDENT}open     until {format_instant(proof.open_until)}: {late}"
    for look in proof.looks:
        who = "somebody unknown" if isinstance(look.by, CouldNotTell) else one_line(look.by.arn)
        yield f"{_INDENT}looked   {_at(look.at)} by {who}: {_said(look)}"
        yield from (f"{_INDENT}left     {one_line(one.where)}: {one_line(one.found)}" for one in _left(look)[:_SHOWN])
    for use in proof.uses[:_SHOWN]:
        refused = f", refused: {one_line(use.error)}" if use.error else ""
        yield (
            f"{_INDENT}used     {_at(use.at)} by {one_line(use.actor.arn)}: "
            f"{one_line(use.action)}{refused}, event {one_line(use.id)}"
        )
    if len(proof.uses) > _SHOWN:
        yield f"{_INDENT}used     and {len(proof.uses) - _SHOWN} times more"
    yield from (f"{_INDENT}unknown  {one_line(reason)}" for reason in proof.unknown)
    yield from (f"{_INDENT}{doubt.value}: {_WORDS[doubt]}" for doubt in proof.doubts)


def _at(at: datetime | None) -> str:
    return "unknown" if at is None else format_instant(at)


def _said(look: Look) -> str:
    ids = f", with the unique id {', '.join(map(one_line, look.standing))}" if look.standing else ""
    return f"{_word(look).replace('-', ' ')}{ids}"


def _left(look: Look) -> tuple[Difference, ...]:
    return look.answer.differences if isinstance(look.answer, Present) else ()


def _word(look: Look) -> str:
    match look.answer:
        case Absent():
            return "absent"
        case Present():
            return "present"
        case CouldNotTell():
            return "could-not-tell"


def _removal(proof: RemovalProof) -> dict[str, object]:
    removed = proof.removed
    return {
        "identity": proof.identity,
        "proven": not proof.doubts,
        "doubts": [doubt.value for doubt in proof.doubts],
        "unique_id": proof.unique_id,
        "due": _or_none(proof.due),
        "deadline": _or_none(proof.deadline),
        "merged": _or_none(proof.merged),
        "merge_commit": proof.merge_commit,
        "removed": None
        if removed is None
        else {
            "at": format_instant(removed.at),
            "action": removed.action,
            "by": _actor(removed.by),
            "event": removed.event_id,
        },
        "record": None
        if proof.record is None
        else {"since": format_instant(proof.record[0]), "until": format_instant(proof.record[1])},
        "open_until": _or_none(proof.open_until),
        "looks": [
            {
                "at": format_instant(look.at),
                "by": None if isinstance(look.by, CouldNotTell) else _actor(look.by),
                "answer": _word(look),
                "standing": list(look.standing),
                "left": [{"what": one.where, "found": one.found} for one in _left(look)],
            }
            for look in proof.looks
        ],
        "uses": [_use(one) for one in proof.uses],
        "unknown": list(proof.unknown),
    }


def _actor(actor: Actor) -> dict[str, object]:
    return {
        "arn": actor.arn,
        "principal": actor.principal,
        "account": actor.account or None,
        "unique_id": actor.unique_id,
    }


def _use(event: TrailEvent) -> dict[str, object]:
    return {
        "at": format_instant(event.at),
        "action": event.action,
        "by": _actor(event.actor),
        "error": event.error,
        "event": event.id,
    }


def _or_none(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)
