"""`nhi renew`, `nhi suspend` and `nhi revoke`: what they have in common, which is all but the wish itself."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from nhi.cli import wiring, wiring_forge
from nhi.cli.at_once import at_once, standing
from nhi.cli.moment import moment
from nhi.cli.options import ListFormat, as_of_option, format_option, root_option
from nhi.errors import ExitCode, UsageError
from nhi.flows.ground import read_ground
from nhi.flows.named import find
from nhi.flows.propose import Order, Target, commit_here, prepare, publish, refusal
from nhi.model.proposal import Fate, ProposalReport, Verb, Wish
from nhi.model.revocation import Revocation
from nhi.model.settings import Settings
from nhi.output.proposal import proposal_json, proposal_text, revocation_text
from nhi.policy.discovery import discover
from nhi.repository.interface import Remote, Repository

_LONGEST_REASON = 1000

now_option = click.option("--now", is_flag=True, help="Deny everything in the cloud at once, before anything else.")


@dataclass(frozen=True, slots=True)
class Asking:
    """What all three are given: each field is the option, or the argument, of that name."""

    name: str
    author: str | None
    local: bool
    dry_run: bool
    base: str | None
    repository: str | None
    output: ListFormat
    as_of: str | None
    root: str | None


def asking_options(command: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Options for a command that is called with an `Asking`, and with its own options by their names."""

    @wraps(command)
    def asked(**given: object) -> ExitCode:
        options: dict[str, Any] = given
        return command(Asking(**{one.name: options.pop(one.name) for one in fields(Asking)}), **options)

    decorators = [
        click.argument("name", metavar="NAME"),
        click.option("--author", metavar="NAME", help="Who asks for it, as in owners.yaml or on GitHub."),
        click.option("--local", is_flag=True, help="Only commit it on a branch of this clone."),
        click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing."),
        click.option(
            "--base", metavar="REV", help="The revision to change; without it, the tip of the branch on GitHub."
        ),
        click.option("--repository", metavar="OWNER/NAME", help="Work on this repository on GitHub, without a clone."),
        format_option,
        as_of_option,
        root_option,
    ]
    whole: Callable[..., ExitCode] = asked
    for decorator in reversed(decorators):
        whole = decorator(whole)
    return whole


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a wish is made."""

    repository: Repository
    at_hand: str
    """A commit that is known without asking anybody."""
    tip: Callable[[], str]
    """The commit that the change is based upon."""
    target: Callable[[], Target] | None
    """None where nothing is pushed."""


def ask(wish: Wish, asking: Asking, *, now: bool = False) -> ExitCode:
    """Make a wish, say what became of it.

    With `now` access ends in the cloud first, by what is at hand: neither GitHub nor an edit can keep it from that.
    """
    _refuse_odd_reason(wish)
    _refuse_contradictions(asking)
    order = Order(wish, moment(asking.as_of), asking.author)
    revocation: Revocation | None = None
    by_hand = False
    with _ground(asking) as ground:
        if now and not asking.dry_run:
            found = find(ground.repository, ground.at_hand, asking.name)
            refused = refusal(found, order)
            if refused is not None:
                return _told(refused, asking, None)
            revocation = at_once(found, wish.reason, _folder(asking))
            by_hand = revocation is None
            if revocation is not None and asking.output is ListFormat.TEXT:
                sys.stdout.write(revocation_text(revocation))
        with standing(revocation):
            report = _made(ground, asking, order, revocation)
    code = _told(report, asking, revocation)
    return ExitCode.FINDINGS if by_hand else code


def _made(ground: Ground, asking: Asking, order: Order, revocation: Revocation | None) -> ProposalReport:
    ready = prepare(ground.repository, find(ground.repository, ground.tip(), asking.name), order, discover())
    if isinstance(ready, ProposalReport):
        return ready
    if asking.dry_run:
        return ready.report(Fate.LOOKED)
    if ground.target is None:
        return commit_here(ready, ground.repository)
    return publish(ready, ground.repository, ground.target(), revocation)


def _told(report: ProposalReport, asking: Asking, revocation: Revocation | None) -> ExitCode:
    match asking.output:
        case ListFormat.TEXT:
            sys.stdout.write(proposal_text(report))
        case ListFormat.JSON:
            sys.stdout.write(proposal_json(report, revocation) + "\n")
    return report.exit_code


def _refuse_odd_reason(wish: Wish) -> None:
    if wish.verb is not Verb.RENEW and not wish.reason.strip():
        raise UsageError("--reason is empty", hint="say why, in a line")
    if len(wish.reason) > _LONGEST_REASON or not wish.reason.isprintable():
        raise UsageError("--reason must be one printable line", hint=f"at most {_LONGEST_REASON} characters")


def _refuse_contradictions(asking: Asking) -> None:
    if asking.repository is not None:
        for option, given in (("--local", asking.local), ("--base", asking.base), ("--root", asking.root)):
            if given:
                raise UsageError(
                    f"--repository needs no clone, and {option} is about one", hint="leave out one of them"
                )


@contextmanager
def _ground(asking: Asking) -> Generator[Ground]:
    """Where the wish is made: this clone, whose branches stay as they are, or one that lasts for this call."""
    if asking.repository is not None:
        with wiring_forge.remote_clone(asking.repository) as clone:
            head = clone.remote.fetch(["HEAD"])["HEAD"]
            settings = _named(_settings(clone.repository, head), asking.repository)
            yield _upon(clone.repository, head, lambda: clone.remote, settings, None)
        return
    here = wiring.repository(_folder(asking))
    base = None if asking.base is None else here.commit_id(asking.base)
    at_hand = base or here.commit_id("HEAD")
    if asking.local:
        yield Ground(here, at_hand, lambda: at_hand, None)
        return
    settings = _settings(here, at_hand)
    yield _upon(here, at_hand, lambda: wiring_forge.remote(_folder(asking), settings), settings, base)


def _upon(
    repository: Repository, at_hand: str, remote: Callable[[], Remote], settings: Settings, base: str | None
) -> Ground:
    """Upon a commit, or upon the tip of the branch that changes are merged into.

    That nobody says which repository on GitHub this is, is found out where GitHub is needed, and not before.
    """
    branch = settings.github.branch
    reference = f"refs/heads/{branch}"
    return Ground(
        repository,
        at_hand,
        lambda: base or remote().fetch([reference])[reference],
        lambda: Target(remote(), wiring_forge.forge(settings), branch),
    )


def _folder(asking: Asking) -> Path:
    return Path.cwd() if asking.repository is not None else wiring.root_folder(asking.root)


def _settings(repository: Repository, commit: str) -> Settings:
    return read_ground(repository.snapshot(commit))[0].settings


def _named(settings: Settings, name: str) -> Settings:
    return replace(settings, github=replace(settings.github, repository=name))
