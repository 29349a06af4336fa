"""Verdicts that still hold, so that an unchanged file need not be parsed again.

A verdict is what a check found in one file: mostly nothing. It is kept under the hash of the file's path and content,
on a ground (settings, owners, kinds, this program), with the span of time in which no rule would answer otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TypeAlias

from nhi.model.facts import Facts
from nhi.model.finding import Finding
from nhi.model.source import SourceFile


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in one file, and while which moments it would be found again."""

    since: float
    """Seconds since 1970, inclusive."""
    until: float
    """Exclusive."""
    findings: tuple[Finding, ...]
    facts: Facts | None = None
    """None where the file could not be read as a manifest."""

    def holds(self, moment: float) -> bool:
        """Whether a check at this moment would find the same."""
        return self.since <= moment < self.until


Verdicts: TypeAlias = dict[str, Verdict]


def key_of(file: SourceFile) -> str:
    """The key of a file's verdict: its path, type and content."""
    return blake2b(file.data, digest_size=16, key=blake2b(f"{file.type}\0{file.path}".encode()).digest()).hexdigest()


def span(since: datetime, until: datetime, findings: Iterable[Finding], facts: Facts | None = None) -> Verdict:
    """A verdict for the span of a `Moment`."""
    return Verdict(since.timestamp(), until.timestamp(), tuple(findings), facts)
