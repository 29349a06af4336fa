"""Before anything new: what became of the last apply, if nobody was there at its end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from nhi.errors import OutsideError
from nhi.flows.render import RenderedStack
from nhi.model.application import Application, Fate, Outcome
from nhi.model.parts import part_names, state_of
from nhi.model.settings import LocalBackend
from nhi.terraform.interface import Terraform
from nhi.terraform.local_state import is_of_a_line, mend_state, refuse_cut_off
from nhi.terraform.progress import ending, fates
from nhi.terraform.workspace import Workspace

_KILLED = "it was killed: nhi, or Terraform with it, ended without a word"


def settle_last(workspace: Workspace, on_line: Callable[[str], None]) -> Application | None:
    """Complete the record of an apply that says nothing of its end, and give it; None where there is no such record.

    Whoever asks holds the workspace's lock, so its Terraform has ended too.
    """
    last = workspace.last_application()
    if last is None or last.outcome is not Outcome.STARTED:
        return None
    said = workspace.transcripts()
    end = ending(said)
    settled = ended(last, said, end.at, None if end.complete else _KILLED)
    workspace.keep_application(settled)
    on_line(f"the last apply of {last.stack} had no witness: {fates_in_words(settled)}")
    return settled


def ended(
    one: Application, transcripts: Mapping[str, Sequence[str]], at: datetime | None, failure: str | None
) -> Application:
    """The record of an apply at its end; `failure` is None where all was applied."""
    return replace(
        one,
        ended=at,
        outcome=Outcome.APPLIED if failure is None else Outcome.FAILED,
        resources=fates(transcripts, one.intended, succeeded=failure is None),
        failure=failure,
    )


def fates_in_words(one: Application) -> str:
    """How many resources met which fate, such as `3 done, 1 failed`."""
    counts = ((sum(found.fate is fate for found in one.resources), fate) for fate in Fate)
    return ", ".join(f"{number} {fate.value.replace('-', ' ')}" for number, fate in counts if number) or "nothing to do"


def mend_local(rendered: RenderedStack, workspace: Workspace, on_line: Callable[[str], None], *, killed: bool) -> None:
    """Make a local state whole that a kill has cut off.

    Raises:
        OutsideError: it is not whole, and cannot be mended or was not cut off by a killed apply of ours.
    """
    if not isinstance(rendered.stack.backend, LocalBackend) or not rendered.state_path:
        return
    for part in part_names(rendered.stack.parts):
        state = workspace.root / state_of(rendered.state_path, part)
        if not killed:
            refuse_cut_off(state)
            continue
        said = mend_state(state)
        if said:
            on_line(said)


def push_unsaved(terraform: Terraform, workspace: Workspace, on_line: Callable[[str], None]) -> None:
    """Give Terraform the states back that it could not save in an earlier apply.

    Raises:
        OutsideError: Terraform refuses one, since the state has moved on since; or it does not say of which state it
            is, so that Terraform would put it in the place of any; or the stack has other parts now.
    """
    for unsaved in workspace.unsaved_states():
        if not workspace.is_in_a_root(unsaved):
            raise OutsideError(
                f"{unsaved} is a state that an apply could not save, when the stack had other parts",
                hint="bring that number of `parts` back in nhi.yaml, and run `nhi plan`; then change it again",
            )
        if not is_of_a_line(unsaved):
            raise OutsideError(
                f"{unsaved} does not say of which state it is: no Terraform of ours left it there",
                hint="find out how it came there, and move it away",
            )
        on_line(f"the last apply could not save its state: {unsaved.name} is given back")
        try:
            terraform.push_state(unsaved.parent, unsaved, on_line)
        except OutsideError as cause:
            raise OutsideError(
                f"{unsaved} is a state that an apply could not save, and it cannot be given back:\n{cause.message}",
                hint="it alone knows what that apply made: compare it with the state; move it away once all is known",
            ) from cause
        unsaved.unlink()
