"""Find the rules: the files of `nhi.policy.rules` are the registry."""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Generic, TypeVar

from nhi.errors import NhiError
from nhi.policy import rules as our_rules
from nhi.policy.rule import AnyRule, ChangeRule, OutcomeRule, Rule, StackRule

_CODE = re.compile(r"NHI\d{3}")
_AnyRule_co = TypeVar("_AnyRule_co", bound=AnyRule, covariant=True)


@dataclass(frozen=True, slots=True)
class RuleEntry(Generic[_AnyRule_co]):
    """One rule as it was found."""

    slug: str
    """Its file's name with `-`: `missing-owner`."""
    rule: _AnyRule_co
    manual: str
    """The docstring of its file; `nhi.policy.pages` reads it."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules, by what they look at; each list sorted by code."""

    of_manifests: tuple[RuleEntry[Rule], ...]
    of_outcomes: tuple[RuleEntry[OutcomeRule], ...]
    of_stacks: tuple[RuleEntry[StackRule], ...]
    of_changes: tuple[RuleEntry[ChangeRule], ...]
    about_manifests: frozenset[str] = field(init=False, repr=False, compare=False)
    """The slugs of `of_manifests`."""

    def __post_init__(self) -> None:
        """Gather the slugs once, not for each manifest."""
        object.__setattr__(self, "about_manifests", frozenset(entry.slug for entry in self.of_manifests))

    @property
    def entries(self) -> tuple[RuleEntry[AnyRule], ...]:
        """Every rule, sorted by code."""
        every: list[RuleEntry[AnyRule]] = [*self.of_manifests, *self.of_outcomes, *self.of_stacks, *self.of_changes]
        return tuple(sorted(every, key=lambda entry: entry.rule.code))


def rulebook(entries: Iterable[RuleEntry[AnyRule]]) -> Rulebook:
    """The rules, told apart by what they look at.

    Raises:
        NhiError: a malformed code, or a code used twice.
    """
    in_order = sorted_by_code(tuple(entries))
    return Rulebook(
        tuple(RuleEntry(one.slug, one.rule, one.manual) for one in in_order if isinstance(one.rule, Rule)),
        tuple(RuleEntry(one.slug, one.rule, one.manual) for one in in_order if isinstance(one.rule, OutcomeRule)),
        tuple(RuleEntry(one.slug, one.rule, one.manual) for one in in_order if isinstance(one.rule, StackRule)),
        tuple(RuleEntry(one.slug, one.rule, one.manual) for one in in_order if isinstance(one.rule, ChangeRule)),
    )


def discover(package: ModuleType = our_rules) -> Rulebook:
    """Every rule of the package.

    A rule that cannot be imported fails the run with Python's own error: a gate never goes on with fewer rules.

    Raises:
        NhiError: a file that holds no rule or no manual, a malformed code, or a code used twice.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return rulebook(_load(package, name) for name in names)


def sorted_by_code(entries: Sequence[RuleEntry[AnyRule]]) -> tuple[RuleEntry[AnyRule], ...]:
    """The rules sorted by code.

    Raises:
        NhiError: a malformed code, or a code used twice.
    """
    by_code: dict[str, RuleEntry[AnyRule]] = {}
    for entry in entries:
        code = entry.rule.code
        if _CODE.fullmatch(code) is None:
            raise NhiError(
                f"the rule {entry.slug} has the code {code!r}", hint="write NHI and three digits, such as NHI104"
            )
        if code in by_code:
            raise NhiError(
                f"the rules {by_code[code].slug} and {entry.slug} both have the code {code}",
                hint=f"give {entry.slug} a code that no rule has or had",
            )
        by_code[code] = entry
    return tuple(by_code[code] for code in sorted(by_code))


def _load(package: ModuleType, name: str) -> RuleEntry[AnyRule]:
    module = importlib.import_module(f"{package.__name__}.{name}")
    rule: object = getattr(module, "RULE", None)
    if not isinstance(rule, AnyRule):
        raise NhiError(f"{module.__name__} defines no RULE", hint="end the file with `RULE = Rule(...)`")
    if not module.__doc__:
        raise NhiError(f"{module.__name__} has no docstring", hint="begin the file with the rule's manual")
    return RuleEntry(slug=name.replace("_", "-"), rule=rule, manual=module.__doc__)
