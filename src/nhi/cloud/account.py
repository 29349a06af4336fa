"""One AWS account, asked through the door about one stack: listed once, and asked directly where it matters.

"There is none" is only ever what AWS itself says with the error that it documents for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import TypeVar

from nhi.cloud.aws import Aws, Unknown
from nhi.cloud.compare import Credentials, FoundEventRule, FoundSecret
from nhi.cloud.inventory import ID_TAG, Holding, Inventory, OddAnswer, build, entries, holding, inner, text
from nhi.cloud.last_use import instant
from nhi.cloud.regional import (
    EVENT_RULE_PREFIX,
    FOLDER,
    Regional,
    event_rule_holding,
    found_event_rule,
    found_secret,
    regional,
    secret_holding,
)
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell

_FILTER = ("Role", "User")
_NO_SUCH_ENTITY = "NoSuchEntity"
"""IAM's word (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html#API_GetUser_Errors)."""
_NOT_FOUND = "ResourceNotFoundException"
"""The word of Secrets Manager and EventBridge."""
_TOGETHER = timedelta(hours=1)
"""Two keys of which one apply makes both, in whatever order. The two of a rotation are at least a day apart."""
_PAGE_SIZE = 100
"""The most that Secrets Manager and EventBridge give at once."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """The account of one stack, once it is known to be the right one."""

    aws: Aws
    region: str
    inventory: Inventory
    regional: Callable[[], Regional]
    """Listed when it is first asked for."""

    def get_role(self, name: str) -> Mapping[str, object] | None:
        """The role of a name, or None where IAM itself says that there is none."""
        answer = self._ask_or_none(_NO_SUCH_ENTITY, "iam:GetRole", RoleName=name)
        return None if answer is None else inner(answer, "Role")

    def get_user(self, name: str) -> Mapping[str, object] | None:
        """The user of a name, or None where IAM itself says that there is none."""
        answer = self._ask_or_none(_NO_SUCH_ENTITY, "iam:GetUser", UserName=name)
        return None if answer is None else inner(answer, "User")

    def credentials(self, user: str) -> Credentials:
        """What can prove to be this user, which must exist."""
        # The password first: here NoSuchEntity can also mean that there is no user, and the calls after it say so.
        answer = self._ask_or_none(_NO_SUCH_ENTITY, "iam:GetLoginProfile", UserName=user)
        password = None if answer is None else inner(answer, "LoginProfile")
        return Credentials(
            has_password=password is not None,
            access_keys=newest_first(self._listed("iam:ListAccessKeys", "AccessKeyMetadata", user)),
            ssh_keys=self._statuses("iam:ListSSHPublicKeys", "SSHPublicKeys", user),
            signing_certificates=self._statuses("iam:ListSigningCertificates", "Certificates", user),
            service_credentials=self._statuses(
                "iam:ListServiceSpecificCredentials", "ServiceSpecificCredentials", user
            ),
        )

    def secret(self, name: str) -> FoundSecret | None:
        """The secret of a name or ARN, or None where Secrets Manager itself says that there is none."""
        answer = self._ask_or_none(_NOT_FOUND, "secretsmanager:DescribeSecret", SecretId=name)
        return None if answer is None else found_secret(answer)

    def event_rule(self, name: str) -> FoundEventRule | None:
        """The rule of a name on the default bus, or None where EventBridge itself says that there is none."""
        answer = self._ask_or_none(_NOT_FOUND, "events:DescribeRule", Name=name)
        if answer is None:
            return None
        pages = self.aws.token_pages("events:ListTargetsByRule", self.region, Rule=name, Limit=_PAGE_SIZE)
        return found_event_rule(answer, [target for page in pages for target in entries(page, "Targets")])

    def _ask_or_none(self, code: str, action: str, **parameters: object) -> Mapping[str, object] | None:
        try:
            return self.aws.ask(action, self.region, **parameters)
        except Unknown as unknown:
            if unknown.code == code:
                return None
            raise

    def _statuses(self, action: str, key: str, user: str) -> tuple[str, ...]:
        return tuple(text(entry, "Status") for entry in self._listed(action, key, user))

    def _listed(self, action: str, key: str, user: str) -> list[Mapping[str, object]]:
        pages = self.aws.pages(action, self.region, UserName=user)
        return [entry for page in pages for entry in entries(page, key)]


def look(aws: Aws, stack: Stack) -> Account:
    """The account of a stack, listed.

    Raises:
        Unknown: it is not the right account, or it could not be found out.
        OddAnswer: AWS's answers are not of the documented shape or do not fit together.
    """
    aws.refuse_other_account(stack.account, stack.region, stack.name)
    path = f"/nhi/{stack.name}/"
    details = list(aws.pages("iam:GetAccountAuthorizationDetails", stack.region, Filter=_FILTER))
    role_pages = aws.pages("iam:ListRoles", stack.region, PathPrefix=path)
    roles = [entry for page in role_pages for entry in entries(page, "Roles")]
    user_pages = aws.pages("iam:ListUsers", stack.region, PathPrefix=path)
    users = [entry for page in user_pages for entry in entries(page, "Users")]
    others = [*_policies(aws, stack.region, path), *_instance_profiles(aws, stack.region, path)]
    inventory = build(path, details, roles, users, others)
    return Account(aws, stack.region, inventory, once(partial(_look_regional, aws, stack)))


def newest_first(keys: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """The statuses of access keys. Of keys that were made together, an active one counts as the newer.

    Raises:
        OddAnswer: a key does not say when it was made, or what its status is.
    """
    told = sorted((text(one, "Status"), instant(one, "CreateDate")) for one in keys)
    times = [created for _, created in told]
    if told and max(times) - min(times) >= _TOGETHER:
        told.sort(key=lambda one: one[1], reverse=True)
    return tuple(status for status, _ in told)


def once(find: Callable[[], T]) -> Callable[[], T]:
    """A function that finds at most once: that it could not be found out is remembered too."""

    @cache
    def found() -> T | CouldNotTell:
        try:
            return find()
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(str(unknown))

    def again() -> T:
        answer = found()
        if isinstance(answer, CouldNotTell):
            raise Unknown(answer.reason)
        return answer

    return again


def _look_regional(aws: Aws, stack: Stack) -> Regional:
    named = [f"{FOLDER}/{stack.name}/", f"/{FOLDER}/{stack.name}/"]
    return regional(
        [
            *_secrets(aws, stack.region, "tag-key", [ID_TAG]),
            *_secrets(aws, stack.region, "name", named),
            *_event_rules(aws, stack.region),
        ]
    )


def _secrets(aws: Aws, region: str, key: str, prefixes: list[str]) -> Iterator[Holding]:
    filters = [{"Key": key, "Values": prefixes}]
    for page in aws.token_pages("secretsmanager:ListSecrets", region, Filters=filters, MaxResults=_PAGE_SIZE):
        yield from map(secret_holding, entries(page, "SecretList"))


def _event_rules(aws: Aws, region: str) -> Iterator[Holding]:
    pages = aws.token_pages("events:ListRules", region, NamePrefix=EVENT_RULE_PREFIX, Limit=_PAGE_SIZE)
    for page in pages:
        for listed in entries(page, "Rules"):
            tagged = aws.ask("events:ListTagsForResource", region, ResourceARN=text(listed, "Arn"))
            entries(tagged, "Tags")
            yield event_rule_holding(listed, tagged)


def _policies(aws: Aws, region: str, path: str) -> Iterator[Holding]:
    for page in aws.pages("iam:ListPolicies", region, Scope="Local", PathPrefix=path):
        for listed in entries(page, "Policies"):
            answer = aws.ask("iam:GetPolicy", region, PolicyArn=text(listed, "Arn"))
            yield holding("policy", inner(answer, "Policy"))


def _instance_profiles(aws: Aws, region: str, path: str) -> Iterator[Holding]:
    for page in aws.pages("iam:ListInstanceProfiles", region, PathPrefix=path):
        for listed in entries(page, "InstanceProfiles"):
            if text(listed, "Path").startswith(path):
                name = text(listed, "InstanceProfileName")
                answer = aws.ask("iam:GetInstanceProfile", region, InstanceProfileName=name)
                yield holding("instance profile", inner(answer, "InstanceProfile"))
