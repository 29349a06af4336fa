"""Whether a command that proposes changes works on GitHub or in this clone alone, and with what."""

import sys
from datetime import datetime
from pathlib import Path

from nhi.cli import wiring, wiring_forge
from nhi.cli.moment import now
from nhi.errors import UsageError
from nhi.flows.ground import read_ground
from nhi.flows.sweep_world import Workplace
from nhi.model.instant import format_instant
from nhi.model.settings import Settings


def on_github(folder: Path, *, dry_run: bool, as_of: datetime) -> bool:
    """Whether GitHub is at hand. A dry run may do without, and says so.

    Raises:
        UsageError: it is not, and something would have to be written there; or that would be as of a moment to come.
    """
    if wiring_forge.github_is_at_hand(_settings(folder)):
        refuse_what_is_to_come(as_of, dry_run=dry_run)
        return True
    if not dry_run:
        raise UsageError(
            "there are no credentials for GitHub, or nobody says which repository this is",
            hint="set GITHUB_TOKEN, or NHI_APP_ID and NHI_APP_PRIVATE_KEY, and github.repository in nhi.yaml; "
            "or --dry-run to look, --local to commit on branches of this clone",
        )
    sys.stderr.write("nhi: this clone is looked at, and not GitHub: there are no credentials for it\n")
    return False


def refuse_what_is_to_come(as_of: datetime, *, dry_run: bool) -> None:
    """Nothing is written to GitHub as of a moment that has not come yet.

    Raises:
        UsageError: it would be.
    """
    if not dry_run and as_of > now():
        raise UsageError(
            f"--as-of {format_instant(as_of)} is still to come: on GitHub nothing is asked for before it is due",
            hint="--dry-run says what will be due then; leave --as-of out for what is due now",
        )


def workplace(folder: Path, *, last_use: bool = False) -> Workplace:
    """The repository on GitHub, seen from a clone of it."""
    settings = _settings(folder)
    return Workplace(
        repository=wiring.repository(folder),
        remote=wiring_forge.remote(folder, settings),
        forge=wiring_forge.forge(settings),
        branch=settings.github.branch,
        uses=wiring.cloud_reads() if last_use else None,
    )


def _settings(folder: Path) -> Settings:
    """Only where GitHub is; by what is worked on, the branch there says."""
    repository = wiring.repository(folder)
    return read_ground(repository.snapshot(repository.commit_id("HEAD")))[0].settings
