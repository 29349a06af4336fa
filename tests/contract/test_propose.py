"""Renewals, suspensions and revocations on real Git: clone, branch, push, and a pull request in a forge in memory."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fixtures.git import Clone, clean_environment
from tests.fixtures.manifests import AS_OF, FILES, PATH, SETTINGS_TEXT, manifest
from tests.fixtures.memory_forge import MemoryForge

from nhi.cli import wiring, wiring_forge
from nhi.cli.app import run as run_nhi
from nhi.errors import ExitCode, InputError, OutsideError
from nhi.flows.named import find
from nhi.flows.propose import Order, Target, commit_here, prepare, publish
from nhi.model.forge import Permission
from nhi.model.identity import Identity
from nhi.model.instant import parse_instant
from nhi.model.kind import Kind
from nhi.model.proposal import Fate, ProposalReport, Verb, Wish
from nhi.model.revocation import Denial, RevokedPrincipal
from nhi.model.settings import Settings, Stack
from nhi.model.verification import CouldNotTell
from nhi.policy.discovery import discover
from nhi.repository.git import GitRepository
from nhi.repository.remote import GitRemote
from nhi.repository.remote_clone import RemoteClone, remote_clone

ID = "prod/ledger-writer"
UNTIL = parse_instant("2027-06-30")
RENEW = Wish(Verb.RENEW, "the migration takes longer", UNTIL)
SUSPEND = Wish(Verb.SUSPEND, "leak suspected, INC-77")
REVOKE = Wish(Verb.REVOKE, "the service is gone")
COMMENTED = manifest(expiry="2027-03-31   # the end of the contract")


@dataclass
class World:
    """A clone, the bare repository of its forge, and the forge."""

    clone: Clone
    bare: Clone
    forge: MemoryForge

    @property
    def remote(self) -> GitRemote:
        return self.remote_of(self.clone.root)

    def remote_of(self, root: Path) -> GitRemote:
        return GitRemote(root, str(self.bare.root), lambda: "", self.clone.environment, may_be_a_path=True)

    def new_clone(self) -> AbstractContextManager[RemoteClone]:
        environment = self.clone.environment
        return remote_clone(environment, lambda root: GitRepository(root, environment), self.remote_of)

    @property
    def target(self) -> Target:
        return Target(self.remote, self.forge, "main")

    def push(self) -> None:
        self.clone.git("push", "--quiet", "--force", str(self.bare.root), "main")

    def ask(self, wish: Wish, name: str = ID, *, later: int = 0) -> ProposalReport:
        """Make a wish, so many hours later, upon the remote's main."""
        repository = self.clone.repository
        base = self.remote.fetch(["refs/heads/main"])["refs/heads/main"]
        order = Order(wish, AS_OF + timedelta(hours=later), "alice")
        ready = prepare(repository, find(repository, base, name), order, discover())
        return ready if isinstance(ready, ProposalReport) else publish(ready, repository, self.target)

    def shown(self, branch: str, path: str = PATH) -> str:
        return self.bare.git("show", f"{branch}:{path}")


@pytest.fixture
def world(git_repository: Callable[..., Clone], tmp_path: Path) -> World:
    clone = git_repository({**FILES, PATH: COMMENTED}, name="clone")
    clone.git("clone", "--quiet", "--bare", ".", str(tmp_path / "forge.git"))
    bare = Clone(tmp_path / "forge.git", clean_environment(tmp_path))
    forge = MemoryForge()
    forge.heads = lambda branch: (
        bare.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}").strip() or None
    )
    for login in ("alice-acme", "carol-acme"):
        forge.add_account(login, Permission.WRITE)
    return World(clone, bare, forge)


def test_a_renewal_is_a_branch_with_one_edited_line_and_a_pull_request(world: World) -> None:
    before = world.clone.state()
    report = world.ask(RENEW)
    assert report.fate is Fate.PROPOSED
    assert report.exit_code is ExitCode.CLEAN
    assert report.branch.startswith("nhi/renew/prod/ledger-writer/")
    changed = world.bare.git("diff", "--unified=0", "main", report.branch).split("\n")
    assert [line for line in changed if line[:1] in "+-" and line[:3] not in ("+++", "---")] == [
        "-expiry: 2027-03-31   # the end of the contract",
        "+expiry: 2027-06-30   # the end of the contract",
    ]
    assert world.bare.git("rev-list", "--count", f"main..{report.branch}") == "1"
    (pull,) = world.forge.pulls.values()
    assert (pull.number, pull.url) == (report.pull, report.url)
    assert (pull.head_branch, pull.base_branch, pull.head) == (report.branch, "main", report.commit)
    assert pull.title == "prod/ledger-writer: renew until 2027-06-30"
    assert "the migration takes longer" in pull.body
    assert "from `2027-03-31T00:00:00Z` to `2027-06-30T00:00:00Z`" in pull.body
    assert "1 approval of payments" in pull.body
    assert world.forge.requested[pull.number] == {"alice-acme", "carol-acme"} - _author(report)
    assert world.clone.state() == before


