"""What the flows need to know of what an apply that was killed left in a cloud."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that stands in the cloud under a name that is about to be given."""

    id: str
    """What Terraform's provider imports it by."""
    identity: str | None
    """Its tag `nhi:id`; None where it has none."""
    place: str
    """Its path in IAM, such as `/nhi/prod/`; "" where it has none."""
    waits_for_deletion: bool = False


class Leftovers(Protocol):
    """A cloud account that is read, never written. What fails is never taken for an absence."""

    def standing(
        self, stack: Stack, wanted: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Standing] | CouldNotTell:
        """What stands of the (Terraform type, name) pairs, as Terraform's AWS provider names the types."""
        ...

    def keys(self, stack: Stack, user: str) -> tuple[str, ...] | CouldNotTell:
        """The ids of all access keys of a user; none where there is no such user."""
        ...
