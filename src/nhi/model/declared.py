"""Everything that one moment of the repository declares: what could be read, and what could not."""

from dataclasses import dataclass

from nhi.model.identity import Identity


@dataclass(frozen=True, slots=True)
class DeclaredIdentity:
    """A complete identity, and the proof of which content declared it."""

    identity: Identity
    sha256: str
    """Of the manifest's bytes, in lower-case hexadecimal."""


@dataclass(frozen=True, slots=True)
class UnreadableFile:
    """A file under `identities/` that declares an identity, or may, and could not be read in full."""

    path: str
    stack: str | None
    """None where it is not known to which stack the file belongs: it may then belong to any."""
    reason: str
    """For a person."""


@dataclass(frozen=True, slots=True)
class DeclaredState:
    """The declared identities of every stack. Each file under `identities/` is in one of the two lists."""

    identities: tuple[DeclaredIdentity, ...]
    unreadable: tuple[UnreadableFile, ...]
