"""What an answer of checkov's says of a resource. What it must say at all is in the contract tests of the adapter."""

from typing import Any

import pytest

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.scan.answer import MUST_FIND, read_answer
from nhi.scan.interface import NotPassed
from nhi.scan.prepare import PLANTED, Prepared

ADDRESS = "module.nhi-a.aws_iam_role_policy.this"


def prepared(*sids: str) -> Prepared:
    return Prepared({}, {ADDRESS: "aws_iam_role_policy"}, {ADDRESS: sids}, ())


def record(check: str, address: str, **more: Json) -> dict[str, Json]:
    return {"check_id": check, "check_name": "x", "resource": address, "check_result": {"evaluated_keys": []}, **more}


def read(failed: dict[str, Json], *sids: str) -> NotPassed:
    """What is made of one check that failed, in an answer that is complete otherwise."""
    planted: list[Any] = [
        record(check, address) for address, kind in PLANTED.items() for check in MUST_FIND.get(kind, ())
    ]
    passed: list[Any] = [record(check, ADDRESS) for check in MUST_FIND["aws_iam_role_policy"]]
    results: Json = {
        "passed_checks": passed,
        "failed_checks": [*planted, failed],
        "skipped_checks": [],
        "parsing_errors": [],
    }
    summary: Json = {"passed": len(passed), "failed": len(planted) + 1, "resource_count": len(PLANTED) + 1}
    answer: Json = {"check_type": "terraform_plan", "results": results, "summary": summary}
    (found,) = read_answer(answer, prepared(*sids)).not_passed
    return found


def keys(*evaluated: str) -> dict[str, Json]:
    return record("CKV_AWS_1", ADDRESS, check_result={"evaluated_keys": list(evaluated)})


@pytest.mark.parametrize(
    ("evaluated", "sids", "attribute"),
    [
        (("policy/Statement/[1]/Action",), ("Allow3", "Allow0"), ("policy", "Allow0", "Action")),
        (("policy/Statement/0/Resource",), ("Allow3", "Allow0"), ("policy", "Allow3", "Resource")),
        (("policy/Statement/[2]/Action",), ("Allow3", "Allow0"), ("policy",)),
        (("policy", "inline_policy"), ("Allow0", "Allow1"), ("policy",)),
        (
            ("inline_policy/Statement", "policy/Statement[?(@/Effect == Allow)]/Action[*]"),
            ("Allow0",),
            ("policy", "Allow0"),
        ),
        (("policy/Statement/[0]/Action",), (), ("policy",)),
        (("user",), ("Allow0",), ("user",)),
        (("",), ("Allow0",), ()),
        ((), ("Allow0",), ()),
    ],
)
def test_a_statement_is_told_by_its_sid(
    evaluated: tuple[str, ...], sids: tuple[str, ...], attribute: tuple[str, ...]
) -> None:
    assert read(keys(*evaluated), *sids).attribute == attribute


@pytest.mark.parametrize("evaluated", [None, "policy", {"a": 1}, [1, None]])
def test_odd_keys_decide_nothing(evaluated: Json) -> None:
    assert read(record("CKV_AWS_1", ADDRESS, check_result={"evaluated_keys": evaluated}), "Allow0").attribute == ()


def test_a_name_is_one_line_and_bounded() -> None:
    name = read(record("CKV_AWS_1", ADDRESS, check_name="a\n\tb " + "c" * 1000)).name

    assert name.startswith("a b ccc")
    assert len(name) == 300


def test_a_check_without_a_name_is_called_by_its_id() -> None:
    assert read(record("CKV_AWS_1", ADDRESS, check_name=None)).name == "CKV_AWS_1"


@pytest.mark.parametrize(
    ("guideline", "kept"),
    [
        ("https://docs.example/ckv-1", True),
        ("http://docs.example/ckv-1", False),
        ("javascript:alert(1)", False),
        ("https://docs.example/\n::error::x", False),
        ("https://docs.example/ x", False),
        ("https://" + "x" * 300, False),
        (None, False),
        (7, False),
    ],
)
def test_only_a_plain_https_address_is_a_guideline(guideline: Json, kept: bool) -> None:  # noqa: FBT001  # a case
    assert read(record("CKV_AWS_1", ADDRESS, guideline=guideline)).guideline == (guideline if kept else None)


@pytest.mark.parametrize("check", ["", "ckv_aws_1", "CKV_AWS_", "CKV_AWS_1\n", "CKV_AWS_1x", "NHI101", None, 7])
def test_what_is_no_id_of_a_check_is_no_answer(check: Any) -> None:  # noqa: ANN401  # anything
    with pytest.raises(OutsideError, match="none"):
        read(record("CKV_AWS_1", ADDRESS, check_id=check))
