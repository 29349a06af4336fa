"""Which git this is, and whether it is new enough."""

import re
from collections.abc import Mapping
from pathlib import Path

from nhi.errors import MissingTool, OutsideError
from nhi.repository.start import Git

_OLDEST = (2, 38)
"""Merges without a working tree: https://git-scm.com/docs/git-merge-tree."""
_SECONDS = 30


def git_version(environment: Mapping[str, str]) -> str:
    """Such as "git 2.39.5".

    Raises:
        MissingTool: there is none, or it is too old.
        OutsideError: it does not say.
    """
    said = Git(Path("/"), environment, _SECONDS)("version").output().decode("utf-8", "replace")
    found = re.match(r"git version ((\d+)\.(\d+)[\w.-]*)", said)
    if found is None:
        raise OutsideError("git does not say its version", hint="make sure that the `git` on the PATH is Git")
    if (int(found[2]), int(found[3])) < _OLDEST:
        raise MissingTool(f"git is {found[1]}, and 2.38 or newer is needed", hint="install a newer git")
    return f"git {found[1]}"
