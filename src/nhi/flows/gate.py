"""`nhi gate`: judge a pull request as data, by the base's code, and say so on the forge.

The head is never checked out, and nothing of it runs. While the gate works its status is pending, which blocks; it
becomes a success only when everything was looked at, found good, and told. What fails on our side is an error with its
reason, never an absence of findings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from nhi.errors import NhiError, OutsideError
from nhi.flows.gate_judge import Evidence, judge
from nhi.flows.pull import Moved
from nhi.forge.interface import Forge
from nhi.model.forge import GATE, CommitStatus, PullRequest, PullState, StatusState
from nhi.model.gate import MARKER, GateReport

_MOVED = "the pull request moved while this ran: the run of the newer push decides"
_RUNNING = "reading what merging this would make"


class Ending(StrEnum):
    """What became of a run."""

    TOLD = "told"
    UNTOLD = "untold"
    """Nothing was to be written."""
    MOVED = "moved"
    """The head or the base branch is another one by now: another run decides."""
    NOT_OPEN = "not-open"


@dataclass(frozen=True, slots=True)
class Words:
    """A report as it is told on the forge."""

    comment: str
    """Its first line is the gate's marker."""
    description: str
    """One line for the status."""
    sarif: str | None = None
    """For code scanning; None where nobody asked for it."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How and whether a report is told."""

    words: Callable[[GateReport], Words]
    failed: Callable[[Exception], str]
    """One line for the status, of what broke the run."""
    here: Callable[[GateReport], None]
    """Tells it here, before anything of it is told on the forge."""
    url: str = ""
    """Where more is told: the run's own page."""
    silent: bool = False
    """Write nothing to the forge."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to."""

    pull: PullRequest
    ending: Ending
    report: GateReport | None = None
    """None where the pull request is not open, or never stood still."""
    refusal: str = ""
    """Why the forge does not take findings into its code scanning; "" where it did or nobody asked."""


def gate(evidence: Evidence, telling: Telling, number: int, as_of: datetime) -> Outcome:
    """Judge a pull request and tell it.

    Raises:
        InputError: there is no such pull request.
        OutsideError: the forge failed; the status says so where it still can be set.
    """
    pull = evidence.forge.pull_request(number)
    if pull.state is not PullState.OPEN:
        return Outcome(pull, Ending.NOT_OPEN)
    voice = _Voice(evidence.forge, telling)
    voice.say(pull.head, StatusState.PENDING, _RUNNING)
    try:
        report = judge(evidence, pull, as_of)
        telling.here(report)
    except Moved:
        voice.say(pull.head, StatusState.ERROR, _MOVED)
        return Outcome(pull, Ending.MOVED)
    except (NhiError, OSError) as error:
        voice.say_failure(pull.head, error)
        raise
    try:
        return _tell(voice, pull, report)
    except (NhiError, OSError) as error:
        voice.say_failure(report.pull.head, error)
        raise


def refuse(forge: Forge, telling: Telling, number: int, error: NhiError) -> None:
    """Say on the head of an open pull request that nothing could be judged, since what stands here is broken."""
    pull = forge.pull_request(number)
    if pull.state is PullState.OPEN:
        _Voice(forge, telling).say_failure(pull.head, error)


@dataclass(frozen=True, slots=True)
class _Voice:
    """Sets the status, where it may."""

    forge: Forge
    telling: Telling

    def say(self, commit: str, state: StatusState, description: str) -> None:
        if not self.telling.silent:
            self.forge.set_status(commit, CommitStatus(GATE, state, description, self.telling.url))

    def say_failure(self, commit: str, error: Exception) -> None:
        """What is pending goes on blocking where even this cannot be said."""
        try:
            self.say(commit, StatusState.ERROR, self.telling.failed(error))
        except OutsideError as also:
            error.add_note(also.message)


def _tell(voice: _Voice, begun: PullRequest, report: GateReport) -> Outcome:
    """The status comes last: until everything else is told, it blocks."""
    forge, telling, pull = voice.forge, voice.telling, report.pull
    if telling.silent:
        return Outcome(pull, Ending.UNTOLD, report)
    now = forge.pull_request(pull.number)
    if begun.head != pull.head:
        voice.say(begun.head, StatusState.ERROR, _MOVED)
    if (now.head, now.base_branch) != (pull.head, pull.base_branch):
        voice.say(pull.head, StatusState.ERROR, _MOVED)
        return Outcome(now, Ending.MOVED, report)
    if now.state is not PullState.OPEN:
        return Outcome(now, Ending.NOT_OPEN, report)
    words = telling.words(report)
    refusal = ""
    if words.sarif is not None and report.state is not StatusState.ERROR:
        # What was not looked at is not in it, and would count as mended there.
        refusal = forge.upload_sarif(pull.head, pull.head_reference, words.sarif)
    forge.keep_comment(pull.number, MARKER, words.comment)
    voice.say(pull.head, report.state, words.description)
    return Outcome(pull, Ending.TOLD, report, refusal)
