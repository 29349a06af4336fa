"""What the flows need of a cloud."""

from typing import Protocol

from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Answer


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
