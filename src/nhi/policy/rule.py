"""What a rule is: a value and one function. A rule sees the model, never YAML, HCL, the clock or a file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.model.moment import Moment
from nhi.model.owners import Owners
from nhi.model.settings import Settings

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where in the manifest: ("scope", "allow", 0, "actions", 2). The empty path is the manifest itself."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a manifest breaks a rule."""

    at: KeyPath
    message: str
    """What is wrong. No relative times ("3 days ago"): a verdict may be kept and shown again later."""
    hint: str
    """What to write instead."""
    severity: Severity | None = None
    """Where it differs from the rule's own."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule may look at beside the manifest."""

    owners: Owners
    settings: Settings
    now: Moment
    edited: bool
    """Whether the change under check adds or edits this manifest. False where there is no change, only a state."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Its slug is its file's name with `-`; its manual page is its module's docstring."""

    code: str
    """`NHI` and three digits; never given to another rule."""
    severity: Severity
    references: tuple[str, ...]
    """Controls that the rule gives evidence for, such as "OWASP NHI1:2025" or "CSF 2.0 PR.AA-05"."""
    check: Callable[[Manifest, Context], Iterator[Violation]]
    may_be_excepted: bool = True
    """False where no accepted exception covers it: what the rule asks for is needed to approve or to remove at all."""
