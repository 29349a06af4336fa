"""Who may take a role of AWS. The role behind the credentials needs iam:GetRole, and for this nothing else."""

from collections.abc import Mapping

from nhi.cloud.aws import DEFAULT_LIMITS, Aws, Limits, Unknown
from nhi.cloud.compare import short
from nhi.cloud.inventory import OddAnswer, inner
from nhi.model.identity import Json
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell

_NO_SUCH_ENTITY = "NoSuchEntity"


class AwsTrusts:
    """The trust policies of the accounts behind one set of credentials."""

    def __init__(self, environment: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> None:
        """Ask with the credentials of `environment`: see `nhi.cloud.aws.Aws`."""
        self._aws = Aws(environment, limits)

    def trust_policy(self, role: str, stack: Stack) -> "Json | CouldNotTell":
        """The trust policy of a role of the stack's account; None where AWS says that there is no such role."""
        try:
            self._aws.refuse_other_account(stack.account, stack.region, stack.name)
            found = inner(self._aws.ask("iam:GetRole", stack.region, RoleName=role), "Role")
        except Unknown as unknown:
            if unknown.code == _NO_SUCH_ENTITY:
                return None
            return CouldNotTell(short(str(unknown)))
        except OddAnswer as odd:
            return CouldNotTell(short(str(odd)))
        policy = found.get("AssumeRolePolicyDocument")
        if not isinstance(policy, dict):
            return CouldNotTell(f"AWS does not tell the trust policy of {role}")
        return policy
