"""A rotation of access keys, lived on a loopback AWS: each step is an edit of the manifest, and no file has the secret.

The real Terraform and provider, a key pair that gpg makes for the run; and moto, which here checks signatures, says
whether what the holder decrypts is the key's secret.
"""

import base64
import json
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from botocore.exceptions import ClientError
from tests.fixtures.aws import session_of
from tests.fixtures.modules import MODULES, STACK, VALID, Once, catalog, identity, suspended

from nhi.cloud.aws_cloud import AwsCloud
from nhi.cloud.expectation import expectation
from nhi.model.identity import Identity, Json
from nhi.model.verification import Absent, Answer, Present
from nhi.sandbox.aws import LoopbackAws, loopback_aws
from nhi.sandbox.evaluator import Allowed, Denied, Evaluator, Question
from nhi.sandbox.keys import ses_password
from nhi.sandbox.leaks import leaks
from nhi.terraform.process import TerraformBinary
from nhi.terraform.render import render

_EXAMPLE = next(one for one in VALID if "credential" in identity(one).scope and identity(one).suspended is None)
_OLD, _NEW = "2026-09-02", "2026-11-01T08:00:00Z"
_STEPS: Mapping[str, Mapping[str, Json]] = {
    "created": {"rotated": _OLD},
    "both work": {"rotated": _NEW, "previous": {"rotated": _OLD, "active": True}},
    "old one inactive": {"rotated": _NEW, "previous": {"rotated": _OLD, "active": False}},
    "old one gone": {"rotated": _NEW},
}
"""What the manifest's `credential` says after each edit of a rotation."""
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """What stood after an apply."""

    keys: Mapping[str, str]
    """Id → status, as IAM lists them."""
    secret: Mapping[str, str]
    """What the secret in Secrets Manager holds."""
    decrypted: str
    """What the holder's gpg makes of the encrypted part of it."""
    refusals: tuple[str, str]
    """AWS's refusal of a call that is signed with the decrypted secret, and of one with another; empty for none."""
    changes_again: bool
    """Whether another plan would change something."""
    answer: Answer
    """What `nhi verify` says."""


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that was seen while it happened."""

    steps: Mapping[str, Step]
    made_anew: tuple[str, ...]
    """Addresses of what the last edit's plan makes or destroys."""
    searched: Mapping[str, bool]
    """Every file and output: whether it holds one of these secrets."""
    named: Mapping[str, bool]
    """The same for the ids of the keys, which are no secrets: so that a search is known to find something."""
    after: Answer
    """What `nhi verify` says after the removal."""
    left: tuple[str, ...]
    """What AWS lists of users and secrets at the end."""


@pytest.fixture(scope="session")
def story(once: Once, terraform: TerraformBinary) -> Story:
    def live(folder: Path) -> Story:
        with loopback_aws(terraform.environment) as aws, _gpg() as holder:
            return _World(folder, aws, terraform, holder).live()

    return once("access-key", live)


def _current(step: Step) -> str:
    return step.secret["access_key_id"]


# --- the rotation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*_STEPS, "mended", "edited and suspended"])
def test_what_stands_after_each_edit_is_as_declared_and_needs_no_more(name: str, story: Story) -> None:
    step = story.steps[name]
    assert (step.answer, step.changes_again) == (Present(), False)


@pytest.mark.parametrize("name", [*_STEPS, "mended"])
def test_the_holder_decrypts_the_secret_that_aws_knows_the_current_key_by(name: str, story: Story) -> None:
    assert story.steps[name].refusals == ("", "SignatureDoesNotMatch")


def test_a_rotation_is_two_keys_that_overlap_and_one_of_them_goes(story: Story) -> None:
    old, new = _current(story.steps["created"]), _current(story.steps["old one gone"])
    assert old != new
    assert [story.steps[name].keys for name in _STEPS] == [
        {old: "Active"},
        {old: "Active", new: "Active"},
        {old: "Inactive", new: "Active"},
        {new: "Active"},
    ]


def test_the_new_key_is_the_one_to_fetch_from_its_first_day_on(story: Story) -> None:
    fetched = [_current(story.steps[name]) for name in _STEPS]
    assert fetched == [fetched[0], fetched[-1], fetched[-1], fetched[-1]]


def test_a_key_that_was_deleted_by_hand_is_made_again_and_is_the_one_to_fetch(story: Story) -> None:
    before, after = story.steps["old one gone"], story.steps["mended"]
    assert after.keys == {_current(after): "Active"}
    assert _current(after) != _current(before)


def test_another_expiry_owner_or_public_key_touches_no_key_and_a_suspension_only_its_status(story: Story) -> None:
    before, after = story.steps["mended"], story.steps["edited and suspended"]
    assert after.keys == dict.fromkeys(before.keys, "Inactive")
    assert after.secret == before.secret
    assert story.made_anew == ()


def test_a_removal_leaves_nothing(story: Story) -> None:
    assert (story.after, story.left) == (Absent(), ())


# --- the secret ------------------------------------------------------------------------------------------------------


