"""Find the rules: the files of `nhi.policy.rules` are the registry."""

import importlib
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from nhi.errors import NhiError
from nhi.policy import rules as our_rules
from nhi.policy.rule import Rule

_CODE = re.compile(r"NHI\d{3}")


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule as it was found."""

    slug: str
    """Its file's name with `-`: `missing-owner`."""
    rule: Rule
    manual: str
    """The docstring of its file; `nhi.policy.pages` reads it."""


def discover(package: ModuleType = our_rules) -> tuple[RuleEntry, ...]:
    """Every rule of the package, sorted by code.

    A rule that cannot be imported fails the run with Python's own error: a gate never goes on with fewer rules.

    Raises:
        NhiError: a file that holds no rule or no manual, a malformed code, or a code used twice.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return sorted_by_code([_load(package, name) for name in names])


def sorted_by_code(entries: Sequence[RuleEntry]) -> tuple[RuleEntry, ...]:
    """The rules sorted by code.

    Raises:
        NhiError: a malformed code, or a code used twice.
    """
    by_code: dict[str, RuleEntry] = {}
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


def _load(package: ModuleType, name: str) -> RuleEntry:
    module = importlib.import_module(f"{package.__name__}.{name}")
    rule: object = getattr(module, "RULE", None)
    if not isinstance(rule, Rule):
        raise NhiError(f"{module.__name__} defines no RULE", hint="end the file with `RULE = Rule(...)`")
    if not module.__doc__:
        raise NhiError(f"{module.__name__} has no docstring", hint="begin the file with the rule's manual")
    return RuleEntry(slug=name.replace("_", "-"), rule=rule, manual=module.__doc__)
