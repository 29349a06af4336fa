"""All roles and users of an account, and its quotas, read out of IAM's answers."""

from collections.abc import Iterable, Iterator, Mapping

from nhi.cloud.inventory import OddAnswer, entries, holding, inner, text
from nhi.cloud.last_use import instant, role_use
from nhi.model.inventory import LiveIdentity, Quota
from nhi.model.plan import PrincipalType

_PROVIDED = ("/aws-service-role/", "/aws-reserved/")
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html, and IAM Identity Center's roles."""
_QUOTA = "Quota"
_LISTED = ("InstanceProfiles", "Policies", "Roles", "Users")
"""What an identity takes up: always listed, also where the account's summary is silent about it."""


def live_identities(pages: Iterable[Mapping[str, object]]) -> tuple[LiveIdentity, ...]:
    """Everything in the pages of GetAccountAuthorizationDetails, sorted by ARN.

    Raises:
        OddAnswer: an answer is not of the documented shape, or has something twice.
    """
    found: dict[str, LiveIdentity] = {}
    for one in _identities(pages):
        if found.setdefault(one.arn, one) is not one:
            raise OddAnswer(f"{one.arn} stands twice in the listing: the account is changing, ask again")
    return tuple(found[arn] for arn in sorted(found))


def account_quotas(answer: Mapping[str, object]) -> tuple[Quota, ...]:
    """The quotas of GetAccountSummary, sorted by name.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html

    Raises:
        OddAnswer: the summary is missing, or a number of it is none.
    """
    summary = inner(answer, "SummaryMap")
    if not summary:
        raise OddAnswer("SummaryMap is empty")
    names = {key.removesuffix(_QUOTA) for key in summary if key.endswith(_QUOTA)} | set(_LISTED)
    for name in _LISTED:
        if name + _QUOTA in summary and name not in summary:
            raise OddAnswer(f"{name} is missing")
    return tuple(Quota(name, _number(summary, name), _number(summary, name + _QUOTA)) for name in sorted(names))


def _identities(pages: Iterable[Mapping[str, object]]) -> Iterator[LiveIdentity]:
    for page in pages:
        for entry in entries(page, "RoleDetailList"):
            yield _live(PrincipalType.ROLE, "RoleId", entry)
        for entry in entries(page, "UserDetailList"):
            yield _live(PrincipalType.USER, "UserId", entry)


def _live(principal: PrincipalType, unique_id: str, entry: Mapping[str, object]) -> LiveIdentity:
    stands = holding(principal.value, entry)
    says_use = principal is PrincipalType.ROLE and entry.get("RoleLastUsed") is not None
    return LiveIdentity(
        type=principal,
        name=stands.name,
        path=stands.path,
        arn=stands.arn,
        unique_id=text(entry, unique_id),
        id=stands.id,
        created=instant(entry, "CreateDate"),
        last_use=role_use(entry) if says_use else None,
        provided=stands.path.startswith(_PROVIDED),
    )


def _number(summary: Mapping[str, object], key: str) -> int | None:
    found = summary.get(key)
    if found is None:
        return None
    if not isinstance(found, int) or found < 0:
        raise OddAnswer(f"{key} is not a number")
    return found
