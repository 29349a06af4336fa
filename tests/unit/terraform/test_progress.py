"""What Terraform tells while it applies: in words without values, and as what became of each resource."""

import json

import pytest

from nhi.model.application import Fate
from nhi.model.parts import part_names, part_of
from nhi.model.plan import Action, IdentityChange, PlanSummary, ResourceChange
from nhi.terraform.progress import ending, fates, in_words

_A, _B = "module.nhi-a.aws_iam_role.this", "module.nhi-b.aws_iam_role.this"
_FIRST, _SECOND = part_names(2)
_DONE = json.dumps({"@message": "x", "type": "change_summary", "changes": {"operation": "apply"}})


def event(kind: str, address: str = _A, **more: object) -> str:
    said = {"@level": "info", "@message": f"{address}: {kind}", "@timestamp": "2026-11-20T12:00:05Z", "type": kind}
    return json.dumps({**said, "hook": {"resource": {"addr": address}}, **more})


def diagnostic(detail: str, **more: object) -> str:
    told = {"severity": "error", "summary": "creating IAM Role (a)", "detail": detail, "address": _A, **more}
    return json.dumps({"@level": "error", "@message": "Error: x", "type": "diagnostic", "diagnostic": told})


def summary(*actions: tuple[str, Action]) -> PlanSummary:
    changes = tuple(ResourceChange(address, action, ()) for address, action in actions)
    return PlanSummary("prod", (IdentityChange("prod/a", changes),))


def fate(action: Action, *events: str, succeeded: bool = False) -> Fate:
    return fates({"": events}, summary((_A, action)), succeeded=succeeded)[0].fate


def test_a_person_gets_the_message() -> None:
    assert in_words(event("apply_start")) == (f"{_A}: apply_start",)


@pytest.mark.parametrize("kind", ["version", "planned_change", "resource_drift", "outputs"])
def test_what_the_plan_has_shown_before_is_not_told_again(kind: str) -> None:
    assert in_words(event(kind)) == ()


@pytest.mark.parametrize("line", ["panic: oh", "{", "{}", '{"type": "apply_start"}', "[1]", '{"@message": '])
def test_a_line_that_is_no_event_is_its_own_words(line: str) -> None:
    assert in_words(line) == (line,)


def test_an_error_is_told_with_its_place() -> None:
    place = {"filename": "modules/x/main.tf", "start": {"line": 7}}

    assert in_words(diagnostic("AccessDenied: no\nRequestID: 1", range=place)) == (
        "Error: creating IAM Role (a)",
        "",
        f"  with {_A}, on modules/x/main.tf line 7",
        "",
        "AccessDenied: no",
        "RequestID: 1",
        "",
    )


def test_an_error_tells_no_value_of_the_configuration() -> None:
    snippet = {"code": "x", "values": [{"traversal": "local.x", "statement": 'is "hunter2"'}]}
    told = "\n".join(
        in_words(diagnostic('.tags: was cty.StringVal("hunter\\"2"), but now cty.NumberVal(42)', snippet=snippet))
    )

    assert "hunter" not in told
    assert "42" not in told
    assert ".tags: was (a value), but now (a value)" in told


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((), Fate.NOT_BEGUN),
        ((event("apply_start", _B), event("apply_complete", _B)), Fate.NOT_BEGUN),
        ((event("apply_start"),), Fate.UNKNOWN),
        ((event("apply_start"), event("apply_progress"), event("apply_complete")), Fate.DONE),
        ((event("apply_start"), event("apply_errored")), Fate.FAILED),
        ((event("apply_start"), event("apply_complete")[:40]), Fate.UNKNOWN),
    ],
)
def test_a_resource_has_the_fate_that_terraform_told(events: tuple[str, ...], expected: Fate) -> None:
    assert fate(Action.CREATE, *events) is expected


def test_a_replacement_is_done_when_both_its_steps_are() -> None:
    once = (event("apply_start"), event("apply_complete"))

    assert fate(Action.REPLACE, *once) is Fate.UNKNOWN
    assert fate(Action.REPLACE, *once, *once) is Fate.DONE
    assert fate(Action.REPLACE, *once, event("apply_start"), event("apply_errored")) is Fate.FAILED


@pytest.mark.parametrize("action", [Action.IMPORT, Action.FORGET])
def test_of_what_happens_in_silence_nobody_knows_unless_all_was_done(action: Action) -> None:
    assert fate(action) is Fate.UNKNOWN
    assert fate(action, succeeded=True) is Fate.DONE


def test_a_deposed_object_is_found_by_its_address() -> None:
    found = fates(
        {"": [event("apply_errored")]}, summary((f"{_A} (deposed object 00000001)", Action.DESTROY)), succeeded=False
    )

    assert found[0].fate is Fate.FAILED


def test_of_a_part_that_ended_all_is_done_whatever_became_of_another() -> None:
    of = {
        part: f"module.nhi-{name}.aws_iam_role.this"
        for part, name in ((_FIRST, "ledger-writer"), (_SECOND, "ledger-mover"))
    }
    assert [part_of(name, 2) for name in ("ledger-writer", "ledger-mover")] == [_FIRST, _SECOND]
    both = summary((of[_FIRST], Action.IMPORT), (of[_SECOND], Action.IMPORT))

    found = fates({_FIRST: [_DONE], _SECOND: [""]}, both, succeeded=False)

    assert {one.address: one.fate for one in found} == {of[_FIRST]: Fate.DONE, of[_SECOND]: Fate.UNKNOWN}


def test_all_was_applied_where_each_part_says_so() -> None:
    assert ending({_FIRST: [_DONE], _SECOND: [_DONE]}).complete
    assert not ending({_FIRST: [_DONE], _SECOND: [""]}).complete


def test_fates_are_sorted_by_address() -> None:
    found = fates({}, summary((_B, Action.CREATE), (_A, Action.CREATE)), succeeded=True)

    assert [one.address for one in found] == [_A, _B]


def test_an_end_is_what_terraform_says_is_one() -> None:
    planned = json.dumps({"@message": "x", "type": "change_summary", "changes": {"operation": "plan"}})

    assert ending({"": [event("apply_start"), _DONE]}).complete
    assert not ending({"": [event("apply_start"), planned]}).complete
    assert not ending({"": [_DONE, diagnostic("no")]}).complete
    assert not ending({}).complete
    assert ending({"": []}).at is None
    at = ending({"": [event("apply_start"), "{cut"]}).at
    assert at is not None
    assert at.isoformat() == "2026-11-20T12:00:05+00:00"
