"""Answers of a verification and counts of a plan."""

import pytest

from nhi.model.plan import Action, IdentityChange, PlanSummary, ResourceChange
from nhi.model.verification import Absent, Answer, CouldNotTell, Difference, Present, Verified, Wanted

DIFFERENT = Present((Difference("role a, trust policy", "x", "y"),))


@pytest.mark.parametrize(
    ("wanted", "answer", "holds"),
    [
        (Wanted.PRESENT, Present(), True),
        (Wanted.PRESENT, DIFFERENT, False),
        (Wanted.PRESENT, Absent(), False),
        (Wanted.PRESENT, CouldNotTell("timeout"), False),
        (Wanted.ABSENT, Absent(), True),
        (Wanted.ABSENT, Present(), False),
        (Wanted.ABSENT, DIFFERENT, False),
        (Wanted.ABSENT, CouldNotTell("timeout"), False),
    ],
)
def test_only_the_wanted_answer_holds(wanted: Wanted, answer: Answer, *, holds: bool) -> None:
    assert Verified("prod/a", wanted, answer).holds is holds


def test_a_plan_without_changes_is_empty() -> None:
    assert PlanSummary("prod", ()).empty


def test_a_plan_counts_by_action() -> None:
    changes = tuple(ResourceChange(name, action, ()) for name, action in [("a", Action.CREATE), ("b", Action.DESTROY)])
    plan = PlanSummary("prod", (IdentityChange("prod/a", changes), IdentityChange("prod/b", changes[:1])))

    assert not plan.empty
    assert [plan.count(action) for action in (Action.CREATE, Action.DESTROY, Action.UPDATE)] == [2, 1, 0]
