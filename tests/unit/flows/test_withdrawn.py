"""What counts as removed since a commit, asked of real histories; and that nothing that was is left out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import FILES, PAPER, PATH, SETTINGS_TEXT, manifest

from nhi.errors import InputError
from nhi.flows.withdrawn import Withdrawn, withdrawn_since
from nhi.model.instant import parse_instant
from nhi.model.plan import PrincipalType
from nhi.repository.interface import Merged

IDENTITY = "prod/ledger-writer"
ELSEWHERE = "identities/prod/settlement/ledger-writer.yaml"
READER = "identities/prod/ledger-reader.yaml"
STRAY = "identities/legacy/ledger-writer.yaml"
LEGACY = SETTINGS_TEXT + '  legacy: {account: "444455556666", region: eu-west-1}\n'


@pytest.fixture
def clone(git_repository: Callable[..., Clone]) -> Clone:
    return git_repository({**FILES, PATH: manifest()})


def on(clone: Clone, day: int) -> Clone:
    """The clone of somebody who commits on that day of November."""
    dates: Mapping[str, str] = {"GIT_COMMITTER_DATE": f"2026-11-{day:02d}T08:00:00+00:00"}
    return replace(clone, environment={**clone.environment, **dates})


def remove(clone: Clone, *paths: str) -> str:
    for path in paths:
        (clone.root / path).unlink()
    return clone.commit("Remove")


def move(clone: Clone, old: str, new: str) -> str:
    (clone.root / new).parent.mkdir(parents=True, exist_ok=True)
    (clone.root / old).rename(clone.root / new)
    return clone.commit("Move")


def head(clone: Clone) -> str:
    return clone.git("rev-parse", "HEAD")


def since(clone: Clone, base: str) -> dict[str, Withdrawn]:
    return {one.manifest.id: one for one in withdrawn_since(clone.repository, base, head(clone))}


def test_what_a_commit_removed_is_removed_by_it_and_was_declared_as_it_stood_last(clone: Clone) -> None:
    base = head(clone)
    clone.write(PATH, manifest(expiry="2026-12-24"))
    clone.commit("Shorten")
    commit = remove(on(clone, 9), PATH)

    one = since(clone, base)[IDENTITY]

    assert one.merged == Merged(commit, datetime(2026, 11, 9, 8, tzinfo=UTC))
    assert one.manifest.expiry == parse_instant("2026-12-24")
    assert one.stack is not None
    assert (one.stack.account, one.on_paper, one.again) == ("111122223333", False, False)


def test_what_the_base_lacks_already_is_not_removed_since(clone: Clone) -> None:
    base = remove(clone, PATH)
    clone.commit("Something else")

    assert since(clone, base) == {}


def test_what_came_and_went_since_the_base_is_removed(clone: Clone) -> None:
    base = head(clone)
    clone.write(READER, manifest(name="ledger-reader"))
    clone.commit("Add")
    commit = remove(clone, READER)

    found = since(clone, base)

    assert list(found) == ["prod/ledger-reader"]
    assert found["prod/ledger-reader"].merged == Merged(commit, datetime(2026, 11, 2, 8, tzinfo=UTC))


def test_what_was_removed_before_the_base_and_again_since_is_removed(clone: Clone) -> None:
    base = remove(clone, PATH)
    clone.write(PATH, manifest())
    clone.commit("Add again")
    commit = remove(clone, PATH)

    merged = since(clone, base)[IDENTITY].merged
    assert merged is not None
    assert merged.commit == commit


def test_what_moved_within_its_stack_is_not_removed(clone: Clone) -> None:
    base = head(clone)
    move(clone, PATH, ELSEWHERE)

    assert since(clone, base) == {}


def test_what_moved_and_was_removed_later_was_removed_then_and_from_there(clone: Clone) -> None:
    base = head(clone)
    move(on(clone, 5), PATH, ELSEWHERE)
    commit = remove(on(clone, 7), ELSEWHERE)

    one = since(clone, base)[IDENTITY]

    assert one.manifest.path == ELSEWHERE
    assert one.merged == Merged(commit, datetime(2026, 11, 7, 8, tzinfo=UTC))


def test_of_two_removals_the_last_of_the_branch_is_meant_whatever_their_dates_say(clone: Clone) -> None:
    base = head(clone)
    remove(on(clone, 20), PATH)
    clone.write(ELSEWHERE, manifest())
    clone.commit("Add again")
    commit = remove(on(clone, 4), ELSEWHERE)

    merged = since(clone, base)[IDENTITY].merged
    assert merged is not None
    assert merged.commit == commit


def test_what_moves_to_another_stack_is_another_identity_and_the_first_is_removed(clone: Clone) -> None:
    base = head(clone)
    move(clone, PATH, "identities/staging/ledger-writer.yaml")

    assert list(since(clone, base)) == [IDENTITY]


def test_what_stands_again_is_removed_and_said_to_stand_again(clone: Clone) -> None:
    base = head(clone)
    commit = remove(clone, PATH)
    clone.write(ELSEWHERE, manifest())
    clone.commit("Add again")

    one = since(clone, base)[IDENTITY]

    assert one.again
    assert one.merged is not None
    assert one.merged.commit == commit


def test_a_merged_branch_removes_when_it_is_merged(clone: Clone) -> None:
    base = head(clone)
    clone.git("checkout", "--quiet", "-b", "sweep")
    remove(on(clone, 3), PATH)
    clone.git("checkout", "--quiet", "main")
    on(clone, 6).git("merge", "--quiet", "--no-ff", "--message", "Merge", "sweep")

    assert since(clone, base)[IDENTITY].merged == Merged(head(clone), datetime(2026, 11, 6, 8, tzinfo=UTC))


def test_what_never_stood_on_the_branch_was_never_removed_from_it(clone: Clone) -> None:
    base = head(clone)
    clone.git("checkout", "--quiet", "-b", "request")
    clone.write(READER, manifest(name="ledger-reader"))
    clone.commit("Add")
    remove(clone, READER)
    clone.git("checkout", "--quiet", "main")
    clone.git("merge", "--quiet", "--no-ff", "--message", "Merge", "request")

    assert since(clone, base) == {}


def test_what_is_deleted_and_not_committed_is_removed_and_not_merged(clone: Clone) -> None:
    base = head(clone)
    clone.write(READER, manifest(name="ledger-reader"))
    clone.commit("Add")
    for path in (PATH, READER):
        (clone.root / path).unlink()

    found = since(clone, base)

    assert {name: one.merged for name, one in found.items()} == {IDENTITY: None, "prod/ledger-reader": None}
    assert found[IDENTITY].manifest.expiry == parse_instant("2027-03-31")


def test_what_is_moved_and_not_committed_is_not_removed(clone: Clone) -> None:
    (clone.root / ELSEWHERE).parent.mkdir(parents=True)
    (clone.root / PATH).rename(clone.root / ELSEWHERE)

    assert since(clone, head(clone)) == {}


def test_what_a_merge_left_out_is_removed_though_no_commit_of_the_branch_says_so(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "-b", "request")
    clone.write(READER, manifest(name="ledger-reader"))
    base = clone.commit("Add")
    clone.git("checkout", "--quiet", "main")
    clone.git("merge", "--quiet", "--no-ff", "--strategy=ours", "--message", "Merge, and drop it", "request")

    found = since(clone, base)

    assert {name: one.merged for name, one in found.items()} == {"prod/ledger-reader": None}


def test_what_cannot_be_read_is_removed_and_unknown(clone: Clone) -> None:
    base = head(clone)
    clone.write(PATH, "- a\n")
    clone.commit("Break")
    remove(clone, PATH)

    one = since(clone, base)[IDENTITY]

    assert (one.manifest.expiry, one.on_paper) == (None, False)
    assert "expiry" in one.manifest.unreadable
    assert one.stack is not None


def test_a_stack_is_what_it_was_when_the_identity_stood_in_it(clone: Clone) -> None:
    base = head(clone)
    clone.write("nhi.yaml", SETTINGS_TEXT.replace("111122223333", "777788889999"))
    clone.commit("Move the stack to another account")
    remove(clone, PATH)
    clone.write("nhi.yaml", SETTINGS_TEXT)
    clone.commit("And back")

    stack = since(clone, base)[IDENTITY].stack
    assert stack is not None
    assert stack.account == "777788889999"


@pytest.mark.parametrize("first", ["the stack", "the manifest"])
def test_a_stack_that_is_dropped_is_still_known(clone: Clone, first: str) -> None:
    clone.write("nhi.yaml", LEGACY)
    clone.write(STRAY, manifest())
    base = clone.commit("A stack more")
    for _ in range(2):
        if first == "the stack":
            clone.write("nhi.yaml", SETTINGS_TEXT)
        else:
            (clone.root / STRAY).unlink(missing_ok=True)
        clone.commit("Drop")
        first = "the stack" if first == "the manifest" else "the manifest"

    one = since(clone, base)["legacy/ledger-writer"]

    assert one.stack is not None
    assert one.stack.account == "444455556666"
    assert one.manifest.expiry == parse_instant("2027-03-31")


def test_of_a_stack_that_no_settings_ever_named_nobody_knows_the_account(clone: Clone) -> None:
    base = head(clone)
    clone.write(STRAY, manifest())
    clone.commit("Add")
    remove(clone, STRAY)

    assert since(clone, base)["legacy/ledger-writer"].stack is None


def test_settings_that_were_broken_once_do_not_break_the_proof_for_ever(clone: Clone) -> None:
    base = head(clone)
    clone.write("nhi.yaml", "- a\n")
    clone.commit("Break")
    remove(clone, PATH)
    clone.write("nhi.yaml", SETTINGS_TEXT)
    clone.commit("Mend")

    stack = since(clone, base)[IDENTITY].stack
    assert stack is not None
    assert stack.account == "111122223333"


def test_what_no_api_can_be_asked_about_is_on_paper(clone: Clone) -> None:
    path = "identities/prod/mainframe-reader.yaml"
    clone.write(path, PAPER)
    base = clone.commit("Add")
    remove(clone, path)

    assert since(clone, base)["prod/mainframe-reader"].on_paper


TEMPLATE = "modules/service-role/expected.json.j2"
AS_USER = (
    '{"users": [{"name": "ledger-writer", "path": "/", "inline": {}, "attached": [], "tags": {}, "access_keys": []}]}'
)


@pytest.mark.parametrize(
    ("files", "types"),
    [
        ({}, {PrincipalType.ROLE}),
        ({TEMPLATE: AS_USER}, {PrincipalType.USER}),
        ({TEMPLATE: "{{ no.such.thing }}"}, set(PrincipalType)),
        ({PATH: "- a\n"}, set(PrincipalType)),
        ({PATH: manifest(kind="paper-account", scope="{system: mainframe}")}, set(PrincipalType)),
    ],
    ids=["a role", "a user", "a kind that is broken", "a manifest that cannot be read", "nothing that has an API"],
)
def test_what_stood_for_it_is_known_where_its_last_manifest_and_its_kind_say_it(
    clone: Clone, files: Mapping[str, str], types: set[PrincipalType]
) -> None:
    base = head(clone)
    for path, text in files.items():
        clone.write(path, text)
    clone.write("note", "so that there is something to commit")
    clone.commit("Change")
    remove(clone, PATH)

    assert since(clone, base)[IDENTITY].types == types


def test_what_is_no_manifest_is_no_identity(clone: Clone) -> None:
    clone.write("identities/prod/README.md", "# Production\n")
    clone.write("identities/note.yaml", manifest(name="note"))
    base = clone.commit("Add")
    remove(clone, "identities/prod/README.md", "identities/note.yaml")

    assert since(clone, base) == {}


def test_a_shallow_clone_is_refused_with_what_completes_it(clone: Clone, tmp_path: Path) -> None:
    base = head(clone)
    remove(clone, PATH)
    clone.git("clone", "--quiet", "--depth=2", f"file://{clone.root}", str(tmp_path / "shallow"))
    shallow = replace(clone, root=tmp_path / "shallow")

    with pytest.raises(InputError) as refused:
        since(shallow, base)
    assert "git fetch --unshallow" in refused.value.hint


def test_settings_that_are_broken_at_the_head_stop_it(clone: Clone) -> None:
    base = head(clone)
    clone.write("nhi.yaml", "- a\n")
    clone.commit("Break")

    with pytest.raises(InputError):
        since(clone, base)
