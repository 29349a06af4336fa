"""Judge manifests one by one, and find names that stand twice. What `check` and `check --base` have in common."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from nhi.manifest import problems
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, is_manifest_path, stack_and_name
from nhi.manifest.problems import Problem
from nhi.manifest.read import read
from nhi.manifest.yamltext import locate
from nhi.model.finding import Finding
from nhi.model.identity import Manifest
from nhi.model.moment import Moment
from nhi.model.source import SourceFile
from nhi.model.verdict import Verdict, span
from nhi.policy.discovery import Rulebook
from nhi.policy.engine import Locate, findings, judge_outcome
from nhi.policy.facts import facts_of
from nhi.policy.rule import Context
from nhi.repository.interface import Snapshot

_EXTENSION = ".yaml"
"""A file of another one is no manifest, and says so in a finding of its own."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found."""

    as_of: datetime
    checked: int
    """How many manifests were looked at."""
    findings: tuple[Finding, ...]

    @property
    def blocks(self) -> bool:
        """Whether anything found is an error that no exception covers."""
        return any(found.blocks for found in self.findings)


@dataclass(frozen=True, slots=True)
class Judge:
    """What every manifest of one run is judged with."""

    ground: Ground
    rules: Rulebook
    moment: Moment
    _contexts: Mapping[bool, Context] = field(init=False, repr=False, compare=False)
    """By whether the manifest is edited: what rules look at is put together once, not for each manifest."""

    def __post_init__(self) -> None:
        """Ask the rules which of them may be excepted."""
        asked = {entry.slug: entry.rule.may_be_excepted for entry in self.rules.entries}
        owners, settings = self.ground.owners, self.ground.settings
        contexts = {edited: Context(owners, settings, self.moment, edited, asked) for edited in (True, False)}
        object.__setattr__(self, "_contexts", contexts)

    def judge(self, file: SourceFile, *, edited: bool) -> Verdict:
        """Read and judge one file."""
        self.moment.start_span()
        reading = read(file, self.ground.catalog, self.ground.settings.stacks)
        found = [problem.finding(file.path, reading.identity) for problem in reading.problems]
        if reading.manifest is None:
            return span(self.moment.since, self.moment.until, found)
        found += self._of_policy(reading.manifest, self._contexts[edited], partial(locate, file.data))
        return span(self.moment.since, self.moment.until, found, facts_of(reading.manifest))

    def _of_policy(self, manifest: Manifest, context: Context, place: Locate) -> list[Finding]:
        found = findings(manifest, context, self.rules.of_manifests, place)
        return found + judge_outcome(manifest, context, self.rules, found, place)


def same_names(snapshot: Snapshot, everywhere: Iterable[str], about: Iterable[str]) -> Iterator[Finding]:
    """A finding on each file of `about` whose name another file of `everywhere` has in the same stack."""
    groups: dict[tuple[str, str], list[str]] = {}
    for path in everywhere:
        stack, name = stack_and_name(path)
        if stack is not None and path.endswith(_EXTENSION) and is_manifest_path(path):
            groups.setdefault((stack, name.casefold()), []).append(path)
    if all(len(group) == 1 for group in groups.values()):
        return
    for path in about:
        stack, name = stack_and_name(path)
        group = groups.get((stack or "", name.casefold()), ()) if path.endswith(_EXTENSION) else ()
        others = [one for one in group if one != path]
        file = snapshot.file(path) if others else None
        if file is not None:
            line, column = locate(file.data, ("name",))
            yield Problem(
                problems.DUPLICATE_NAME,
                line,
                column,
                f"{others[0]} has the same name in the stack {stack!r}",
                "rename one of them: AWS compares names without regard to case",
            ).finding(path, f"{stack}/{name}")


def stack_folders(paths: Iterable[str]) -> list[str]:
    """The folders of the stacks that paths are in, sorted."""
    stacks = {stack_and_name(path)[0] for path in paths}
    return sorted(f"{IDENTITIES}/{stack}" for stack in stacks if stack is not None)
