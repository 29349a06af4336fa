"""Small sets of actions and of AWS's managed policies that a reviewer should be told about, each with its source.

The sets are data (`sensitive.json`, `managed_policies.json`) and hold today's names; patterns are matched against them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from nhi.policy.iam.data import document
from nhi.policy.iam.patterns import compiled, is_pattern


class Concern(StrEnum):
    """What somebody could do with an action of the set."""

    AUDIT_TRAIL = "audit-trail"
    """Stop, delete or blind what records and detects: CloudTrail, Config, GuardDuty, Security Hub and their like."""
    LOGS = "logs"
    """Delete logs or silence alarms. Of one's own log group that is ordinary; of every one it is not."""
    IDENTITIES = "identities"
    """Change identities, organisation or accounts: IAM, Organizations, IAM Identity Center, Roles Anywhere."""
    SECRETS = "secrets"
    """Read what secrets hold: Secrets Manager, Parameter Store, decryption with a key."""
    CREDENTIALS = "credentials"
    """Be handed credentials. Some of them are ordinary (`ecr:GetAuthorizationToken`)."""


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """One of AWS's managed policies that makes an administrator of who has it."""

    name: str
    arn: str
    reason: str
    """What it allows: "every action", "every action but a few", or the actions of a path to more permissions."""


@lru_cache(maxsize=8192)
def concerning(pattern: str, concern: Concern) -> tuple[str, ...]:
    """The actions of the set that an action or a pattern allows today, as AWS spells them, sorted."""
    names = _names(concern)
    folded = pattern.lower()
    if not is_pattern(folded):
        return (names[folded],) if folded in names else ()
    matcher = compiled(folded)
    return tuple(name for short, name in names.items() if matcher.match(short))


def source(concern: Concern) -> str:
    """Where the set comes from."""
    text: str = document("sensitive")[concern]["source"]
    return text


def admin_like(policy: str) -> ManagedPolicy | None:
    """What AWS's managed policy of that name or ARN gives away, where it makes an administrator; None otherwise.

    None too for a policy of one's own, and for one that AWS published after the data.
    """
    head, _, name = policy.rpartition("/")
    parts = head.split(":")
    is_aws = not head or (parts[:1] == ["arn"] and parts[2:5] == ["iam", "", "aws"])
    return _managed().get(name) if is_aws else None


@cache
def _names(concern: Concern) -> Mapping[str, str]:
    return {name.lower(): name for name in document("sensitive")[concern]["actions"]}


@cache
def _managed() -> Mapping[str, ManagedPolicy]:
    return {
        name: ManagedPolicy(name, one["arn"], one["reason"])
        for name, one in document("managed_policies")["policies"].items()
    }
