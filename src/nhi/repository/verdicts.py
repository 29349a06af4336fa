"""Verdicts in one file of the clone's private Git folder, where no commit and no pull request can put one."""

import json
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from nhi.model.facts import Facts
from nhi.model.finding import Finding, GrantedException, Severity
from nhi.model.instant import format_instant, parse_instant
from nhi.model.verdict import Verdict, Verdicts

_FORMAT = 2


class VerdictFile:
    """A VerdictStore in one JSON file."""

    def __init__(self, path: Path, program: str) -> None:
        """`program` is a digest of the code that judges: other code's verdicts do not count."""
        self._path = path
        self._program = program

    def recall(self, ground: str) -> Verdicts:
        """The verdicts kept for a ground; none where the file is absent, of another ground or program, or damaged."""
        try:
            kept = json.loads(self._path.read_bytes())
            if kept["head"] != self._head(ground):
                return {}
            clean = {
                key: Verdict(float(since), float(until), (), _facts(facts))
                for key, (since, until, *facts) in kept["clean"].items()
            }
            return clean | {key: _verdict(one) for key, one in kept["found"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return {}

    def keep(self, ground: str, verdicts: Verdicts) -> None:
        """Replace the file, whole or not at all. Where it cannot be written, the next run is slower: nothing else."""
        text = json.dumps(
            {
                "head": self._head(ground),
                "clean": {
                    key: (one.since, one.until, *_facts_written(one))
                    for key, one in verdicts.items()
                    if not one.findings
                },
                "found": {key: _written(one) for key, one in verdicts.items() if one.findings},
            }
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._path.parent, ignore_cleanup_errors=True) as folder:
                whole = Path(folder, self._path.name)
                whole.write_text(text, "utf-8")
                whole.replace(self._path)
        except OSError:
            return

    def _head(self, ground: str) -> str:
        return f"{_FORMAT}:{self._program}:{ground}"


def program_digest(folders: Iterable[Path]) -> str:
    """A digest of the program's own files (code, schemas, templates) below the folders."""
    total = sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".json", ".j2"):
                total.update(path.name.encode())
                total.update(path.read_bytes())
    return total.hexdigest()


def _written(verdict: Verdict) -> list[Any]:
    findings = [
        [
            found.rule,
            found.code,
            found.severity,
            found.identity,
            found.path,
            found.line,
            found.column,
            found.message,
            found.hint,
            [found.exception.approver, format_instant(found.exception.expiry), found.exception.reason]
            if found.exception
            else None,
        ]
        for found in verdict.findings
    ]
    return [verdict.since, verdict.until, findings, *_facts_written(verdict)]


def _facts_written(verdict: Verdict) -> list[str | None]:
    return [] if verdict.facts is None else [verdict.facts.purpose, verdict.facts.scope]


def _facts(written: list[object]) -> Facts | None:
    match written:
        case []:
            return None
        case [str() | None as purpose, str() | None as scope]:
            return Facts(purpose, scope)
        case _:
            raise ValueError("no facts")


def _verdict(written: list[Any]) -> Verdict:
    since, until, findings, *facts = written
    return Verdict(float(since), float(until), tuple(_finding(one) for one in findings), _facts(facts))


def _finding(written: object) -> Finding:
    match written:
        case [
            str(rule),
            str(code),
            str(severity),
            str() | None as identity,
            str(path),
            int(line),
            int(column),
            str(message),
            str(hint),
            exception,
        ]:
            severe, granted = Severity(severity), _exception(exception)
            return Finding(rule, code, severe, identity, path, line, column, message, hint, granted)
        case _:
            raise ValueError("no finding")


def _exception(written: object) -> GrantedException | None:
    match written:
        case None:
            return None
        case [str(approver), str(expiry), str(reason)]:
            return GrantedException(approver, parse_instant(expiry), reason)
        case _:
            raise ValueError("no exception")
