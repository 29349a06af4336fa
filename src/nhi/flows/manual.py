"""The manual: one page for each rule, and for each reason for which a file cannot be read."""

from dataclasses import dataclass

from nhi.manifest import problems
from nhi.manifest.problems import ProblemKind
from nhi.model.finding import Severity
from nhi.policy.discovery import discover
from nhi.policy.pages import page


@dataclass(frozen=True, slots=True)
class ManualPage:
    """What `nhi explain` prints, and what `nhi rules` lists of it."""

    slug: str
    code: str
    severity: Severity
    title: str
    references: tuple[str, ...]
    text: str
    """Markdown."""


def pages() -> tuple[ManualPage, ...]:
    """Every page, sorted by code."""
    of_rules = []
    for entry in discover():
        one = page(entry)
        of_rules.append(
            ManualPage(one.slug, one.code, one.severity, one.title, tuple(entry.rule.references), one.markdown)
        )
    return tuple(sorted([*of_rules, *(_of_problem(kind) for kind in problems.ALL)], key=lambda one: one.code))


def _of_problem(kind: ProblemKind) -> ManualPage:
    text = f"# {kind.slug} ({kind.code}, error)\n\n{kind.title}.\n\n{kind.page}"
    return ManualPage(kind.slug, kind.code, Severity.ERROR, kind.title, (), text)
