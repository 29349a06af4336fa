"""A kind of identity: one folder of `modules/`."""

from collections.abc import Mapping
from dataclasses import dataclass

from nhi.model.identity import Json


@dataclass(frozen=True, slots=True)
class Kind:
    """What one folder of `modules/` declares, without its Terraform."""

    name: str
    """The folder's name."""
    title: str
    description: str
    scope_schema: Mapping[str, Json]
    """JSON Schema (draft 2020-12) of a manifest's `scope`."""
    expectation: str | None
    """Jinja2 text of `expected.json.j2`: what must stand in the cloud; None where no API can be asked."""