def _author(report: ProposalReport) -> set[str]:
    """Who asks does not approve: the candidates are those of the base's owners without alice."""
    assert all("alice" not in one.candidates for one in report.judgement.approvals)
    return {"alice-acme"}


@pytest.mark.parametrize("wish", [RENEW, SUSPEND, REVOKE], ids=lambda wish: wish.verb.value)
def test_the_same_wish_finds_its_branch_and_its_pull_request(world: World, wish: Wish) -> None:
    first = world.ask(wish)
    again = world.ask(wish, later=3)
    assert (again.branch, again.commit, again.pull) == (first.branch, first.commit, first.pull)
    assert again.fate is Fate.PROPOSED
    assert len(world.forge.pulls) == 1
    assert list(world.remote.branches("nhi/")) == [first.branch]


def test_a_wish_that_was_cut_off_at_any_call_is_finished_by_the_next_run(world: World) -> None:
    for call in range(1, 5):
        wish = replace(RENEW, until=UNTIL + timedelta(days=call))
        for done in (False, True):
            world.forge.fail(call, done=done)
            with suppress(OutsideError):
                world.ask(wish)
            world.forge.failing.clear()
            world.forge.losing.clear()
            report = world.ask(wish, later=1)
            assert report.fate is Fate.PROPOSED
            assert [one.head_branch for one in world.forge.pulls.values()].count(report.branch) == 1
    assert len(world.forge.pulls) == 4


def test_what_is_reviewed_already_is_not_asked_for_a_review_again(world: World) -> None:
    report = world.ask(RENEW)
    assert report.pull is not None
    world.forge.add_review(report.pull, world.forge.accounts["carol-acme"])
    assert world.ask(RENEW).asked == ()


def test_a_suspension_is_written_with_its_time_and_its_reason(world: World) -> None:
    report = world.ask(SUSPEND)
    assert world.shown(report.branch).endswith(
        'suspended: {since: 2026-11-20T00:00:00Z, reason: "leak suspected, INC-77"}'
    )
    assert "access" in world.forge.pulls[report.pull or 0].title


def test_a_revocation_removes_the_manifest_and_nothing_else(world: World) -> None:
    report = world.ask(REVOKE)
    assert world.bare.git("diff", "--name-status", "main", report.branch) == f"D\t{PATH}"


def test_a_shorter_life_is_allowed_and_called_what_it_is(world: World) -> None:
    report = world.ask(replace(RENEW, until=parse_instant("2026-12-31T18:00:00Z")))
    assert report.fate is Fate.PROPOSED
    assert world.forge.pulls[report.pull or 0].title == "prod/ledger-writer: end earlier, on 2026-12-31T18:00:00Z"
    assert [effect.value for one in report.judgement.meanings for effect, _ in one.effects] == ["shortened"]
    assert "expiry: 2026-12-31T18:00:00Z   # the end of the contract" in world.shown(report.branch)


@pytest.mark.parametrize(
    ("until", "rule"), [("2026-11-19", "past-expiry"), ("2028-11-20", "overlong-lifetime")], ids=["past", "overlong"]
)
def test_a_renewal_that_a_check_refuses_is_not_pushed(world: World, until: str, rule: str) -> None:
    report = world.ask(replace(RENEW, until=parse_instant(until)))
    assert report.fate is Fate.BLOCKED
    assert rule in [one.rule for one in report.judgement.findings if one.blocks]
    assert report.exit_code is ExitCode.FINDINGS
    assert world.remote.branches("nhi/") == {}
    assert world.forge.calls == []


def test_renewals_beyond_the_limit_are_refused_by_the_whole_history(world: World) -> None:
    for month in ("04", "05", "06", "07"):
        world.clone.write(PATH, manifest(expiry=f"2027-{month}-01"))
        world.clone.commit(f"Renewed to {month}")
    world.push()
    report = world.ask(replace(RENEW, until=parse_instant("2027-08-01")))
    assert report.fate is Fate.BLOCKED
    assert {one.rule for one in report.judgement.findings if one.blocks} & {"renewal-limit", "uncertified-renewal"}


