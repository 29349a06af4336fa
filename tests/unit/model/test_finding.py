"""When a finding blocks, and in which order findings stand."""

from dataclasses import replace

from tests.fixtures.manifests import AS_OF

from nhi.model.finding import Finding, GrantedException, Severity, in_order

FOUND = Finding("missing-owner", "NHI001", Severity.ERROR, "prod/a", "identities/prod/a.yaml", 3, 1, "no owner", "")


def test_an_error_blocks() -> None:
    assert FOUND.blocks


def test_a_warning_does_not() -> None:
    assert not replace(FOUND, severity=Severity.WARNING).blocks


def test_an_error_that_an_accepted_exception_covers_does_not() -> None:
    assert not replace(FOUND, exception=GrantedException("security", AS_OF)).blocks


def test_findings_stand_by_path_line_column_and_code() -> None:
    wanted = [
        FOUND,
        replace(FOUND, code="NHI002"),
        replace(FOUND, column=2, code="NHI000"),
        replace(FOUND, line=20, column=1),
        replace(FOUND, path="identities/prod/b.yaml", line=1),
    ]

    assert in_order(wanted[::-1]) == tuple(wanted)
