"""What a role or a user lets through at an instant: the calls that its own policies are about, put to the evaluator.

The calls are derived from what stands in AWS, so that no kind's name and no example is known here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.model.instant import format_instant
from nhi.sandbox.evaluator import Evaluator, Question, Verdict
from nhi.sandbox.live import Live, LiveRole, LiveUser

_OPEN: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
_OWN_POLICIES: Mapping[str, Mapping[str, Json]] = {
    "AWS": {
        "all": {
            "Version": "2012-10-17",
            "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
        }
    }
}
"""By the sort of principal: what its own account lets it do. Across accounts both must allow the call:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html"""
_TIME = frozenset({"aws:CurrentTime", "aws:EpochTime"})
"""Part of every question already."""
_HOUR = timedelta(hours=1)

Context = dict[str, str | tuple[str, ...]]
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Calls:
    """What is asked about a role or a user."""

    work: tuple[Question, ...]
    """One call for each statement that allows something, by a session that was opened before; of a user by the user,
    and by a session that GetSessionToken made of its key."""
    granted: Question
    """Another call of theirs, which only a resource's own policy allows: it allows everybody everything."""
    entry: tuple[Question, ...]
    """The opening of a new session of a role, once for each principal of each statement that trusts somebody. A user
    has none: its key is its way in, and no policy decides on GetSessionToken:
    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html"""


@dataclass(frozen=True, slots=True)
class Access:
    """The verdicts on the calls."""

    work: tuple[Verdict, ...]
    granted: Verdict
    entry: tuple[Verdict, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """All of them."""
        return (*self.work, self.granted, *self.entry)


def access(evaluator: Evaluator, asked: Mapping[K, Calls]) -> dict[K, Access]:
    """Ask the evaluator, in one run.

    Raises:
        OutsideError: it cannot answer one of the questions.
    """
    questions = [each for one in asked.values() for each in (*one.work, one.granted, *one.entry)]
    verdicts = iter(evaluator.evaluate(questions))
    return {
        key: Access(
            work=tuple(next(verdicts) for _ in one.work),
            granted=next(verdicts),
            entry=tuple(next(verdicts) for _ in one.entry),
        )
        for key, one in asked.items()
    }


def calls(one: Live, at: datetime, trust: Json = None) -> Calls:
    """What a role or a user is for, as its policies have it, at an instant.

    Args:
        one: as it stands.
        at: when it is called.
        trust: the trust policy whose principals try to open a session; without it, the role's own. A suspended role
            trusts nobody, and those whom it trusted before come all the same.

    Raises:
        OutsideError: it may do nothing or trusts nobody, or nobody knows what request meets one of its conditions.
    """
    allows = [each for policy in one.inline.values() for each in statements(policy) if each["Effect"] == "Allow"]
    if not allows:
        raise OutsideError(f"{one.arn} may do nothing")
    account, place = _account(one), _place(one.inline)
    sessions = _sessions(one, at)
    work = tuple(
        Question(
            caller,
            each["Action"][0],
            _without_patterns(each["Resource"][0]),
            at,
            one.inline,
            resource_policy=_key_policy(account) if each["Action"][0].startswith("kms:") else None,
            context={**session, **place, **context_of(each)},
            resource_account=account,
        )
        for caller, session in sessions
        for each in allows
    )
    elsewhere = f"arn:aws:sqs:eu-west-1:{account}:nobody-declares-it"
    caller, session = sessions[0]
    granted = Question(caller, "sqs:SendMessage", elsewhere, at, one.inline, _OPEN, context={**session, **place})
    return Calls(work, granted, openings(one, at, trust) if isinstance(one, LiveRole) else ())


def openings(role: LiveRole, at: datetime, trust: Json = None) -> tuple[Question, ...]:
    """The openings of a session, by whoever the role trusts, or by whoever another trust policy names."""
    found = tuple(
        Question(principal, action, role.arn, at, _OWN_POLICIES.get(sort, {}), role.trust, context=context_of(each))
        for each in statements(role.trust if trust is None else trust)
        if each["Effect"] == "Allow"
        for sort, principals in each["Principal"].items()
        for principal in _many(principals)
        for action in _many(each["Action"])
    )
    if not found:
        raise OutsideError(f"{role.arn} trusts nobody")
    return found


def statements(document: Json) -> list[dict[str, Any]]:
    """The statements of a policy that our modules wrote."""
    policy: Any = document
    found: list[dict[str, Any]] = policy["Statement"]
    return found


def context_of(statement: Mapping[str, Any]) -> Context:
    """A request that meets a statement's conditions. The time is not part of it."""
    context: Context = {}
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            if key in _TIME:
                continue
            met = _met_by(operator, _many(values))
            if context.setdefault(key, met) != met:
                raise OutsideError(f"nobody knows yet what request meets all conditions of {key}")
    return context


def _sessions(one: Live, at: datetime) -> list[tuple[str, Context]]:
    """Who works with it, and what IAM knows of the session."""
    match one:
        case LiveRole(arn=arn):
            name = arn.rpartition("/")[2]
            return [(f"arn:aws:sts::{_account(one)}:assumed-role/{name}/run-1", {})]
        case LiveUser(arn=arn):
            of_token: Context = {
                "aws:TokenIssueTime": format_instant(at - _HOUR),
                "aws:MultiFactorAuthPresent": "false",
            }
            return [(arn, {}), (arn, of_token)]


def _account(one: Live) -> str:
    return one.arn.split(":")[4]


def _key_policy(account: str) -> Json:
    """A KMS key's default policy; without it IAM policies do not reach the key.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    statement: Json = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _place(policies: Mapping[str, Json]) -> Context:
    """Where a request comes from, where the policies deny it from elsewhere."""
    return dict(_places(policies))


def _places(policies: Mapping[str, Json]) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for policy in policies.values():
        for one in statements(policy):
            if one["Effect"] == "Deny":
                for key, values in one.get("Condition", {}).get("NotIpAddress", {}).items():
                    yield key, _met_by("IpAddress", _many(values))


def _met_by(operator: str, values: Sequence[str]) -> str | tuple[str, ...]:
    """A value that a condition with these lets through."""
    base, several = operator.removesuffix("IfExists"), operator.startswith("For")
    first = values[0]
    match base.removeprefix("ForAllValues:").removeprefix("ForAnyValue:"):
        case "StringEquals" | "StringEqualsIgnoreCase" | "StringLike" | "ArnEquals" | "ArnLike":
            met = _without_patterns(first)
        case "Bool" | "NumericEquals" | "NumericLessThanEquals" | "NumericGreaterThanEquals":
            met = first
        case "NumericLessThan":
            met = str(int(first) - 1)
        case "NumericGreaterThan":
            met = str(int(first) + 1)
        case "IpAddress":
            met = first.partition("/")[0]
        case _:
            raise OutsideError(
                f"nobody knows yet what request meets {operator}", hint="nhi.sandbox.access has to learn it"
            )
    return (met,) if several else met


def _without_patterns(text: str) -> str:
    return text.replace("*", "x").replace("?", "x")


def _many(values: str | list[str]) -> list[str]:
    return [values] if isinstance(values, str) else values
