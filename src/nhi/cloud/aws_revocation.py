"""Access ended at once in an AWS account: the inline policy of each role and user becomes one that denies everything.

The policy keeps its name, so that one call changes it as a whole, and Terraform, which knows a policy of this name,
finds it changed and nothing added. IAM evaluates policies on each request: live sessions are denied as new ones are
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html).

The role behind the credentials needs sts:GetCallerIdentity, iam:GetRole, iam:GetRolePolicy, iam:PutRolePolicy,
iam:GetUser, iam:GetUserPolicy, iam:PutUserPolicy, iam:ListAccessKeys and iam:UpdateAccessKey, and nothing else.
"""

import json
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

from nhi.cloud.aws import DEFAULT_LIMITS, Aws, Limits, Unknown
from nhi.cloud.compare import DENY_NOW, short
from nhi.cloud.expectation import expectation
from nhi.cloud.inventory import ID_TAG, OddAnswer, entries, holding, inner, text
from nhi.cloud.policy_document import OddPolicy, read_document
from nhi.model.identity import Identity, Json
from nhi.model.kind import Kind
from nhi.model.revocation import Denial, PolicyPlace, RevokedKey, RevokedPrincipal
from nhi.model.settings import Stack
from nhi.model.verification import CouldNotTell, ExpectedRole, ExpectedUser

_NOBODY = "NoSuchEntity"
_OFF = "Inactive"
_WAITS = (1.0, 2.0, 4.0, 8.0)
"""Seconds between looks: what IAM was told can take a moment to be answered
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency)."""


@dataclass(frozen=True, slots=True)
class _Principal:
    """A role or user as it was asked for."""

    word: str
    """`Role` or `User`, as IAM's actions have it."""
    name: str
    path: str
    id: str | None
    """What its tag says whose it is; None where its kind gives it no such tag."""
    policy: str | None
    """The name of its inline policy; the first where there are more: one Deny is enough. None where it has none."""

    @property
    def type(self) -> str:
        """For a person."""
        return self.word.lower()


