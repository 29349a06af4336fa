"""What the policy evaluator says of each kind's role or user at an instant, held against what was promised."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from nhi.errors import OutsideError
from nhi.model.instant import format_instant
from nhi.sandbox.access import Calls, calls
from nhi.sandbox.evaluator import Allowed, Denied, Evaluator, Question, Verdict
from nhi.sandbox.live import Live, LiveRole
from nhi.sandbox.table import Fault

SECOND = timedelta(seconds=1)

Asked = dict[str, tuple[Calls, tuple[Verdict, ...]] | str]
"""By kind: what was asked and answered, or why there is no answer."""


def ask(
    evaluator: Evaluator,
    live: Mapping[str, Live],
    instants: Sequence[datetime],
    before: Mapping[str, Live] | None = None,
) -> dict[datetime, Asked]:
    """Ask about each kind at each instant. One that the evaluator cannot judge takes no other with it.

    Those come who are trusted, or, where it is given, who were trusted `before`.
    """
    callers = live if before is None else before
    asked = {(at, kind): _calls(one, at, callers.get(kind)) for at in instants for kind, one in live.items()}
    known = {key: one for key, one in asked.items() if isinstance(one, Calls)}
    answered: dict[tuple[datetime, str], tuple[Verdict, ...] | str]
    try:
        verdicts = iter(evaluator.evaluate([each for one in known.values() for each in _all(one)]))
        answered = {key: tuple(next(verdicts) for _ in _all(one)) for key, one in known.items()}
    except OutsideError:
        answered = {key: _alone(evaluator, one) for key, one in known.items()}
    found: dict[datetime, Asked] = {at: {} for at in instants}
    for (at, kind), one in asked.items():
        found[at][kind] = _joined(one, answered.get((at, kind), ""))
    return found


def used_faults(asked: Asked) -> dict[str, list[Fault]]:
    """What is not let through."""
    return {kind: _not_allowed(one) for kind, one in asked.items()}


def denied_faults(asked: Asked) -> dict[str, list[Fault]]:
    """What is let through, or is denied only because nothing allows it where a Deny should say so."""
    return {kind: _not_denied(one) for kind, one in asked.items()}


def _calls(one: Live, at: datetime, before: Live | None) -> Calls | str:
    try:
        return calls(one, at, before.trust if isinstance(before, LiveRole) else None)
    except OutsideError as cause:
        return cause.message


def _alone(evaluator: Evaluator, one: Calls) -> tuple[Verdict, ...] | str:
    try:
        return evaluator.evaluate(_all(one))
    except OutsideError as cause:
        return cause.message


def _joined(one: Calls | str, answered: tuple[Verdict, ...] | str) -> tuple[Calls, tuple[Verdict, ...]] | str:
    if isinstance(one, str):
        return one
    return answered if isinstance(answered, str) else (one, answered)


def _all(one: Calls) -> tuple[Question, ...]:
    return (*one.work, one.granted, *one.entry)


def _not_allowed(asked: tuple[Calls, tuple[Verdict, ...]] | str) -> list[Fault]:
    if isinstance(asked, str):
        return [Fault("an answer of the policy evaluator", asked)]
    questions, verdicts = asked
    pairs = zip(_all(questions), verdicts, strict=True)
    return [
        Fault(_words("let through", question), _said(verdict)) for question, verdict in pairs if verdict != Allowed()
    ]


def _not_denied(asked: tuple[Calls, tuple[Verdict, ...]] | str) -> list[Fault]:
    if isinstance(asked, str):
        return [Fault("an answer of the policy evaluator", asked)]
    questions, verdicts = asked
    faults = []
    for question, verdict in zip(_all(questions), verdicts, strict=True):
        opening = question in questions.entry
        if not isinstance(verdict, Denied) or not (verdict.explicit or opening):
            faults.append(Fault(_words("denied" if opening else "denied by a Deny", question), _said(verdict)))
    return faults


def _words(wanted: str, question: Question) -> str:
    asked = f"{question.action} on {question.resource} for {question.principal}"
    return f"{wanted} at {format_instant(question.at)}: {asked}"


def _said(verdict: Verdict) -> str:
    match verdict:
        case Allowed():
            return "let through"
        case Denied(reasons=reasons):
            return f"denied: {'; '.join(reasons) or 'nothing allows it'}"
