"""`--now` of `nhi revoke` and `nhi suspend`: access ends in the cloud before anything is asked of Git or GitHub."""

from datetime import datetime

from nhi.cloud.interface import Revocations
from nhi.errors import OutsideError
from nhi.manifest.ground import Ground
from nhi.model.identity import Identity
from nhi.model.revocation import Revocation
from nhi.model.verification import CouldNotTell


def revoke_now(
    revocations: Revocations, ground: Ground, identity: Identity, reason: str, at: datetime
) -> Revocation | None:
    """Deny an identity everything; None where its kind has no API, so that nobody but people can.

    What failed is in the revocation, beside what was done.

    Raises:
        InputError: the kind's expectation does not render.
        OutsideError: nothing was done: whose account it is could not be found out, or it is another's.
    """
    stack = ground.settings.stacks[identity.stack]
    denial = revocations.deny(identity, ground.catalog.kinds[identity.kind], stack)
    if isinstance(denial, CouldNotTell):
        raise OutsideError(
            f"nothing was denied: {denial.reason}",
            hint="mend that and run it again, or end the access by hand; without --now it goes through Git alone",
        )
    return None if denial is None else Revocation(identity.id, stack.account, at, reason, denial)
