"""What a state knows and stands elsewhere than its stack does. Pure: the plan's JSON in, places out.

In another account or region nothing of it is found, so Terraform takes it for gone and lets go of it in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nhi.model.identity import Json

_PARTS = 6
_ACCOUNT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A resource by its ARN (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html)."""

    address: str
    account: str
    region: str
    """Empty for what is of no region."""


def elsewhere(plan: Mapping[str, Json], account: str, region: str) -> tuple[Elsewhere, ...]:
    """The resources that the state knows and that are not of this account and region, sorted by address."""
    found = set()
    for part in ("resource_changes", "resource_drift"):
        changes: Any = plan.get(part) or []
        for one in changes:
            before = one["change"].get("before")
            if one.get("mode", "managed") != "managed" or not isinstance(before, dict):
                continue
            parts = str(before.get("arn")).split(":", maxsplit=_PARTS - 1)
            if len(parts) == _PARTS and len(parts[4]) == _ACCOUNT_DIGITS:
                there = Elsewhere(str(one["address"]), account=parts[4], region=parts[3])
                if there.account != account or there.region not in ("", region):
                    found.add(there)
    return tuple(sorted(found, key=lambda one: one.address))
