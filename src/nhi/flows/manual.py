"""The manual: one page for each rule, and for each reason for which a file cannot be read."""

from nhi.manifest import problems
from nhi.manifest.problems import ProblemKind
from nhi.model.finding import Severity
from nhi.model.manual import ManualPage
from nhi.policy.discovery import discover
from nhi.policy.pages import page


def pages() -> tuple[ManualPage, ...]:
    """Every page, sorted by code."""
    of_rules = []
    for entry in discover().entries:
        one = page(entry)
        of_rules.append(
            ManualPage(
                one.slug, one.code, one.severity, one.title, one.what, tuple(entry.rule.references), one.markdown
            )
        )
    return tuple(sorted([*of_rules, *(_of_problem(kind) for kind in problems.ALL)], key=lambda one: one.code))


def _of_problem(kind: ProblemKind) -> ManualPage:
    text = f"# {kind.slug} ({kind.code}, error)\n\n{kind.title}.\n\n{kind.page}"
    return ManualPage(kind.slug, kind.code, Severity.ERROR, kind.title, kind.page, (), text)
