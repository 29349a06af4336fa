"""A change, explained: for people, as JSON, and as Markdown for a pull request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nhi.model.approval import Requirement
from nhi.model.difference import Meaning
from nhi.model.instant import format_instant
from nhi.model.risk import Assessment
from nhi.output.markdown import code, prose
from nhi.output.plain import counted, json_text, one_line


@dataclass(frozen=True, slots=True)
class Explained:
    """What is shown of a change."""

    as_of: datetime
    base: str
    meanings: Sequence[Meaning]
    unreadable: Sequence[str]
    risk: Assessment | None
    approvals: Sequence[Requirement]


def diff_text(change: Explained) -> str:
    """Identity by identity, then risk and approvals."""
    lines: list[str] = []
    for one in change.meanings:
        lines.append(one_line(one.identity))
        lines += [f"  {effect.value:18} {one_line(words, 2000)}" for effect, words in one.effects]
        lines.append(f"  {'risk':18} {one.risk.risk.word}: {one_line('; '.join(one.risk.reasons), 2000)}")
    lines += [f"UNREADABLE {one_line(path)}: what becomes of it is not known" for path in change.unreadable]
    lines += [f"needs    {_needed(one)}" for one in change.approvals]
    lines.append(_closing(change))
    return "\n".join(lines) + "\n"


def diff_json(change: Explained) -> str:
    """The format `nhi/diff/v1`."""
    document = {
        "schema": "nhi/diff/v1",
        "as_of": format_instant(change.as_of),
        "base": change.base,
        "identities": [
            {
                "identity": one.identity,
                "effects": [{"effect": effect.value, "words": words} for effect, words in one.effects],
                "risk": one.risk.risk.word,
                "reasons": list(one.risk.reasons),
            }
            for one in change.meanings
        ],
        "unreadable": list(change.unreadable),
        "risk": None if change.risk is None else change.risk.risk.word,
        "approvals": [
            {
                "who": one.who,
                "count": one.count,
                "candidates": list(one.candidates),
                "can_be_met": one.can_be_met,
                "reasons": list(one.reasons),
            }
            for one in change.approvals
        ],
    }
    return json_text(document)


def diff_markdown(change: Explained) -> str:
    """For a pull request's comment. All text of manifests stays text."""
    lines = [f"**{_closing(change)}**", ""]
    for one in change.meanings:
        lines.append(f"- {code(one.identity)}, {one.risk.risk.word} risk: {prose('; '.join(one.risk.reasons))}")
        lines += [f"  - {effect.value}: {prose(words)}" for effect, words in one.effects]
    lines += [f"- :warning: {code(path)} cannot be read: what becomes of it is not known" for path in change.unreadable]
    if change.approvals:
        lines += ["", "Approvals needed:", "", *(f"- {prose(_needed(one))}" for one in change.approvals)]
    return "\n".join(lines) + "\n"


def _needed(one: Requirement) -> str:
    who = ", ".join(one.candidates) or "nobody is left who could"
    short = "" if one.can_be_met else " (too few people)"
    because = one_line("; ".join(one.reasons), 1000)
    return f"{counted(one.count, 'approval')} of {one_line(one.who)}: {one_line(who)}{short}; {because}"


def _closing(change: Explained) -> str:
    number = len(change.meanings)
    changed = f"{number} identity changes" if number == 1 else f"{number} identities change"
    return changed if change.risk is None else f"{changed}, {change.risk.risk.word} risk"
