"""What nhi.yaml makes of a scanner's checks."""

import pytest
from tests.fixtures.manifests import SETTINGS_TEXT, source

from nhi.errors import InputError
from nhi.manifest.settings import read_settings
from nhi.model.settings import ScanSettings

WHY = "reason: The account has one role only."


def scan_settings(text: str) -> ScanSettings:
    return read_settings(source(f"{SETTINGS_TEXT}{text}", "nhi.yaml")).scan


def test_without_settings_every_check_blocks() -> None:
    assert scan_settings("") == scan_settings("scan: {}\n") == ScanSettings({}, {})


def test_a_check_that_warns_or_is_skipped_has_its_reason() -> None:
    found = scan_settings(f"scan:\n  warn: [{{check: CKV_AWS_61, {WHY}}}]\n  skip: [{{check: CKV2_AWS_40, {WHY}}}]\n")

    assert found == ScanSettings(
        {"CKV_AWS_61": "The account has one role only."}, {"CKV2_AWS_40": "The account has one role only."}
    )


@pytest.mark.parametrize(
    ("scan", "words"),
    [
        (f"{{skip: [{{check: ckv-aws-61, {WHY}}}]}}", "scan.skip[0].check"),
        (f"{{skip: [{{check: CKV_AWS_*, {WHY}}}]}}", "scan.skip[0].check"),
        ("{warn: [{check: CKV_AWS_61}]}", "'reason' is missing"),
        ("{warn: [{check: CKV_AWS_61, reason: no}]}", "scan.warn[0].reason"),
        ("{skip: [CKV_AWS_61]}", "scan.skip[0]"),
        ("{skip_all: true}", "skip_all"),
        (f"{{skip: [{{check: CKV_AWS_61, until: 2027-01-01, {WHY}}}]}}", "until"),
        (f"{{skip: [{{check: CKV_AWS_61, {WHY}}}, {{check: CKV_AWS_61, {WHY}}}]}}", "CKV_AWS_61 stands twice"),
        (f"{{warn: [{{check: CKV_AWS_61, {WHY}}}], skip: [{{check: CKV_AWS_61, {WHY}}}]}}", "CKV_AWS_61 stands twice"),
    ],
)
def test_what_would_switch_off_more_than_it_says_is_refused(scan: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        scan_settings(f"scan: {scan}\n")

    assert words in caught.value.message
