"""`nhi check`: read every manifest, judge it, and say what is wrong where."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from nhi.errors import InputError
from nhi.flows.ground import read_ground
from nhi.flows.judge import CheckResult, Judge, same_names, stack_folders
from nhi.flows.neighbours import stack_findings
from nhi.manifest.place import IDENTITIES, is_manifest_path
from nhi.model.facts import Facts
from nhi.model.finding import Finding, in_order
from nhi.model.moment import Moment
from nhi.model.source import SourceFile
from nhi.model.verdict import Verdicts, key_of
from nhi.policy.discovery import Rulebook
from nhi.repository.interface import Snapshot, VerdictStore


def check(
    snapshot: Snapshot,
    rules: Rulebook,
    as_of: datetime,
    *,
    paths: Sequence[str] = (),
    store: VerdictStore | None = None,
) -> CheckResult:
    """Check the whole repository, or only the files and folders `paths`.

    Raises:
        InputError: the configuration is not valid, or nothing stands at one of the paths.
    """
    ground, digest = read_ground(snapshot)
    judge = Judge(ground, rules, Moment(as_of))
    known: Verdicts = store.recall(digest) if store else {}
    kept: Verdicts = {}
    seen: list[str] = []
    facts: dict[str, Facts] = {}
    found: list[Finding] = []
    now, anew = as_of.timestamp(), False
    for file in _manifests(snapshot, paths):
        key = key_of(file)
        verdict = known.get(key)
        if verdict is None or not verdict.holds(now):
            verdict, anew = judge.judge(file, edited=False), True
        kept[key] = verdict
        seen.append(file.path)
        if verdict.facts is not None:
            facts[file.path] = verdict.facts
        found.extend(verdict.findings)
    everywhere = [path for folder in stack_folders(seen) for path in snapshot.paths(folder)] if paths else seen
    found.extend(same_names(snapshot, everywhere, seen))
    found.extend(stack_findings(snapshot, judge, facts, seen))
    if store and not paths and (anew or len(kept) != len(known)):
        store.keep(digest, kept)
    return CheckResult(as_of, len(seen), in_order(found))


def _manifests(snapshot: Snapshot, paths: Sequence[str]) -> Iterator[SourceFile]:
    """The files to check, each once."""
    if not paths:
        yield from (file for file in snapshot.files(IDENTITIES) if is_manifest_path(file.path))
        return
    wanted: set[str] = set()
    for path in paths:
        if snapshot.file(path) is None:
            raise InputError(
                f"{path}: there is no such file or folder", hint="paths are relative to the current folder"
            )
        wanted.update(filter(is_manifest_path, snapshot.paths(IDENTITIES if path == "." else path)))
    yield from snapshot.read(wanted)
