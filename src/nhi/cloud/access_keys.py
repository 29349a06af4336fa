"""The access keys of a user, as IAM tells of them: how old, whether on, when last used.

The role behind the credentials needs iam:GetUser, iam:ListAccessKeys and iam:GetAccessKeyLastUsed, and nothing else.
"""

from collections.abc import Mapping

from nhi.cloud.aws import DEFAULT_LIMITS, Aws, Limits, Unknown
from nhi.cloud.compare import short
from nhi.cloud.inventory import OddAnswer, entries, holding, inner, text
from nhi.cloud.last_use import instant, key_use
from nhi.model.rotation import LiveKey
from nhi.model.settings import Stack
from nhi.model.usage import LastUse
from nhi.model.verification import CouldNotTell

_STATUSES = {"Active": True, "Inactive": False}
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyMetadata.html."""


class AwsAccessKeys:
    """The accounts behind one set of credentials. Each question asks AWS again."""

    def __init__(self, environment: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> None:
        """Ask with the credentials of `environment`: see `nhi.cloud.aws.Aws`."""
        self._aws = Aws(environment, limits)
        self._known: set[Stack] = set()

    def access_keys(self, name: str, stack: Stack) -> tuple[LiveKey, ...] | CouldNotTell:
        """All keys of the user that stands for `<stack>/<name>`, oldest first.

        A user that has the name, but neither stands below `/nhi/<stack>/` nor carries the id, is somebody else's.
        """
        try:
            return self._told(name, stack)
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(f"the keys of {stack.name}/{name}: {unknown}"))

    def _told(self, name: str, stack: Stack) -> tuple[LiveKey, ...]:
        if stack not in self._known:
            self._aws.refuse_other_account(stack.account, stack.region, stack.name)
            self._known.add(stack)
        user = holding("user", inner(self._aws.ask("iam:GetUser", stack.region, UserName=name), "User"))
        if user.path != f"/nhi/{stack.name}/" and user.id != f"{stack.name}/{name}":
            raise Unknown("the user of this name is somebody else's")
        pages = self._aws.pages("iam:ListAccessKeys", stack.region, UserName=name)
        listed = [entry for page in pages for entry in entries(page, "AccessKeyMetadata")]
        return tuple(sorted((self._key(entry, stack) for entry in listed), key=lambda key: (key.created, key.id)))

    def _key(self, entry: Mapping[str, object], stack: Stack) -> LiveKey:
        key_id, status = text(entry, "AccessKeyId"), text(entry, "Status")
        if status not in _STATUSES:
            raise OddAnswer(f"the status of {key_id} is neither Active nor Inactive")
        return LiveKey(key_id, instant(entry, "CreateDate"), _STATUSES[status], self._last_use(key_id, stack))

    def _last_use(self, key_id: str, stack: Stack) -> LastUse:
        try:
            return key_use(self._aws.ask("iam:GetAccessKeyLastUsed", stack.region, AccessKeyId=key_id))
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(str(unknown)))