def test_what_takes_access_away_is_not_held_up_by_what_else_is_wrong(world: World) -> None:
    world.clone.write(PATH, manifest(owner="strangers"))
    world.clone.commit("Nobody's")
    world.push()
    report = world.ask(SUSPEND)
    assert report.fate is Fate.PROPOSED
    assert "unknown-owner" in world.forge.pulls[report.pull or 0].body
    assert report.exit_code is ExitCode.FINDINGS


def test_what_is_so_already_makes_nothing(world: World) -> None:
    assert world.ask(replace(RENEW, until=parse_instant("2027-03-31"))).fate is Fate.SETTLED
    world.clone.write(PATH, manifest(suspended='{since: 2026-11-01T08:00:00Z, reason: "INC-1"}'))
    world.clone.commit("Suspended")
    world.push()
    report = world.ask(SUSPEND)
    assert (report.fate, report.exit_code) == (Fate.SETTLED, ExitCode.CLEAN)
    assert "INC-1" in report.words
    assert world.forge.calls == []


def test_what_is_held_is_suspended_and_never_revoked(world: World) -> None:
    world.clone.write(PATH, manifest(hold='{authority: legal, reason: "matter 14", review: 2027-02-01}'))
    world.clone.commit("Held")
    world.push()
    report = world.ask(REVOKE)
    assert (report.fate, report.exit_code) == (Fate.REFUSED, ExitCode.FINDINGS)
    assert "held by legal" in report.words
    assert f"nhi suspend {ID}" in report.hint
    assert world.remote.branches("nhi/") == {}
    assert world.ask(SUSPEND).fate is Fate.PROPOSED


@pytest.mark.parametrize("tampered", ["other file", "other content", "undone"])
def test_a_branch_of_the_same_name_that_holds_something_else_is_not_taken_for_it(world: World, tampered: str) -> None:
    report = world.ask(SUSPEND)
    world.forge.pulls.clear()
    world.clone.git("fetch", "--quiet", str(world.bare.root), report.branch)
    world.clone.git("switch", "--quiet", "--create", "mine", "FETCH_HEAD")
    if tampered == "other file":
        world.clone.write("nhi.yaml", SETTINGS_TEXT + "# more\n")
    elif tampered == "other content":
        world.clone.write(PATH, manifest(suspended='{since: 2026-11-20T00:00:00Z, reason: "none"}'))
    else:
        world.clone.git("checkout", "--quiet", "main", "--", PATH)
    world.clone.commit("Tampered")
    world.clone.git("push", "--quiet", str(world.bare.root), f"mine:{report.branch}")
    world.clone.git("switch", "--quiet", "main")
    again = world.ask(SUSPEND)
    assert (again.fate, again.exit_code) == (Fate.OCCUPIED, ExitCode.FINDINGS)
    assert world.forge.pulls == {}


def test_a_name_alone_is_enough_where_one_stack_has_it(world: World) -> None:
    assert world.ask(RENEW, "ledger-writer").identity == ID
    world.clone.write("identities/staging/ledger-writer.yaml", manifest())
    world.clone.commit("Another")
    world.push()
    with pytest.raises(InputError, match="more than one identity is called ledger-writer") as found:
        world.ask(RENEW, "ledger-writer")
    assert found.value.hint == "say which: prod/ledger-writer or staging/ledger-writer"
    assert world.ask(RENEW, ID).identity == ID


@pytest.mark.parametrize(
    ("name", "words", "hint"),
    [
        ("prod/ledger-writr", "there is no identity prod/ledger-writr", "did you mean prod/ledger-writer?"),
        ("staging/ledger-writer", "there is no identity", "did you mean prod/ledger-writer?"),
        ("\u202e--all", "there is no identity \\\\u202e--all", "nhi inventory"),
    ],
)
def test_a_name_that_nobody_has_is_said_with_what_could_be_meant(
    world: World, name: str, words: str, hint: str
) -> None:
    with pytest.raises(InputError, match=words) as found:
        world.ask(RENEW, name)
    assert hint in found.value.hint


def test_a_manifest_that_cannot_be_read_is_not_edited(world: World) -> None:
    world.clone.write(PATH, manifest(expiry="soon"))
    world.clone.commit("Broken")
    world.push()
    with pytest.raises(InputError, match=r"identities/prod/ledger-writer.yaml cannot be read in full, line 6"):
        world.ask(REVOKE)


