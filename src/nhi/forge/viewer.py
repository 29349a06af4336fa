"""Who we are for GitHub, and what of all that is written there is ours."""

from dataclasses import dataclass

from nhi.errors import OutsideError
from nhi.forge.answers import account
from nhi.forge.credentials import AppKey, Token
from nhi.forge.github import GitHub
from nhi.forge.reading import Entry, entry, inner, inner_or_none, name, number
from nhi.forge.refusal import Refused

_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks."""

    login: str
    """Empty where only the App's number is known."""
    id: int | None = None
    """Of the account; None where GitHub does not tell."""
    app_id: int | None = None

    def wrote(self, found: Entry) -> bool:
        """Whether a comment or an issue is ours."""
        if self.app_id is not None:
            through = inner_or_none(found, "performed_via_github_app")
            return through is not None and through.get("id") == self.app_id
        author = account(inner_or_none(found, "user"))
        if author is None:
            return False
        return author.id == self.id if self.id is not None else author.login.lower() == self.login.lower()


def read_viewer(github: GitHub) -> Viewer:
    """Who asks with these credentials.

    Raises:
        OutsideError: GitHub does not say it.
    """
    match github.credentials:
        case AppKey(id=app_id):
            return Viewer("", app_id=app_id)
        case Token():
            try:
                user = entry(github.user(), "who we are")
            except Refused as refusal:
                if refusal.status != _FORBIDDEN:
                    raise
                return Viewer(_bot(github))
            return Viewer(name(user, "login"), id=number(user, "id"))


def _bot(github: GitHub) -> str:
    """The token of a workflow or of an installation is no user's; whose bot it is, GraphQL alone says."""
    data, errors = github.query("query { viewer { login } }")
    if errors:
        raise OutsideError(f"GitHub does not say who we are: {errors[0][1]}", hint="use another token")
    return name(inner(data, "viewer"), "login")
