"""A check of a scanner has a slug, and nothing else looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.model.scan import is_check, is_check_rule, rule_of

CHECKS = st.from_regex(r"CKV2?_[A-Z]{2,12}_[0-9]{1,5}", fullmatch=True)


@given(CHECKS)
def test_the_slug_of_a_check_is_one(check: str) -> None:
    assert is_check(check)
    assert is_check_rule(rule_of(check))
    assert rule_of(check).upper().replace("-", "_") == check


def test_a_slug_is_the_id_in_small_letters() -> None:
    assert rule_of("CKV2_AWS_40") == "ckv2-aws-40"
    assert is_check_rule("ckv2-aws-40")


@pytest.mark.parametrize(
    "slug", ["", "static-credential", "ckv-aws", "ckv3-aws-1", "CKV_AWS_1", "ckv-aws-1-x", "ckv-aws-1\n"]
)
def test_no_rule_of_ours_and_no_misspelt_one_is_taken_for_a_check(slug: str) -> None:
    assert not is_check_rule(slug)
