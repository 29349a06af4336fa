"""A clone that lasts for one command: for work from anywhere, without a clone of one's own."""

import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nhi.repository.interface import Remote, Repository
from nhi.repository.start import Git

_PATIENCE = 60.0
_FORMAT = "sha1"
"""The only one that GitHub takes, whatever the user's own configuration makes of new repositories."""


@dataclass(frozen=True, slots=True)
class RemoteClone:
    """An empty bare repository beside a remote: what is fetched is in it, with its whole history."""

    repository: Repository
    remote: Remote


@contextmanager
def remote_clone(
    environment: Mapping[str, str], repository: Callable[[Path], Repository], remote: Callable[[Path], Remote]
) -> Generator[RemoteClone]:
    """A clone in a temporary folder that goes at the end. Nothing is fetched yet.

    What is fetched comes whole: rules about renewals read what every commit held, and a clone that lacks objects would
    have to ask for each of them.

    Args:
        environment: as the program found it; only what git needs is handed on.
        repository: the repository of a folder.
        remote: what it is a clone of, as the folder reaches it.
    """
    with tempfile.TemporaryDirectory(prefix="nhi-clone-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        options = ("--quiet", "--bare", "--template=", f"--object-format={_FORMAT}")
        Git(folder, environment, _PATIENCE)("init", *options, "--", name).output()
        yield RemoteClone(repository(folder), remote(folder))
