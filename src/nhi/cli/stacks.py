"""Which stacks a command is about: the ones that are named, or those that a change touches, or all."""

from collections.abc import Sequence
from pathlib import Path

from nhi.cli import wiring
from nhi.errors import InputError, UsageError
from nhi.flows.declared import stack_named
from nhi.flows.touched import READ, Reason, touched_stacks, with_put_back
from nhi.manifest.ground import Ground
from nhi.model.settings import Stack


def chosen_stacks(folder: Path, ground: Ground, named: Sequence[str], base: str | None) -> list[Stack]:
    """The stacks, sorted by name.

    Raises:
        UsageError: stacks are named and a base is given too.
        InputError: there is no such stack or revision, or the change leaves identities behind that nobody would plan.
    """
    if named and base is not None:
        raise UsageError("--stack and --base both choose the stacks", hint="leave out one of the two")
    if named:
        return [stack_named(ground, name) for name in sorted(set(named))]
    names = ground.settings.stacks if base is None else changed_stacks(folder, ground, base)
    return [ground.settings.stacks[name] for name in sorted(names)]


def changed_stacks(
    folder: Path, ground: Ground, base: str, *, on_the_way: bool = False
) -> dict[str, tuple[Reason, ...]]:
    """The stacks that the files of a folder touch since they parted from `base`, sorted by name, and why.

    With `on_the_way` also those that a commit touched and a later one put back: what came, was applied and went again
    differs in no file, and has to be applied all the same.

    Raises:
        InputError: there is no such revision, or the change leaves identities behind that nobody would plan.
    """
    repository = wiring.repository(folder)
    head = repository.commit_id("HEAD")
    commit = repository.merge_base(repository.commit_id(base), head)
    changes = repository.changes(commit, None, READ)
    if on_the_way:
        if repository.is_shallow():
            raise InputError("this clone is shallow: it does not show every change", hint="fetch-depth: 0")
        changes = with_put_back(changes, repository.changed_between(commit, head, READ))
    return touched_stacks(changes, repository.snapshot(commit), wiring.working_tree(folder), ground)
