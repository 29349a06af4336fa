"""What the flows need of a cloud."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from nhi.model.identity import Identity, Json
from nhi.model.inventory import LiveIdentity, Quota
from nhi.model.kind import Kind
from nhi.model.revocation import Denial, PolicyPlace
from nhi.model.rotation import LiveKey
from nhi.model.settings import Stack
from nhi.model.trail import Actor, Search, Trail
from nhi.model.usage import LastUse
from nhi.model.verification import Answer, CouldNotTell


class Cloud(Protocol):
    """A cloud account that is read, never written. Nothing that fails is ever taken for an absence."""

    def present(self, identity: Identity, kind: Kind, stack: Stack) -> Answer:
        """Whether an identity stands as its manifest declares.

        Raises:
            InputError: the kind's expectation does not render.
        """
        ...

    def gone(self, name: str, stack: Stack) -> Answer:
        """Whether the identity `<stack>/<name>` is gone: no such object, and nothing else that carries its id."""
        ...


class Trusts(Protocol):
    """Who may take a role of a cloud account."""

    def trust_policy(self, role: str, stack: Stack) -> "Json | CouldNotTell":
        """The trust policy of a role of the stack's account; None where the cloud says that there is no such role."""
        ...


class Trails(Protocol):
    """Who we are to a cloud account, and what it recorded of who did what."""

    def caller(self, stack: Stack) -> Actor | CouldNotTell:
        """Whose credentials the looks at this stack are made with."""
        ...

    def trail(
        self, search: Search, since: datetime, until: datetime, stack: Stack, *, in_region: bool = False
    ) -> Trail | CouldNotTell:
        """What the cloud recorded. The trail says which span it covers: the record reaches 90 days back.

        Args:
            search: one attribute.
            since: inclusive, aware UTC.
            until: inclusive.
            stack: whose account's record.
            in_region: search the record of the stack's region, where the sessions of its regional STS are, in place of
                the one in which IAM's changes are.
        """
        ...


class LastUses(Protocol):
    """When something was last used. Nothing that fails is ever taken for "no use seen"."""

    def last_use(self, name: str, stack: Stack) -> LastUse:
        """Of what stands for the identity `<stack>/<name>`: a role, or a user with its password and all its keys."""
        ...

    def key_uses(self, user: str, stack: Stack) -> Mapping[str, LastUse] | CouldNotTell:
        """Of each access key of a user, by the key's id."""
        ...

    def access_key_use(self, key_id: str, stack: Stack) -> LastUse:
        """Of one access key."""
        ...


class AccessKeys(Protocol):
    """The keys that an identity can be used with."""

    def access_keys(self, name: str, stack: Stack) -> tuple[LiveKey, ...] | CouldNotTell:
        """All keys of the user that stands for the identity `<stack>/<name>`, oldest first.

        No user and no answer are both could-not-tell, never "no key".
        """
        ...


class Inventories(Protocol):
    """Everything that stands in the account of a stack, declared or not."""

    def inventory(self, stack: Stack) -> tuple[LiveIdentity, ...] | CouldNotTell:
        """All roles and users of the account, sorted by ARN."""
        ...

    def quotas(self, stack: Stack) -> tuple[Quota, ...] | CouldNotTell:
        """What the account may have, sorted by name."""
        ...


class Revocations(Protocol):
    """Ending access at once: the only writing to a cloud that does not go through Terraform."""

    def deny(self, identity: Identity, kind: Kind, stack: Stack) -> Denial | CouldNotTell | None:
        """Deny an identity everything from now on, live sessions included, and switch its access keys off.

        What stands as declared is only rewritten, so that the next apply finds nothing that it does not know. Done
        again, it changes nothing. None where the kind has no API that could do it: people must. Could-not-tell where
        nothing was done, since it could not even be found out whether this is the right account.

        Raises:
            InputError: the kind's expectation does not render.
        """
        ...

    def denied(self, places: Collection[PolicyPlace], stack: Stack) -> frozenset[PolicyPlace] | CouldNotTell:
        """Which of these inline policies of the stack's account deny everything at once now. It only looks."""
        ...


class CloudReads(Trails, LastUses, Inventories, Protocol):
    """All that a cloud account is asked beside whether identities stand as declared. It is read, never written."""
