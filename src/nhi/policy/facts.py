"""A manifest's facts: what is kept of it to compare it with its neighbours."""

import json
import string
from hashlib import blake2b

from nhi.model.facts import Facts
from nhi.model.identity import Manifest

_WITHOUT_PUNCTUATION = str.maketrans(dict.fromkeys(string.punctuation, " "))
_CANONICAL = json.JSONEncoder(sort_keys=True).encode
_COMPARED = ("allow", "trust")
"""The parts of a scope that say what is allowed and to whom, in every kind that has them."""


def facts_of(manifest: Manifest) -> Facts:
    """The facts of one manifest."""
    return Facts(_purpose(manifest), _scope(manifest))


def _purpose(manifest: Manifest) -> str | None:
    words = " ".join((manifest.purpose or "").casefold().translate(_WITHOUT_PUNCTUATION).split())
    return _digest(words) if words else None


def _scope(manifest: Manifest) -> str | None:
    scope = manifest.scope
    if not scope or not all(scope.get(part) for part in _COMPARED):
        return None
    return _digest(_CANONICAL([scope.get(part) for part in _COMPARED]))


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
