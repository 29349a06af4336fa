"""When something was last used, read out of IAM's answers. What they do not say is never taken for "no use seen"."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from nhi.cloud.inventory import OddAnswer, inner, text
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell

_NEVER = "N/A"


def role_use(role: Mapping[str, object]) -> Used | NoUseSeen:
    """The use of a role, from GetRole or GetAccountAuthorizationDetails. IAM looks 400 days back.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleLastUsed.html

    Raises:
        OddAnswer: the answer does not say.
    """
    found = inner(role, "RoleLastUsed")
    at = found.get("LastUsedDate")
    if at is None and not found.get("Region"):
        return NoUseSeen()
    return Used(instant(found, "LastUsedDate"), None, _said(found, "Region"))


def key_use(answer: Mapping[str, object]) -> Used | NoUseSeen:
    """The use of one access key, from GetAccessKeyLastUsed.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html

    Raises:
        OddAnswer: the answer does not say.
    """
    text(answer, "UserName")
    found = inner(answer, "AccessKeyLastUsed")
    if found.get("LastUsedDate") is None and text(found, "ServiceName") == text(found, "Region") == _NEVER:
        return NoUseSeen()
    return Used(instant(found, "LastUsedDate"), _said(found, "ServiceName"), _said(found, "Region"))


def password_use(user: Mapping[str, object]) -> Used | NoUseSeen:
    """The last signing in of a user with its password, from GetUser, which leaves out what never happened.

    Raises:
        OddAnswer: the answer holds something else than a time.
    """
    if user.get("PasswordLastUsed") is None:
        return NoUseSeen()
    return Used(instant(user, "PasswordLastUsed"), "signin", None)


def newest(uses: Iterable[LastUse]) -> LastUse:
    """The latest of several uses; one that could not be told could be the latest."""
    seen: list[Used] = []
    for use in uses:
        match use:
            case CouldNotTell():
                return use
            case Used():
                seen.append(use)
            case NoUseSeen():
                pass
    return max(seen, key=lambda one: one.at, default=NoUseSeen())


def instant(answer: Mapping[str, object], key: str) -> datetime:
    """A point in time that an answer must have, as aware UTC.

    Raises:
        OddAnswer: it is missing, or is none.
    """
    found = answer.get(key)
    if not isinstance(found, datetime) or found.tzinfo is None:
        raise OddAnswer(f"{key} is missing" if found is None else f"{key} is not a time with a zone")
    try:
        return found.astimezone(UTC)
    except OverflowError as cause:
        raise OddAnswer(f"{key} is out of the calendar") from cause


def _said(answer: Mapping[str, object], key: str) -> str | None:
    if answer.get(key) is None:
        return None
    found = text(answer, key)
    return None if found == _NEVER else found
