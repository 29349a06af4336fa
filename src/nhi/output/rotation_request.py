"""The pull request of one step of a rotation, in GitHub's Markdown."""

from nhi.model.instant import format_instant
from nhi.model.rotation import Proposed, Step
from nhi.output.markdown import code, prose
from nhi.output.plain import one_line

_MEANS = {
    Step.ROTATE: "Once this is merged and applied there are two keys, and both work. Whoever uses the identity takes "
    "the new one from the secret; the next steps switch the old one off and delete it.",
    Step.RETIRE: "Nobody used it in the last day, as far as the cloud tells. It is kept for a while, and can be "
    "switched on again.",
    Step.DROP: "It has been off, and nobody used it in the last day, as far as the cloud tells. It cannot be taken "
    "back.",
}


def rotation_title(one: Proposed) -> str:
    """`prod/ledger-key: switch the old key off`."""
    return f"{one.turn.declared.identity.id}: {one.turn.step.does}"


def rotation_body(marker: str, by_people: str, one: Proposed) -> str:
    """What the step does, and what to look at. The first two lines are given."""
    identity = one.turn.declared.identity
    step = one.turn.step
    return (
        f"{marker}\n{by_people}\nThis is to {step.does} of {code(identity.id)}, of {code(identity.owner)}; due since "
        f"{format_instant(one.turn.due)}.\n\n{_MEANS[step]}\n\n"
        "**Merging:** nobody approved it beforehand, so the reviewers are asked to. **To refuse:** close it; the same "
        "step of the same manifest is not asked for again.\n"
    )


def superseded_body(marker: str, reason: str, number: int | None) -> str:
    """Why the pull request of a step is closed, and the one that asks for the next step instead."""
    instead = "" if number is None else f" #{number} asks for that."
    opened = f"{marker}\nThis is not right any more, so it is closed; no key was touched: "
    return f"{opened}{prose(one_line(reason))}.{instead}\n"
