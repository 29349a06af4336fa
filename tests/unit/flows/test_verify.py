"""`nhi verify`: who is asked about, what the answers amount to, and that not knowing is never knowing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import FILES, PAPER, PATH, SETTINGS_TEXT, Tree, manifest, tree

from nhi.errors import ExitCode, InputError, UsageError
from nhi.flows.verify import VerifyReport, verify
from nhi.flows.withdrawn import withdrawn_since
from nhi.model.identity import Identity
from nhi.model.kind import Kind
from nhi.model.settings import Stack
from nhi.model.verification import Absent, Answer, CouldNotTell, Difference, Present, Wanted

READER = "identities/staging/ledger-reader.yaml"
ON_PAPER = "identities/prod/mainframe-reader.yaml"
BOTH = {PATH: manifest(), READER: manifest(name="ledger-reader")}


@dataclass
class FakeCloud:
    """A cloud in which everything is as it should be, but for some answers."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Question, identity, account."""

    def present(self, identity: Identity, kind: Kind, stack: Stack) -> Answer:
        assert kind.name == identity.kind
        self.asked.append(("present", identity.id, stack.account))
        return self.answers.get(identity.id, Present())

    def gone(self, name: str, stack: Stack) -> Answer:
        self.asked.append(("gone", f"{stack.name}/{name}", stack.account))
        return self.answers.get(f"{stack.name}/{name}", Absent())


def report(
    one: Tree, before: Tree | None = None, *names: str, stacks: tuple[str, ...] = (), cloud: FakeCloud | None = None
) -> VerifyReport:
    """What was found."""
    past = None if before is None else before.snapshot
    return verify(cloud or FakeCloud(), one.snapshot, past, names=names, stacks=stacks)


def asked(
    one: Tree, before: Tree | None = None, *names: str, stacks: tuple[str, ...] = ()
) -> list[tuple[str, str, str]]:
    """What the cloud was asked."""
    cloud = FakeCloud()
    report(one, before, *names, stacks=stacks, cloud=cloud)
    return cloud.asked


def test_everything_that_is_declared_is_asked_about_in_its_account(tmp_path: Path) -> None:
    assert asked(tree(tmp_path, BOTH)) == [
        ("present", "prod/ledger-writer", "111122223333"),
        ("present", "staging/ledger-reader", "444455556666"),
    ]


def test_all_as_declared_is_clean(tmp_path: Path) -> None:
    found = report(tree(tmp_path, BOTH))

    assert found.exit_code is ExitCode.CLEAN
    assert [one.holds for one in found.verified] == [True, True]


@pytest.mark.parametrize("answer", [Absent(), Present((Difference("trust", "x", "y"),))])
def test_anything_else_is_a_finding(tmp_path: Path, answer: Answer) -> None:
    cloud = FakeCloud({"prod/ledger-writer": answer})

    assert report(tree(tmp_path, BOTH), cloud=cloud).exit_code is ExitCode.FINDINGS


def test_not_knowing_weighs_more_than_a_difference(tmp_path: Path) -> None:
    cloud = FakeCloud({"prod/ledger-writer": Absent(), "staging/ledger-reader": CouldNotTell("timeout")})

    assert report(tree(tmp_path, BOTH), cloud=cloud).exit_code is ExitCode.OUTSIDE


def test_nothing_declared_is_clean(tmp_path: Path) -> None:
    assert report(tree(tmp_path, {})) == VerifyReport((), ())


def test_of_a_system_without_an_api_only_people_can_tell(tmp_path: Path) -> None:
    cloud = FakeCloud()

    found = report(tree(tmp_path, {ON_PAPER: PAPER}), cloud=cloud)

    assert (found.verified, found.needs_attestation) == ((), ("prod/mainframe-reader",))
    assert cloud.asked == []


