"""Checks of a scanner, in the words of manifests: `CKV_AWS_355` is the rule `ckv-aws-355` to an exception."""

import re

_CHECK = re.compile(r"CKV2?_[A-Z]{2,12}_[0-9]{1,5}")
_RULE = re.compile(r"ckv2?-[a-z]{2,12}-[0-9]{1,5}")


def is_check(text: str) -> bool:
    """Whether it has the form of a check's id, as checkov numbers its own: `CKV_AWS_355`, `CKV2_AWS_40`."""
    return _CHECK.fullmatch(text) is not None


def is_check_rule(slug: str) -> bool:
    """Whether it has the form of a check's slug. Which checks there are is the scanner's to know, not ours."""
    return _RULE.fullmatch(slug) is not None


def rule_of(check: str) -> str:
    """The slug of a check's id."""
    return check.lower().replace("_", "-")
