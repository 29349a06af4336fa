"""What checkov answers, and whether it shows that checkov looked at everything.

The format is checkov's `-o json` (https://www.checkov.io/8.Outputs/JSON.html), without `--quiet`, so that it tells
what passed too: what neither passed nor failed is not judged.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.model.scan import is_check
from nhi.scan.interface import NotPassed, ScanResult
from nhi.scan.prepare import PLANTED, POLICIES, Prepared

_PERMISSIONS = ("CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_288", "CKV_AWS_289", "CKV_AWS_290", "CKV_AWS_355")
MUST_FIND = MappingProxyType(
    {
        "aws_iam_role": frozenset({"CKV_AWS_60"}),
        "aws_iam_role_policy": frozenset({"CKV_AWS_62", "CKV_AWS_63", "CKV2_AWS_40", *_PERMISSIONS}),
        "aws_iam_user_policy": frozenset({"CKV_AWS_62", "CKV_AWS_63", *_PERMISSIONS}),
    }
)
"""Type → the checks that what is planted of that type does not pass."""

_NAME_CHARACTERS = 300
_STATEMENT = re.compile(r"policy/Statement/\[?(\d+)\]?/(\w+)")
_ATTRIBUTE = re.compile(r"\w+")
_HINT = "nothing is known of what it did not look at; scripts/setup installs the version that nhi is tested with"


@dataclass(frozen=True, slots=True)
class _Record:
    check: str
    name: str
    guideline: str | None
    address: str
    keys: tuple[str, ...]
    passed: bool


def read_answer(answer: Json, prepared: Prepared) -> ScanResult:
    """What the resources of the plan do not pass.

    Raises:
        OutsideError: the answer is not complete, or what was planted was not found.
    """
    records = _records(answer, prepared)
    found = {(PLANTED[one.address], one.check) for one in records if one.address in PLANTED and not one.passed}
    missed = sorted({check for kind, checks in MUST_FIND.items() for check in checks if (kind, check) not in found})
    if missed:
        raise _odd(f"it did not find what was planted ({', '.join(missed)})")
    failed = [_failed(one, prepared) for one in records if not one.passed and one.address not in PLANTED]
    everything = [*failed, *_not_judged(records, prepared)]
    return ScanResult(len(prepared.resources), tuple(sorted(everything, key=lambda one: (one.address, one.check))))


def _records(answer: Json, prepared: Prepared) -> list[_Record]:
    report = _object(answer, "the answer")
    results, summary = _object(report.get("results"), "results"), _object(report.get("summary"), "the summary")
    passed, failed, skipped, broken = (
        _list(results.get(name), name)
        for name in ("passed_checks", "failed_checks", "skipped_checks", "parsing_errors")
    )
    if report.get("check_type") != "terraform_plan" or broken or summary.get("parsing_errors"):
        raise _odd("it could not read the plan")
    if skipped or summary.get("skipped"):
        raise _odd("it skipped checks, and nobody asked for that")
    if (summary.get("passed"), summary.get("failed")) != (len(passed), len(failed)):
        raise _odd("it does not list all that it counts")
    given = len(prepared.resources) + len(PLANTED)
    if summary.get("resource_count") != given:
        raise _odd(f"it looked at {str(summary.get('resource_count'))[:20]} resources of {given}")
    return [*(_record(one, passed=True) for one in passed), *(_record(one, passed=False) for one in failed)]


def _record(value: Json, *, passed: bool) -> _Record:
    record = _object(value, "a check")
    check, name, address = record.get("check_id"), record.get("check_name"), record.get("resource")
    if not isinstance(check, str) or not is_check(check) or not isinstance(address, str):
        raise _odd("it names a check or a resource that is none")
    guideline = record.get("guideline")
    evaluated = _object(record.get("check_result"), "a check's result").get("evaluated_keys")
    return _Record(
        check=check,
        name=" ".join(name.split())[:_NAME_CHARACTERS] if isinstance(name, str) else check,
        guideline=guideline if isinstance(guideline, str) and _is_address(guideline) else None,
        address=address,
        keys=tuple(one for one in evaluated if isinstance(one, str)) if isinstance(evaluated, list) else (),
        passed=passed,
    )


def _is_address(text: str) -> bool:
    return text.startswith("https://") and len(text) <= _NAME_CHARACTERS and text.isprintable() and " " not in text


def _failed(record: _Record, prepared: Prepared) -> NotPassed:
    kind = prepared.resources.get(record.address)
    if kind is None:
        raise _odd(f"it found something in {record.address[:200]!a}, which the plan does not have")
    attribute = _attribute(record.keys, prepared.statements.get(record.address))
    return NotPassed(record.check, record.name, record.guideline, record.address, kind, attribute)


def _attribute(keys: tuple[str, ...], sids: tuple[str, ...] | None) -> tuple[str, ...]:
    """What decided. Of several it is the policy, since checkov also names the attributes of other types."""
    tops = [told[0] for key in keys if (told := _ATTRIBUTE.match(key))]
    if "policy" not in tops or not sids:
        return (tops[0],) if tops else ()
    for key in keys:
        told = _STATEMENT.fullmatch(key)
        if told and int(told[1]) < len(sids):
            return "policy", sids[int(told[1])], told[2]
    return ("policy", sids[0]) if len(sids) == 1 else ("policy",)


def _not_judged(records: list[_Record], prepared: Prepared) -> Iterator[NotPassed]:
    """Each check that judged the planted policy of a type, and not another policy of that type."""
    answered: defaultdict[str, dict[str, _Record]] = defaultdict(dict)
    for record in records:
        answered[record.address][record.check] = record
    asked: Mapping[str, dict[str, _Record]] = {kind: answered[address] for address, kind in PLANTED.items()}
    for address, kind in prepared.resources.items():
        attribute = POLICIES.get(kind)
        if attribute is None:
            continue
        judged = () if address in prepared.unreadable else answered[address]
        for check, record in asked[kind].items():
            if check not in judged:
                yield NotPassed(check, record.name, record.guideline, address, kind, (attribute,), judged=False)


def _object(value: Json, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _odd(f"{what} is not an object")
    return value


def _list(value: Json, what: str) -> list[Json]:
    if not isinstance(value, list):
        raise _odd(f"{what} is not a list")
    return value


def _odd(what: str) -> OutsideError:
    return OutsideError(f"checkov cannot be relied on here: {what}", hint=_HINT)
