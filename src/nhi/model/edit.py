"""A change within one manifest, as a decision: which key gets which value, which key goes."""

from dataclasses import dataclass
from typing import TypeAlias

from nhi.model.identity import Json

KeyPath: TypeAlias = tuple[str, ...]
"""Keys from the top of the manifest down: `("scope", "credential", "rotated")`."""


@dataclass(frozen=True, slots=True)
class SetKey:
    """The key has this value from now on, whether or not it was there."""

    path: KeyPath
    value: Json


@dataclass(frozen=True, slots=True)
class DropKey:
    """The key, which is there, is there no longer."""

    path: KeyPath


KeyEdit: TypeAlias = SetKey | DropKey
