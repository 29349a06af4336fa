"""Findings as SARIF: valid, stable where lines move, and within what GitHub takes."""

import gzip
import json
import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from tests.fixtures.findings import (
    ACCEPTED,
    AS_OF,
    CHECKED,
    GOLDEN,
    HOSTILE,
    OWNERLESS,
    SAMPLE,
    TEXTS,
    UNREADABLE,
    WARNED,
    excepted,
    findings,
    hostile,
)

from nhi.flows.manual import pages
from nhi.model.finding import Finding, Severity
from nhi.model.manual import ManualPage
from nhi.output.findings_sarif import GITHUB, Driver, Limits, findings_sarif
from nhi.output.plain import one_line

PACKAGE = ".tools/schemas/node_modules/@microsoft/jest-sarif"
SCHEMA = Path(__file__).parents[3] / PACKAGE / "lib/schemas/sarif-2.1.0-rtm.5.json"
"""The published schema of SARIF 2.1.0, as Microsoft's own tools carry it."""
MANUAL = (
    ManualPage(
        "missing-owner",
        "NHI001",
        Severity.ERROR,
        "The identity has no owner",
        "Reports a manifest\nwithout `owner`.",
        ("OWASP NHI1:2025", "CSF 2.0 PR.AA-01"),
        "# missing-owner\n\nThe page.\n",
    ),
    ManualPage("past-expiry", "NHI202", Severity.WARNING, "The expiry is past", "Reports it.", (), "# past-expiry\n"),
)
DRIVER = Driver("0.1.0", MANUAL)
RELATIVE = re.compile(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+")
"""A relative reference without `:`, query or fragment (RFC 3986, 4.2)."""


@pytest.fixture(scope="session")
def schema() -> Draft4Validator:
    """The published schema, which is of draft 4."""
    assert SCHEMA.is_file(), f"{PACKAGE} is not installed: run scripts/setup"
    return Draft4Validator(json.loads(SCHEMA.read_bytes()))


def run_of(*found: Finding, driver: Driver = DRIVER, limits: Limits = GITHUB) -> dict[str, Any]:
    (run,) = json.loads(findings_sarif(AS_OF, CHECKED, found, driver, limits))["runs"]
    assert isinstance(run, dict)
    return run


def fingerprints(*found: Finding) -> list[str]:
    return [one["partialFingerprints"]["primaryLocationLineHash"] for one in run_of(*found)["results"]]


def read(text: str) -> str:
    """What a reader makes of a message's text (§3.11.5, §3.11.6)."""
    return re.sub(r"\\([\\\[\]])", r"\1", text.replace("{{", "{").replace("}}", "}"))


def strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, inner in value.items():
                yield from (key, *strings(inner))
        case list():
            for inner in value:
                yield from strings(inner)
        case _:
            pass


def assert_valid(schema: Draft4Validator, text: str) -> None:
    document = json.loads(text)
    assert [error.message for error in schema.iter_errors(document)] == []
    assert "".join(strings(document)).encode()
    for result in document["runs"][0]["results"]:
        assert RELATIVE.fullmatch(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])


def test_the_whole_document() -> None:
    assert findings_sarif(AS_OF, CHECKED, SAMPLE, DRIVER) + "\n" == (GOLDEN / "findings.sarif.json").read_text("utf-8")


@pytest.mark.parametrize("found", [(), SAMPLE])
def test_it_is_valid_with_the_real_manual(schema: Draft4Validator, found: Sequence[Finding]) -> None:
    assert_valid(schema, findings_sarif(AS_OF, CHECKED, found, Driver("0.1.0", pages())))


def test_the_schema_would_refuse_what_is_not_sarif(schema: Draft4Validator) -> None:
    document = json.loads(findings_sarif(AS_OF, CHECKED, SAMPLE, DRIVER))
    document["runs"][0]["results"][0]["level"] = "fatal"

    assert not schema.is_valid(document)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("make", [hostile, excepted])
def test_it_is_valid_whatever_a_manifest_says(
    schema: Draft4Validator, text: str, make: Callable[[str], Finding]
) -> None:
    assert_valid(schema, findings_sarif(AS_OF, CHECKED, [make(text)], DRIVER))


@given(found=st.lists(findings(), max_size=3))
def test_it_is_valid_with_any_text(schema: Draft4Validator, found: list[Finding]) -> None:
    assert_valid(schema, findings_sarif(AS_OF, CHECKED, found, DRIVER))