def test_the_secret_says_which_key_it_is_of_and_who_can_read_it(story: Story) -> None:
    keys = {"access_key_id", "encrypted_secret_access_key", "encrypted_to"}
    assert {frozenset(step.secret) for step in story.steps.values()} == {frozenset(keys)}


def test_no_plan_state_transcript_or_output_holds_a_secret(story: Story) -> None:
    assert {place for place, leaked in story.searched.items() if leaked} == set()


def test_plans_states_transcripts_and_outputs_were_searched(story: Story) -> None:
    found = {place for place, named in story.named.items() if named}
    assert story.searched.keys() == story.named.keys()
    for name in ("both work", "old one inactive", "old one gone"):
        assert found >= {
            f"{name}: plan.json",
            f"{name}: plan.tfplan: tfstate",
            f"{name}: terraform.tfstate",
            f"{name}: transcript.jsonl",
            f"{name}: what Terraform said",
        }


# --- where from ------------------------------------------------------------------------------------------------------


def test_where_places_are_named_a_request_from_elsewhere_is_denied_whatever_allows_it(evaluator: Evaluator) -> None:
    inside = _request({"aws:SourceIp": "203.0.113.7"})
    elsewhere = replace(inside, context={"aws:SourceIp": "192.0.2.1"})
    through_an_endpoint = replace(inside, context={})
    by_a_service = replace(inside, context={"aws:SourceIp": "192.0.2.1", "aws:ViaAWSService": "true"})
    by_itself = replace(inside, context={"aws:SourceIp": "192.0.2.1", "aws:ViaAWSService": "false"})
    denied = Denied(explicit=True, reasons=("identity policy nhi, statement DenyElsewhere",))
    asked = [inside, by_a_service, elsewhere, through_an_endpoint, by_itself]
    assert list(evaluator.evaluate(asked)) == [Allowed(), Allowed(), denied, denied, denied]


def _request(context: Mapping[str, str]) -> Question:
    """Of a user that may be used from one place, on a resource that allows everybody everything."""
    one = identity(_EXAMPLE)
    one = replace(one, scope={**one.scope, "source_ips": ["203.0.113.0/24"]})
    expected = expectation(one, catalog().kinds[one.kind], STACK)
    assert expected is not None
    (user,) = expected.users
    everybody: Json = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
    return Question(
        f"arn:aws:iam::{STACK.account}:user{user.path}{user.name}",
        "s3:GetObject",
        "arn:aws:s3:::elsewhere/key",
        one.expiry - timedelta(days=1),
        user.inline,
        resource_policy=everybody,
        context=context,
    )


# --- how it is lived -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Gpg:
    """A holder's own key ring."""

    home: Path
    public_key: str

    def decrypt(self, encrypted: str) -> str:
        """What the README says that the holder does."""
        return _run_gpg(self.home, "--decrypt", given=base64.b64decode(encrypted, validate=True)).decode()


@contextmanager
def _gpg() -> Iterator[_Gpg]:
    # Under a short path: the agent's socket lies there, and a socket's path has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="nhi-gpg-") as home:
        try:
            _run_gpg(Path(home), "--quick-generate-key", "holder", "future-default", "default", "never")
            public = _run_gpg(Path(home), "--export-options", "export-minimal", "--export", "holder")
            yield _Gpg(Path(home), base64.b64encode(public).decode())
        finally:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "gpg-agent"], check=True, timeout=_SECONDS)


