from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.policy.iam.escalation import Escalation, Path, PathKind, escalation_paths, known_paths
from nhi.policy.iam.resources import Breadth
from nhi.policy.iam.statement import Condition, Statement

ROLE = "arn:aws:iam::111122223333:role/"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:"
CONDITION = frozenset({Condition("StringEquals", "iam:passedtoservice", frozenset({"ecs-tasks.amazonaws.com"}))})


def allow(actions: str, *resources: str, conditions: frozenset[Condition] = frozenset()) -> Statement:
    return Statement(tuple(actions.split()), resources, conditions)


def found(*statements: Statement) -> dict[str, Escalation]:
    return {" + ".join(one.path.actions): one for one in escalation_paths(statements)}


LAMBDA = "iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction"


@pytest.mark.parametrize("path", known_paths(), ids=lambda path: "+".join(path.actions))
def test_all_actions_of_a_known_path_on_everything_open_it_or_a_shorter_one(path: Path) -> None:
    opened = escalation_paths([Statement(path.actions, ("*",))])

    assert [one for one in opened if one.path.steps <= path.steps and one.reach is Breadth.EVERY] != []


@pytest.mark.parametrize(
    "path", [one for one in known_paths() if len(one.actions) > 1], ids=lambda path: "+".join(path.actions)
)
def test_a_path_of_which_one_action_is_missing_is_not_open(path: Path) -> None:
    for place in range(len(path.actions)):
        rest = (*path.actions[:place], *path.actions[place + 1 :])

        assert path not in [one.path for one in escalation_paths([Statement(rest, ("*",))])]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["*", "iam:*", "IAM:pass*", "lambda:Create*", "s?s:*", "*:S*", "ec2:Run?nstances"])))
def test_wildcards_open_what_they_match(patterns: list[str]) -> None:
    opened = {one.path.steps for one in escalation_paths([Statement(tuple(patterns), ("*",))])}
    for path in known_paths():
        if all(any(fnmatchcase(step, one.lower()) for one in patterns) for step in path.steps):
            assert any(steps <= path.steps for steps in opened)


def test_the_actions_of_a_path_may_stand_in_several_statements() -> None:
    opened = found(
        allow("iam:PassRole", ROLE + "*"), allow("lambda:CreateFunction", "*"), allow("lambda:InvokeFunction", "*")
    )

    assert opened[LAMBDA].reach is Breadth.EVERY


@pytest.mark.parametrize(
    ("roles", "reach", "resources"),
    [
        (["*"], Breadth.EVERY, ("*",)),
        ([ROLE + "*"], Breadth.EVERY, (ROLE + "*",)),
        ([ROLE + "app-*", ROLE + "one"], Breadth.SOME, (ROLE + "app-*",)),
        ([ROLE + "one", ROLE + "two"], Breadth.ONE, (ROLE + "one", ROLE + "two")),
        ([ROLE + str(one) for one in range(9)], Breadth.ONE, (ROLE + "0", ROLE + "1", ROLE + "2")),
    ],
)
def test_passing_a_role_leads_as_far_as_the_roles_that_can_be_passed(
    roles: list[str], reach: Breadth, resources: tuple[str, ...]
) -> None:
    opened = found(allow("iam:PassRole", *roles), allow("lambda:CreateFunction lambda:InvokeFunction", "*"))

    assert (opened[LAMBDA].reach, opened[LAMBDA].resources) == (reach, resources)


def test_taking_over_leads_as_far_as_the_widest_action_that_changes_something() -> None:
    exec_task = "ecs:DescribeTasks + ecs:ExecuteCommand"
    task = "arn:aws:ecs:eu-west-1:111122223333:task/payments/1"

    assert found(allow("ecs:DescribeTasks", "*"), allow("ecs:ExecuteCommand", task))[exec_task].reach is Breadth.ONE
    assert found(allow("ecs:DescribeTasks", task), allow("ecs:ExecuteCommand", "*"))[exec_task].reach is Breadth.EVERY


