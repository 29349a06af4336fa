"""Findings as JUnit XML: what test reports show, and well formed whatever a manifest says."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.findings import (
    ACCEPTED,
    AS_OF,
    CHECKED,
    GOLDEN,
    HOSTILE,
    OWNERLESS,
    SAMPLE,
    UNREADABLE,
    WARNED,
    excepted,
    findings,
    hostile,
)

from nhi.model.finding import Finding, GrantedException
from nhi.output.findings_junit import findings_junit
from nhi.output.plain import one_line

ALLOWED: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package", "group", "file", "log", "url"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
"""Element → the attributes that it must have, may have, and the elements that it may hold.

As https://github.com/jenkinsci/xunit-plugin has it in `types/model/xsd/junit-10.xsd`.
"""
SUREFIRE_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def parsed(*found: Finding) -> Element:
    return fromstring(findings_junit(AS_OF, CHECKED, found))  # noqa: S314  # our own output


def case(*found: Finding) -> Element:
    """The test of the one file that all these findings are in."""
    _, one = parsed(*found).iter("testcase")
    return one


def assert_of_the_schema(element: Element) -> None:
    required, optional, children = ALLOWED[element.tag]
    assert required <= element.attrib.keys() <= required | optional
    assert {child.tag for child in element} <= children
    assert SUREFIRE_TIME.fullmatch(element.get("time", "0"))
    for child in element:
        assert_of_the_schema(child)


def assert_counts_are_right(suites: Element) -> None:
    (suite,) = suites
    there = Counter(element.tag for element in suite.iter())
    assert suite.get("tests") == str(there["testcase"])
    assert suite.get("failures") == str(there["failure"])
    assert suite.get("skipped") == str(there["skipped"])
    assert suite.get("errors") == "0"
    assert {key: suites.get(key) for key in ("tests", "failures", "errors")} == {
        key: suite.get(key) for key in ("tests", "failures", "errors")
    }


def test_the_whole_document() -> None:
    assert findings_junit(AS_OF, CHECKED, SAMPLE) == (GOLDEN / "findings.junit.xml").read_text("utf-8")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("make", [hostile, excepted])
def test_it_is_well_formed_and_of_the_schema_whatever_a_manifest_says(
    text: str, make: Callable[[str], Finding]
) -> None:
    assert_of_the_schema(parsed(make(text)))
    assert_counts_are_right(parsed(make(text)))


@given(st.lists(findings(), max_size=4))
def test_it_is_well_formed_and_of_the_schema_with_any_text(found: list[Finding]) -> None:
    assert_of_the_schema(parsed(*found))
    assert_counts_are_right(parsed(*found))


@given(findings())
def test_a_text_reads_as_it_was_meant(found: Finding) -> None:
    told = case(found)[0].text or ""

    assert told.startswith(f"{one_line(found.path)}:{found.line}:{found.column}: {found.severity} ")
    assert f": {one_line(found.message)}" in told
    assert case(found).get("name") == one_line(found.path)


def test_a_clean_check_is_one_test_that_passed() -> None:
    (ran,) = parsed().iter("testcase")

    assert [child.tag for child in ran] == ["system-out"]
    assert ran[0].text == "12 manifests checked as of 2026-11-20T00:00:00Z: 0 errors, 0 warnings"


def test_an_error_is_a_failure_with_its_advice() -> None:
    (failure,) = case(OWNERLESS)

    assert (failure.tag, failure.get("type"), failure.get("message")) == ("failure", "missing-owner", "no owner")
    assert (failure.text or "").splitlines() == [
        f"{OWNERLESS.path}:2:1: error NHI001 missing-owner: no owner",
        f"  write: {OWNERLESS.hint}",
    ]


def test_all_errors_of_a_file_are_one_failure() -> None:
    more = replace(OWNERLESS, rule="missing-expiry", code="NHI201", message="no expiry")
    (failure,) = case(OWNERLESS, more, replace(more, line=9))

    assert failure.get("type") == "missing-owner, missing-expiry"
    assert failure.get("message") == "no owner (and 2 more errors)"
    assert (failure.text or "").count("error NHI") == 3


def test_a_warning_is_output_of_a_test_that_passed() -> None:
    (output,) = case(WARNED)

    assert output.tag == "system-out"
    assert "warning NHI202 past-expiry" in (output.text or "")


def test_an_accepted_exception_is_skipped_and_says_why() -> None:
    (skipped,) = case(ACCEPTED)

    assert (skipped.tag, skipped.get("message")) == ("skipped", "1 finding under an accepted exception")
    assert (skipped.text or "").endswith(
        "  accepted by security until 2027-01-31T00:00:00Z: The vendor cannot federate before its 2027 release."
    )


def test_a_reason_that_is_not_known_is_not_made_up() -> None:
    (skipped,) = case(replace(ACCEPTED, exception=GrantedException("security", AS_OF)))

    assert (skipped.text or "").endswith("\n  accepted by security until 2026-11-20T00:00:00Z")


def test_an_accepted_exception_does_not_hide_an_error_or_a_warning_of_the_same_file() -> None:
    accepted = replace(OWNERLESS, exception=ACCEPTED.exception, message="covered")

    failure, output = case(OWNERLESS, WARNED, accepted)
    assert (failure.tag, output.tag) == ("failure", "system-out")
    assert "covered" not in (failure.text or "")
    assert "covered" in (output.text or "")
    assert "past-expiry" in (output.text or "")

    skipped, output = case(WARNED, accepted)
    assert (skipped.tag, output.tag) == ("skipped", "system-out")
    assert "covered" not in (output.text or "")


def test_a_test_is_called_by_its_identity_and_its_file() -> None:
    assert [(one.get("classname"), one.get("name")) for one in parsed(*SAMPLE).iter("testcase")] == [
        ("nhi", "nhi check"),
        ("prod.survey-tool", ACCEPTED.path),
        ("nhi", UNREADABLE.path),
        ("prod.ledger-writer", OWNERLESS.path),
    ]


def test_two_files_of_one_name_are_two_tests() -> None:
    twin = replace(OWNERLESS, path="identities/prod/data/ledger-writer.yaml")

    assert len(list(parsed(OWNERLESS, twin, OWNERLESS).iter("testcase"))) == 3


def test_the_suite_says_as_of_when() -> None:
    assert parsed()[0].get("timestamp") == "2026-11-20T00:00:00Z"
