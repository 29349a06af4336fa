"""`nhi scan` with the real checkov on a real plan of the real Terraform."""

from collections.abc import Mapping

import pytest
from tests.fixtures.modules import Once
from tests.fixtures.scanned import FAULTY, SKIPPED, WARNED, Scanned, expected_in, path_of, scanned

from nhi.model.scan import rule_of
from nhi.scan.by_design import BY_DESIGN, ByDesign

_ACCEPTED = {"accepted": {"ckv-aws-290", "ckv-aws-355"}, "half-accepted": {"ckv-aws-355"}}


@pytest.fixture(scope="session")
def scan(once: Once, terraform_environment: Mapping[str, str]) -> Scanned:
    return once("scanned", lambda folder: scanned(folder, terraform_environment))


@pytest.mark.parametrize("name", FAULTY)
def test_what_checkov_finds_stands_at_the_line_that_causes_it(scan: Scanned, name: str) -> None:
    ours = [one for one in scan.of(name) if not one["hint"].startswith("by design: ")]
    listed = [one for one in ours if one["rule"] != rule_of(SKIPPED)]

    assert sorted((one["line"], one["rule"]) for one in listed) == expected_in(name)
    assert {one["path"] for one in listed} == {path_of(name)}


def test_no_identity_is_judged_by_the_policy_of_another(scan: Scanned) -> None:
    by_design = [one for one in scan.document["findings"] if not one["hint"].startswith("by design: ")]

    assert {one["identity"].partition("/")[2] for one in by_design} == FAULTY.keys()


@pytest.mark.parametrize("name", FAULTY)
def test_a_live_exception_covers_its_check_and_nothing_else(scan: Scanned, name: str) -> None:
    assert {one["rule"] for one in scan.of(name) if one["exception"]} == _ACCEPTED.get(name, set())


def test_what_is_covered_is_suppressed_in_sarif_and_the_rest_is_not(scan: Scanned) -> None:
    (run,) = scan.sarif["runs"]
    suppressed = [one for one in run["results"] if one["suppressions"]]

    assert {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in suppressed} == {
        path_of(name) for name in _ACCEPTED
    }
    assert len(suppressed) == sum(map(len, _ACCEPTED.values()))


def test_every_check_that_found_something_has_its_page_in_sarif(scan: Scanned) -> None:
    (run,) = scan.sarif["runs"]
    pages = [page["id"] for page in run["tool"]["driver"]["rules"]]

    assert {pages[one["ruleIndex"]] for one in run["results"]} == {one["ruleId"] for one in run["results"]}
    assert any(one["ruleId"].startswith("CKV_") for one in run["results"])


def test_a_report_of_the_scan_does_not_replace_one_of_the_check(scan: Scanned) -> None:
    assert scan.sarif["runs"][0]["automationDetails"] == {"id": "nhi-scan/"}


def test_the_repositorys_settings_decide_what_warns_and_what_is_skipped(scan: Scanned) -> None:
    of = {one["code"]: one for one in scan.document["findings"] if one["code"] in (SKIPPED, WARNED)}

    assert {code: one["severity"] for code, one in of.items()} == {SKIPPED: "warning", WARNED: "warning"}
    assert of[SKIPPED]["hint"].startswith("skipped in nhi.yaml: ")
    assert SKIPPED not in {one["ruleId"] for one in scan.sarif["runs"][0]["results"]}
    assert "nhi scan --all" in scan.err


@pytest.mark.parametrize("known", BY_DESIGN, ids=lambda known: f"{known.check}-{known.type}")
def test_what_is_known_by_design_is_really_found_in_some_kind(scan: Scanned, known: ByDesign) -> None:
    found = [one for one in scan.document["findings"] if one["code"] == known.check]

    assert [one for one in found if known.type in one["message"] and known.reason in one["hint"]]


def test_what_is_found_blocks(scan: Scanned) -> None:
    assert scan.code == 1


def test_a_plan_of_other_manifests_is_not_scanned(scan: Scanned) -> None:
    assert scan.again == 3
    assert "is not of the manifests as they are now" in scan.again_err


def test_nothing_of_the_plan_is_left_behind(scan: Scanned) -> None:
    assert scan.left == ()
