"""`--now`: the revocation itself, its record in a file, and what to say when something after it fails."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from nhi.cli import wiring
from nhi.cli.moment import moment
from nhi.errors import NhiError, OutsideError
from nhi.flows.named import Found
from nhi.flows.revoke_now import revoke_now
from nhi.model.revocation import Revocation
from nhi.output.plain import json_text
from nhi.output.proposal import revocation_document
from nhi.terraform.durable import write_durably

RECORDS = ".nhi/revocations"
"""Below the repository, or where the command was called without one."""


def at_once(found: Found, reason: str, folder: Path) -> Revocation | None:
    """End the access of an identity, and keep the record of it; None, and words, where people must do it.

    Raises:
        OutsideError: a part of it could not be done; what was done is in the record.
    """
    revocation = revoke_now(wiring.revocations(), found.ground, found.identity, reason, moment(None))
    if revocation is None:
        kind = found.identity.kind
        sys.stderr.write(f"nhi: {found.identity.id}: the kind {kind} has no API: people must end its access\n")
        sys.stderr.write(
            f"     do now what modules/{kind}/README.md says; the change of the manifest is made as usual\n"
        )
        return None
    record = _kept(revocation, folder)
    if revocation.denial.failures:
        done = ", ".join(f"{one.type} {one.name}" for one in revocation.denial.principals) or "nothing"
        raise OutsideError(
            f"{revocation.identity}: denied is {done}; not done: {'; '.join(revocation.denial.failures)}",
            hint=f"mend that and run it again; what was done stays ({record})",
        )
    return revocation


@contextmanager
def standing(revocation: Revocation | None) -> Generator[None]:
    """What fails within does not undo the revocation, and says so."""
    try:
        yield
    except NhiError as error:
        if revocation is not None and revocation.denial.principals:
            told = (
                "its access is denied and stays so; Git does not say it yet, so run this again when the cause is gone"
            )
            error.hint = f"{told} ({error.hint})" if error.hint else told
        raise


def _kept(revocation: Revocation, folder: Path) -> str:
    """The record, written for its owner alone, so that it lasts; where it is.

    What no file takes is written on the standard error: it was done, and the next step must not wait for a disk.
    """
    text = json_text(revocation_document(revocation)) + "\n"
    stamp, digest = revocation.at.strftime("%Y%m%dT%H%M%SZ"), sha256(text.encode()).hexdigest()[:8]
    record = folder / RECORDS / f"{stamp}-{revocation.identity.replace('/', '-')}-{digest}.json"
    try:
        record.parent.mkdir(parents=True, exist_ok=True)
        write_durably(record, text)
    except OSError as cause:
        sys.stderr.write(f"nhi: {record} cannot be written ({cause.strerror}); keep this record:\n{text}")
        return "the record is above"
    sys.stderr.write(f"nhi: recorded in {record}\n")
    return str(record)
