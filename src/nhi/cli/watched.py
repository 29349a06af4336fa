"""Terraform, watched: each call is told, and counted by the crew that must leave none behind."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, cast

from nhi.terraform.interface import Terraform

_STEPS: Mapping[str, str] = {"init": "init", "plan": "planning", "show": "reading the plan"}
"""What a person is told while Terraform does this."""


def watched(
    terraform: Terraform, outside: Callable[[], AbstractContextManager[None]], step: Callable[[str], None]
) -> Terraform:
    """The same Terraform. Each call is within `outside()`, and those that take long are told to `step`."""
    return cast("Terraform", _Watched(terraform, outside, step))


class _Watched:
    """Stands for another object: whatever is called on it is called there."""

    def __init__(
        self,
        terraform: Terraform,
        outside: Callable[[], AbstractContextManager[None]],
        step: Callable[[str], None],
    ) -> None:
        self._terraform = terraform
        self._outside = outside
        self._step = step

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._terraform, name)

        @wraps(call)
        def called(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the call takes and gives
            if name in _STEPS:
                self._step(_STEPS[name])
            with self._outside():
                return call(*arguments, **options)

        return called
