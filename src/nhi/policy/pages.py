"""A rule's manual page, read from the docstring of its file; and the index of all rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nhi.errors import NhiError
from nhi.model.finding import Severity
from nhi.policy.discovery import RuleEntry
from nhi.policy.rule import AnyRule

HEADINGS = ("What it does", "Why it matters", "Fails", "Passes", "References")
"""The headings of every page, in this order."""

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"^- (.+(?:\n  .+)*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """What `nhi explain <slug>` shows."""

    slug: str
    code: str
    severity: Severity
    title: str
    """What is wrong, in a sentence without its full stop."""
    what: str
    """Markdown."""
    why: str
    """Markdown."""
    fails: tuple[str, ...]
    """Complete manifests that break this rule and no other; the line at fault carries `# expect: <slug>`."""
    passes: tuple[str, ...]
    """Complete manifests that break no rule."""
    references: tuple[str, ...]
    """Controls that the rule gives evidence for, with their titles, and sources to read on."""
    markdown: str
    """The whole page."""


def page(entry: RuleEntry[AnyRule]) -> Page:
    """The rule's page.

    Raises:
        NhiError: the docstring does not have the fixed headings, an example of each kind, or the rule's references.
    """
    title, *rest = entry.manual.strip().split("\n\n", 1)
    sections = _sections("".join(rest))
    if tuple(sections) != HEADINGS:
        raise _malformed(entry, f"the headings are {', '.join(sections) or 'missing'}")
    fails, passes = _examples(sections["Fails"]), _examples(sections["Passes"])
    if not fails or not passes:
        raise _malformed(entry, "an example is missing under Fails or Passes")
    references = tuple(item.replace("\n  ", " ") for item in _ITEM.findall(sections["References"]))
    unnamed = [control for control in entry.rule.references if not any(_cites(one, control) for one in references)]
    if unnamed:
        raise _malformed(entry, f"References do not name {', '.join(unnamed)}")
    return Page(
        slug=entry.slug,
        code=entry.rule.code,
        severity=entry.rule.severity,
        title=" ".join(title.split()).removesuffix("."),
        what=sections["What it does"],
        why=sections["Why it matters"],
        fails=fails,
        passes=passes,
        references=references,
        markdown=f"# {entry.slug} ({entry.rule.code}, {entry.rule.severity})\n\n{entry.manual.strip()}\n",
    )


def index(rules: Sequence[RuleEntry[AnyRule]]) -> str:
    """The Markdown that lists all rules, for the README beside them. Same rules, same bytes."""
    rows = "\n".join(_row(page(entry)) for entry in rules)
    return (
        "# Rules\n\n"
        "One file a rule; its docstring is its manual page, also shown by `nhi explain <rule>`. The manifests in it\n"
        "are run by the tests; their kind, `service-role`, is made up. This list is written by `scripts/docs`.\n\n"
        "A new rule is two files: `<rule_name>.py` here and `tests/rules/<rule-name>.yaml`.\n\n"
        "| code | rule | severity | what is wrong |\n"
        "| --- | --- | --- | --- |\n"
        f"{rows}\n"
    )


def _row(one: Page) -> str:
    return f"| {one.code} | [{one.slug}]({one.slug.replace('-', '_')}.py) | {one.severity} | {one.title} |"


def _sections(text: str) -> dict[str, str]:
    _, *parts = _HEADING.split(text)
    return {heading: body.strip() for heading, body in zip(parts[0::2], parts[1::2], strict=True)}


def _examples(section: str) -> tuple[str, ...]:
    return tuple(_FENCE.findall(section))


def _cites(reference: str, control: str) -> bool:
    return reference == control or reference.startswith(f"{control}, ")


def _malformed(entry: RuleEntry[AnyRule], message: str) -> NhiError:
    return NhiError(
        f"the manual of the rule {entry.slug} is malformed: {message}",
        hint=f"its docstring needs these headings, in this order: {', '.join(HEADINGS)}",
    )
