"""What AWS knows beside whether an identity stands as declared: who we are, last use, inventory, quotas, CloudTrail.

The role behind the credentials needs iam:GetAccountAuthorizationDetails, iam:GetRole, iam:GetUser, iam:ListAccessKeys,
iam:GetAccessKeyLastUsed, iam:GetAccountSummary and cloudtrail:LookupEvents, and nothing else.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from nhi.cloud.aws import DEFAULT_LIMITS, Aws, Limits, Unknown
from nhi.cloud.compare import short
from nhi.cloud.inventory import Holding, OddAnswer, entries, holding, inner, text
from nhi.cloud.last_use import key_use, newest, password_use, role_use
from nhi.cloud.listing import account_quotas, live_identities
from nhi.cloud.pace import Clock, Pace
from nhi.cloud.trail import in_order, read_caller, read_events
from nhi.model.inventory import LiveIdentity, Quota
from nhi.model.settings import Stack
from nhi.model.trail import Actor, Search, Trail, TrailEvent
from nhi.model.usage import LastUse
from nhi.model.verification import CouldNotTell

T = TypeVar("T")

TRAIL_REGION = "us-east-1"
"""Where CloudTrail has the events of IAM, whatever region the caller is in.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
"""
TRAIL_DAYS = 90
"""So far back CloudTrail's event history reaches.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html, as the page size and the rate.
"""
_PAGE_SIZE = 50
_SECONDS_APART = 0.5
_MAX_PAGES = 2_000
"""100,000 events; at two pages a second a quarter of an hour."""


class AwsReads:
    """The accounts behind one set of credentials. Each question asks AWS again."""

    def __init__(self, environment: Mapping[str, str], clock: Clock, limits: Limits = DEFAULT_LIMITS) -> None:
        """Ask with the credentials of `environment`: see `nhi.cloud.aws.Aws`."""
        self._aws = Aws(environment, limits)
        self._clock = clock
        self._pace = Pace(clock, _SECONDS_APART)
        self._known: set[Stack] = set()

    def caller(self, stack: Stack) -> Actor | CouldNotTell:
        """Whose credentials these are; a role without its path, which AWS does not tell a session."""
        return self._told(stack, f"who asks about {stack.name}", lambda: self._caller(stack))

    def last_use(self, name: str, stack: Stack) -> LastUse:
        """The latest use of the role or user that stands for `<stack>/<name>`.

        What has the name, but neither stands below `/nhi/<stack>/` nor carries the id, is somebody else's.
        """
        return self._told(stack, f"{stack.name}/{name}", lambda: newest(self._uses(name, stack)))

    def key_uses(self, user: str, stack: Stack) -> Mapping[str, LastUse] | CouldNotTell:
        """The use of each access key of a user, by the key's id; a key that could not be asked about is in it too."""
        return self._told(stack, f"the keys of {user}", lambda: self._key_uses(user, stack))

    def access_key_use(self, key_id: str, stack: Stack) -> LastUse:
        """The use of one access key."""
        return self._told(stack, f"the key {key_id}", lambda: self._key_use(key_id, stack))

    def inventory(self, stack: Stack) -> tuple[LiveIdentity, ...] | CouldNotTell:
        """All roles and users of the account, in one sweep."""
        action, kinds = "iam:GetAccountAuthorizationDetails", ("Role", "User")
        pages = self._aws.pages(action, stack.region, Filter=kinds)
        return self._told(stack, f"the inventory of {stack.name}", lambda: live_identities(pages))

    def quotas(self, stack: Stack) -> tuple[Quota, ...] | CouldNotTell:
        """The quotas of IAM in the account."""
        ask = self._aws.ask
        return self._told(
            stack,
            f"the quotas of {stack.name}",
            lambda: account_quotas(ask("iam:GetAccountSummary", stack.region)),
        )

    def trail(
        self, search: Search, since: datetime, until: datetime, stack: Stack, *, in_region: bool = False
    ) -> Trail | CouldNotTell:
        """What CloudTrail's event history has: 90 days at most, so the trail's own `since` may be later than asked."""
        now = self._clock.now()
        since, until = max(since, now - timedelta(days=TRAIL_DAYS)), min(until, now)
        what = f"CloudTrail of {stack.name} about {search.value}"
        if until < since:
            return CouldNotTell(short(f"{what}: of that time there is no record, neither yet nor any more"))
        region = stack.region if in_region else TRAIL_REGION
        return self._told(
            stack,
            what,
            lambda: Trail(since, until, in_order(self._events(search, since, until, stack.account, region))),
        )

    def _told(self, stack: Stack, what: str, ask: Callable[[], T]) -> T | CouldNotTell:
        try:
            if stack not in self._known:
                self._aws.refuse_other_account(stack.account, stack.region, stack.name)
                self._known.add(stack)
            return ask()
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(f"{what}: {unknown}"))

    def _caller(self, stack: Stack) -> Actor:
        return read_caller(self._aws.ask("sts:GetCallerIdentity", stack.region), stack.account)

    def _uses(self, name: str, stack: Stack) -> list[LastUse]:
        role = self._if_any("iam:GetRole", "Role", stack, RoleName=name)
        user = self._if_any("iam:GetUser", "User", stack, UserName=name)
        uses: list[LastUse] = []
        if role is not None and _is_of(holding("role", role), name, stack):
            uses.append(role_use(role))
        if user is not None and _is_of(holding("user", user), name, stack):
            uses += [password_use(user), *self._key_uses(name, stack).values()]
        if not uses:
            raise Unknown("no role or user stands for it")
        return uses

    def _key_uses(self, user: str, stack: Stack) -> dict[str, LastUse]:
        pages = self._aws.pages("iam:ListAccessKeys", stack.region, UserName=user)
        keys = [text(entry, "AccessKeyId") for page in pages for entry in entries(page, "AccessKeyMetadata")]
        return {key: self.access_key_use(key, stack) for key in keys}

    def _key_use(self, key_id: str, stack: Stack) -> LastUse:
        return key_use(self._aws.ask("iam:GetAccessKeyLastUsed", stack.region, AccessKeyId=key_id))

    def _if_any(self, action: str, key: str, stack: Stack, **parameters: object) -> Mapping[str, object] | None:
        """What has the name, or None where IAM itself says that nothing has."""
        try:
            return inner(self._aws.ask(action, stack.region, **parameters), key)
        except Unknown as unknown:
            if unknown.code == "NoSuchEntity":
                return None
            raise

    def _events(
        self, search: Search, since: datetime, until: datetime, account: str, region: str
    ) -> Iterator[TrailEvent]:
        wanted = [{"AttributeKey": search.by.value, "AttributeValue": search.value}]
        span = {"StartTime": since, "EndTime": until}
        pages = self._aws.token_pages(
            "cloudtrail:LookupEvents", region, LookupAttributes=wanted, MaxResults=_PAGE_SIZE, **span
        )
        self._pace.wait(account, region)
        for number, page in enumerate(pages, 1):
            yield from read_events(page, account)
            if number == _MAX_PAGES:
                raise OddAnswer(f"cloudtrail:LookupEvents has {_MAX_PAGES} pages or more: ask for less")
            if page.get("NextToken") is not None:
                self._pace.wait(account, region)


def _is_of(stands: Holding, name: str, stack: Stack) -> bool:
    return stands.path == f"/nhi/{stack.name}/" or stands.id == f"{stack.name}/{name}"
