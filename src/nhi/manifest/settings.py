"""nhi.yaml to settings."""

from dataclasses import replace
from posixpath import normpath
from typing import Any

from nhi.manifest.configuration import Configuration, read_configuration
from nhi.manifest.place import SETTINGS
from nhi.manifest.schema import packaged
from nhi.model.parts import part_names, state_of
from nhi.model.settings import (
    Approvals,
    CircuitBreaker,
    GitHubSettings,
    HighRisk,
    Lifetimes,
    Limits,
    LocalBackend,
    Quorum,
    RemovalHours,
    S3Backend,
    ScanSettings,
    Settings,
    Stack,
    SweepSettings,
)
from nhi.model.source import SourceFile


def read_settings(file: SourceFile | None) -> Settings:
    """The settings that the file declares; absent keys have their defaults.

    Raises:
        InputError: there is no such file, or it is not valid; the message names each place.
    """
    source = read_configuration(file, SETTINGS, packaged("settings"), "the repository's configuration")
    stacks: dict[str, Any] = source.values.get("stacks", {})
    _check_states(source, stacks)
    approvals = _approvals(source)
    scan = _scan(source)
    source.stop_on_errors()
    high = source.values.get("high_risk", {})
    sweep: dict[str, Any] = source.values.get("sweep", {})
    return Settings(
        stacks={name: _stack(name, one) for name, one in stacks.items()},
        lifetimes=Lifetimes(**source.values.get("lifetimes", {})),
        circuit_breaker=CircuitBreaker(**sweep.get("circuit_breaker", {})),
        limits=Limits(**source.values.get("limits", {})),
        removal_hours=RemovalHours(**source.values.get("removal_hours", {})),
        approvals=approvals,
        high_risk=HighRisk(frozenset(high.get("stacks", ())), tuple(high.get("actions", ()))),
        accounts=frozenset(source.values.get("accounts", ())),
        security_team=source.values.get("security_team", Settings().security_team),
        scan=scan,
        sweep=_sweep(sweep),
        github=GitHubSettings(**source.values.get("github", {})),
    )


def _sweep(values: dict[str, Any]) -> SweepSettings:
    days = values.get("notice_days", SweepSettings().notice_days)
    return SweepSettings(tuple(sorted(days, reverse=True)), values.get("auto_merge", SweepSettings().auto_merge))


def _scan(source: Configuration) -> ScanSettings:
    """What is made of a scanner's checks; a check that stands twice is an error: one reason would be lost."""
    kept: dict[str, dict[str, str]] = {}
    for treatment in ("warn", "skip"):
        kept[treatment] = {}
        for index, one in enumerate(source.values.get("scan", {}).get(treatment, ())):
            if any(one["check"] in reasons for reasons in kept.values()):
                source.error(("scan", treatment, index, "check"), f"{one['check']} stands twice")
            kept[treatment][one["check"]] = one["reason"]
    return ScanSettings(**kept)


def _approvals(source: Configuration) -> Approvals:
    """What the file asks for; to ask for fewer than the defaults is an error, and not silently overruled."""
    given: dict[str, Any] = source.values.get("approvals", {})
    quorums = {}
    for risk in ("low", "standard", "high", "emergency"):
        floor: Quorum = getattr(Approvals(), risk)
        quorums[risk] = quorum = replace(floor, **given.get(risk, {}))
        for part in ("owners", "security"):
            if getattr(quorum, part) < getattr(floor, part):
                source.error(
                    ("approvals", risk, part), f"a change of {risk} risk needs at least {getattr(floor, part)}"
                )
    return Approvals(**quorums)


def _check_states(source: Configuration, stacks: dict[str, Any]) -> None:
    states: dict[tuple[str, str], str] = {}
    for name, stack in stacks.items():
        for kind, backend in stack.get("backend", {}).items():
            place = backend["path" if kind == "local" else "key"]
            if ".." in place.split("/"):
                source.error(("stacks", name, "backend", kind), f"{place!r} leads out of its folder")
            own = [state_of(normpath(place), part) for part in part_names(stack.get("parts", 1))]
            others = {states.setdefault((backend.get("bucket", ""), one), name) for one in own} - {name}
            for first in sorted(others):
                message = f"{first!r} keeps its state there: each of the two would destroy what the other made"
                source.error(("stacks", name, "backend", kind), message)


def _stack(name: str, values: dict[str, Any]) -> Stack:
    return Stack(
        name,
        values["account"],
        values["region"],
        _backend(values.get("backend", {})),
        values.get("environment"),
        values.get("parts", 1),
    )


def _backend(values: dict[str, Any]) -> LocalBackend | S3Backend:
    if "s3" in values:
        return S3Backend(**values["s3"])
    if "local" in values:
        return LocalBackend(**values["local"])
    return LocalBackend()
