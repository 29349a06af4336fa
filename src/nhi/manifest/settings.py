"""nhi.yaml to settings."""

from posixpath import normpath
from typing import Any

from nhi.manifest.configuration import Configuration, read_configuration
from nhi.manifest.place import SETTINGS
from nhi.manifest.schema import packaged
from nhi.model.settings import CircuitBreaker, Lifetimes, LocalBackend, S3Backend, Settings, Stack
from nhi.model.source import SourceFile


def read_settings(file: SourceFile | None) -> Settings:
    """The settings that the file declares; absent keys have their defaults.

    Raises:
        InputError: there is no such file, or it is not valid; the message names each place.
    """
    source = read_configuration(file, SETTINGS, packaged("settings"), "the repository's configuration")
    stacks: dict[str, Any] = source.values.get("stacks", {})
    _check_states(source, stacks)
    source.stop_on_errors()
    breaker = source.values.get("sweep", {}).get("circuit_breaker", {})
    return Settings(
        stacks={name: _stack(name, one) for name, one in stacks.items()},
        lifetimes=Lifetimes(**source.values.get("lifetimes", {})),
        circuit_breaker=CircuitBreaker(**breaker),
    )


def _check_states(source: Configuration, stacks: dict[str, Any]) -> None:
    states: dict[tuple[str, str], str] = {}
    for name, stack in stacks.items():
        for kind, backend in stack.get("backend", {}).items():
            place = backend["path" if kind == "local" else "key"]
            if ".." in place.split("/"):
                source.error(("stacks", name, "backend", kind), f"{place!r} leads out of its folder")
            first = states.setdefault((backend.get("bucket", ""), normpath(place)), name)
            if first != name:
                message = f"{first!r} keeps its state there: each of the two would destroy what the other made"
                source.error(("stacks", name, "backend", kind), message)


def _stack(name: str, values: dict[str, Any]) -> Stack:
    return Stack(name, values["account"], values["region"], _backend(values.get("backend", {})))


def _backend(values: dict[str, Any]) -> LocalBackend | S3Backend:
    if "s3" in values:
        return S3Backend(**values["s3"])
    if "local" in values:
        return LocalBackend(**values["local"])
    return LocalBackend()
