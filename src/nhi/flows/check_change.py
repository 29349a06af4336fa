"""`nhi check --base`: what a change adds or edits is judged in full; what it leaves alone is not blamed on it.

A change can break what it leaves alone: it can remove an owner, tighten a schema, drop a stack. So where it touches the
ground, every other manifest is judged on the old ground and on the new one, and only what the new one adds is reported.
The cost follows the size of the change, not of the repository, unless the ground itself changes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from nhi.errors import InputError
from nhi.flows.change import author_named, read_change, with_history
from nhi.flows.ground import read_ground
from nhi.flows.judge import CheckResult, Judge, same_names, stack_folders
from nhi.flows.neighbours import stack_findings
from nhi.manifest.ground import is_ground
from nhi.manifest.place import IDENTITIES, is_manifest_path
from nhi.manifest.yamltext import locate
from nhi.model.finding import Finding, in_order
from nhi.model.moment import Moment
from nhi.model.source import ChangeType, PathChange
from nhi.policy.discovery import Rulebook
from nhi.policy.engine import finding, judge_change
from nhi.policy.rule import ChangeContext, Context
from nhi.repository.interface import Repository, Snapshot


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that is asked for."""

    head: Snapshot
    base: Snapshot
    base_commit: str
    paths: tuple[PathChange, ...]
    """Every path of the repository that differs between the two."""
    author: str | None = None
    """The name, GitHub login or e-mail address of whoever asks for it; None where it is not known."""


def check_change(proposal: Proposal, repository: Repository, rules: Rulebook, as_of: datetime) -> CheckResult:
    """Check a change.

    Raises:
        InputError: the configuration at the head is not valid.
    """
    head = proposal.head
    ground, _ = read_ground(head)
    judge = Judge(ground, rules, Moment(as_of))
    before = _judge_on(proposal.base, rules, as_of)
    stand = [one.path for one in proposal.paths if one.type is not ChangeType.REMOVED]
    changed = sorted(filter(is_manifest_path, stand))
    found: list[Finding] = []
    checked = 0
    for file in head.read(changed):
        checked += 1
        found.extend(judge.judge(file, edited=True).findings)
    everywhere = [path for folder in stack_folders(changed) for path in head.paths(folder)]
    found.extend(same_names(head, everywhere, changed))
    found.extend(stack_findings(head, judge, {}, changed))
    found.extend(_of_the_change(proposal, repository, judge, before))
    if any(is_ground(one.path) for one in proposal.paths):
        for more in _broken_by_the_ground(head, judge, before, frozenset(changed)):
            checked += 1
            found.extend(more)
    return CheckResult(as_of, checked, in_order(found))


def _of_the_change(proposal: Proposal, repository: Repository, judge: Judge, before: Judge | None) -> Iterator[Finding]:
    """What the rules about changes find. A base whose ground cannot be read is read on the head's."""
    if not judge.rules.of_changes:
        return
    ground = judge.ground
    old = ground if before is None else before.ground
    author = author_named(proposal.author, old.owners)
    found = read_change(proposal.head, proposal.base, (old, ground), proposal.paths, author)
    change = with_history(found, repository, proposal.base_commit).change
    context = ChangeContext(
        None if before is None else Context(old.owners, old.settings, judge.moment, edited=True),
        Context(ground.owners, ground.settings, judge.moment, edited=True),
        change,
    )
    for entry, one, violation in judge_change(change, context, judge.rules.of_changes):
        manifest, data = one.after or one.before, found.data[one.identity]
        if manifest is not None:
            yield finding(manifest, judge.moment, entry, violation, partial(locate, data))


def _judge_on(base: Snapshot, rules: Rulebook, as_of: datetime) -> Judge | None:
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
    policy = frozenset(entry.slug for entry in judge.rules.entries)
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
