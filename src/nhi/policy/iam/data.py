"""The package's own data files: read once, when first asked for.

`scripts/iam_data.py` writes them; NOTICE names their sources and licences.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

_DATE = "\n# date: "
_DAY = len("2026-10-27")


@dataclass(frozen=True, slots=True)
class Index:
    """The file of actions, cut into its 460 services but not yet read further: a check asks for a few of them."""

    date: str
    """The day of the newest source, `2026-10-27`. What AWS has added since is not in it."""
    blocks: Mapping[str, str]
    """Service prefix (`s3`) → its lines."""


@cache
def index() -> Index:
    """Every service's lines. Costs a few milliseconds, once."""
    head, *blocks = _text("actions.txt").split("\n[")
    return Index(
        date=head.partition(_DATE)[2][:_DAY],
        blocks=MappingProxyType({block[: block.index("]")]: block for block in blocks}),
    )


@cache
def document(name: str) -> Mapping[str, Any]:
    """One of the small JSON files: `escalation`, `sensitive` or `managed_policies`."""
    loaded: dict[str, Any] = json.loads(_text(f"{name}.json"))
    return MappingProxyType(loaded)


def _text(name: str) -> str:
    return files("nhi.policy.iam").joinpath(name).read_text("utf-8")
