"""Leftovers in one AWS account.

The role behind the credentials needs, beside what a plan reads anyway, iam:ListRoles, iam:ListUsers,
iam:ListAccessKeys and secretsmanager:DescribeSecret.
"""

from collections.abc import Collection, Iterator, Mapping

from nhi.cloud.aws import DEFAULT_LIMITS, Aws, Limits, Unknown
from nhi.cloud.compare import short
from nhi.cloud.inventory import OddAnswer, entries, inner, tags, text
from nhi.cloud.leftovers import Standing
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell

_ROLE, _USER, _SECRET = "aws_iam_role", "aws_iam_user", "aws_secretsmanager_secret"
_OURS = "nhi:id"
_NO_SECRET = "ResourceNotFoundException"  # noqa: S105  # AWS's error code
_NOBODY = "NoSuchEntity"


class AwsLeftovers:
    """The accounts behind one set of credentials."""

    def __init__(self, environment: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> None:
        """Look with the credentials of `environment`: see `nhi.cloud.aws.Aws`."""
        self._aws = Aws(environment, limits)

    def standing(
        self, stack: Stack, wanted: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Standing] | CouldNotTell:
        """What stands of the (Terraform type, name) pairs.

        IAM is listed once, whatever the number of names: a name is one in the whole account, whatever its path and
        however its letters are written.
        """
        try:
            self._aws.refuse_other_account(stack.account, stack.region, stack.name)
            return dict(self._found(stack, wanted))
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(f"what stands already in {stack.name}: {unknown}"))

    def keys(self, stack: Stack, user: str) -> tuple[str, ...] | CouldNotTell:
        """The ids of all access keys of a user; none where there is no such user."""
        try:
            self._aws.refuse_other_account(stack.account, stack.region, stack.name)
            pages = self._aws.pages("iam:ListAccessKeys", stack.region, UserName=user)
            return tuple(text(one, "AccessKeyId") for page in pages for one in entries(page, "AccessKeyMetadata"))
        except Unknown as unknown:
            return () if unknown.code == _NOBODY else CouldNotTell(short(f"the access keys of {user}: {unknown}"))
        except OddAnswer as odd:
            return CouldNotTell(short(f"the access keys of {user}: {odd}"))

    def _found(self, stack: Stack, wanted: Collection[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], Standing]]:
        for kind, word in ((_ROLE, "Role"), (_USER, "User")):
            names = {name.casefold(): name for asked, name in wanted if asked == kind}
            if not names:
                continue
            for page in self._aws.pages(f"iam:List{word}s", stack.region):
                for listed in entries(page, f"{word}s"):
                    name = text(listed, f"{word}Name")
                    if name.casefold() in names:
                        yield (kind, names[name.casefold()]), self._principal(stack, word, name)
        for name in sorted(name for asked, name in wanted if asked == _SECRET):
            secret = self._secret(stack, name)
            if secret is not None:
                yield (_SECRET, name), secret

    def _principal(self, stack: Stack, word: str, name: str) -> Standing:
        answer = self._aws.ask(f"iam:Get{word}", stack.region, **{f"{word}Name": name})
        found = inner(answer, word)
        return Standing(name, tags(found).get(_OURS), text(found, "Path"))

    def _secret(self, stack: Stack, name: str) -> Standing | None:
        try:
            found = self._aws.ask("secretsmanager:DescribeSecret", stack.region, SecretId=name)
        except Unknown as unknown:
            if unknown.code == _NO_SECRET:
                return None
            raise
        return Standing(text(found, "ARN"), tags(found).get(_OURS), "", found.get("DeletedDate") is not None)
