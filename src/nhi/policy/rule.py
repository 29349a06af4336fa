"""What a rule is: a value and one function. A rule sees the model, never YAML, HCL, the clock or a file.

There are four sorts. A `Rule` looks at one manifest, and its verdict is kept while nothing changes. An `OutcomeRule`
looks at what those rules found in it. A `StackRule` compares the manifests of one stack with each other. A `ChangeRule`
looks at what a change does, so it needs `--base`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nhi.model.change import Change, ManifestChange
from nhi.model.facts import Neighbour
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
    rules: Mapping[str, bool] = field(default_factory=dict)
    """Every rule's slug → whether an accepted exception can cover it. Empty where only some rules are run."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule about one manifest. Its slug is its file's name with `-`; its manual page is its module's docstring."""

    code: str
    """`NHI` and three digits; never given to another rule."""
    severity: Severity
    references: tuple[str, ...]
    """Controls that the rule gives evidence for, such as "OWASP NHI1:2025" or "CSF 2.0 PR.AA-05"."""
    check: Callable[[Manifest, Context], Iterator[Violation]]
    may_be_excepted: bool = True
    """False where no accepted exception covers it: what the rule asks for is needed to approve or to remove at all."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules about one manifest made of it."""

    asked: frozenset[str]
    """The slugs of the rules that looked at it."""
    found: frozenset[str]
    """The slugs of those that found something, under an accepted exception or not."""
    blocks: bool
    """Whether something that was found is an error that no exception covers."""


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """A rule about what the other rules found in a manifest. The fields are those of `Rule`."""

    code: str
    severity: Severity
    references: tuple[str, ...]
    check: Callable[[Manifest, Context, Outcome], Iterator[Violation]]
    may_be_excepted: bool = True


@dataclass(frozen=True, slots=True)
class StackRule:
    """A rule that compares the manifests of one stack. The fields are those of `Rule`."""

    code: str
    severity: Severity
    references: tuple[str, ...]
    check: Callable[[Sequence[Neighbour]], Iterator[tuple[Neighbour, Violation]]]
    """All manifests of a stack, sorted by path → each violation and the manifest that it is about."""
    may_be_excepted: bool = True


@dataclass(frozen=True, slots=True)
class ChangeContext:
    """What a rule about a change may look at beside the change."""

    before: Context | None
    """Owners and settings of the base, by which a change is judged; None where they cannot be read."""
    after: Context
    change: Change
    """The whole change that the identity's is a part of."""


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """A rule about what a change does to one identity. The fields are those of `Rule`."""

    code: str
    severity: Severity
    references: tuple[str, ...]
    check: Callable[[ManifestChange, ChangeContext], Iterator[Violation]]
    may_be_excepted: bool = True


AnyRule: TypeAlias = Rule | OutcomeRule | StackRule | ChangeRule