@given(TEXTS)
def test_a_message_reads_as_it_was_meant_and_holds_no_link_and_no_placeholder(text: str) -> None:
    (result,) = run_of(replace(OWNERLESS, message=text, hint=""))["results"]
    written = result["message"]["text"]

    assert read(written) == one_line(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*\[", written)
    assert not re.search(r"(?<!{)(?:{{)*{\d+}(?!})", written)


def test_the_signs_of_placeholders_and_links_are_escaped() -> None:
    (result,) = run_of(replace(OWNERLESS, message="{0} \\[x](1)", hint=""))["results"]

    assert result["message"]["text"] == "{{0}} \\\\\\[x\\](1)"


def test_the_message_is_followed_by_what_to_write() -> None:
    (result,) = run_of(OWNERLESS)["results"]

    assert result["message"]["text"].splitlines() == ["no owner", f"write: {OWNERLESS.hint}"]


def test_a_result_points_to_its_rule() -> None:
    run = run_of(*SAMPLE)
    rules = run["tool"]["driver"]["rules"]

    assert [(one["ruleId"], rules[one["ruleIndex"]]["id"]) for one in run["results"] if "ruleIndex" in one] == [
        ("NHI001", "NHI001"),
        ("NHI202", "NHI202"),
    ]


def test_a_result_without_a_page_in_the_manual_still_has_its_code() -> None:
    (result,) = run_of(UNREADABLE)["results"]

    assert result["ruleId"] == "NHI901"
    assert "ruleIndex" not in result


def test_a_result_stands_at_its_character_and_at_its_identity() -> None:
    (result,) = run_of(replace(WARNED, line=6, column=9))["results"]
    (location,) = result["locations"]

    assert location["physicalLocation"]["region"] == {"startLine": 6, "startColumn": 9, "endLine": 6, "endColumn": 10}
    assert [one["fullyQualifiedName"] for one in location["logicalLocations"]] == ["prod/ledger-writer"]


def test_columns_are_counted_in_characters() -> None:
    assert run_of()["columnKind"] == "unicodeCodePoints"


def test_an_unknown_identity_is_not_made_up() -> None:
    (result,) = run_of(UNREADABLE)["results"]

    assert "logicalLocations" not in result["locations"][0]


@given(st.binary(min_size=1).map(os.fsdecode))
def test_a_location_leads_to_exactly_the_file(path: str) -> None:
    (result,) = run_of(replace(OWNERLESS, path=path))["results"]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]

    assert unquote_to_bytes(artifact["uri"]) == os.fsencode(path)
    assert artifact["uriBaseId"] == "%SRCROOT%"


def test_the_level_is_the_findings_own_and_not_its_rules() -> None:
    found = replace(OWNERLESS, severity=Severity.WARNING)

    assert [one["level"] for one in run_of(found, OWNERLESS)["results"]] == ["warning", "error"]


def test_an_accepted_exception_is_a_suppression_with_its_justification() -> None:
    (result,) = run_of(ACCEPTED)["results"]

    assert result["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "accepted by security until 2027-01-31T00:00:00Z:"
            " The vendor cannot federate before its 2027 release.",
        }
    ]


def test_an_accepted_exception_is_a_note_so_that_github_does_not_block_it() -> None:
    assert [one["level"] for one in run_of(ACCEPTED)["results"]] == ["note"]


def test_what_is_not_excepted_says_so() -> None:
    assert [one["suppressions"] for one in run_of(OWNERLESS, WARNED)["results"]] == [[], []]


@pytest.mark.parametrize(
    "moved",
    [
        replace(OWNERLESS, line=77, column=5),
        replace(OWNERLESS, path="identities/prod/ledger-writer.yaml"),
        replace(OWNERLESS, hint="other advice"),
        replace(OWNERLESS, severity=Severity.WARNING),
        replace(OWNERLESS, exception=ACCEPTED.exception),
    ],
)
def test_a_fingerprint_outlives(moved: Finding) -> None:
    assert fingerprints(moved) == fingerprints(OWNERLESS)


@pytest.mark.parametrize(
    "other",
    [
        replace(OWNERLESS, code="NHI002"),
        replace(OWNERLESS, identity="staging/ledger-writer"),
        replace(OWNERLESS, identity=None),
        replace(OWNERLESS, message="something else"),
    ],
)
def test_another_problem_has_another_fingerprint(other: Finding) -> None:
    assert fingerprints(other) != fingerprints(OWNERLESS)


def test_a_line_that_a_message_names_may_move_too() -> None:
    twice = replace(OWNERLESS, message="'owner' stands twice, first in line 3")

    assert fingerprints(twice) == fingerprints(replace(twice, message="'owner' stands twice, first in line 14"))
    assert fingerprints(twice) != fingerprints(replace(twice, message="'scope' stands twice, first in line 3"))


def test_the_same_problem_twice_is_told_apart_by_its_order() -> None:
    first, second = fingerprints(OWNERLESS, replace(OWNERLESS, line=9))

    assert (first[-2:], second[-2:]) == (":1", ":2")
    assert first[:-2] == second[:-2]
    assert fingerprints(UNREADABLE, OWNERLESS, WARNED, replace(OWNERLESS, line=9))[1::2] == [first, second]


@given(st.lists(findings(), max_size=8))
def test_no_two_results_share_a_fingerprint(found: list[Finding]) -> None:
    assert len(set(fingerprints(*found))) == len(found)


def test_every_rule_is_listed_whether_it_fired_or_not() -> None:
    listed = run_of(driver=Driver("0.1.0", pages()))["tool"]["driver"]["rules"]

    assert [(one["id"], one["name"]) for one in listed] == [(page.code, page.slug) for page in pages()]


