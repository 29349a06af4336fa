"""Rules that compare the manifests of one stack: gather the neighbours, run the rules, find the places."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial

from nhi.flows.judge import Judge, stack_folders
from nhi.manifest.place import identity_at, is_manifest_path
from nhi.manifest.read import read
from nhi.manifest.yamltext import locate
from nhi.model.facts import Facts, Neighbour
from nhi.model.finding import Finding
from nhi.model.source import SourceFile
from nhi.policy.discovery import RuleEntry
from nhi.policy.engine import finding, judge_stack
from nhi.policy.facts import facts_of
from nhi.policy.rule import StackRule, Violation
from nhi.repository.interface import Snapshot


def stack_findings(
    snapshot: Snapshot, judge: Judge, known: Mapping[str, Facts], about: Collection[str]
) -> Iterator[Finding]:
    """What the rules about stacks find in the manifests `about`. `known` spares reading what was read already."""
    if not judge.rules.of_stacks:
        return
    wanted = frozenset(about)
    for folder in stack_folders(about):
        found: dict[str, list[tuple[RuleEntry[StackRule], Violation]]] = {}
        for entry, neighbour, violation in judge_stack(_stack(snapshot, judge, known, folder), judge.rules.of_stacks):
            if neighbour.path in wanted:
                found.setdefault(neighbour.path, []).append((entry, violation))
        for file in snapshot.read(found.keys()):
            yield from _located(file, judge, found[file.path])


def _stack(snapshot: Snapshot, judge: Judge, known: Mapping[str, Facts], folder: str) -> list[Neighbour]:
    paths = [path for path in snapshot.paths(folder) if is_manifest_path(path)]
    read_now = {file.path: facts for file in snapshot.read(set(paths) - known.keys()) if (facts := _facts(file, judge))}
    everyone = read_now | {path: known[path] for path in paths if path in known}
    return [Neighbour(path, identity_at(path), everyone[path]) for path in paths if path in everyone]


def _facts(file: SourceFile, judge: Judge) -> Facts | None:
    manifest = read(file, judge.ground.catalog, judge.ground.settings.stacks).manifest
    return None if manifest is None else facts_of(manifest)


def _located(
    file: SourceFile, judge: Judge, found: Iterable[tuple[RuleEntry[StackRule], Violation]]
) -> Iterator[Finding]:
    manifest = read(file, judge.ground.catalog, judge.ground.settings.stacks).manifest
    if manifest is not None:
        for entry, violation in found:
            yield finding(manifest, judge.moment, entry, violation, partial(locate, file.data))
