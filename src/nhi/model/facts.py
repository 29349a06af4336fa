"""What a check keeps of each manifest to compare it with its neighbours, once the manifest itself is let go."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """Digests that stand for texts, so that those of 100,000 manifests fit into little memory and are quick to keep."""

    purpose: str | None
    """Of the purpose's words, without regard to case and punctuation; None where there is none to compare."""
    scope: str | None
    """Of what is allowed and to whom; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One manifest of a stack, among the others of that stack."""

    path: str
    identity: str
    """`<stack>/<name>`."""
    facts: Facts
