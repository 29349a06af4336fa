"""The part of a scope that every kind with permissions writes alike: `allow`, a list of statements.

A statement is `{actions: [text], resources: [text], conditions?: …}`. The kind's schema has checked the shape before a
rule looks; what has another shape all the same is passed over here, so that no rule has to ask.
"""

from collections.abc import Mapping

from nhi.model.identity import Json, Manifest
from nhi.policy.rule import KeyPath


def statements(manifest: Manifest) -> list[tuple[KeyPath, Mapping[str, Json]]]:
    """Each statement of the manifest's scope, and where it stands."""
    scope = manifest.scope
    allow = None if scope is None else scope.get("allow")
    if not isinstance(allow, list):
        return []
    return [(("scope", "allow", index), one) for index, one in enumerate(allow) if isinstance(one, dict)]


def texts(statement: Mapping[str, Json], key: str) -> list[tuple[int, str]]:
    """The texts of one list of a statement (`actions` or `resources`), and the index of each."""
    values = statement.get(key)
    if not isinstance(values, list):
        return []
    return [(index, value) for index, value in enumerate(values) if isinstance(value, str)]
