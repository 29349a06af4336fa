"""`nhi scan`: what a scanner finds in saved plans, told at the lines of the manifests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from nhi.errors import InputError
from nhi.flows.render import RenderedStack
from nhi.manifest.ground import Ground
from nhi.manifest.place import SETTINGS
from nhi.manifest.read import read
from nhi.manifest.yamltext import locate
from nhi.model.finding import Finding, Severity, in_order
from nhi.model.identity import Manifest
from nhi.model.manual import ManualPage
from nhi.model.moment import Moment
from nhi.model.scan import is_check_rule, rule_of
from nhi.model.settings import ScanSettings
from nhi.policy.discovery import RuleEntry
from nhi.policy.engine import finding, granted
from nhi.policy.rule import Violation
from nhi.policy.rules import orphaned_exception
from nhi.policy.wording import quoted_name
from nhi.repository.interface import Snapshot
from nhi.scan.by_design import by_design
from nhi.scan.interface import NotPassed, Scanner
from nhi.scan.places import place_of
from nhi.terraform.address import identity_in
from nhi.terraform.interface import Terraform
from nhi.terraform.plan import summarise
from nhi.terraform.workspace import Workspace

_ORPHANED = RuleEntry("orphaned-exception", orphaned_exception.RULE, orphaned_exception.__doc__ or "")


@dataclass(frozen=True, slots=True)
class ScanTools:
    """What a scan is made with."""

    scanner: Scanner
    terraform: Terraform
    snapshot: Snapshot
    ground: Ground


@dataclass(frozen=True, slots=True)
class StackScan:
    """What was found in one stack's plan."""

    identities: int
    findings: tuple[Finding, ...]
    unlisted: tuple[Finding, ...]
    """What `nhi.yaml` skips, and what our own modules never pass: warnings, for who wants to see them."""
    checks: Mapping[str, str]
    """Every check that something did not pass → what it asks for."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """An identity's manifest, and its text to find lines in."""

    manifest: Manifest
    place: Callable[[tuple[str | int, ...]], tuple[int, int]]


def scan_stack(tools: ScanTools, rendered: RenderedStack, workspace: Workspace, as_of: datetime) -> StackScan:
    """Scan the plan that is saved in the workspace.

    Raises:
        InputError: there is no saved plan, or the manifests, settings or modules changed since it was made.
        OutsideError: Terraform or the scanner failed, or the scanner cannot be relied on.
    """
    record = workspace.record()
    if (record.stack, record.root) != (rendered.stack.name, rendered.digest):
        raise InputError(
            f"the saved plan of {rendered.stack.name} is not of the manifests as they are now",
            hint="run `nhi plan` again",
        )
    plan = tools.terraform.show(workspace.root, workspace.plan_file)
    if workspace.record() != record:
        raise InputError(f"another plan of {rendered.stack.name} was saved meanwhile", hint="run `nhi scan` again")
    summarise(plan, rendered.stack.name)  # refuses a plan that is no whole plan
    not_passed = tools.scanner.scan(plan).not_passed
    declared = _declared(tools, rendered)
    now, stack = Moment(as_of), rendered.stack.name
    listed: list[Finding] = []
    unlisted: list[Finding] = []
    found: dict[str, set[str]] = {}
    for one in not_passed:
        name = identity_in(one.address)
        reason = _unlisted(one, tools.ground.settings.scan)
        owner = declared.get(name) if name else None
        told = _told(one, reason, tools, stack, owner)
        if reason is not None:
            unlisted.append(told)
            continue
        if owner is not None:
            found.setdefault(owner.manifest.name, set()).add(told.rule)
            told = replace(told, exception=granted(owner.manifest, now, told.rule))
        listed.append(told)
    listed += _orphaned(declared, found, now)
    return StackScan(
        len(rendered.identities),
        in_order(_each_once(listed)),
        in_order(_each_once(unlisted)),
        {one.check: one.name for one in not_passed},
    )


def check_pages(checks: Mapping[str, str]) -> tuple[ManualPage, ...]:
    """A page for each check, for the formats that tell what a rule is about."""
    return tuple(
        ManualPage(
            slug=rule_of(check),
            code=check,
            severity=Severity.ERROR,
            title=name.rstrip("."),
            what=f"checkov's check {check}: {name}",
            references=(),
            text=f"# {rule_of(check)} ({check})\n\ncheckov: {name}\n",
        )
        for check, name in sorted(checks.items())
    )


def _declared(tools: ScanTools, rendered: RenderedStack) -> dict[str, _Declared]:
    """By the identity's name."""
    known = {}
    for file in tools.snapshot.read([identity.path for identity in rendered.identities]):
        reading = read(file, tools.ground.catalog, tools.ground.settings.stacks)
        if reading.manifest is not None:
            known[reading.name] = _Declared(reading.manifest, partial(locate, file.data))
    return known


def _unlisted(one: NotPassed, settings: ScanSettings) -> str | None:
    """Why it is no finding, or None where it is one."""
    known = by_design(one)
    if known is not None:
        return f"by design: {known.reason}; {known.cover}"
    reason = settings.skip.get(one.check)
    return None if reason is None else f"skipped in {SETTINGS}: {reason}"


def _told(one: NotPassed, reason: str | None, tools: ScanTools, stack: str, owner: _Declared | None) -> Finding:
    """What is not passed, at the manifest's line; what belongs to no identity, where the stack is declared."""
    rule = rule_of(one.check)
    if owner is None:
        file = tools.snapshot.file(SETTINGS)
        line, column = (1, 1) if file is None else locate(file.data, ("stacks", stack))
    else:
        line, column = owner.place(place_of(one))
    return Finding(
        rule=rule,
        code=one.check,
        severity=_severity(one, reason, tools.ground.settings.scan),
        identity=owner.manifest.id if owner else None,
        path=owner.manifest.path if owner else SETTINGS,
        line=line,
        column=column,
        message=_message(one),
        hint=reason or _hint(one, rule, declared=owner is not None),
    )


def _severity(one: NotPassed, reason: str | None, settings: ScanSettings) -> Severity:
    return Severity.WARNING if reason is not None or one.check in settings.warn else Severity.ERROR


def _message(one: NotPassed) -> str:
    if not one.judged:
        return f"the policy of {one.type} could not be judged, so it is not known whether it passes: {one.name}"
    return f"{one.type} does not pass: {one.name}"


def _hint(one: NotPassed, rule: str, *, declared: bool) -> str:
    more = f"; {one.guideline}" if one.guideline else ""
    if not declared:
        return f"no manifest declares it: mend the module that makes it{more}"
    mend = "name exactly what is needed" if len(place_of(one)) > 1 else "mend what the check is about"
    return f"{mend}, or ask the security team to accept an exception for {rule}{more}"


def _orphaned(declared: Mapping[str, _Declared], found: Mapping[str, set[str]], now: Moment) -> Iterator[Finding]:
    """Live exceptions for checks that find nothing in their identity, or that the scanner does not have."""
    for name, one in declared.items():
        for index, accepted in enumerate(one.manifest.exceptions):
            covers = not is_check_rule(accepted.rule) or accepted.rule in found.get(name, ())
            if covers or now.reached(accepted.expiry):
                continue
            violation = Violation(
                at=("exceptions", index, "rule"),
                message=f"checkov finds nothing by {quoted_name(accepted.rule)} here, so there is nothing to except",
                hint="delete the exception; should the deviation come back, somebody has to accept it anew",
            )
            yield finding(one.manifest, now, _ORPHANED, violation, one.place)


def _each_once(findings: Sequence[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
