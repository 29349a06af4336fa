"""How GitHub refuses, in words for a person."""

from collections.abc import Mapping

from nhi.errors import OutsideError
from nhi.forge.waiting import Headers, rate_limited

_LONGEST = 300


class Refused(OutsideError):
    """GitHub answered with an error. `words` are its own, on one line."""

    def __init__(self, message: str, *, hint: str = "", status: int, words: str) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.words = words


class Lost(OutsideError):
    """Whether a write was done is not known: the answer did not come, or cannot be read."""


def words(data: object) -> str:
    """What GitHub says in the body of an error: its message, and the reasons that it lists."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    listed = errors if isinstance(errors, list) else [errors]
    found = [data.get("message"), *(_reason(one) if isinstance(one, dict) else one for one in listed)]
    return one_line(": ".join(one for one in found if isinstance(one, str) and one))


def one_line(text: str) -> str:
    """Somebody else's text, on one line, without what steers a terminal, cut."""
    flat = "".join(char if char.isprintable() else " " for char in text[: 4 * _LONGEST])
    short = " ".join(flat.split())
    return short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…"


def refused(asked: str, status: int, data: object, headers: Headers) -> Refused:
    """The error of an answer to `asked` (`POST /repos/acme/iam/pulls`)."""
    said = words(data)
    message = f"GitHub answered {asked} with {status}" + (f": {said}" if said else "")
    return Refused(message, hint=_hint(status, said, headers), status=status, words=said)


def unanswered(asked: str, cause: OSError) -> OutsideError:
    """The error where there is no answer at all."""
    return OutsideError(
        f"GitHub did not answer {asked}: {one_line(str(cause))}",
        hint="is the network there, and GITHUB_API_URL right? See https://www.githubstatus.com",
    )


def _reason(error: Mapping[str, object]) -> str:
    message = error.get("message")
    if isinstance(message, str) and message:
        return message
    return " ".join(str(error[key]) for key in ("resource", "field", "code") if isinstance(error.get(key), str))


def _hint(status: int, said: str, headers: Headers) -> str:
    if rate_limited(status, said, headers):
        return "too much was asked for a while: run it again later"
    match status:
        case 401:
            return "the token is wrong or has ended: set GITHUB_TOKEN, or NHI_APP_ID and NHI_APP_PRIVATE_KEY, again"
        case 403:
            needed = one_line(headers.get("x-accepted-github-permissions", ""))
            return f"the token must have the permission {needed}" if needed else "the token may not do this"
        case 404:
            return "is github.repository right, and may the token see it?"
        case _ if status >= 500:  # noqa: PLR2004  # the server's own errors begin there
            return "GitHub has trouble: see https://www.githubstatus.com, and run it again"
        case _:
            return ""
