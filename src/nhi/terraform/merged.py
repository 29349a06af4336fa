"""The plans of a stack's parts, as JSON, to one: what one plan of the whole stack would say.

The format is https://developer.hashicorp.com/terraform/internals/json-format. Parts share no module block, so what they
say of resources is put together; what they say in the same words, such as the provider's settings, stands once.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce

from nhi.errors import OutsideError
from nhi.model.identity import Json

_EACH_ITS_OWN: Mapping[str, Callable[[Iterable[Json]], Json]] = {
    "timestamp": lambda values: min(map(str, values)),
    "applyable": any,
    "complete": all,
    "errored": any,
}
"""What a plan says of itself, and what follows for the whole; it began when the first part did."""


def merged(plans: Iterable[dict[str, Json]]) -> dict[str, Json]:
    """One plan of one or more.

    Raises:
        OutsideError: two of them contradict each other.
    """
    return reduce(_two_plans, plans)


def _two_plans(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    both = one.keys() & other.keys()
    own = {name: follows([one[name], other[name]]) for name, follows in _EACH_ITS_OWN.items() if name in both}
    return {**one, **other} | {name: _joined(one[name], other[name], name) for name in both - own.keys()} | own


def _joined(one: Json, other: Json, place: str) -> Json:
    if one == other:
        return one
    match one, other:
        case dict(), dict():
            both = one.keys() & other.keys()
            return {**one, **other} | {name: _joined(one[name], other[name], f"{place}.{name}") for name in both}
        case list(), list():
            return [*one, *other]
        case _:
            raise OutsideError(
                f"the plans of a stack's parts contradict each other in {place}",
                hint="run `nhi plan` again; if it stays, the parts are not planned by the same Terraform",
            )
