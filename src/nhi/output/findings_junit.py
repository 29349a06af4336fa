"""Findings as JUnit XML, for the test reports of Jenkins, GitLab and others.

There is no standard; this is what Jenkins' schema lets through (`junit-10.xsd` of
https://github.com/jenkinsci/xunit-plugin). Readers show one failure a test: so a file is one test, and all of its
errors are one failure.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from html import escape
from itertools import groupby

from nhi.model.finding import Finding
from nhi.model.instant import format_instant
from nhi.output.finding import acceptance, advice, place
from nhi.output.plain import counted, one_line
from nhi.output.summary import summary


class _Outcome(Enum):
    FAILED = auto()
    SKIPPED = auto()
    PASSED = auto()


def findings_junit(as_of: datetime, checked: int, findings: Sequence[Finding], command: str = "nhi check") -> str:
    """One test for each file with findings: failed by errors, else skipped where an accepted exception covers some.

    Its warnings are its output. One more test, always there and passed, says how many manifests were checked: files
    without findings are not known by name, and Jenkins takes an empty report for a failure.
    """
    files = [list(group) for _, group in groupby(sorted(findings, key=_path), key=_path)]
    outcomes = Counter(map(_outcome, files))
    counts = f'tests="{len(files) + 1}" failures="{outcomes[_Outcome.FAILED]}" errors="0"'
    skipped = outcomes[_Outcome.SKIPPED]
    total = f"<system-out>{_xml(summary(as_of, checked, findings))}</system-out>"
    cases = "\n".join([_testcase("nhi", command, total), *map(_case, files)])
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="{command}" {counts} time="0">\n'
        f'<testsuite name="{command}" {counts} skipped="{skipped}" time="0" timestamp="{format_instant(as_of)}">\n'
        f"{cases}\n"
        "</testsuite>\n"
        "</testsuites>\n"
    )


def _outcome(file: Sequence[Finding]) -> _Outcome:
    if any(found.blocks for found in file):
        return _Outcome.FAILED
    return _Outcome.SKIPPED if any(found.exception for found in file) else _Outcome.PASSED


def _case(file: Sequence[Finding]) -> str:
    """The test of one file. Its class is the identity, with a dot where Jenkins divides package and class."""
    errors = [found for found in file if found.blocks]
    accepted = [found for found in file if found.exception]
    warnings = [found for found in file if not found.blocks and not found.exception]
    match _outcome(file):
        case _Outcome.FAILED:
            inner = _failure(errors) + _output([*warnings, *accepted])
        case _Outcome.SKIPPED:
            inner = _skipped(accepted) + _output(warnings)
        case _Outcome.PASSED:
            inner = _output(warnings)
    identity = next((found.identity for found in file if found.identity), "nhi")
    return _testcase(one_line(identity).replace("/", "."), one_line(file[0].path), inner)


def _testcase(classname: str, name: str, inner: str) -> str:
    return f'<testcase classname="{_xml(classname)}" name="{_xml(name)}" time="0">{inner}</testcase>'


def _failure(errors: Sequence[Finding]) -> str:
    rules = ", ".join(dict.fromkeys(found.rule for found in errors))
    more = f" (and {counted(len(errors) - 1, 'more error')})" if len(errors) > 1 else ""
    message = one_line(errors[0].message) + more
    return f'<failure type="{_xml(rules)}" message="{_xml(message)}">{_lines(errors)}</failure>'


def _skipped(accepted: Sequence[Finding]) -> str:
    message = f"{counted(len(accepted), 'finding')} under an accepted exception"
    return f'<skipped message="{message}">{_lines(accepted)}</skipped>'


def _output(findings: Sequence[Finding]) -> str:
    return f"<system-out>{_lines(findings)}</system-out>" if findings else ""


def _lines(findings: Sequence[Finding]) -> str:
    return _xml("\n".join(map(_told, findings)))


def _told(found: Finding) -> str:
    first = f"{place(found)}:{found.column}: {found.severity} {found.code} {found.rule}: {one_line(found.message)}"
    second = acceptance(found.exception) if found.exception else advice(found)
    return f"{first}\n  {second}" if second else first


def _path(found: Finding) -> str:
    return found.path


def _xml(text: str) -> str:
    """Text made of `one_line`, which leaves no character that XML 1.0 forbids, for an element or an attribute."""
    return escape(text, quote=True)
