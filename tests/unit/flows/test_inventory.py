"""`nhi inventory`: what stands is declared, nobody's, somebody else's or missing; and not knowing is an answer."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.fixtures.manifests import PAPER, PATH, SETTINGS_TEXT, Tree, manifest, tree

from nhi.errors import ExitCode, InputError
from nhi.flows.inventory import InventoryReport, inventory
from nhi.model.inventory import InventoryEntry, LiveIdentity, Quota, Standing
from nhi.model.plan import PrincipalType
from nhi.model.settings import Stack
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell
from nhi.output.inventory import inventory_json, inventory_text

READER = "identities/staging/ledger-reader.yaml"
ON_PAPER = "identities/prod/mainframe-reader.yaml"
ONE_ACCOUNT = SETTINGS_TEXT.replace("444455556666", "111122223333")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
PROD = "111122223333"


def role(name: str, path: str = "/nhi/prod/", tag: str | None = None, *, provided: bool = False) -> LiveIdentity:
    return LiveIdentity(
        PrincipalType.ROLE,
        name,
        path,
        f"arn:aws:iam::{PROD}:role{path}{name}",
        "AROAEXAMPLE",
        tag,
        NOW - timedelta(days=12),
        NoUseSeen(),
        provided,
    )


def user(name: str, path: str = "/nhi/prod/", tag: str | None = None) -> LiveIdentity:
    return replace(role(name, path, tag), type=PrincipalType.USER, last_use=None)


LEDGER = role("ledger-writer", tag="prod/ledger-writer")


@dataclass
class FakeReads:
    """Accounts with what is given, nothing of it ever used, and no quotas."""

    live: dict[str, tuple[LiveIdentity, ...] | CouldNotTell] = field(default_factory=dict)
    use: LastUse = field(default_factory=NoUseSeen)
    quota: tuple[Quota, ...] | CouldNotTell = ()
    asked: list[str] = field(default_factory=list)

    def inventory(self, stack: Stack) -> tuple[LiveIdentity, ...] | CouldNotTell:
        return self.live.get(stack.account, ())

    def quotas(self, stack: Stack) -> tuple[Quota, ...] | CouldNotTell:
        assert stack.account
        return self.quota

    def last_use(self, name: str, stack: Stack) -> LastUse:
        self.asked.append(f"{stack.name}/{name}")
        return self.use

    def key_uses(self, user: str, stack: Stack) -> dict[str, LastUse]:
        raise AssertionError(user, stack)

    def access_key_use(self, key_id: str, stack: Stack) -> LastUse:
        raise AssertionError(key_id, stack)


def report(one: Tree, *live: LiveIdentity, stacks: tuple[str, ...] = ("prod",)) -> InventoryReport:
    reads = FakeReads({PROD: live})
    return inventory(reads, reads, one.snapshot, stacks=stacks)


def entries(found: InventoryReport) -> list[tuple[Standing, str | None, str]]:
    """Standing, identity and name of everything."""
    listed = [one for stack in found.stacks if isinstance(stack.entries, tuple) for one in stack.entries]
    return [(one.standing, one.identity, one.live.name if one.live else "") for one in listed]


def only(found: InventoryReport) -> InventoryEntry:
    (stack,) = found.stacks
    assert isinstance(stack.entries, tuple)
    (one,) = stack.entries
    return one


def test_what_is_declared_and_stands_is_clean(tmp_path: Path) -> None:
    found = report(tree(tmp_path, {PATH: manifest()}), LEDGER)

    assert only(found) == InventoryEntry(Standing.DECLARED, "prod/ledger-writer", LEDGER, "")
    assert found.exit_code is ExitCode.CLEAN


def test_what_is_declared_and_does_not_stand_is_missing(tmp_path: Path) -> None:
    found = report(tree(tmp_path, {PATH: manifest()}))

    assert entries(found) == [(Standing.MISSING, "prod/ledger-writer", "")]
    assert found.exit_code is ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("live", "reason"),
    [
        (role("shadow"), "it stands below /nhi/prod/ without a tag nhi:id"),
        (role("shadow", "/nhi/prod/deep/"), "it stands below /nhi/prod/ without a tag nhi:id"),
        (user("shadow", tag="prod/shadow"), "it says that it is prod/shadow, which nothing declares in this account"),
        (role("shadow", "/", "prod/shadow"), "it says that it is prod/shadow, which nothing declares in this account"),
        (role("shadow", "/", "gone/x"), "it says that it is gone/x, which nothing declares in this account"),
        (role("shadow", "/nhi/gone/", "gone/x"), "it says that it is gone/x, which nothing declares in this account"),
        (
            role("shadow", "/nhi/staging/", "staging/ledger-reader"),
            "it says that it is staging/ledger-reader, which nothing declares in this account",
        ),
        (
            role("shadow", "/", "prod/ledger-writer"),
            "it says that it is prod/ledger-writer, and does not stand at /nhi/",
        ),
        (role("shadow", "/", ""), "it says that it is , which nothing"),
        (role("shadow", tag="prod/ledger-writer"), "it says that it is prod/ledger-writer, which is no role shadow"),
        (user("ledger-writer", tag="prod/ledger-writer"), "it says that it is prod/ledger-writer, which is no user"),
    ],
)
def test_what_claims_to_be_ours_and_is_not_declared_is_an_orphan(
    tmp_path: Path, live: LiveIdentity, reason: str
) -> None:
    found = report(tree(tmp_path, {PATH: manifest(), READER: manifest(name="ledger-reader")}), LEDGER, live)

    assert isinstance(found.stacks[0].entries, tuple)
    _, orphan = found.stacks[0].entries
    assert orphan.standing is Standing.NOT_DECLARED
    assert orphan.reason.startswith(reason)
    assert found.exit_code is ExitCode.FINDINGS


def test_a_role_whose_tag_was_taken_off_is_an_orphan_and_its_identity_is_missing(tmp_path: Path) -> None:
    found = report(tree(tmp_path, {PATH: manifest()}), role("ledger-writer"))

    assert [one for one, _, _ in entries(found)] == [Standing.MISSING, Standing.NOT_DECLARED]


def test_what_only_says_that_it_is_the_identity_does_not_stand_for_it(tmp_path: Path) -> None:
    found = report(tree(tmp_path, {PATH: manifest()}), role("shadow", tag="prod/ledger-writer"))

    assert [one for one, _, _ in entries(found)] == [Standing.MISSING, Standing.NOT_DECLARED]


@pytest.mark.parametrize(
    ("live", "standing"),
    [
        (role("somebody", "/"), Standing.NOT_MANAGED),
        (role("nhi-apply", "/nhi/"), Standing.NOT_MANAGED),
        (role("linked", "/aws-service-role/x/", provided=True), Standing.PROVIDED),
    ],
)
def test_what_claims_nothing_is_no_finding(tmp_path: Path, live: LiveIdentity, standing: Standing) -> None:
    found = report(tree(tmp_path, {}), live)

    assert only(found).standing is standing
    assert found.exit_code is ExitCode.CLEAN


def test_what_another_stack_of_the_account_shows_is_not_shown_twice(tmp_path: Path) -> None:
    both = {PATH: manifest(), READER: manifest(name="ledger-reader"), "nhi.yaml": ONE_ACCOUNT}
    reader = role("ledger-reader", "/nhi/staging/", "staging/ledger-reader")

    found = report(tree(tmp_path, both), LEDGER, reader, stacks=())

    assert entries(found) == [
        (Standing.DECLARED, "prod/ledger-writer", "ledger-writer"),
        (Standing.DECLARED, "staging/ledger-reader", "ledger-reader"),
    ]


def test_what_is_on_paper_is_in_no_account(tmp_path: Path) -> None:
    found = report(tree(tmp_path, {ON_PAPER: PAPER}), role("a", tag="prod/mainframe-reader"))

    assert found.stacks[0].needs_attestation == ("prod/mainframe-reader",)
    assert only(found).standing is Standing.NOT_DECLARED
    assert "system without an API" in only(found).reason


@pytest.mark.parametrize("path", [PATH, "identities/ledger-writer.yaml"])
def test_what_an_unreadable_manifest_may_declare_is_not_known(tmp_path: Path, path: str) -> None:
    found = report(tree(tmp_path, {path: "- a\n"}), LEDGER)

    assert only(found).standing is Standing.UNKNOWN
    assert [one.path for one in found.unreadable] == [path]
    assert found.exit_code is ExitCode.OUTSIDE


def test_only_what_is_ours_and_whose_use_is_not_said_is_asked_about(tmp_path: Path) -> None:
    used = Used(NOW, "s3", None)
    others = (user("shadow"), user("somebody", "/"), user("far", "/", "prod/far"), role("plain"))
    reads = FakeReads({PROD: others}, use=used)

    found = inventory(reads, reads, tree(tmp_path, {}).snapshot, stacks=["prod"])

    assert reads.asked == ["prod/shadow"]
    assert isinstance(found.stacks[0].entries, tuple)
    assert [one.live.last_use for one in found.stacks[0].entries if one.live] == [used, None, None, NoUseSeen()]


@pytest.mark.parametrize(
    "reads",
    [
        FakeReads({PROD: CouldNotTell("denied")}),
        FakeReads({PROD: (LEDGER,)}, quota=CouldNotTell("denied")),
        FakeReads({PROD: (user("ledger-writer", tag="prod/ledger-writer"),)}, use=CouldNotTell("denied")),
    ],
)
def test_whatever_could_not_be_told_weighs_more_than_all_else(tmp_path: Path, reads: FakeReads) -> None:
    found = inventory(reads, reads, tree(tmp_path, {PATH: manifest()}).snapshot, stacks=())

    assert found.exit_code is ExitCode.OUTSIDE
    assert "denied" in inventory_text(NOW, found.stacks, found.unreadable, everything=False)
    assert "denied" in inventory_json(NOW, found.stacks, found.unreadable, everything=False)


def test_a_stack_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        report(tree(tmp_path, {}), stacks=("nowhere",))


# --- in words ------------------------------------------------------------------------------------------------------


@pytest.fixture
def full(tmp_path: Path) -> InventoryReport:
    """One of everything."""
    files = {
        PATH: manifest(),
        ON_PAPER: PAPER,
        "identities/prod/gone.yaml": manifest(name="gone"),
        "identities/prod/broken.yaml": "- a\n",
    }
    live = (
        LEDGER,
        role("shadow\x1b[31m"),
        user("broken", tag="prod/broken"),
        user("somebody", "/"),
        role("linked", "/aws-service-role/x/", provided=True),
    )
    quota = (
        Quota("Policies", None, None),
        Quota("RolePolicySize", None, 10240),
        Quota("Roles", 3, 1000),
        Quota("Users", 2, None),
    )
    reads = FakeReads({PROD: live}, use=Used(NOW, "s3", "eu-west-1"), quota=quota)
    return inventory(reads, reads, tree(tmp_path, files).snapshot, stacks=["prod"])


SHOWN = """\
prod (account 111122223333)
  MISSING  prod/gone: it is declared, and nothing stands for it
  ok       prod/ledger-writer: role, 12 days old, no use seen
  ORPHAN   arn:aws:iam::111122223333:role/nhi/prod/shadow\\u001b[31m: role, 12 days old, no use seen; it stands below /nhi/prod/ without a tag nhi:id
  UNKNOWN  arn:aws:iam::111122223333:role/nhi/prod/broken: user, 12 days old, last used 2026-11-20T00:00:00Z (s3 eu-west-1); the manifest that may declare it cannot be read
           1 declared, 1 not declared, 1 missing, 1 not known, 1 not managed, 1 of the cloud itself
  attest   prod/mainframe-reader: no API can be asked; only people can tell
  quotas   Policies unknown, Roles 3 of 1000, Users 2 of unknown
UNKNOWN  identities/prod/broken.yaml: it cannot be read: line 1: the file holds a list, not a manifest
"""  # noqa: E501  # as it is printed


def test_people_see_one_line_each_and_the_rest_counted(full: InventoryReport) -> None:
    shown = inventory_text(NOW, full.stacks, full.unreadable, everything=False)
    assert shown.splitlines()[:-1] == SHOWN.splitlines()[:-1]
    assert shown.splitlines()[-1].startswith("UNKNOWN  identities/prod/broken.yaml: it cannot be read: line 1")


def test_people_who_ask_for_all_see_all(full: InventoryReport) -> None:
    shown = inventory_text(NOW, full.stacks, full.unreadable, everything=True)
    assert "  other    arn:aws:iam::111122223333:role/somebody: user, 12 days old, use not asked for\n" in shown
    assert "  cloud's  arn:aws:iam::111122223333:role/aws-service-role/x/linked: role" in shown
    assert "RolePolicySize 10240" in shown


def test_programs_see_the_same(full: InventoryReport) -> None:
    brief, whole = (
        json.loads(inventory_json(NOW, full.stacks, full.unreadable, everything=everything))
        for everything in (False, True)
    )
    assert brief["schema"] == "nhi/inventory/v1"
    (stack,) = brief["stacks"]
    assert [one["standing"] for one in stack["entries"]] == ["missing", "declared", "not-declared", "unknown"]
    assert stack["entries"][0]["live"] is None
    assert stack["entries"][1]["live"]["last_use"] == {"answer": "no-use-seen"}
    assert stack["entries"][3]["live"]["last_use"] == {
        "answer": "used",
        "at": "2026-11-20T00:00:00Z",
        "service": "s3",
        "region": "eu-west-1",
    }
    assert stack["counts"]["not-managed"] == 1
    assert {"name": "Users", "used": 2, "limit": None} in stack["quotas"]
    assert [one["standing"] for one in whole["stacks"][0]["entries"]][-2:] == ["not-managed", "provided"]
    assert whole["stacks"][0]["entries"][-2]["live"]["last_use"] is None


def test_an_account_that_could_not_be_listed_is_not_an_empty_one(tmp_path: Path) -> None:
    reads = FakeReads({PROD: CouldNotTell("no\nanswer")})
    found = inventory(reads, reads, tree(tmp_path, {}).snapshot, stacks=["prod"])
    shown = inventory_text(NOW, found.stacks, found.unreadable, everything=False)
    assert "  UNKNOWN  could not tell what stands there: no answer\n" in shown
    document = json.loads(inventory_json(NOW, found.stacks, found.unreadable, everything=False))
    assert document["stacks"][0]["could_not_tell"] == "no\nanswer"
