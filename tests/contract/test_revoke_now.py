"""`--now`, lived on a loopback AWS with the real Terraform: denied first, then Git; no apply gives it back unasked."""

import contextlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.fixtures.command_line import Said
from tests.fixtures.git import Clone, clean_environment
from tests.fixtures.memory_forge import MemoryForge
from tests.fixtures.modules import STACK, VALID, Once, identity, new_repository

from nhi.cli import wiring_forge
from nhi.cli.app import run as run_nhi
from nhi.manifest.yamltext import plain_values
from nhi.model.revocation import REVOKED_SID
from nhi.repository.remote import GitRemote
from nhi.sandbox.access import statements
from nhi.sandbox.aws import loopback_aws
from nhi.sandbox.live import Live, LiveUser, live_below
from nhi.terraform.process import TerraformBinary

_LIVE = [one for one in VALID if identity(one).suspended is None]
_ROLE = next(one for one in _LIVE if "services" in identity(one).scope.get("trust", {}))  # type: ignore[operator]  # a scope is any JSON
_USER = next(one for one in _LIVE if "credential" in identity(one).scope)
REVOKED, SUSPENDED, LIFTED = "revoked-role", "suspended-user", "lifted-role"


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that was seen while it happened."""

    said: Mapping[str, Said]
    records: Mapping[str, dict[str, object]]
    """Identity → the record of its revocation."""
    bodies: Mapping[str, str]
    """Branch → body of its pull request."""
    applied: Mapping[str, Live]
    denied: Mapping[str, Live]
    ended: Mapping[str, Live]
    branches: tuple[str, ...]
    """Of the clone, at the end."""


@pytest.fixture(scope="session")
def story(once: Once, terraform: TerraformBinary) -> Story:
    return once("revoke-now", lambda folder: _live(folder, terraform))


def _live(folder: Path, terraform: TerraformBinary) -> Story:
    clone = Clone(folder / "repository", {**clean_environment(folder), "PATH": terraform.environment["PATH"]})
    _declare(clone)
    clone.git("clone", "--quiet", "--bare", ".", str(folder / "forge.git"))
    bare, forge = Clone(folder / "forge.git", clean_environment(folder)), MemoryForge()
    remote = GitRemote(clone.root, str(bare.root), lambda: "", clone.environment, may_be_a_path=True)
    said: dict[str, Said] = {}
    with loopback_aws(terraform.environment) as aws, pytest.MonkeyPatch.context() as patch:
        credentials = aws.credentials_for(STACK.account, role="nhi-apply")
        for name in [name for name in os.environ if name.startswith(("GIT_", "GITHUB_", "AWS_"))]:
            patch.delenv(name)
        for name, value in {**terraform.environment, **clone.environment, **credentials}.items():
            patch.setenv(name, value)
        patch.chdir(clone.root)
        patch.setattr(wiring_forge, "remote", lambda _root, _settings: remote)
        patch.setattr(wiring_forge, "forge", lambda _settings: forge)

        def nhi(title: str, *arguments: str) -> None:
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = run_nhi(list(arguments))
            said[title] = Said(int(code), out.getvalue(), err.getvalue())

        def look() -> dict[str, Live]:
            return live_below(credentials, f"/nhi/{STACK.name}/")

        nhi("plan", "plan")
        nhi("apply", "apply", "--max-removals", "0")
        applied = look()
        nhi("revoke", "revoke", f"prod/{REVOKED}", "--now", "--reason", "leaked, INC-77", "--author", "alice")
        forge.fail()
        nhi("suspend cut off", "suspend", f"prod/{SUSPENDED}", "--now", "--reason", "INC-78")
        denied = look()
        nhi("suspend again", "suspend", f"prod/{SUSPENDED}", "--now", "--reason", "INC-78")
        nhi("by mistake", "suspend", f"prod/{LIFTED}", "--now", "--reason", "wrong one", "--local")
        nhi("verify", "verify")
        nhi("plan of nothing", "plan")
        nhi("apply of nothing", "apply")
        for branch in remote.branches("nhi/"):
            clone.git("fetch", "--quiet", str(bare.root), branch)
            clone.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")
        nhi("plan of the merged", "plan")
        nhi("apply of the merged", "apply", "--max-removals", "1")
        nhi("apply with the lift", "apply", "--max-removals", "1", "--lift-revocation", f"prod/{LIFTED}")
        ended = look()
    records = [json.loads(one.read_text()) for one in sorted((clone.root / ".nhi/revocations").iterdir())]
    return Story(
        said,
        {str(one["identity"]): one for one in records},
        {pull.head_branch: pull.body for pull in forge.pulls.values()},
        applied,
        denied,
        ended,
        tuple(clone.repository.branches("")),
    )


def _declare(clone: Clone) -> None:
    new_repository(clone)
    for name, example in ((REVOKED, _ROLE), (SUSPENDED, _USER), (LIFTED, _ROLE)):
        values = plain_values(example.read_bytes()) | {"name": name}
        clone.write(f"identities/{STACK.name}/{name}.yaml", json.dumps(values))
    clone.commit("The declared state")


def _sids(live: Live) -> set[str]:
    return {str(each.get("Sid")) for policy in live.inline.values() for each in statements(policy)}


def _keys(live: Live) -> set[str]:
    return set(live.keys.values()) if isinstance(live, LiveUser) else set()


def test_what_is_revoked_at_once_is_denied_and_proposed(story: Story) -> None:
    said = story.said["revoke"]
    assert said.code == 0, said.err
    assert f"DENIED   role {REVOKED}" in said.out
    assert "pull request" in said.out
    assert _sids(story.denied[REVOKED]) == {REVOKED_SID}
    assert story.applied[REVOKED].inline.keys() == story.denied[REVOKED].inline.keys()


def test_the_record_and_the_pull_request_say_who_when_and_what_was_before(story: Story) -> None:
    record = story.records[f"prod/{REVOKED}"]
    (body,) = [body for branch, body in story.bodies.items() if branch.startswith("nhi/revoke/")]
    (principal,) = _listed(record, "principals")
    assert (record["schema"], record["account"], record["reason"]) == (
        "nhi/revocation/v1",
        STACK.account,
        "leaked, INC-77",
    )
    assert str(record["by"]).endswith(":assumed-role/nhi-apply/nhi-sandbox")
    for value in (record["by"], record["at"], principal["request_id"], principal["before_sha256"]):
        assert value
        assert str(value) in body
    assert "leaked" in body
    assert "`alice`" in body


def _listed(record: Mapping[str, object], key: str) -> Iterator[dict[str, object]]:
    found = record[key]
    assert isinstance(found, list)
    yield from found


def test_when_the_pull_request_fails_the_denial_stays_and_another_run_finishes(story: Story) -> None:
    cut_off, again = story.said["suspend cut off"], story.said["suspend again"]
    assert cut_off.code == 4
    assert f"DENIED   user {SUSPENDED}" in cut_off.out
    assert "its access is denied and stays so" in cut_off.err
    assert "run this again" in cut_off.err
    assert _sids(story.denied[SUSPENDED]) == {REVOKED_SID}
    assert _keys(story.denied[SUSPENDED]) == {"Inactive"}
    assert "it was so already" in again.out
    assert "pull request" in again.out
    assert [branch for branch in story.bodies if branch.startswith("nhi/suspend/")]


def test_verify_says_revoked_and_is_not_content(story: Story) -> None:
    said = story.said["verify"]
    assert said.code == 1
    assert said.out.count("revoked: DenyRevokedNow") == 3


def test_a_plan_names_what_would_come_back_first(story: Story) -> None:
    said = story.said["plan of nothing"]
    assert said.code == 0, said.err
    told = [line for line in said.out.splitlines() if "ended at once, and comes back" in line]
    assert len(told) == 3
    assert REVOKED in said.out


def test_an_apply_that_would_give_it_back_is_refused_whole(story: Story) -> None:
    said = story.said["apply of nothing"]
    assert said.code == 1
    for name in (REVOKED, SUSPENDED, LIFTED):
        assert f"prod/{name}: its access was ended at once" in said.out
        assert f"--lift-revocation prod/{name}" in said.out


def test_the_apply_of_the_merged_suspension_and_revocation_goes_through(story: Story) -> None:
    plan, refused, done = (
        story.said[title] for title in ("plan of the merged", "apply of the merged", "apply with the lift")
    )
    assert plan.code == 0, plan.err
    assert refused.code == 1
    assert [line for line in refused.out.splitlines() if line.startswith("refused")] == [
        f"refused: prod/{LIFTED}: its access was ended at once (--now), and would come back"
    ]
    assert done.code == 0, done.out + done.err
    assert REVOKED not in story.ended
    assert "DenySuspended" in _sids(story.ended[SUSPENDED])
    assert REVOKED_SID not in _sids(story.ended[SUSPENDED])
    assert _keys(story.ended[SUSPENDED]) == {"Inactive"}


def test_what_was_lifted_is_as_it_was(story: Story) -> None:
    assert story.ended[LIFTED] == story.applied[LIFTED]


def test_no_branch_of_the_clone_is_made_but_the_local_one(story: Story) -> None:
    assert [branch.rpartition("/")[0] for branch in story.branches] == ["", f"nhi/suspend/prod/{LIFTED}"]