def test_a_resource_of_another_service_opens_nothing() -> None:
    assert found(allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", FUNCTION + "*")) == {}


def test_a_resource_of_another_service_does_not_widen_a_path() -> None:
    opened = found(allow("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", ROLE + "app", FUNCTION + "*"))

    assert (opened[LAMBDA].reach, opened[LAMBDA].resources) == (Breadth.ONE, (ROLE + "app",))


def test_conditions_are_told_and_excuse_nothing() -> None:
    opened = found(
        allow("iam:PassRole", "*", conditions=CONDITION), allow("lambda:CreateFunction lambda:InvokeFunction", "*")
    )

    assert (opened[LAMBDA].reach, opened[LAMBDA].conditional) == (Breadth.EVERY, True)


def test_an_action_that_is_also_allowed_without_conditions_is_not_conditional() -> None:
    opened = found(
        allow("iam:PassRole", ROLE + "app"),
        allow("iam:PassRole", "*", conditions=CONDITION),
        allow("lambda:CreateFunction lambda:InvokeFunction", "*"),
    )

    assert not opened[LAMBDA].conditional


def test_of_paths_that_need_the_same_and_more_only_the_shorter_is_told() -> None:
    assert [*found(allow("iam:PutRolePolicy iam:UpdateAssumeRolePolicy sts:AssumeRole", "*"))] == [
        "iam:PutRolePolicy",
        "iam:UpdateAssumeRolePolicy",
        "sts:AssumeRole",
    ]


def test_a_shorter_path_that_leads_less_far_hides_nothing() -> None:
    opened = found(allow("iam:CreateAccessKey", "arn:aws:iam::1:user/x"), allow("iam:DeleteAccessKey", "*"))

    assert [*opened] == ["iam:CreateAccessKey + iam:DeleteAccessKey", "iam:CreateAccessKey"]


def test_the_widest_paths_come_first() -> None:
    opened = escalation_paths(
        [
            allow("iam:PutRolePolicy", ROLE + "app"),
            allow("sts:AssumeRole", "*"),
            allow("iam:AttachRolePolicy", "*", conditions=CONDITION),
            allow("iam:CreatePolicyVersion", "*"),
        ]
    )

    assert [" + ".join(one.path.actions) for one in opened] == [
        "iam:CreatePolicyVersion",
        "sts:AssumeRole",
        "iam:AttachRolePolicy",
        "iam:PutRolePolicy",
    ]


@pytest.mark.parametrize("actions", ["s3:GetObject", "iam:PassRole", "lambda:InvokeFunction", "iam:ListRoles", "s3:*"])
def test_ordinary_permissions_open_nothing(actions: str) -> None:
    assert found(allow(actions, "*")) == {}


def test_no_statement_opens_nothing() -> None:
    assert escalation_paths([]) == ()


@pytest.mark.parametrize(
    ("actions", "kind"),
    [
        ("iam:PutRolePolicy", PathKind.PERMISSIONS),
        ("sso:PutInlinePolicyToPermissionSet", PathKind.PERMISSIONS),
        ("iam:PassRole ec2:RunInstances", PathKind.PASS_ROLE),
        ("sts:AssumeRole", PathKind.ASSUME_ROLE),
        ("ssm:SendCommand", PathKind.TAKEOVER),
    ],
)
def test_a_path_says_what_it_makes_use_of(actions: str, kind: PathKind) -> None:
    assert [one.path.kind for one in escalation_paths([allow(actions, "*")])] == [kind]


def test_a_path_says_who_knows_it_and_where_it_is_described() -> None:
    path = found(allow("iam:CreatePolicyVersion", "*"))["iam:CreatePolicyVersion"].path

    assert path.sources == ("cloudsplaining CreateNewPolicyVersion", "prowler CreatePolicyVersion")
    assert path.page == "https://pathfinding.cloud/paths/iam-001"


def test_everything_on_everything_opens_every_path_that_no_shorter_one_makes_needless() -> None:
    opened = escalation_paths([allow("*", "*")])
    needed = [one for one in known_paths() if not any(other.steps < one.steps for other in known_paths())]

    assert {one.path for one in opened} == set(needed)