def test_hostile_text_stays_text_in_title_body_and_commit(world: World) -> None:
    reason = "@everyone <img src=x> ![](http://evil.example) [x](y) ::error:: #1 `${{ github.token }}`"
    report = world.ask(Wish(Verb.REVOKE, reason))
    body = world.forge.pulls[report.pull or 0].body
    assert "@everyone" not in _outside_of_code(body)
    assert "<img" not in _outside_of_code(body)
    assert "](" not in _outside_of_code(body)
    assert world.bare.git("log", "-1", "--format=%b", report.branch).count("\n") < 12


def _outside_of_code(text: str) -> str:
    """The text without its code spans, whatever their fences."""
    rest, parts = text, []
    while "`" in rest:
        before, _, after = rest.partition("`")
        fence = "`" * (1 + len(after) - len(after.lstrip("`")))
        parts.append(before)
        rest = after.lstrip("`").partition(fence)[2]
    return "".join([*parts, rest])


def test_a_local_wish_is_a_branch_of_this_clone_and_reaches_nobody(world: World) -> None:
    repository = world.clone.repository
    order = Order(RENEW, AS_OF)
    ready = prepare(repository, find(repository, repository.commit_id("HEAD"), ID), order, discover())
    assert not isinstance(ready, ProposalReport)
    report = commit_here(ready, repository)
    assert report.fate is Fate.COMMITTED
    assert repository.branches("nhi/") == {report.branch: report.commit}
    assert commit_here(ready, repository) == report
    assert world.remote.branches("nhi/") == {}


# The command line.


