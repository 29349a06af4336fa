"""What git shows GitHub: the token of the environment, or one of the App's installation."""

from collections.abc import Mapping

from nhi.forge.credentials import Token
from nhi.forge.github import GitHub
from nhi.forge.waiting import Clock

_PERMISSIONS = {"contents": "write"}
"""To fetch is to read contents, to push branches is to write them."""


class GitToken:
    """The token for one repository, asked for before each call of git: an App's lasts for an hour.

    https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
    """

    def __init__(self, environment: Mapping[str, str], repository: str, clock: Clock) -> None:
        """Nothing is asked yet. Raises as `nhi.forge.github.GitHub`."""
        self._github = GitHub(environment, repository, _PERMISSIONS, clock)

    def __call__(self) -> str:
        """A token that works now.

        Raises:
            OutsideError: GitHub gives none.
        """
        match self._github.credentials:
            case Token(value=value):
                return value
            case _:
                self._github.ask("GET", "")
                return self._github.token