def test_nor_can_anybody_else_tell_that_it_is_gone(tmp_path: Path) -> None:
    cloud = FakeCloud()

    found = report(tree(tmp_path / "now", {}), tree(tmp_path / "past", {ON_PAPER: PAPER}), cloud=cloud)

    assert found.needs_attestation == ("prod/mainframe-reader",)
    assert cloud.asked == []


@pytest.fixture
def came_and_went(git_repository: Callable[..., Clone]) -> Callable[[str, str], VerifyReport]:
    """A manifest is committed and removed again since a base that never knew it; what a look then says."""

    def look(path: str, text: str) -> VerifyReport:
        clone = git_repository(FILES)
        base = clone.git("rev-parse", "HEAD")
        file = clone.write(path, text)
        clone.commit("Add")
        file.unlink()
        repository, head = clone.repository, clone.commit("Remove")
        withdrawn = withdrawn_since(repository, base, head)
        past, now = repository.snapshot(base), repository.snapshot(head)
        return verify(FakeCloud(), now, past, withdrawn, names=(), stacks=())

    return look


def test_what_came_and_went_since_must_be_gone(came_and_went: Callable[[str, str], VerifyReport]) -> None:
    [found] = came_and_went(PATH, manifest()).verified

    assert (found.identity, found.wanted, found.answer) == ("prod/ledger-writer", Wanted.ABSENT, Absent())


def test_of_what_came_and_went_on_paper_only_people_can_tell(
    came_and_went: Callable[[str, str], VerifyReport],
) -> None:
    assert came_and_went(ON_PAPER, PAPER) == VerifyReport((), ("prod/mainframe-reader",))


def test_what_cannot_be_read_is_unknown_and_the_cloud_is_not_asked(tmp_path: Path) -> None:
    cloud = FakeCloud()

    found = report(tree(tmp_path, {PATH: "- a\n"}), cloud=cloud)

    [one] = found.verified
    assert (one.identity, one.wanted) == ("prod/ledger-writer", Wanted.PRESENT)
    assert isinstance(one.answer, CouldNotTell)
    assert "the file holds a list" in one.answer.reason
    assert cloud.asked == []
    assert found.exit_code is ExitCode.OUTSIDE


@pytest.mark.parametrize("path", ["identities/stray.yaml", "identities/nowhere/stray.yaml"])
@pytest.mark.parametrize("stacks", [(), ("staging",)])
def test_what_may_belong_to_any_stack_is_unknown_in_each(tmp_path: Path, path: str, stacks: tuple[str, ...]) -> None:
    found = report(tree(tmp_path, {path: manifest(name="stray")}), stacks=stacks)

    assert [one.identity for one in found.verified] == [path]
    assert found.exit_code is ExitCode.OUTSIDE


@pytest.mark.parametrize("path", ["identities/stray.yaml", "identities/nowhere/stray.yaml"])
def test_a_name_that_a_stray_manifest_may_declare_is_unknown_and_not_gone(tmp_path: Path, path: str) -> None:
    found = report(tree(tmp_path, {path: manifest(name="stray")}), None, "prod/stray", "prod/former")

    assert [(one.identity, isinstance(one.answer, CouldNotTell)) for one in found.verified] == [
        ("prod/former", False),
        ("prod/stray", True),
    ]
    assert found.exit_code is ExitCode.OUTSIDE


def test_a_name_of_which_one_file_can_be_read_and_one_cannot_is_unknown(tmp_path: Path) -> None:
    found = report(tree(tmp_path, {PATH: manifest(), "identities/prod/a/ledger-writer.yaml": "- a\n"}))

    assert found.exit_code is ExitCode.OUTSIDE


def test_names_choose(tmp_path: Path) -> None:
    assert asked(tree(tmp_path, BOTH), None, "staging/ledger-reader") == [
        ("present", "staging/ledger-reader", "444455556666")
    ]


def test_a_name_that_nothing_declares_must_be_gone(tmp_path: Path) -> None:
    assert asked(tree(tmp_path, BOTH), None, "prod/former") == [("gone", "prod/former", "111122223333")]


