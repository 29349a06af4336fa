"""One AWS account, looked at through the door: present as declared, gone, or could not tell.

The role behind the credentials needs, and for this nothing else:

- for every look: iam:GetAccountAuthorizationDetails, iam:ListRoles, iam:ListUsers, iam:ListPolicies, iam:GetPolicy,
  iam:ListInstanceProfiles, iam:GetInstanceProfile, iam:GetRole and iam:GetUser;
- to say that something is not there: secretsmanager:ListSecrets, events:ListRules and events:ListTagsForResource, also
  where no kind of the stack makes secrets or event rules, since what is left over was made by what is no longer here;
- for kinds with users: iam:GetLoginProfile, iam:ListAccessKeys, iam:ListSSHPublicKeys, iam:ListSigningCertificates and
  iam:ListServiceSpecificCredentials;
- for secrets, wanted or left over: secretsmanager:DescribeSecret, and never secretsmanager:GetSecretValue;
- for kinds with event rules: events:DescribeRule and events:ListTargetsByRule.
"""

from collections.abc import Callable, Mapping
from functools import partial

from nhi.cloud.account import Account, look, once
from nhi.cloud.aws import DEFAULT_LIMITS, Aws, Limits, Unknown
from nhi.cloud.compare import short
from nhi.cloud.expectation import expectation
from nhi.cloud.inventory import OddAnswer
from nhi.cloud.judge import judge_gone, judge_present
from nhi.cloud.policy_document import OddPolicy
from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Answer, CouldNotTell


class AwsCloud:
    """One look at the accounts behind one set of credentials.

    A stack is listed once, when it is first asked about, and every later answer about it rests on that listing, so a
    stack of thousands of identities costs a few dozen calls, and two for each that is to be gone. Build another to look
    again.
    """

    def __init__(self, environment: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> None:
        """Look with the credentials of `environment`: see `nhi.cloud.aws.Aws`."""
        self._aws = Aws(environment, limits)
        self._accounts: dict[Stack, Callable[[], Account]] = {}

    def present(self, identity: Identity, kind: Kind, stack: Stack) -> Answer:
        """Whether an identity's roles, users, secrets and event rules stand as its kind's expectation says.

        Another role or user that carries the identity's id is a difference too.

        Raises:
            InputError: the kind's expected.json.j2 does not render to an expectation.
        """
        wanted = expectation(identity, kind, stack)
        if wanted is None:
            return CouldNotTell(f"{kind.name} has no API that could be asked about {identity.id}")
        try:
            return judge_present(self._account(stack), identity.id, identity.name, wanted)
        except (Unknown, OddAnswer, OddPolicy) as unknown:
            return CouldNotTell(short(f"{identity.id}: {unknown}"))

    def gone(self, name: str, stack: Stack) -> Answer:
        """Whether the identity `<stack>/<name>` is gone.

        Absent means: IAM itself says that there is no such role and no such user, no role or user of the account
        carries the id, below `/nhi/<stack>/` no role, user, policy or instance profile carries the id or the name, and
        in the stack's region no secret and no event rule of it is left (`nhi.cloud.regional` says what is found).

        A role of this name elsewhere, without the id, is somebody else's and does not count: the path of a role cannot
        be changed, and its ARN is another, so no permission that was given to the identity reaches it. A user of this
        name elsewhere counts unless it carries another identity's id, since a user can be moved with its keys; one that
        was renamed as well, and has lost its tags, is only known by its unique id (`Holding.unique_id`).

        A secret that is scheduled for deletion is gone: its value cannot be read. One that was made in the last five
        minutes can be missed
        (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html).
        """
        identity = f"{stack.name}/{name}"
        try:
            return judge_gone(self._account(stack), identity, name)
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(f"{identity}: {unknown}"))

    def _account(self, stack: Stack) -> Account:
        if stack not in self._accounts:
            self._accounts[stack] = once(partial(look, self._aws, stack))
        return self._accounts[stack]()
