"""The record of an apply as JSON, the format `nhi/apply/v1`, and back."""

from typing import Any

from nhi.model.application import Application, Fate, Outcome, ResourceFate
from nhi.model.identity import Json
from nhi.model.instant import format_instant, parse_instant
from nhi.model.plan import Action, IdentityChange, PlanSummary, Principal, PrincipalType, ResourceChange

_SCHEMA = "nhi/apply/v1"


def application_document(one: Application) -> dict[str, Json]:
    """The record, ready for JSON. It holds names and digests, and no values."""
    return {
        "schema": _SCHEMA,
        "stack": one.stack,
        "outcome": one.outcome.value,
        "began": format_instant(one.began),
        "ended": None if one.ended is None else format_instant(one.ended),
        "commit": one.commit,
        "base": one.base,
        "policy": one.policy,
        "root": one.root,
        "plan": one.plan,
        "intended": _intended(one.intended),
        "resources": [{"address": found.address, "fate": found.fate.value} for found in one.resources],
        "failure": one.failure,
        "insisted": list(one.insisted),
    }


def read_application(document: Any) -> Application:  # noqa: ANN401  # what json.loads gives
    """The record that a document is.

    Raises:
        ValueError: or TypeError or KeyError: it is none.
    """
    if document["schema"] != _SCHEMA:
        raise ValueError("not a record of an apply")
    ended = document["ended"]
    return Application(
        stack=document["stack"],
        commit=document["commit"],
        base=document["base"],
        policy=document["policy"],
        root=document["root"],
        plan=document["plan"],
        intended=_read_intended(document["stack"], document["intended"]),
        began=parse_instant(document["began"]),
        ended=None if ended is None else parse_instant(ended),
        outcome=Outcome(document["outcome"]),
        resources=tuple(ResourceFate(one["address"], Fate(one["fate"])) for one in document["resources"]),
        failure=document["failure"],
        insisted=tuple(document.get("insisted", ())),
    )


def _intended(summary: PlanSummary) -> dict[str, Json]:
    return {
        "identities": _changes(summary.identities),
        "created": list(summary.created),
        "destroyed": list(summary.destroyed),
        "principals": [
            {
                "address": one.address,
                "type": one.type.value,
                "name": one.name,
                "action": one.action.value,
                "unique_id": one.unique_id,
            }
            for one in summary.principals
        ],
        "drift": _changes(summary.drift),
        "lifted": list(summary.lifted),
    }


def _changes(identities: tuple[IdentityChange, ...]) -> list[Json]:
    return [
        {
            "identity": one.identity,
            "changes": [
                {"address": change.address, "action": change.action.value, "attributes": list(change.attributes)}
                for change in one.changes
            ],
        }
        for one in identities
    ]


def _read_intended(stack: str, document: Any) -> PlanSummary:  # noqa: ANN401  # as above
    principals = tuple(
        Principal(one["address"], PrincipalType(one["type"]), one["name"], Action(one["action"]), one["unique_id"])
        for one in document["principals"]
    )
    return PlanSummary(
        stack=stack,
        identities=_read_changes(document["identities"]),
        principals=principals,
        created=tuple(document["created"]),
        destroyed=tuple(document["destroyed"]),
        drift=_read_changes(document["drift"]),
        lifted=tuple(document.get("lifted", ())),
    )


def _read_changes(identities: Any) -> tuple[IdentityChange, ...]:  # noqa: ANN401  # as above
    return tuple(
        IdentityChange(
            one["identity"],
            tuple(
                ResourceChange(change["address"], Action(change["action"]), tuple(change["attributes"]))
                for change in one["changes"]
            ),
        )
        for one in identities
    )
