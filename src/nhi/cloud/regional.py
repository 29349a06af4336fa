"""Secrets and EventBridge rules of one region: as AWS describes them, and what of them belongs to an identity.

By its id an identity's secret or rule is found under any name; without the id it is found under the name that a kind
gives: `nhi/<stack>/<name>` for a secret, or what begins so and goes on with `/`, and `nhi-<name>` or
`nhi-<stack>-<name>` for a rule.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nhi.cloud.compare import FoundEventRule, FoundSecret
from nhi.cloud.inventory import Holding, OddAnswer, tags, text
from nhi.model.identity import Json

FOLDER = "nhi"
"""Where the names of secrets begin; a `/` may stand before it."""
EVENT_RULE_PREFIX = "nhi-"


@dataclass(frozen=True, slots=True)
class Regional:
    """The secrets and event rules of one region that carry an id or have a name as a kind gives it."""

    by_id: Mapping[str, tuple[Holding, ...]]
    by_name: Mapping[str, tuple[Holding, ...]]
    """Secrets: `<stack>/<name>` → those whose name says so. Event rules: their own name → the rule."""

    def of(self, identity: str) -> tuple[Holding, ...]:
        """What carries an identity's id, and what has a name as its kind gives it."""
        rules = (one for name in _rule_names(identity) for one in self.by_name.get(name, ()))
        # nhi-prod-eu-x can be the rule of prod/eu-x and of prod-eu/x: the id says of which.
        named = (one for one in rules if one.id is None or one.name not in _rule_names(one.id))
        ours = (*self.by_id.get(identity, ()), *self.by_name.get(identity, ()), *named)
        return tuple({one.arn: one for one in ours}.values())


def regional(holdings: Iterable[Holding]) -> Regional:
    """The index of secrets and event rules."""
    by_id, by_name = defaultdict(list), defaultdict(list)
    for one in holdings:
        if one.id is not None:
            by_id[one.id].append(one)
        by_name[_identity_of_secret(one.name) if one.kind == "secret" else one.name].append(one)
    return Regional(
        {key: tuple(held) for key, held in by_id.items()}, {key: tuple(held) for key, held in by_name.items()}
    )


def secret_holding(entry: Mapping[str, object]) -> Holding:
    """A secret of ListSecrets."""
    return Holding("secret", text(entry, "Name"), "", text(entry, "ARN"), tags(entry))


def event_rule_holding(entry: Mapping[str, object], tagged: Mapping[str, object]) -> Holding:
    """A rule of ListRules, with the answer of ListTagsForResource."""
    return Holding("event rule", text(entry, "Name"), "", text(entry, "Arn"), tags(tagged))


def found_secret(answer: Mapping[str, object]) -> FoundSecret:
    """A secret of DescribeSecret, ready to be compared."""
    return FoundSecret(text(answer, "Name"), tags(answer), answer.get("DeletedDate") is not None)


def found_event_rule(answer: Mapping[str, object], targets: Iterable[Mapping[str, object]]) -> FoundEventRule:
    """A rule of DescribeRule with its targets, ready to be compared."""
    return FoundEventRule(
        name=text(answer, "Name"),
        state=text(answer, "State"),
        pattern=_pattern(answer),
        schedule=text(answer, "ScheduleExpression") if answer.get("ScheduleExpression") is not None else None,
        targets=tuple(text(one, "Arn") for one in targets),
    )


def _pattern(answer: Mapping[str, object]) -> Json:
    if answer.get("EventPattern") is None:
        return None
    try:
        return json.loads(text(answer, "EventPattern"))  # type: ignore[no-any-return]  # any JSON value
    except (ValueError, RecursionError) as cause:
        raise OddAnswer("EventPattern is not JSON") from cause


def _identity_of_secret(name: str) -> str:
    """`prod/ledger-writer` of `nhi/prod/ledger-writer/key`; empty for a name that no kind gives."""
    folder, *rest = name.removeprefix("/").split("/")
    return "/".join(rest[:2]) if folder == FOLDER and len(rest) > 1 else ""


def _rule_names(identity: str) -> tuple[str, str]:
    stack, _, name = identity.partition("/")
    return f"{EVENT_RULE_PREFIX}{name}", f"{EVENT_RULE_PREFIX}{stack}-{name}"