class AwsRevocations:
    """The accounts behind one set of credentials."""

    def __init__(
        self, environment: Mapping[str, str], pause: Callable[[float], None], limits: Limits = DEFAULT_LIMITS
    ) -> None:
        """Act with the credentials of `environment`: see `nhi.cloud.aws.Aws`. `pause` lets so many seconds pass."""
        self._aws = Aws(environment, replace(limits, unanswered=None))
        self._pause = pause

    def deny(self, identity: Identity, kind: Kind, stack: Stack) -> Denial | CouldNotTell | None:
        """Deny an identity everything. Each policy and key is done by itself: what fails does not keep the others."""
        wanted = expectation(identity, kind, stack)
        if wanted is None:
            return None
        try:
            self._aws.refuse_other_account(stack.account, stack.region, stack.name)
            by = text(self._aws.ask("sts:GetCallerIdentity", stack.region), "Arn")
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(f"{identity.id}: {unknown}"))
        done: list[RevokedPrincipal] = []
        absent: list[str] = []
        failures: list[str] = []
        for one in (*map(_principal, wanted.roles), *map(_principal, wanted.users)):
            with _noted(one, failures):
                if self._is_there(one, stack):
                    done += self._revoke(one, stack, failures)
                else:
                    absent.append(f"{one.type} {one.name}")
        return Denial(by, tuple(done), tuple(absent), tuple(failures))

    def denied(self, places: Collection[PolicyPlace], stack: Stack) -> frozenset[PolicyPlace] | CouldNotTell:
        """Which inline policies deny everything at once, by this door. Nothing is changed."""
        try:
            if places:
                self._aws.refuse_other_account(stack.account, stack.region, stack.name)
            return frozenset(place for place in sorted(places) if _denies(self._policy(place, stack)))
        except (Unknown, OddAnswer) as unknown:
            return CouldNotTell(short(str(unknown)))

    def _is_there(self, one: _Principal, stack: Stack) -> bool:
        """Whether a role or user stands that is the identity's own."""
        answer = self._or_none(f"iam:Get{one.word}", stack, **{f"{one.word}Name": one.name})
        if answer is None:
            return False
        found = holding(one.type, inner(answer, one.word))
        if found.path != one.path or found.id not in (None, one.id):
            raise Unknown("the one of this name stands elsewhere or is tagged as another, so it is somebody else's")
        return True

    def _revoke(self, one: _Principal, stack: Stack, failures: list[str]) -> list[RevokedPrincipal]:
        """Deny one role or user everything, and switch its keys off: each is tried whatever becomes of the other.

        Without it where it is not denied now.
        """
        done: list[RevokedPrincipal] = []
        with _noted(one, failures):
            if one.policy is None:
                raise Unknown("its kind gives it no inline policy that could deny")
            place = PolicyPlace(one.type, one.name, one.policy)
            before = self._policy(place, stack)
            request_id, at = ("", "") if _denies(before) else self._put(place, stack)
            digest = None if before is None else sha256(_canonical(before).encode()).hexdigest()
            done.append(RevokedPrincipal(one.type, one.name, one.policy, digest, request_id, at))
        keys = self._keys_off(one, stack, failures) if one.word == "User" else ()
        if keys and not done:
            failures.append(short(f"{one.type} {one.name}: these of its access keys are off: {_ids(keys)}"))
        return [replace(each, keys=keys) for each in done]

    def _put(self, place: PolicyPlace, stack: Stack) -> tuple[str, str]:
        """Replace the policy, and look until it is so. Request id and AWS's own time."""
        told = self._aws.ask(
            f"iam:Put{place.type.title()}Policy", stack.region, **_names(place), PolicyDocument=_canonical(DENY_NOW)
        )
        call = _call(told)
        try:
            self._until(lambda: _denies(self._policy(place, stack)), "it is read as it was")
        except (Unknown, OddAnswer) as unknown:
            raise Unknown(f"{place.policy} was replaced (request {call[0]}), and not seen so: {unknown}") from unknown
        return call

    def _keys_off(self, one: _Principal, stack: Stack, failures: list[str]) -> tuple[RevokedKey, ...]:
        """Switch each key of a user off. Those that are off now, as was read back."""
        done: list[RevokedKey] = []
        with _noted(one, failures):
            listed = sorted(self._keys(one, stack).items())
            for key, status in listed:
                with _noted(one, failures):
                    told = None if status == _OFF else self._key_off(one, key, stack)
                    done.append(RevokedKey(key, status, "" if told is None else _call(told)[0]))
            failed = {key for key, _ in listed} - {key.id for key in done}
            still_on = f"were switched off ({_ids(done)}), and another key of it is on, or one of these is read as on"
            self._until(lambda: self._keys_on(one, stack) <= failed, still_on)
            return tuple(done)
        return ()

    def _key_off(self, one: _Principal, key: str, stack: Stack) -> Mapping[str, object]:
        return self._aws.ask("iam:UpdateAccessKey", stack.region, UserName=one.name, AccessKeyId=key, Status=_OFF)

    def _keys_on(self, one: _Principal, stack: Stack) -> set[str]:
        return {key for key, status in self._keys(one, stack).items() if status != _OFF}

    def _keys(self, one: _Principal, stack: Stack) -> dict[str, str]:
        pages = self._aws.pages("iam:ListAccessKeys", stack.region, UserName=one.name)
        listed = [entry for page in pages for entry in entries(page, "AccessKeyMetadata")]
        return {text(entry, "AccessKeyId"): text(entry, "Status") for entry in listed}

    def _policy(self, place: PolicyPlace, stack: Stack) -> Json:
        """The document of the inline policy; None where IAM says that there is none."""
        answer = self._or_none(f"iam:Get{place.type.title()}Policy", stack, **_names(place))
        if answer is None:
            return None
        found = answer.get("PolicyDocument")
        if not isinstance(found, dict):
            raise OddAnswer("a policy has no document")
        return found

    def _until(self, holds: Callable[[], bool], otherwise: str) -> None:
        for seconds in _WAITS:
            if holds():
                return
            self._pause(seconds)
        if not holds():
            raise Unknown(otherwise)

    def _or_none(self, action: str, stack: Stack, **parameters: object) -> Mapping[str, object] | None:
        try:
            return self._aws.ask(action, stack.region, **parameters)
        except Unknown as unknown:
            if unknown.code == _NOBODY:
                return None
            raise


def _principal(expected: ExpectedRole | ExpectedUser) -> _Principal:
    word = "Role" if isinstance(expected, ExpectedRole) else "User"
    return _Principal(word, expected.name, expected.path, expected.tags.get(ID_TAG), min(expected.inline, default=None))


@contextmanager
def _noted(one: _Principal, failures: list[str]) -> Generator[None]:
    """What fails within is a failure of this role or user, and keeps nothing else from being done."""
    try:
        yield
    except (Unknown, OddAnswer) as unknown:
        failures.append(short(f"{one.type} {one.name}: {unknown}"))


def _names(place: PolicyPlace) -> dict[str, object]:
    return {f"{place.type.title()}Name": place.principal, "PolicyName": place.policy}


def _ids(keys: Iterable[RevokedKey]) -> str:
    return ", ".join(key.id for key in keys) or "none"


def _denies(document: Json) -> bool:
    """Whether a policy is the very one that ends access."""
    if document is None:
        return False
    try:
        found, wanted = read_document(document), read_document(DENY_NOW)
    except OddPolicy:
        return False
    return [one.meaning for one in found.statements] == [one.meaning for one in wanted.statements]


def _call(answer: Mapping[str, object]) -> tuple[str, str]:
    """Request id, and AWS's own time, of an answer."""
    about = inner(answer, "ResponseMetadata")
    headers = about.get("HTTPHeaders")
    at = headers.get("date") if isinstance(headers, dict) else None
    return short(text(about, "RequestId")), short(at) if isinstance(at, str) else ""


def _canonical(document: Json) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))
