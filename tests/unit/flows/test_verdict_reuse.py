"""What was judged before is not read again, and is never another answer than a fresh one."""

from collections.abc import Container
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.manifests import AS_OF, FILES, OWNERS_TEXT, PATH, RULES, SETTINGS_TEXT, Tree, manifest, tree

from nhi.flows.check import check
from nhi.flows.judge import CheckResult
from nhi.manifest.kinds import Catalog
from nhi.manifest.read import Reading, read
from nhi.model.source import SourceFile
from nhi.model.verdict import Verdicts
from nhi.repository.verdicts import VerdictFile

OTHER = "identities/staging/ledger-reader.yaml"
BOTH = {PATH: manifest(), OTHER: manifest(name="ledger-reader", expiry="2026-12-24")}


class Memory:
    """A VerdictStore without a file."""

    def __init__(self) -> None:
        self.kept: tuple[str, Verdicts] = ("", {})
        self.times_kept = 0

    def recall(self, ground: str) -> Verdicts:
        return dict(self.kept[1]) if ground == self.kept[0] else {}

    def keep(self, ground: str, verdicts: Verdicts) -> None:
        self.kept = (ground, dict(verdicts))
        self.times_kept += 1


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are parsed from now on."""
    paths: list[str] = []

    def counting(file: SourceFile, catalog: Catalog, stacks: Container[str]) -> Reading:
        paths.append(file.path)
        return read(file, catalog, stacks)

    monkeypatch.setattr("nhi.flows.judge.read", counting)
    return paths


def run(one: Tree, store: Memory | VerdictFile, as_of: datetime = AS_OF, *paths: str) -> CheckResult:
    """A check that may use what was kept."""
    return check(one.snapshot, RULES, as_of, store=store, paths=paths)


def test_an_unchanged_file_is_not_parsed_again(tmp_path: Path, reads: list[str]) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    reads.clear()

    assert run(one, store).checked == 2
    assert reads == []


def test_a_finding_is_given_again_without_parsing(tmp_path: Path, reads: list[str]) -> None:
    one, store = tree(tmp_path, {PATH: manifest(["owner"])}), Memory()
    before = run(one, store)
    reads.clear()

    assert run(one, store) == before
    assert reads == []


def test_the_same_goes_for_the_file_in_the_git_folder(tmp_path: Path, reads: list[str]) -> None:
    one = tree(tmp_path, {PATH: manifest(["owner"]), OTHER: manifest(name="ledger-reader")})
    before = run(one, VerdictFile(tmp_path / ".git/nhi/verdicts.json", "1"))
    reads.clear()

    assert run(one, VerdictFile(tmp_path / ".git/nhi/verdicts.json", "1")) == before
    assert reads == []


def test_a_changed_file_is_parsed_alone(tmp_path: Path, reads: list[str]) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    reads.clear()

    one.write({OTHER: manifest(name="ledger-reader", ticket="PAY-2")})

    assert run(one, store).findings == ()
    assert reads == [OTHER]


def test_a_file_that_moved_is_parsed_again(tmp_path: Path, reads: list[str]) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    reads.clear()

    one.write({"identities/prod/other.yaml": manifest()}).remove(PATH)

    assert [found.rule for found in run(one, store).findings] == ["name-mismatch"]
    assert reads == ["identities/prod/other.yaml"]


def test_a_file_that_becomes_a_link_is_judged_again(tmp_path: Path) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)

    one.remove(PATH)
    (tmp_path / PATH).symlink_to("../owners.yaml")

    assert [found.rule for found in run(one, store).findings] == ["not-a-regular-file"]


GROUND = {
    "nhi.yaml": f"{SETTINGS_TEXT}# a comment\n",
    "identities/owners.yaml": f"{OWNERS_TEXT}# a comment\n",
    "modules/service-role/schema.json": FILES["modules/service-role/schema.json"] + "\n",
    "modules/service-role/expected.json.j2": "{ }",
    "modules/new-kind/schema.json": FILES["modules/paper-account/schema.json"],
}


@pytest.mark.parametrize("path", GROUND)
def test_on_another_ground_everything_is_judged_anew(tmp_path: Path, reads: list[str], path: str) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    reads.clear()

    run(one.write({path: GROUND[path]}), store)

    assert sorted(reads) == sorted(BOTH)


def test_what_is_no_ground_changes_nothing(tmp_path: Path, reads: list[str]) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    reads.clear()

    run(one.write({"modules/service-role/main.tf": "# other\n", "README.md": "x"}), store)

    assert reads == []


def test_an_owner_who_goes_is_missed_in_files_that_did_not_change(tmp_path: Path) -> None:
    one, store = tree(tmp_path, {PATH: manifest(owner="alice")}), Memory()
    assert run(one, store).findings == ()

    one.write({"identities/owners.yaml": OWNERS_TEXT.replace("alice", "alicia")})

    assert [found.rule for found in run(one, store).findings] == ["unknown-owner"]


def test_another_program_judges_anew(tmp_path: Path, reads: list[str]) -> None:
    one = tree(tmp_path, BOTH)
    run(one, VerdictFile(tmp_path / "verdicts.json", "1"))
    reads.clear()

    run(one, VerdictFile(tmp_path / "verdicts.json", "2"))

    assert sorted(reads) == sorted(BOTH)


def test_after_the_span_only_what_time_touches_is_judged_anew(tmp_path: Path, reads: list[str]) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    reads.clear()

    later = run(one, store, AS_OF + timedelta(days=40))

    assert [found.rule for found in later.findings] == ["past-expiry"]
    assert reads == [OTHER]


def test_before_the_span_too(tmp_path: Path, reads: list[str]) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    reads.clear()

    earlier = run(one, store, AS_OF - timedelta(days=3650))

    assert [found.rule for found in earlier.findings] == ["overlong-lifetime", "overlong-lifetime"]
    assert sorted(reads) == sorted(BOTH)


def test_a_check_of_some_paths_uses_what_is_kept_and_keeps_nothing(tmp_path: Path, reads: list[str]) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    reads.clear()

    run(one, store, AS_OF, OTHER)

    assert reads == []
    assert store.times_kept == 1
    assert len(store.kept[1]) == 2


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)

    run(one.remove(OTHER), store)

    assert len(store.kept[1]) == 1


def test_nothing_new_is_not_written_again(tmp_path: Path) -> None:
    one, store = tree(tmp_path, BOTH), Memory()
    run(one, store)
    run(one, store)

    assert store.times_kept == 1


def test_a_name_twice_is_found_though_both_files_were_judged_before(tmp_path: Path, reads: list[str]) -> None:
    again = "identities/prod/a/ledger-writer.yaml"
    one, store = tree(tmp_path, {PATH: manifest(), again: manifest()}), Memory()
    run(one, store)
    reads.clear()

    assert [found.rule for found in run(one, store).findings] == ["duplicate-name"] * 2
    assert reads == []


EVENTFUL = {
    PATH: manifest(
        expiry="2027-01-15T12:00:00Z",
        exceptions="[{rule: overlong-lifetime, reason: r, compensating_control: c, approver: security, "
        "expiry: 2026-12-01}]",
        hold="{authority: legal, reason: r, review: 2026-12-10}",
    ),
    OTHER: manifest(name="ledger-reader", owner="bob", expiry="2026-11-25"),
    "identities/prod/far.yaml": manifest(name="far", expiry="2027-12-01"),
    "identities/prod/broken.yaml": "- a\n",
    "identities/prod/bad.yaml": manifest(["owner"], name="bad", expiry="2026-13-01"),
}
TIMES = st.integers(-400, 800).map(lambda half_days: AS_OF + timedelta(hours=12 * half_days))


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """Manifests that time touches in many ways."""
    return tree(tmp_path_factory.mktemp("eventful"), EVENTFUL)


@settings(max_examples=60)
@given(times=st.lists(TIMES, min_size=2, max_size=5))
def test_at_any_time_after_any_others_the_answer_is_the_fresh_one(eventful: Tree, times: list[datetime]) -> None:
    store = Memory()
    for as_of in times:
        assert run(eventful, store, as_of) == check(eventful.snapshot, RULES, as_of)


@settings(max_examples=30)
@given(times=st.lists(TIMES, min_size=2, max_size=3))
def test_the_same_goes_for_what_the_file_kept(
    eventful: Tree, tmp_path_factory: pytest.TempPathFactory, times: list[datetime]
) -> None:
    file = tmp_path_factory.mktemp("store") / "verdicts.json"
    for as_of in times:
        assert run(eventful, VerdictFile(file, "1"), as_of) == check(eventful.snapshot, RULES, as_of)
