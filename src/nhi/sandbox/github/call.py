"""One call of the API, between the server that speaks HTTP and the functions that know what GitHub does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nhi.model.identity import Json


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose credentials a call carries."""

    login: str
    """Of a person, or `<slug>[bot]` of an installation; `<slug>` of an App itself (a JWT)."""
    app_id: int | None = None
    """Of an installation's token or an App's JWT."""
    is_app_itself: bool = False
    permissions: Mapping[str, str] | None = None
    """What an installation's token was narrowed to: `{"contents": "read"}`. None: all that the App was granted."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that fits the description of its operation."""

    operation: str
    """The description's `operationId`: `pulls/create`."""
    parameters: Mapping[str, str]
    """Out of the path, unquoted: `{"owner": "acme", "repo": "iam", "pull_number": "7"}`."""
    query: Mapping[str, str]
    body: Json
    """None where there is none."""
    caller: Caller
    origin: str
    """`http://127.0.0.1:41375`, as the client wrote it: PyGithub wants every URL of an answer to start so."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """In lower case."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What GitHub says. Required fields that are not set here are filled from the description's schema."""

    status: int
    body: Any = None
    """JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """An answer that is a refusal, such as 404, 409 or 422, in GitHub's words."""

    def __init__(self, status: int, message: str, errors: Json = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