def test_a_rule_tells_its_manual() -> None:
    rule, _ = run_of()["tool"]["driver"]["rules"]

    assert rule == {
        "id": "NHI001",
        "name": "missing-owner",
        "shortDescription": {"text": "The identity has no owner."},
        "fullDescription": {"text": "Reports a manifest without `owner`."},
        "help": {"text": MANUAL[0].text, "markdown": MANUAL[0].text},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["OWASP NHI1:2025", "CSF 2.0 PR.AA-01"], "problem.severity": "error"},
    }


def test_a_rule_stays_within_what_github_shows() -> None:
    wordy = replace(MANUAL[0], what="word " * 400, references=tuple(f"Control {number // 2}" for number in range(60)))
    (rule,) = run_of(driver=Driver("0.1.0", [wordy]))["tool"]["driver"]["rules"]

    assert len(rule["fullDescription"]["text"]) == 1024
    assert rule["fullDescription"]["text"].endswith("…")
    assert rule["properties"]["tags"] == [f"Control {number}" for number in range(20)]


def test_the_run_says_as_of_when_and_how_many() -> None:
    assert run_of()["properties"] == {"asOf": "2026-11-20T00:00:00Z", "checked": CHECKED}


def many(number: int) -> list[Finding]:
    """Warnings, errors and accepted exceptions in turn, each of another identity."""
    kinds = (WARNED, OWNERLESS, ACCEPTED)
    return [replace(kinds[index % 3], identity=f"prod/i{index}", line=index + 1) for index in range(number)]


def test_exactly_as_many_results_as_github_takes_are_all_there() -> None:
    results = run_of(*many(30), limits=Limits(results=30))["results"]

    assert len(results) == 30
    assert {one["ruleId"] for one in results} == {"NHI001", "NHI202", "NHI302"}


def test_more_results_than_github_takes_are_cut_and_a_result_says_so(schema: Draft4Validator) -> None:
    found = many(31)
    run = run_of(*found, limits=Limits(results=30))
    notice, *results = run["results"]

    assert len(run["results"]) == 30
    assert notice["message"]["text"].splitlines()[0] == "2 more findings left out of this report (0 errors)"
    assert notice["level"] == "warning"
    assert run["tool"]["driver"]["rules"][notice["ruleIndex"]]["id"] == notice["ruleId"] == "NHI000"
    assert [one["level"] for one in results].count("note") == 8
    lines = [one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results]
    assert lines == sorted(lines)
    assert_valid(schema, findings_sarif(AS_OF, CHECKED, found, DRIVER, Limits(results=30)))


def test_the_least_severe_are_left_out_first() -> None:
    _, *results = run_of(*many(30), limits=Limits(results=16))["results"]

    assert [one["level"] for one in results].count("error") == 10
    assert [one["level"] for one in results].count("warning") == 5
    assert [one["level"] for one in results].count("note") == 0


def test_a_notice_is_an_error_where_errors_are_left_out() -> None:
    notice, *_ = run_of(*many(30), limits=Limits(results=6))["results"]

    assert notice["level"] == "error"
    assert notice["message"]["text"].startswith("25 more findings left out of this report (5 errors)\n")


def test_no_rule_has_the_code_of_the_notice() -> None:
    assert "NHI000" not in {page.code for page in pages()}


def test_a_notice_is_one_alert_however_many_are_left_out() -> None:
    few, more = (run_of(*many(number), limits=Limits(results=6))["results"][0] for number in (10, 30))

    assert few["partialFingerprints"] == more["partialFingerprints"]


def test_a_finding_keeps_its_fingerprint_when_others_are_left_out() -> None:
    found = [OWNERLESS, *many(20), replace(OWNERLESS, line=99)]
    _, *kept = run_of(*found, limits=Limits(results=9))["results"]

    assert {one["partialFingerprints"]["nhi/v1"] for one in kept} < set(fingerprints(*found))


@pytest.mark.parametrize("packed_bytes", [60_000, 20_000, 4_000])
def test_a_report_larger_than_github_takes_is_cut_until_it_fits(packed_bytes: int) -> None:
    dice = random.Random(1)  # noqa: S311  # text that does not compress, the same in each run
    found = [
        replace(
            OWNERLESS,
            identity=f"prod/i{index}",
            message="".join(chr(dice.randrange(0x4E00, 0x9FFF)) for _ in range(400)),
        )
        for index in range(120)
    ]
    text = findings_sarif(AS_OF, CHECKED, found, DRIVER, Limits(packed_bytes=packed_bytes))
    notice, *results = json.loads(text)["runs"][0]["results"]

    assert packed_bytes // 2 < len(gzip.compress(text.encode())) <= packed_bytes
    assert notice["message"]["text"].startswith(f"{120 - len(results)} more findings left out")


def test_the_usual_limits_are_githubs() -> None:
    assert Limits(results=25_000, packed_bytes=10_000_000) == GITHUB
