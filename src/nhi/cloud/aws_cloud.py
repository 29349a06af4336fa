"""IAM of one AWS account, looked at through the door: present as declared, gone, or could not tell.

The role behind the credentials needs iam:GetAccountAuthorizationDetails, iam:ListRoles, iam:GetRole, iam:ListPolicies,
iam:GetPolicy, iam:ListInstanceProfiles and iam:GetInstanceProfile, and nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nhi.cloud.aws import DEFAULT_LIMITS, Aws, Limits, Unknown
from nhi.cloud.compare import short
from nhi.cloud.expectation import expectation
from nhi.cloud.inventory import Holding, Inventory, OddAnswer, build, entries, holding, inner, text
from nhi.cloud.judge import judge_gone, judge_present
from nhi.cloud.policy_document import OddPolicy
from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Answer, CouldNotTell

_FILTER = ("Role", "User")


@dataclass(frozen=True, slots=True)
class _Account:
    """The account of one stack, once it is known to be the right one."""

    aws: Aws
    region: str
    inventory: Inventory

    def get_role(self, name: str) -> Mapping[str, object] | None:
        """The role of a name, or None where IAM itself says that there is none."""
        try:
            return inner(self.aws.ask("iam:GetRole", self.region, RoleName=name), "Role")
        except Unknown as unknown:
            if unknown.code == "NoSuchEntity":
                return None
            raise


class AwsCloud:
    """One look at the accounts behind one set of credentials.

    A stack is listed once, when it is first asked about, and every later answer about it rests on that listing, so a
    stack of thousands of identities costs a few dozen calls. Build another to look again.
    """

    def __init__(self, environment: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> None:
        """Look with the credentials of `environment`: see `nhi.cloud.aws.Aws`."""
        self._aws = Aws(environment, limits)
        self._accounts: dict[Stack, _Account | CouldNotTell] = {}

    def present(self, identity: Identity, kind: Kind, stack: Stack) -> Answer:
        """Whether the roles of an identity stand as its kind's expectation says.

        Another role or user that carries the identity's id is a difference too.

        Raises:
            InputError: the kind's expected.json.j2 does not render to an expectation.
        """
        wanted = expectation(identity, kind, stack)
        if wanted is None:
            return CouldNotTell(f"{kind.name} has no API that could be asked about {identity.id}")
        try:
            account = self._account(stack)
            return judge_present(account.inventory, account.get_role, identity.id, identity.name, wanted.roles)
        except (Unknown, OddAnswer, OddPolicy) as unknown:
            return CouldNotTell(short(f"{identity.id}: {unknown}"))

    def gone(self, name: str, stack: Stack) -> Answer:
        """Whether the identity `<stack>/<name>` is gone.

        Absent means: IAM itself says that there is no such role, no role or user of the account carries the id, and
        below `/nhi/<stack>/` no role, user, policy or instance profile carries the id or the name.

        A role of this name elsewhere, without the id, is somebody else's and does not count: the path of a role cannot
        be changed, and its ARN is another, so no permission that was given to the identity reaches it.
        """
        identity = f"{stack.name}/{name}"
        try:
            account = self._account(stack)
            return judge_gone(account.inventory, account.get_role, identity, name)
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(f"{identity}: {unknown}"))

    def _account(self, stack: Stack) -> _Account:
        if stack not in self._accounts:
            try:
                self._accounts[stack] = _look(self._aws, stack)
            except (Unknown, OddAnswer) as unknown:
                self._accounts[stack] = CouldNotTell(str(unknown))
        account = self._accounts[stack]
        if isinstance(account, CouldNotTell):
            raise Unknown(account.reason)
        return account


def _look(aws: Aws, stack: Stack) -> _Account:
    aws.refuse_other_account(stack.account, stack.region, stack.name)
    path = f"/nhi/{stack.name}/"
    details = list(aws.pages("iam:GetAccountAuthorizationDetails", stack.region, Filter=_FILTER))
    pages = aws.pages("iam:ListRoles", stack.region, PathPrefix=path)
    roles = [entry for page in pages for entry in entries(page, "Roles")]
    others = [*_policies(aws, stack.region, path), *_instance_profiles(aws, stack.region, path)]
    return _Account(aws, stack.region, build(path, details, roles, others))


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