@pytest.fixture
def there(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same world as the command line reaches it, called in the clone."""
    monkeypatch.chdir(world.clone.root)
    for name, value in world.clone.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wiring_forge, "remote", lambda _root, _settings: world.remote)
    monkeypatch.setattr(wiring_forge, "forge", lambda _settings: world.forge, raising=False)
    return world


def nhi(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run_nhi([*arguments, "--as-of", "2026-11-20"])
    return code, *capsys.readouterr()


def test_the_command_says_what_it_did_and_where(there: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = nhi(capsys, "renew", "ledger-writer", "--until", "2027-06-30")
    (pull,) = there.forge.pulls.values()
    assert code == 0
    assert "renewed            from 2027-03-31T00:00:00Z to 2027-06-30T00:00:00Z" in out
    assert out.splitlines()[-2] == f"pull request {pull.number}: {pull.url}"


def test_a_dry_run_makes_nothing_anywhere(there: World, capsys: pytest.CaptureFixture[str]) -> None:
    before = there.clone.state()
    for command in (
        ("renew", "--until", "2027-06-30"),
        ("suspend", "--reason", "x", "--now"),
        ("revoke", "--reason", "x"),
    ):
        code, out, _ = nhi(capsys, command[0], ID, *command[1:], "--dry-run")
        assert code == 0
        assert "nothing was made" in out
    assert there.clone.state() == before
    assert there.remote.branches("nhi/") == {}
    assert there.forge.calls == []


def test_the_same_as_json(there: World, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = nhi(capsys, "suspend", ID, "--reason", "INC-77", "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert (document["schema"], document["outcome"], document["verb"]) == ("nhi/proposal/v1", "proposed", "suspend")
    assert document["pull_request"] in there.forge.pulls
    assert document["approvals"]
    assert document["revocation"] is None


def test_from_anywhere_a_repository_is_named(
    there: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Settings] = []

    def clone_of(name: str) -> AbstractContextManager[RemoteClone]:
        assert name == "acme/iam"
        return there.new_clone()

    monkeypatch.setattr(wiring_forge, "remote_clone", clone_of)

    def forge_of(settings: Settings) -> MemoryForge:
        asked.append(settings)
        return there.forge

    monkeypatch.setattr(wiring_forge, "forge", forge_of, raising=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    code, out, _ = nhi(capsys, "revoke", ID, "--reason", "gone", "--repository", "acme/iam")
    assert code == 0, out
    assert [one.github.repository for one in asked] == ["acme/iam"]
    assert list(there.remote.branches("nhi/revoke/"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("renew", ID, "--until", "2027-02-30"), "--until '2027-02-30' is not a date"),
        (("renew", ID, "--until", "2027-02-03T10:00:00"), "is not a date that exists"),
        (("suspend", ID, "--reason", " "), "--reason is empty"),
        (("revoke", ID, "--reason", "a\nb"), "one printable line"),
        (("revoke", ID, "--reason", "x" * 1001), "one printable line"),
        (("revoke", ID, "--reason", "x", "--local", "--repository", "a/b"), "--repository needs no clone"),
    ],
)
@pytest.mark.usefixtures("there")
def test_a_wrong_call_is_told_from_a_failure(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    code, _, err = nhi(capsys, *arguments)
    assert code == ExitCode.USAGE
    assert words in err


def test_clones_are_of_their_own(world: World) -> None:
    with world.new_clone() as made:
        base = made.remote.fetch(["HEAD"])["HEAD"]
        ready = prepare(made.repository, find(made.repository, base, ID), Order(RENEW, AS_OF), discover())
        assert not isinstance(ready, ProposalReport)
        report = publish(ready, made.repository, Target(made.remote, world.forge, "main"))
    assert world.remote.branches("nhi/") == {report.branch: report.commit}


# At once, with a cloud that does what the test says; the real one has tests of its own.


@dataclass
class Denying:
    """A cloud that denies, or does not, and who was denied."""

    answer: Denial | CouldNotTell | None
    asked: list[str] = field(default_factory=list)

    def deny(self, identity: Identity, kind: Kind, stack: Stack) -> Denial | CouldNotTell | None:
        assert (kind.name, stack.name) == (identity.kind, identity.stack)
        self.asked.append(identity.id)
        return self.answer


ROLE = RevokedPrincipal("role", "ledger-writer", "nhi", "ab" * 32, "request-1", "Fri, 20 Nov 2026 12:00:00 GMT")
DENIED = Denial("arn:aws:sts::111122223333:assumed-role/nhi-revoke/alice", (ROLE,))


@pytest.fixture
def denying(there: World, monkeypatch: pytest.MonkeyPatch) -> Denying:
    assert there.clone.root == Path.cwd()
    cloud = Denying(DENIED)
    monkeypatch.setattr(wiring, "revocations", lambda: cloud)
    return cloud


def records(world: World) -> list[dict[str, object]]:
    return [json.loads(one.read_text()) for one in sorted(world.clone.root.glob(".nhi/revocations/*.json"))]


def test_access_ends_although_github_does_not_answer(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = GitRemote(there.clone.root, str(there.bare.root / "gone"), lambda: "", {}, may_be_a_path=True)
    monkeypatch.setattr(wiring_forge, "remote", lambda _root, _settings: nowhere)
    code, out, err = nhi(capsys, "revoke", ID, "--reason", "INC-77", "--now")
    assert code == ExitCode.OUTSIDE
    assert denying.asked == [ID]
    assert "DENIED   role ledger-writer" in out
    assert "denied and stays so" in err
    assert [one["identity"] for one in records(there)] == [ID]


def test_access_ends_although_nobody_says_which_repository_on_github_this_is(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(_root: Path, _settings: Settings) -> GitRemote:
        raise InputError("which repository on GitHub is this?", hint="write github.repository")

    monkeypatch.setattr(wiring_forge, "remote", unknown)
    code, out, err = nhi(capsys, "revoke", ID, "--reason", "INC-77", "--now")
    assert code == ExitCode.INPUT
    assert (denying.asked, [one["identity"] for one in records(there)]) == ([ID], [ID])
    assert "DENIED   role ledger-writer" in out
    assert "which repository on GitHub is this?" in err
    assert "denied and stays so" in err


def test_a_denial_that_is_not_whole_is_recorded_and_goes_no_further(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str]
) -> None:
    denying.answer = replace(DENIED, failures=("role other: AccessDenied",))
    code, _, err = nhi(capsys, "suspend", ID, "--reason", "INC-77", "--now")
    assert code == ExitCode.OUTSIDE
    assert "denied is role ledger-writer; not done: role other: AccessDenied" in err
    assert [one["failures"] for one in records(there)] == [["role other: AccessDenied"]]
    assert there.forge.calls == []


def test_where_nothing_could_be_denied_nothing_is_made(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str]
) -> None:
    denying.answer = CouldNotTell("the credentials are of the account 444455556666")
    code, _, err = nhi(capsys, "revoke", ID, "--reason", "INC-77", "--now")
    assert code == ExitCode.OUTSIDE
    assert "nothing was denied: the credentials are of the account 444455556666" in err
    assert records(there) == []
    assert there.forge.calls == []


def test_what_has_no_api_is_for_people_and_the_change_is_made_as_usual(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str]
) -> None:
    denying.answer = None
    code, out, err = nhi(capsys, "revoke", ID, "--reason", "INC-77", "--now")
    assert code == ExitCode.FINDINGS
    assert "people must end its access" in err
    assert "pull request" in out
    assert records(there) == []


def test_what_is_held_is_not_denied_by_a_revocation_that_may_not_be(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str]
) -> None:
    there.clone.write(PATH, manifest(hold='{authority: legal, reason: "matter 14", review: 2027-02-01}'))
    there.clone.commit("Held")
    code, out, _ = nhi(capsys, "revoke", ID, "--reason", "INC-77", "--now")
    assert code == ExitCode.FINDINGS
    assert "nhi suspend" in out
    assert denying.asked == []


def test_what_was_done_at_once_stands_in_the_pull_request_once(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        code, _, _ = nhi(capsys, "suspend", ID, "--reason", "INC-77", "--now", "--format", "json")
        assert code == 0
    (pull,) = there.forge.pulls.values()
    assert pull.body.count("<!-- nhi:revoked-now -->") == 1
    assert "`request-1`" in pull.body
    assert there.forge.posted == {}
    assert len(denying.asked) == 2


def test_a_pull_request_that_stood_before_is_told_of_it_in_a_comment(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nhi(capsys, "suspend", ID, "--reason", "INC-77")[0] == 0
    assert denying.asked == []
    for _ in range(2):
        assert nhi(capsys, "suspend", ID, "--reason", "INC-77", "--now")[0] == 0
    (posted,) = there.forge.posted.values()
    assert "`request-1`" in posted.comment.body


def test_a_comment_that_says_when_it_was_denied_outlives_a_run_that_found_it_so(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nhi(capsys, "suspend", ID, "--reason", "INC-77")[0] == 0
    assert nhi(capsys, "suspend", ID, "--reason", "INC-77", "--now")[0] == 0
    denying.answer = replace(DENIED, principals=(replace(ROLE, request_id="", at=""),))
    assert nhi(capsys, "suspend", ID, "--reason", "INC-77", "--now")[0] == 0
    (posted,) = there.forge.posted.values()
    assert "`request-1`" in posted.comment.body


def test_what_was_never_applied_is_not_said_to_be_denied(
    there: World, denying: Denying, capsys: pytest.CaptureFixture[str]
) -> None:
    denying.answer = Denial(DENIED.by, (), absent=("role ledger-writer",))
    code, out, _ = nhi(capsys, "revoke", ID, "--reason", "INC-77", "--now")
    assert code == 0
    assert "DENIED" not in out
    assert "absent   role ledger-writer: the cloud has no such thing" in out
    (pull,) = there.forge.pulls.values()
    assert "Access was ended at once" not in pull.body
    assert "nothing was found there that could be denied" in pull.body
    assert "`role ledger-writer` does not exist in the cloud" in pull.body


@pytest.mark.usefixtures("denying")
def test_the_record_is_for_its_owner_alone(there: World, capsys: pytest.CaptureFixture[str]) -> None:
    nhi(capsys, "revoke", ID, "--reason", "INC-77", "--now")
    (record,) = there.clone.root.glob(".nhi/revocations/*")
    assert record.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("denying")
def test_a_record_that_no_file_takes_is_said_and_keeps_nothing_from_going_on(
    there: World, capsys: pytest.CaptureFixture[str]
) -> None:
    there.clone.write(".nhi", "a file in the way")
    code, out, err = nhi(capsys, "revoke", ID, "--reason", "INC-77", "--now")
    assert code == 0
    assert "cannot be written" in err
    assert json.loads(err.partition("keep this record:\n")[2])["identity"] == ID
    assert "pull request" in out


def test_a_neighbour_that_cannot_be_read_holds_nothing_up(world: World) -> None:
    world.clone.write("identities/prod/broken.yaml", "kind: [\n")
    world.clone.commit("Broken")
    world.push()
    for wish in (RENEW, SUSPEND, REVOKE):
        assert world.ask(wish).fate is Fate.PROPOSED


def test_an_identity_that_stands_twice_is_not_guessed_at(world: World) -> None:
    world.clone.write("identities/prod/team/ledger-writer.yaml", manifest())
    world.clone.commit("Twice")
    world.push()
    for name in (ID, "ledger-writer"):
        with pytest.raises(InputError, match="stands more than once"):
            world.ask(SUSPEND, name)
