"""`nhi check --base`: what a change adds or edits is judged in full; what it leaves alone is not blamed on it.

A change can break what it leaves alone: it can remove an owner, tighten a schema, drop a stack. So where it touches the
ground, every other manifest is judged on the old ground and on the new one, and only what the new one adds is reported.
The cost follows the size of the change, not of the repository, unless the ground itself changes.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from nhi.errors import InputError
from nhi.flows.ground import read_ground
from nhi.flows.judge import CheckResult, Judge, same_names, stack_folders
from nhi.manifest.ground import is_ground
from nhi.manifest.place import IDENTITIES, is_manifest_path
from nhi.model.finding import Finding, in_order
from nhi.model.moment import Moment
from nhi.model.source import ChangeType, PathChange
from nhi.policy.discovery import RuleEntry
from nhi.repository.interface import Snapshot


def check_change(
    head: Snapshot, base: Snapshot, changes: Sequence[PathChange], rules: tuple[RuleEntry, ...], as_of: datetime
) -> CheckResult:
    """Check a change from `base` to `head`.

    Raises:
        InputError: the configuration at `head` is not valid.
    """
    ground, _ = read_ground(head)
    judge = Judge(ground, rules, Moment(as_of))
    changed = sorted({one.path for one in changes if one.type is not ChangeType.REMOVED and is_manifest_path(one.path)})
    found: list[Finding] = []
    checked = 0
    for file in head.read(changed):
        checked += 1
        found.extend(judge.judge(file, edited=True).findings)
    everywhere = [path for folder in stack_folders(changed) for path in head.paths(folder)]
    found.extend(same_names(head, everywhere, changed))
    if any(is_ground(one.path) for one in changes):
        for more in _broken_by_the_ground(head, judge, _judge_on(base, rules, as_of), frozenset(changed)):
            checked += 1
            found.extend(more)
    return CheckResult(as_of, checked, in_order(found))


def _judge_on(base: Snapshot, rules: tuple[RuleEntry, ...], as_of: datetime) -> Judge | None:
    """A judge on the base's ground; None where that ground cannot be read, so that nothing on it counts as old."""
    try:
        ground, _ = read_ground(base)
    except InputError:
        return None
    return Judge(ground, rules, Moment(as_of))


def _broken_by_the_ground(
    head: Snapshot, judge: Judge, before: Judge | None, changed: frozenset[str]
) -> Iterator[list[Finding]]:
    """For every manifest that did not change: what is found on the new ground and was not on the old one."""
    policy = frozenset(entry.slug for entry in judge.rules)
    for file in head.files(IDENTITIES):
        if file.path in changed or not is_manifest_path(file.path):
            continue
        now = judge.judge(file, edited=False).findings
        old = {_gist(one, policy) for one in before.judge(file, edited=False).findings} if now and before else set()
        yield [one for one in now if _gist(one, policy) not in old]


def _gist(found: Finding, policy: frozenset[str]) -> tuple[object, ...]:
    """What makes two findings on one file the same: not a rule's words and no hint, since they quote the ground."""
    words = None if found.rule in policy else found.message
    return found.rule, found.severity, found.line, found.column, words
