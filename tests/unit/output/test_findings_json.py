"""Findings as JSON: exactly the contract `nhi/findings/v1`."""

import json
from dataclasses import replace

from tests.fixtures.manifests import AS_OF

from nhi.model.finding import Finding, GrantedException, Severity
from nhi.output.findings_json import findings_json

FOUND = Finding("missing-owner", "NHI001", Severity.ERROR, "prod/a", "identities/prod/a.yaml", 3, 1, "no owner", "add")


def test_the_whole_document() -> None:
    covered = replace(FOUND, severity=Severity.WARNING, identity=None, exception=GrantedException("security", AS_OF))

    assert json.loads(findings_json(AS_OF, 12, [FOUND, covered])) == {
        "schema": "nhi/findings/v1",
        "as_of": "2026-11-20T00:00:00Z",
        "checked": 12,
        "findings": [
            {
                "rule": "missing-owner",
                "code": "NHI001",
                "severity": "error",
                "identity": "prod/a",
                "path": "identities/prod/a.yaml",
                "line": 3,
                "column": 1,
                "message": "no owner",
                "hint": "add",
                "exception": None,
            },
            {
                "rule": "missing-owner",
                "code": "NHI001",
                "severity": "warning",
                "identity": None,
                "path": "identities/prod/a.yaml",
                "line": 3,
                "column": 1,
                "message": "no owner",
                "hint": "add",
                "exception": {"approver": "security", "expiry": "2026-11-20T00:00:00Z"},
            },
        ],
    }


def test_no_findings_is_an_empty_list() -> None:
    assert json.loads(findings_json(AS_OF, 0, []))["findings"] == []


def test_hostile_text_is_kept_in_pure_ascii() -> None:
    hostile = 'a"\\\n\x1b\u202e\udcff😀'

    written = findings_json(AS_OF, 1, [replace(FOUND, message=hostile)])

    assert written.isascii()
    assert "\x1b" not in written
    assert json.loads(written)["findings"][0]["message"] == hostile


def test_what_githubs_runner_obeys_is_written_otherwise_and_reads_the_same() -> None:
    written = findings_json(AS_OF, 1, [replace(FOUND, message="###[error]##[add-mask]a")])

    assert "##[" not in written
    assert json.loads(written)["findings"][0]["message"] == "###[error]##[add-mask]a"
