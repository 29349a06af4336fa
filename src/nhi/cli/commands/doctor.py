"""nhi doctor."""

import sys

import click

from nhi.cli import wiring, wiring_forge
from nhi.cli.moment import moment
from nhi.cli.options import ListFormat, format_option, root_option, stack_option
from nhi.errors import ExitCode, UsageError
from nhi.flows.declared import stack_named
from nhi.flows.doctor import ROLE_ENVIRONMENTS, Roles, doctor, ruleset_text
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.output.diagnosis import doctor_json, doctor_text
from nhi.policy.ruleset import RULESET_FILE


@click.command
@click.option("--local", is_flag=True, help="Ask neither GitHub nor AWS.")
@click.option(
    "--role",
    "roles",
    metavar="PURPOSE=ROLE",
    multiple=True,
    help=f"Also ask AWS whom this role trusts; PURPOSE is one of {', '.join(ROLE_ENVIRONMENTS)}. Can be given again.",
)
@stack_option
@click.option("--write-ruleset", is_flag=True, help=f"Only write {RULESET_FILE}, as nhi.yaml makes it.")
@format_option
@root_option
def command(
    local: bool,
    roles: tuple[str, ...],
    stacks: tuple[str, ...],
    write_ruleset: bool,
    output: ListFormat,
    root: str | None,
) -> ExitCode:
    """Say whether GitHub, AWS and this machine are set up as the workflows need it, and how to mend what is not.

    ROLE is a role's name, or its ARN. GitHub tells all of it only to an administrator of the repository.
    """
    folder = wiring.root_folder(root)
    snapshot = wiring.working_tree(folder)
    ground, _ = read_ground(snapshot)
    if write_ruleset:
        wiring.write_text(str(folder / RULESET_FILE), ruleset_text(ground.settings.github))
        sys.stdout.write(f"wrote {RULESET_FILE}\n")
        return ExitCode.CLEAN
    if local and roles:
        raise UsageError("--role asks AWS", hint="leave out --local, or --role")
    report = doctor(
        ground.settings,
        wiring.tools(),
        snapshot.file(RULESET_FILE),
        None if local else wiring_forge.forge_settings(ground.settings),
        _roles(ground, roles, stacks),
    )
    match output:
        case ListFormat.TEXT:
            sys.stdout.write(doctor_text(report.found))
        case ListFormat.JSON:
            sys.stdout.write(doctor_json(moment(None), report.found) + "\n")
    return report.exit_code


def _roles(ground: Ground, given: tuple[str, ...], stacks: tuple[str, ...]) -> Roles | None:
    if stacks and not given:
        raise UsageError("--stack chooses where --role is looked for", hint="nhi doctor --role apply=NAME --stack NAME")
    if not given:
        return None
    names = {}
    for one in given:
        purpose, equals, role = one.partition("=")
        if purpose not in ROLE_ENVIRONMENTS or not equals or not role:
            raise UsageError(f"{one!r} is not PURPOSE=ROLE", hint=f"purposes: {', '.join(ROLE_ENVIRONMENTS)}")
        names[purpose] = role.rpartition("/")[2]
    chosen = [stack_named(ground, name) for name in stacks] or list(ground.settings.stacks.values())
    return Roles(names, chosen, wiring.trusts())
