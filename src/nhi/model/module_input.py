"""What every Terraform module of a kind receives: always `identity` and `scope`, and nothing else."""

from nhi.model.identity import Identity, Json
from nhi.model.instant import format_instant
from nhi.model.settings import Stack


def module_input(identity: Identity, stack: Stack) -> dict[str, Json]:
    """The two inputs of a kind's module, as JSON values.

    `identity` has name, stack, account, owner, purpose, expiry (RFC 3339, UTC), suspended (a bool) and tags;
    `scope` is the manifest's, unchanged.
    """
    expiry = format_instant(identity.expiry)
    return {
        "identity": {
            "name": identity.name,
            "stack": identity.stack,
            "account": stack.account,
            "owner": identity.owner,
            "purpose": identity.purpose,
            "expiry": expiry,
            "suspended": identity.suspended is not None,
            "tags": {"nhi:id": identity.id, "nhi:owner": identity.owner, "nhi:expiry": expiry},
        },
        "scope": dict(identity.scope),
    }
