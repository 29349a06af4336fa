"""What the commands answered about each kind: from their JSON to what is not as it should be."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from nhi.sandbox.examples import Example
from nhi.sandbox.person import Answer
from nhi.sandbox.table import Cell, Fault, Mark, cell

Faults = dict[str, list[Fault]]
"""By kind; a kind without faults has an empty list."""


def check_faults(answer: Answer, kinds: Sequence[Example]) -> Faults:
    """What `nhi check` finds and nobody accepted."""
    found = _document(answer).get("findings", [])
    errors = [one for one in found if one["severity"] == "error" and one["exception"] is None]
    faults: Faults = {
        one.kind: [
            Fault("a manifest that passes", f"{each['code']} {each['rule']}, line {each['line']}: {each['message']}")
            for each in errors
            if each["path"] == one.path
        ]
        for one in kinds
    }
    return _shared(faults, answer, kinds, "`nhi check` ends with 0")


def plan_faults(answer: Answer, kinds: Sequence[Example], wanted: str) -> Faults:
    """Where a plan does not do this one thing (`create`, `update`, `destroy`) to an identity, or not only this."""
    faults: Faults = {}
    planned = _planned(answer)
    for one in kinds:
        actions = sorted({each["action"] for each in planned.get(one.identity, {}).get("resources", [])})
        expected = f"a plan that does {wanted} for it and nothing else"
        faults[one.kind] = [] if actions == [wanted] else [Fault(expected, ", ".join(actions) or "no change")]
        whole = planned.get(one.identity, {}).get(f"{wanted}ed".replace("createed", "created"), True)
        if actions == [wanted] and not whole:
            faults[one.kind].append(Fault(f"to {wanted} all of the identity", "a part of it is left out"))
    return _failed_or(faults, answer, kinds, "`nhi plan` ends with 0")


def again_faults(answer: Answer, kinds: Sequence[Example]) -> Faults:
    """What a second plan would do, although everything was applied."""
    planned = _planned(answer)
    faults: Faults = {
        one.kind: [
            Fault("no change", f"{each['action']} of {each['address']}: {', '.join(each['attributes'])}")
            for each in planned.get(one.identity, {}).get("resources", [])
        ]
        for one in kinds
    }
    return _failed_or(faults, answer, kinds, "`nhi plan` ends with 0")


def apply_faults(answer: Answer, kinds: Sequence[Example]) -> Faults:
    """What an apply refused, or did not do."""
    document = _document(answer)
    refused = document.get("refused", [])
    resources = [each for one in document.get("applications", []) for each in one["resources"]]
    faults: Faults = {}
    for one in kinds:
        mine = [each for each in resources if each["address"].startswith(f"{one.module}.")]
        faults[one.kind] = [
            Fault("nothing refused", each["reason"]) for each in refused if each["identity"] == one.identity
        ]
        faults[one.kind] += [Fault(f"{each['address']} done", each["fate"]) for each in mine if each["fate"] != "done"]
        if not mine and answer.code == 0:
            faults[one.kind].append(Fault("an apply with something of it", "nothing"))
    return _shared(faults, answer, kinds, "`nhi apply` ends with 0")


def init_faults(answer: Answer, modules: str, kinds: Sequence[Example]) -> Faults:
    """Which modules `terraform init` did not take, by its own list of them (`.terraform/modules/modules.json`).

    `nhi plan` runs it; a plan that failed says itself whether it got so far.
    """
    if answer.code and (not modules or "terraform init" in answer.said):
        return _shared({one.kind: [] for one in kinds}, answer, kinds, "`nhi plan` to init the root")
    taken = {(each["Key"], each["Dir"]) for each in json.loads(modules or "{}").get("Modules", [])}
    faults: Faults = {}
    for one in kinds:
        entry = (one.module.removeprefix("module."), f"modules/{one.kind}")
        missing = Fault(f"the module {entry[0]} from {entry[1]}", "Terraform did not take it")
        faults[one.kind] = [] if entry in taken else [missing]
    return faults


def validate_faults(answer: Answer, kinds: Sequence[Example]) -> Faults:
    """What `terraform validate -json` finds, by whose file it is in."""
    document = _document(answer)
    faults: Faults = {one.kind: [] for one in kinds}
    for each in document.get("diagnostics", []):
        where = (each.get("range") or {}).get("filename", "")
        text = f"{each['severity']}, {where}: {each['summary']} {each.get('detail', '')}".strip()
        for kind in _blamed(f"{where} {each.get('address', '')}", kinds):
            faults[kind].append(Fault("a valid module without warnings", text))
    return _shared(faults, answer, kinds, "`terraform validate` ends with 0")


def standing(answer: Answer, kinds: Sequence[Example], live: Collection[str], wanted: str) -> dict[str, Cell]:
    """What `nhi verify` says of each identity: `present` as declared, or `absent`; or that people must tell.

    `live` names what stands in AWS, so that nobody is sent to people where AWS could be asked.
    """
    document = _document(answer)
    verified = {(one["identity"], one["wanted"]): one for one in document.get("verified", [])}
    people = set(document.get("needs_attestation", []))
    cells = {}
    for one in kinds:
        said = verified.get((one.identity, wanted))
        faults = [] if said is None else _unlike(said, wanted)
        if said is None and (one.identity not in people or one.name in live):
            asked = "people must tell, and AWS holds it" if one.identity in people else "nothing about it"
            faults = [Fault(f"`nhi verify` to say {wanted}", _or_error(asked, answer))]
        if wanted == "absent" and one.name in live:
            faults.append(Fault("nothing of its name in AWS", "a role or a user"))
        cells[one.kind] = cell(faults, Mark.ATTEST if said is None else Mark.OK)
    return cells


def _unlike(said: Mapping[str, Any], wanted: str) -> list[Fault]:
    faults = [Fault(f"{each['where']}: {each['expected']}", str(each["found"])) for each in said.get("differences", [])]
    if not faults and (said["answer"] != wanted or not said["holds"]):
        faults = [Fault(wanted, f"{said['answer']} {said.get('reason', '')}".strip())]
    return faults


def _planned(answer: Answer) -> dict[str, Any]:
    """By identity, what the plan of the one stack does to it."""
    stacks = _document(answer).get("stacks", [])
    return {each["identity"]: each for one in stacks for each in one.get("identities", [])}


def _failed_or(faults: Faults, answer: Answer, kinds: Sequence[Example], expected: str) -> Faults:
    """Where the command failed, whatever it did not do is not each kind's own fault."""
    return faults if answer.code == 0 else _shared({one.kind: [] for one in kinds}, answer, kinds, expected)


def _shared(faults: Faults, answer: Answer, kinds: Sequence[Example], expected: str) -> Faults:
    """A failure that no kind's own faults explain: it is theirs whom its words name, or else everybody's."""
    if answer.code == 0 or any(faults.values()):
        return faults
    found = Fault(expected, f"{answer.code}: {answer.said}")
    guilty = _blamed(answer.said, kinds)
    return {kind: [found] if kind in guilty else [] for kind in faults}


def _blamed(text: str, kinds: Sequence[Example]) -> set[str]:
    named = {one.kind for one in kinds if f"modules/{one.kind}/" in text or _names(text, one)}
    return named or {one.kind for one in kinds}


def _names(text: str, one: Example) -> bool:
    return re.search(rf"(?<![a-z0-9])(?:nhi-)?{re.escape(one.name)}(?![a-z0-9-])", text) is not None


def _or_error(found: str, answer: Answer) -> str:
    return found if answer.out else answer.said


def _document(answer: Answer) -> dict[str, Any]:
    """The answer's JSON; nothing where it failed before it had one."""
    try:
        document = json.loads(answer.out)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def clean(faults: Iterable[Sequence[Fault]]) -> bool:
    """Whether there are none."""
    return not any(faults)
