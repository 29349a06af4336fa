"""What operations have in common: reading a call, finding what it names, and saying what is wrong with it."""

from collections.abc import Callable, Mapping
from typing import Any

from nhi.model.identity import Json
from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.things import Issue, Pull, Repository
from nhi.sandbox.github.world import World

Operation = Callable[[World, Repository, Call], Answer]
"""Of a repository that the caller may call it in."""
LONGEST_BODY = 65_536
"""Characters of a comment, an issue's or a pull request's body."""
_LONGEST_TITLE = 256


def body_of(call: Call) -> Mapping[str, Any]:
    """The body, where it is an object; else nothing."""
    return call.body if isinstance(call.body, dict) else {}


def text_of(call: Call, key: str) -> str | None:
    """A text of the body, or None."""
    found = body_of(call).get(key)
    return found if isinstance(found, str) else None


def number_of(call: Call, key: str) -> int:
    """A number of the path.

    Raises:
        Refusal: 404 where it is none.
    """
    text = call.parameters[key]
    if not text.isdecimal():
        raise Refusal(404, "Not Found")
    return int(text)


def issue_of(repository: Repository, call: Call) -> Issue:
    """The issue or pull request that a call names.

    Raises:
        Refusal: 404.
    """
    found = repository.issues.get(number_of(call, "issue_number"))
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def pull_of(repository: Repository, call: Call) -> Pull:
    """The pull request that a call names.

    Raises:
        Refusal: 404.
    """
    found = repository.pulls.get(number_of(call, "pull_number"))
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def invalid(resource: str, field: str, code: str = "invalid", message: str = "", *, value: str = "") -> Refusal:
    """A 422: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed."""
    error: dict[str, Json] = {"resource": resource, "code": code}
    error |= {key: text for key, text in (("field", field), ("message", message), ("value", value)) if text}
    return Refusal(422, "Validation Failed", [error])


def check_texts(resource: str, title: str | None, body: str | None) -> None:
    """A title and a body as long as they may be.

    Raises:
        Refusal: 422.
    """
    if title is not None and not title.strip():
        raise invalid(resource, "title", "missing_field")
    if title is not None and len(title) > _LONGEST_TITLE:
        raise invalid(resource, "title", "custom", f"title is too long (maximum is {_LONGEST_TITLE} characters)")
    if body is not None and len(body) > LONGEST_BODY:
        raise invalid(resource, "body", "custom", f"body is too long (maximum is {LONGEST_BODY} characters)")