def test_a_name_twice_is_asked_about_once(tmp_path: Path) -> None:
    assert len(asked(tree(tmp_path, BOTH), None, "prod/former", "prod/former")) == 1


@pytest.mark.parametrize("name", ["ledger-writer", "prod/", "/ledger-writer", "prod/a/b", ""])
def test_what_is_no_name_is_wrong_usage(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is not an identity"):
        report(tree(tmp_path, BOTH), None, name)


def test_a_name_of_no_stack_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no stack 'nowhere'"):
        report(tree(tmp_path, BOTH), None, "nowhere/ledger-writer")


def test_stacks_choose(tmp_path: Path) -> None:
    assert asked(tree(tmp_path, BOTH), stacks=("staging",)) == [("present", "staging/ledger-reader", "444455556666")]


def test_a_stack_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no stack 'production'"):
        report(tree(tmp_path, BOTH), stacks=("production",))


def test_names_and_stacks_are_wrong_usage_since_one_would_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="both choose"):
        report(tree(tmp_path, BOTH), None, "prod/ledger-writer", stacks=("staging",))


def test_what_was_removed_must_be_gone_from_where_it_was(tmp_path: Path) -> None:
    past = tree(tmp_path / "past", BOTH)
    now = tree(tmp_path / "now", {PATH: manifest()})

    assert asked(now, past) == [
        ("present", "prod/ledger-writer", "111122223333"),
        ("gone", "staging/ledger-reader", "444455556666"),
    ]


def test_a_stack_that_was_dropped_is_still_asked(tmp_path: Path) -> None:
    past = tree(tmp_path / "past", BOTH)
    now = tree(tmp_path / "now", {PATH: manifest()})
    now.write({"nhi.yaml": "\n".join(line for line in SETTINGS_TEXT.split("\n") if "staging" not in line)})

    assert asked(now, past)[-1] == ("gone", "staging/ledger-reader", "444455556666")


def test_a_kind_that_was_dropped_is_still_known(tmp_path: Path) -> None:
    past = tree(tmp_path / "past", {ON_PAPER: PAPER})
    now = tree(tmp_path / "now", {}).remove("modules/paper-account/schema.json")

    assert report(now, past).needs_attestation == ("prod/mainframe-reader",)


def test_what_moved_within_its_stack_was_not_removed(tmp_path: Path) -> None:
    past = tree(tmp_path / "past", {PATH: manifest()})
    now = tree(tmp_path / "now", {"identities/prod/payments/ledger-writer.yaml": manifest()})

    assert asked(now, past) == [("present", "prod/ledger-writer", "111122223333")]


def test_what_could_not_be_read_when_it_was_removed_is_unknown(tmp_path: Path) -> None:
    found = report(tree(tmp_path / "now", {}), tree(tmp_path / "past", {PATH: "- a\n"}))

    [one] = found.verified
    assert one.wanted is Wanted.ABSENT
    assert isinstance(one.answer, CouldNotTell)


def test_the_past_counts_for_what_is_still_there_only_as_it_is_now(tmp_path: Path) -> None:
    past = tree(tmp_path / "past", {PATH: "- a\n"})

    assert report(tree(tmp_path / "now", {PATH: manifest()}), past).exit_code is ExitCode.CLEAN


def test_a_past_whose_configuration_is_broken_is_an_error(tmp_path: Path) -> None:
    past = tree(tmp_path / "past", BOTH).write({"nhi.yaml": "- a\n"})

    with pytest.raises(InputError):
        report(tree(tmp_path / "now", BOTH), past)


def test_files_that_are_no_manifests_were_no_identities(tmp_path: Path) -> None:
    past = tree(tmp_path / "past", {"identities/README.md": "x", "identities/prod/.gitkeep": ""})

    assert report(tree(tmp_path / "now", {}), past) == VerifyReport((), ())
