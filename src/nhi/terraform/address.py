"""Where an identity stands in Terraform: its module block's name, and back from a module's address to the identity."""

import re

_PREFIX = "nhi-"
"""A Terraform name may not begin with a digit; an identity's may."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MODULE = re.compile(r"module\.nhi-(?P<name>[a-z0-9][a-z0-9-]{0,62})(?:\.|$)")


def is_name(text: str) -> bool:
    """Whether the text can be part of a module's name and path as it is: a-z, 0-9 and `-`, at most 63 characters."""
    return _NAME.fullmatch(text) is not None


def module_label(identity: str) -> str:
    """The name of the module block of an identity's name."""
    return _PREFIX + identity


def identity_in(module_address: str) -> str | None:
    """The name of the identity whose module this address is or lies in; None for every other module."""
    found = _MODULE.match(module_address)
    return found["name"] if found else None