def _run_gpg(home: Path, *arguments: str, given: bytes = b"") -> bytes:
    quiet = ("--homedir", str(home), "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "")
    done = subprocess.run(["gpg", *quiet, *arguments], input=given, capture_output=True, check=False, timeout=_SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(frozen=True, slots=True)
class _World:
    folder: Path
    aws: LoopbackAws
    terraform: TerraformBinary
    holder: _Gpg

    @property
    def credentials(self) -> dict[str, str]:
        return self.aws.credentials_for(STACK.account)

    def live(self) -> Story:
        steps: dict[str, Step] = {}
        copies: dict[str, Path] = {}
        outputs: dict[str, str] = {}
        ones = self._declared()
        for name, one in {**ones, "removed": None}.items():
            if name == "mended":
                self._delete_by_hand(ones["old one gone"].name, steps["old one gone"])
            copies[name], outputs[f"{name}: what Terraform said"] = self._apply(one, name)
            if one is not None:
                steps[name] = self._look(one)
        secrets = {step.decrypted for step in steps.values()}
        encoded = {base64.b64encode(one.encode()).decode() for one in secrets}
        encoded |= {ses_password(one, STACK) for one in secrets}
        changes = json.loads((copies["edited and suspended"] / "plan.json").read_text())["resource_changes"]
        anew = [one["address"] for one in changes if {"create", "delete"} & set(one["change"]["actions"])]
        return Story(
            steps=steps,
            made_anew=tuple(anew),
            searched=_search(copies, outputs, secrets | encoded),
            named=_search(copies, outputs, {key for step in steps.values() for key in step.keys}),
            after=AwsCloud(self.credentials).gone(next(iter(ones.values())).name, STACK),
            left=tuple(self._left()),
        )

    def _declared(self) -> dict[str, Identity]:
        example = identity(_EXAMPLE)
        given: Any = example.scope["credential"]
        base = {key: value for key, value in given.items() if key != "previous"}
        ones = {
            name: replace(
                example,
                scope={**example.scope, "credential": {**base, "encrypt_to": self.holder.public_key, **credential}},
            )
            for name, credential in _STEPS.items()
        }
        ones["mended"] = ones["old one gone"]
        rotated: Any = ones["old one gone"].scope["credential"]
        ones["edited and suspended"] = replace(
            suspended(ones["old one gone"], yes=True),
            owner="settlement",
            expiry=example.expiry + timedelta(days=90),
            scope={**example.scope, "credential": {**rotated, "encrypt_to": given["encrypt_to"]}},
        )
        return ones

    def _delete_by_hand(self, user: str, step: Step) -> None:
        """Delete its key, as somebody would who does not know that it is declared."""
        iam = session_of(self.credentials).client("iam", endpoint_url=self.aws.endpoint)
        iam.delete_access_key(UserName=user, AccessKeyId=_current(step))

    def _apply(self, one: Identity | None, name: str) -> tuple[Path, str]:
        """Make it so. A copy of the root as it was left, with the plan, and what was said."""
        root, said = self.folder / "root", list[str]()
        shutil.copytree(MODULES, root / "modules", ignore=shutil.ignore_patterns("tests"), dirs_exist_ok=True)
        ones = [] if one is None else [one]
        for path, text in render(STACK, ones, state_path="terraform.tfstate").items():
            (root / path).write_text(text, "utf-8")
        terraform = replace(self.terraform, environment={**self.terraform.environment, **self.credentials})
        if not (root / ".terraform").exists():
            terraform.init(root, said.append)
        assert terraform.plan(root, root / "plan.tfplan", said.append), f"{name}: nothing would change"
        (root / "plan.json").write_text(json.dumps(terraform.show(root, root / "plan.tfplan")))
        terraform.apply(root, root / "plan.tfplan", said.append, transcript=root / "transcript.jsonl")
        copy = self.folder / name
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".terraform", "modules"))
        return copy, "\n".join(said)

    def _look(self, one: Identity) -> Step:
        session = session_of(self.credentials)
        iam = session.client("iam", endpoint_url=self.aws.endpoint)
        store = session.client("secretsmanager", STACK.region, endpoint_url=self.aws.endpoint)
        listed = iam.list_access_keys(UserName=one.name)["AccessKeyMetadata"]
        secret = json.loads(store.get_secret_value(SecretId=f"nhi/{one.stack}/{one.name}")["SecretString"])
        key, decrypted = secret["access_key_id"], self.holder.decrypt(secret["encrypted_secret_access_key"])
        terraform = replace(self.terraform, environment={**self.terraform.environment, **self.credentials})
        return Step(
            keys={key["AccessKeyId"]: key["Status"] for key in listed},
            secret=secret,
            decrypted=decrypted,
            refusals=(self._refusal(key, decrypted), self._refusal(key, decrypted[::-1])),
            changes_again=terraform.plan(self.folder / "root", self.folder / "again", lambda _: None),
            answer=AwsCloud(self.credentials).present(one, catalog().kinds[one.kind], STACK),
        )

    def _refusal(self, key: str, secret: str) -> str:
        """Of a call by the user itself. GetCallerIdentity needs no permission."""
        user = Session(key, secret, None, STACK.region)
        self._check_signatures(after_calls="0")
        try:
            user.client("sts", endpoint_url=self.aws.endpoint).get_caller_identity()
        except ClientError as refused:
            return refused.response["Error"]["Code"]
        finally:
            self._check_signatures(after_calls="inf")
        return ""

    def _check_signatures(self, *, after_calls: str) -> None:
        """https://docs.getmoto.org/en/latest/docs/iam.html"""
        connection = HTTPConnection("127.0.0.1", self.aws.port, timeout=_SECONDS)
        try:
            connection.request("POST", "/moto-api/reset-auth", after_calls, {"Content-Type": "text/plain"})
            assert connection.getresponse().status == HTTPStatus.OK
        finally:
            connection.close()

    def _left(self) -> Iterator[str]:
        session = session_of(self.credentials)
        iam = session.client("iam", endpoint_url=self.aws.endpoint)
        store = session.client("secretsmanager", STACK.region, endpoint_url=self.aws.endpoint)
        yield from (user["UserName"] for user in iam.list_users()["Users"])
        yield from (one["Name"] for one in store.list_secrets(IncludePlannedDeletion=True)["SecretList"])


def _search(copies: Mapping[str, Path], outputs: Mapping[str, str], wanted: Collection[str]) -> dict[str, bool]:
    found = leaks(next(iter(copies.values())) / "nothing", outputs, wanted)
    for name, copy in copies.items():
        found |= {f"{name}: {place}": held for place, held in leaks(copy, {}, wanted).items()}
    return found
