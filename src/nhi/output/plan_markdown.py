"""Plans as Markdown, for a comment on a pull request or a job's summary on GitHub."""

from collections import Counter
from collections.abc import Iterable, Sequence

from nhi.model.plan import Action, IdentityChange
from nhi.output.markdown import code, prose
from nhi.output.plain import counted, one_line
from nhi.output.plan_headlines import Headline, Topic, headlines
from nhi.output.plan_report import NotPlanned, Planned, PlanReport
from nhi.output.plan_text import count_words

COMMENT_CHARACTERS = 60_000
"""Below the 65,536 that GitHub takes as the body of a comment, with room for the words of whoever posts it."""
_CLOSING_CHARACTERS = 600
"""Room for the lines that count what is left out."""
_STACKS_SHARE, _HEADLINES_SHARE = 4, 2
"""A quarter of the room for the list of stacks, half of what then is left for the headlines, the rest for details."""
_RESOURCES = 30
"""Resources of one identity that are listed; the others are counted."""
_LONGEST = 1_000
"""Characters of the words of one headline or failure."""

_STAYING = (Action.UPDATE, Action.IMPORT)
"""Of what stands before and after it is told what changes."""

_TITLES = {
    Topic.REVOCATION: "Access given back that was ended at once",
    Topic.DESTROYED: "Identities destroyed",
    Topic.PRINCIPAL_DESTROYED: "Roles and users destroyed",
    Topic.LET_GO: "Let go: stays, and nothing manages it",
    Topic.REPLACED: "Roles and users replaced: a new unique id",
    Topic.CREDENTIAL: "Credentials",
    Topic.IMPORTED: "Taken in: stood already",
    Topic.TRUST: "Who may use it",
    Topic.PERMISSIONS: "What it may do",
    Topic.DRIFT: "Changed by hand since the last apply",
    Topic.OUTSIDE: "Of no identity",
}
_ORDER = {topic: number for number, topic in enumerate(Topic)}


def plan_markdown(report: PlanReport, most: int = COMMENT_CHARACTERS) -> str:
    """The verdict, one line for each stack (failed ones first), what to know first, and folded details.

    At most `most` characters (4,000 or more); what does not fit is counted.
    """
    text = f"### {_verdict(report)}\n\n"
    if report.commit is not None:
        text += f"Upon commit {code(report.commit)}.\n\n"
    room = most - len(text) - _CLOSING_CHARACTERS
    planned = [one for one in report.stacks if isinstance(one, Planned)]
    failed = [one for one in report.stacks if isinstance(one, NotPlanned)]
    text += _bounded([*map(_stack, failed), *map(_stack, planned)], room // _STACKS_SHARE, "stack")
    told = sorted((one for stack in planned for one in headlines(stack.summary)), key=lambda one: _ORDER[one.topic])
    text += _headlines(told, (most - len(text) - _CLOSING_CHARACTERS) // _HEADLINES_SHARE)
    return text + _details(planned, most - len(text) - _CLOSING_CHARACTERS)


def _verdict(report: PlanReport) -> str:
    planned = [one.summary for one in report.stacks if isinstance(one, Planned)]
    failed = len(report.stacks) - len(planned)
    changed = [identity for summary in planned for identity in summary.identities]
    if failed:
        return f"nhi plan: failed for {counted(failed, 'stack')}"
    return f"nhi plan: {_changing(changed) if changed else 'no changes'}"


def _stack(one: Planned | NotPlanned) -> str:
    match one:
        case NotPlanned(stack=stack, message=message, hint=hint):
            said = f"{message}; {hint}" if hint else message
            return f"- {code(stack.name)} could not be planned: {prose(one_line(said, _LONGEST))}\n"
        case Planned(stack=stack, summary=summary, digest=digest):
            return f"- {code(stack.name)}: {count_words(summary)} ({code(digest)})\n"


def _headlines(told: Sequence[Headline], room: int) -> str:
    if not told:
        return ""
    text, topic, shown = "\n#### What to know first\n", None, 0
    for one in told:
        chunk = "" if one.topic is topic else f"\n**{_TITLES[one.topic]}**\n\n"
        topic = one.topic
        chunk += f"- {_name(one.identity)}: {prose(one_line(one.words, _LONGEST))}\n"
        if len(text) + len(chunk) > room:
            break
        text += chunk
        shown += 1
    left = Counter(one.topic for one in told[shown:])
    if left:
        parts = ", ".join(f"{_TITLES[topic].split(':')[0].lower()}: {left[topic]}" for topic in Topic if left[topic])
        text += f"\nand {left.total()} more, left out here ({parts})\n"
    return text


def _details(planned: Iterable[Planned], room: int) -> str:
    text, left, stacks = "", 0, 0
    for one in planned:
        identities = one.summary.identities
        if not identities:
            continue
        opened = f"\n<details><summary>{one.stack.name}: {_changing(identities)}</summary>\n\n"
        closed = "\n</details>\n"
        body, shown = "", 0
        for identity in identities:
            chunk = _identity(identity)
            if len(text) + len(opened) + len(body) + len(chunk) + len(closed) > room:
                break
            body += chunk
            shown += 1
        text += f"{opened}{body}{closed}" if shown else ""
        left += len(identities) - shown
        stacks += shown < len(identities)
    if left:
        text += f"\nand {left} more of {counted(stacks, 'stack')}, left out here: `nhi plan` lists them all\n"
    return text


def _changing(identities: Sequence[IdentityChange]) -> str:
    number = sum(one.identity is not None for one in identities)
    words = f"{number} identity changes" if number == 1 else f"{number} identities change"
    return words if number == len(identities) else f"{words}, and what belongs to none"


def _identity(one: IdentityChange) -> str:
    text = f"- {_name(one.identity)}\n"
    for change in one.changes[:_RESOURCES]:
        attributes = ", ".join(map(code, change.attributes)) if change.action in _STAYING else ""
        text += f"  - {change.action.value} {code(change.address)}{': ' if attributes else ''}{attributes}\n"
    left = len(one.changes) - _RESOURCES
    return text + (f"  - and {left} more\n" if left > 0 else "")


def _name(identity: str | None) -> str:
    return "outside of any identity" if identity is None else code(identity)


def _bounded(lines: Sequence[str], room: int, noun: str) -> str:
    """As many lines as there is room for; the others are counted."""
    text, shown = "", 0
    for line in lines:
        if len(text) + len(line) > room:
            break
        text += line
        shown += 1
    left = len(lines) - shown
    return text + (f"- and {left} more {noun if left == 1 else noun + 's'}\n" if left else "")
