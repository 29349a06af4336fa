"""Build what reaches the forge: its adapter, git's remote, and the credentials of both."""

import importlib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from nhi.cli import wiring
from nhi.errors import InputError
from nhi.forge.credentials import has_credentials, refuse_odd_repository
from nhi.forge.interface import Forge, ForgeSettings
from nhi.manifest.place import SETTINGS
from nhi.model.settings import Settings
from nhi.repository.interface import Remote
from nhi.repository.remote import GitRemote
from nhi.repository.remote_clone import RemoteClone
from nhi.repository.remote_clone import remote_clone as new_clone


def remote(root: Path, settings: Settings) -> Remote:
    """The repository on the forge, as a clone reaches it.

    Raises:
        InputError: nobody says which it is.
    """
    return _remote(root, repository_name(settings))


@contextmanager
def remote_clone(name: str) -> Generator[RemoteClone]:
    """A temporary clone of the repository `owner/name` on the forge. Nothing is fetched yet."""
    with new_clone(wiring.environment(), wiring.repository, lambda root: _remote(root, name)) as clone:
        yield clone


def repository_name(settings: Settings) -> str:
    """`owner/name` of the repository on the forge.

    Raises:
        InputError: nobody says which it is.
    """
    name = settings.github.repository or wiring.environment().get("GITHUB_REPOSITORY")
    if not name:
        raise InputError(
            "which repository on GitHub is this?", hint=f"write github.repository into {SETTINGS}: owner/name"
        )
    return name


def github_is_at_hand(settings: Settings) -> bool:
    """Whether there are credentials for GitHub, and somebody says which repository this is."""
    given = wiring.environment()
    return has_credentials(given) and bool(settings.github.repository or given.get("GITHUB_REPOSITORY"))


def forge(settings: Settings) -> Forge:
    """GitHub, with this process's credentials.

    Raises:
        InputError: nobody says which repository it is.
        UsageError: there are no credentials, or GITHUB_API_URL is no address.
    """
    adapter = importlib.import_module("nhi.forge.github_forge").GitHubForge
    made: Forge = adapter(wiring.environment(), repository_name(settings), wiring.clock())
    return made


def forge_settings(settings: Settings) -> ForgeSettings:
    """How the repository is set up on GitHub, with this process's credentials.

    Raises:
        InputError: nobody says which repository it is.
        UsageError: there are no credentials, or GITHUB_API_URL is no address.
    """
    adapter = importlib.import_module("nhi.forge.github_settings").GitHubForgeSettings
    made: ForgeSettings = adapter(wiring.environment(), repository_name(settings), wiring.clock())
    return made


def _git_token(name: str) -> Callable[[], str]:
    """What git shows the forge; "" for nothing. GitHub's part is loaded when it is first asked for."""
    given = wiring.environment()
    if not has_credentials(given):
        return lambda: ""
    token = cache(lambda: importlib.import_module("nhi.forge.git_token").GitToken(given, name, wiring.clock()))
    return lambda: str(token()())


def _remote(root: Path, name: str) -> GitRemote:
    refuse_odd_repository(name)
    server = wiring.environment().get("GITHUB_SERVER_URL") or "https://github.com"
    return GitRemote(root, f"{server.rstrip('/')}/{name}.git", _git_token(name), wiring.environment())
