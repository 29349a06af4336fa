"""A local state that a kill cut off. Terraform empties the file and writes it anew, and can be killed in between.

Before its first change an apply copies the state to `<state>.backup`, so one of the two is whole at every moment:
https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statemgr/filesystem.go (writeState). What was made
after the copy is found in the cloud by the next plan.
"""

import json
from pathlib import Path

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.terraform.durable import write_durably


def mend_state(state: Path) -> str | None:
    """Put the state from before the killed apply in the place of one that is not whole. What was done, for a person.

    Raises:
        OutsideError: the state is not whole, and neither is its backup.
    """
    if not state.exists() or _is_whole(state):
        return None
    backup = state.with_name(f"{state.name}.backup")
    if backup.exists():
        if not _is_whole(backup):
            raise OutsideError(
                f"{state} was cut off by a kill, and {backup.name} is not whole",
                hint="bring back a copy of the state; without one, `terraform import` takes in what stands",
            )
        write_durably(state, backup.read_text("utf-8"))
        return f"{state} was cut off by a kill: the state from before that apply is back"
    if not state.stat().st_size:
        return None  # the first apply: Terraform reads an empty file as no state
    state.replace(state.with_name(f"{state.name}.cut-off"))
    return f"{state} was cut off by a kill within its first apply: it is set aside as {state.name}.cut-off"


def refuse_cut_off(state: Path) -> None:
    """Stop at a state that is not whole though no apply of ours was killed: somebody has to look.

    Raises:
        OutsideError: the state is there, is not empty, and is no state.
    """
    if state.exists() and state.stat().st_size and not _is_whole(state):
        raise OutsideError(f"{state} is no Terraform state", hint=f"compare it with {state.name}.backup beside it")


def is_of_a_line(state: Path) -> bool:
    """Whether a state says of which line it is, or is the first of one (serial 0, which never replaces another).

    Terraform lets a later one that does not say it take the place of any:
    https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statemgr/migrate.go (CheckValidImport)
    """
    document = _document(state)
    return bool(document.get("lineage")) or document.get("serial") == 0


def _is_whole(state: Path) -> bool:
    document = _document(state)
    return "version" in document and "serial" in document


def _document(state: Path) -> dict[str, Json]:
    try:
        document = json.loads(state.read_bytes())
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
