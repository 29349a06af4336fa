"""CODEOWNERS, read from the base branch.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nhi.sandbox.github import access, commits
from nhi.sandbox.github.things import Repository
from nhi.sandbox.github.world import World

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""GitHub takes the first that is there."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that says whose files are."""

    number: int
    source: str
    pattern: str
    owners: tuple[str, ...]
    ids: frozenset[int]
    """Of the people that these owners are, and who may write."""
    unknown: tuple[str, ...]
    """The owners that are nobody, or may not write."""


@dataclass(frozen=True, slots=True)
class File:
    """The file, where it stands."""

    path: str
    text: str


def read(repository: Repository, commit: str) -> File | None:
    """The file that counts at a commit."""
    for path in PLACES:
        content = commits.blob(repository.store, commit, path)
        if content is not None:
            return File(path, content.decode("utf-8", "replace"))
    return None


def parse(world: World, repository: Repository, file: File) -> list[Line]:
    """Its lines. One that GitHub cannot read is left out, as GitHub skips it."""
    found = []
    for number, source in enumerate(file.text.splitlines(), 1):
        words = source.partition("#")[0].split() if not source.lstrip().startswith("#") else []
        if not words or is_invalid(words[0]):
            continue
        known = {one: _people(world, repository, one) for one in words[1:]}
        ids = frozenset(each for people in known.values() for each in people)
        unknown = tuple(one for one, people in known.items() if not people)
        found.append(Line(number, source, words[0], tuple(words[1:]), ids, unknown))
    return found


def is_invalid(pattern: str) -> bool:
    """Whether GitHub does not take a pattern: no `!`, no `[ ]`."""
    return pattern.startswith("!") or "[" in pattern


def unreadable(file: File) -> list[tuple[int, str]]:
    """The lines that GitHub skips, by number."""
    lines = enumerate(file.text.splitlines(), 1)
    return [(number, source) for number, source in lines if source.strip() and is_invalid(source.split()[0])]


def line_of(lines: Sequence[Line], path: str) -> Line | None:
    """What says who owns a file: the last line that matches it, also where it names nobody."""
    return next((one for one in reversed(lines) if _matches(one.pattern, path)), None)


def changed_paths(repository: Repository, base: str, head: str) -> list[str]:
    """Every path that a head touches, both names of what it renames."""
    found = commits.changes(repository.store, base, head)
    return sorted({name for one in found for name in (one.path, one.previous) if name is not None})


def _people(world: World, repository: Repository, owner: str) -> set[int]:
    name = owner.removeprefix("@")
    if "@" in name:
        account = world.account_of_email(name)
    elif "/" in name:
        members = [world.accounts[each] for each in world.teams.get(name.lower(), set()) if each in world.accounts]
        return {one.id for one in members if access.at_least(repository, one, "write")}
    else:
        account = world.account(name) if owner.startswith("@") else None
    return {account.id} if account is not None and access.at_least(repository, account, "write") else set()


def _matches(pattern: str, path: str) -> bool:
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    words = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    middle = "".join(words.get(one, re.escape(one)) for one in re.split(r"(\*\*/|/\*\*|\*\*|\*|\?)", body))
    end = "/.*" if pattern.endswith("/") else "" if body.endswith("*") else "(?:/.*)?"
    if anchored and body.endswith("/*"):
        end = ""
    return re.fullmatch(("" if anchored else "(?:.*/)?") + middle + end, path) is not None
