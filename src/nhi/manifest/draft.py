"""A new manifest as text: what was given, and for the scope the kind's own example with its explanations."""

import re
from collections.abc import Mapping

import yaml

from nhi.errors import UsageError
from nhi.manifest.hidden import hidden_in
from nhi.model.identity import Json
from nhi.model.kind import Kind

_WIDTH = 100
_PLAIN_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?")
"""Our reader leaves dates as text, so they need no quotes."""


def draft(kind: Kind, name: str, given: Mapping[str, str], scope: Mapping[str, Json] | None, depth: int) -> str:
    """The text of a manifest.

    `given` has owner, purpose, expiry, perhaps ticket and justification; what is absent there is absent in the text,
    and `nhi check` will ask for it. Without a scope, the kind's example stands in. `depth` is how many folders the
    file is below the repository, for the editor's schema.

    Raises:
        UsageError: no scope was given and the kind has no example.
    """
    lines = [
        f"# yaml-language-server: $schema={'../' * depth}.nhi/schema.json",
        "apiVersion: nhi/v1",
        f"kind: {kind.name}",
        f"name: {name}",
    ]
    keys = ("owner", "purpose", "expiry", "ticket", "justification")
    lines += [_entry({key: given[key]}) for key in keys if key in given]
    if scope is None:
        lines.append(f"# The scope below is the example of {kind.name}: replace it by what your identity needs.")
    lines.append(_entry({"scope": dict(scope if scope is not None else _example(kind))}))
    return "\n".join(lines) + "\n"


def _example(kind: Kind) -> Mapping[str, Json]:
    examples = kind.scope_schema.get("examples")
    if isinstance(examples, list) and examples and isinstance(examples[0], dict):
        return examples[0]
    raise UsageError(
        f"the kind {kind.name} has no example in modules/{kind.name}/schema.json", hint="give the scope with --scope"
    )


def _entry(mapping: Mapping[str, Json]) -> str:
    """A key and its value as YAML; text that another reader could take for a number or a date is quoted."""
    expiry = mapping.get("expiry")
    if isinstance(expiry, str) and _PLAIN_INSTANT.fullmatch(expiry):
        return f"expiry: {expiry}"
    text: str = yaml.safe_dump(
        dict(mapping), sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False
    )
    if hidden_in(text.encode()):  # then every letter beyond ASCII is written as an escape, which can be seen
        text = yaml.safe_dump(dict(mapping), sort_keys=False, width=_WIDTH, default_flow_style=False)
    return text.rstrip("\n")
