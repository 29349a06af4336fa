"""Findings as SARIF 2.1.0, for GitHub code scanning and whatever else reads it.

The standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os.html (§ below).
What GitHub takes of it, and how much:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import TypeAlias
from urllib.parse import quote

from nhi.model.finding import Finding, Severity
from nhi.model.instant import format_instant
from nhi.model.manual import ManualPage
from nhi.output.finding import acceptance, advice
from nhi.output.plain import counted, json_text, one_line

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = ("error", "warning", "note")
_DESCRIPTION_CHARACTERS = 1024
_TAGS = 20
_GZIP_BYTES = 18
"""The head and the end of a gzip file (RFC 1952)."""
_LINE = re.compile(r"\b(line|column) \d+")

Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class Driver:
    """The tool that found it all."""

    version: str
    manual: Sequence[ManualPage]
    """The page of every rule, fired or not: so a reader can tell "clean" from "not looked for"."""
    command: str = "nhi check"
    """It names the category (§3.17.3): of several reports on a commit, GitHub keeps the newest of each category."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What GitHub takes in one upload; it refuses more. It stores the 5,000 most severe results."""

    results: int = 25_000
    packed_bytes: int = 10_000_000
    """Compressed with gzip."""


GITHUB = Limits()
_CUT = ManualPage(
    slug="incomplete-report",
    code="NHI000",
    severity=Severity.WARNING,
    title="Findings are left out of this report",
    what="There are more findings than one report may hold. The least severe are left out.",
    references=(),
    text="There are more findings than one report may hold. `nhi check` lists all of them.",
)
"""The rule of the result that says so. No rule of the policy has this code."""


def findings_sarif(
    as_of: datetime, checked: int, findings: Sequence[Finding], driver: Driver, limits: Limits = GITHUB
) -> str:
    """The whole result as one run. What is over the limits is left out, least severe first, and a result says so."""
    rules = {page.code: index for index, page in enumerate(driver.manual)}
    fingerprints = _fingerprints(findings)
    by_severity = sorted(range(len(findings)), key=lambda index: _LEVELS.index(_level(findings[index])))
    shown = len(findings) if len(findings) <= limits.results else limits.results - 1
    while True:
        kept, left_out = sorted(by_severity[:shown]), sorted(by_severity[shown:])
        results = [_result(findings[index], rules.get(findings[index].code), fingerprints[index]) for index in kept]
        run = _run(driver, results, [findings[index] for index in left_out])
        run["properties"] = {"asOf": format_instant(as_of), "checked": checked}
        text = json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})
        size = len(text) + _GZIP_BYTES
        if size > limits.packed_bytes:
            size = len(zlib.compress(text.encode())) + _GZIP_BYTES
        if size <= limits.packed_bytes or not shown:
            return text
        shown = shown * limits.packed_bytes * 9 // (size * 10)


def _run(driver: Driver, results: Sequence[Json], left_out: Sequence[Finding]) -> Json:
    rules = [_rule(page) for page in driver.manual]
    if left_out:
        results = [_notice(left_out, len(rules), driver.command), *results]
        rules.append(_rule(_CUT))
    return {
        "tool": {"driver": {"name": "nhi", "version": driver.version, "rules": rules}},
        "automationDetails": {"id": driver.command.replace(" ", "-") + "/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The repository."}}},
        "results": results,
    }


def _rule(page: ManualPage) -> Json:
    level = page.severity.value
    return {
        "id": page.code,
        "name": page.slug,
        "shortDescription": {"text": f"{page.title}."},
        "fullDescription": {"text": _cut(" ".join(page.what.split()))},
        "help": {"text": page.text, "markdown": page.text},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": list(dict.fromkeys(page.references))[:_TAGS], "problem.severity": level},
    }


def _fingerprints(findings: Sequence[Finding]) -> list[str]:
    """One each, which outlives a new line number, edits elsewhere in the file, and a move of the file.

    Of several that are the same in all but their place, the first is `:1`, the second `:2`.
    """
    seen: Counter[str] = Counter()
    fingerprints = []
    for found in findings:
        stable = [found.code, found.identity or found.path, _LINE.sub(r"\1", found.message)]
        alike = blake2b(json.dumps(stable).encode(), digest_size=16).hexdigest()
        seen[alike] += 1
        fingerprints.append(f"{alike}:{seen[alike]}")
    return fingerprints


def _result(found: Finding, rule: int | None, fingerprint: str) -> Json:
    text = one_line(found.message) + (f"\n{advice(found)}" if found.hint else "")
    return {
        "ruleId": found.code,
        **({} if rule is None else {"ruleIndex": rule}),
        "level": _level(found),
        "message": {"text": _escaped(text)},
        "locations": [_location(found)],
        # GitHub matches on the first name alone; the action that uploads would put a hash of the line there
        "partialFingerprints": {"primaryLocationLineHash": fingerprint, "nhi/v1": fingerprint},
        "suppressions": _suppressions(found),
    }


def _level(found: Finding) -> str:
    """GitHub does not read suppressions: as an error, an accepted exception would block there and nowhere else."""
    return "note" if found.exception else found.severity.value


def _suppressions(found: Finding) -> list[Json]:
    """Empty rather than absent: absent would say that nobody looked (§3.27.23)."""
    if found.exception is None:
        return []
    return [{"kind": "external", "status": "accepted", "justification": acceptance(found.exception)}]


def _location(found: Finding) -> Json:
    """The character at which it was found, and the identity."""
    physical: Json = {
        "artifactLocation": {"uri": _uri(found.path), "uriBaseId": _ROOT},
        "region": {
            "startLine": found.line,
            "startColumn": found.column,
            "endLine": found.line,
            "endColumn": found.column + 1,
        },
    }
    if found.identity is None:
        return {"physicalLocation": physical}
    logical = {"fullyQualifiedName": one_line(found.identity), "kind": "resource"}
    return {"physicalLocation": physical, "logicalLocations": [logical]}


def _uri(path: str) -> str:
    """The path as a relative reference (RFC 3986); bytes that are not UTF-8 are themselves again."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(path, errors="replace")


def _escaped(text: str) -> str:
    """Text in which nothing is a placeholder (§3.11.5) or a link (§3.11.6)."""
    escaped = re.sub(r"[\\\[\]]", r"\\\g<0>", text)
    return escaped.replace("{", "{{").replace("}", "}}")


def _notice(left_out: Sequence[Finding], rule: int, command: str) -> Json:
    """The result that says how much is left out. It stands at the first of them: GitHub shows none without a place."""
    blocking = sum(one.blocks for one in left_out)
    found = replace(
        left_out[0],
        code=_CUT.code,
        severity=Severity.ERROR if blocking else Severity.WARNING,
        identity=None,
        message=f"{counted(len(left_out), 'more finding')} left out of this report ({counted(blocking, 'error')})",
        hint=f"`{command}` lists all of them",
        exception=None,
    )
    return _result(found, rule, f"{_CUT.slug}:1")


def _cut(text: str) -> str:
    return text if len(text) <= _DESCRIPTION_CHARACTERS else f"{text[: _DESCRIPTION_CHARACTERS - 1]}…"
