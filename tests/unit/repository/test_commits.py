import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.errors import InputError, OutsideError
from nhi.repository.commits import branch_transaction, import_stream, prove
from nhi.repository.interface import Edit, Removal

BASE = "a" * 40
AT = datetime(2026, 11, 20, tzinfo=UTC)
ONE, TWO = "1" * 40, "2" * 40
HELLO = "ce013625030ba8dba906f756967f9e9ca394464a"
"""What git calls a blob that holds `hello` and a line feed: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects."""


def removal(*paths: str, message: str = "x", at: datetime = AT) -> Removal:
    return Removal("nhi/sweep/a/b/c", paths, message, at)


def edit(**contents: bytes) -> Edit:
    return Edit("nhi/rotate/a/b/c", contents, "x", AT)


def deletion(path: bytes) -> bytes:
    return b":100644 000000 %040d %040d D\0%s\0" % (1, 0, path)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.text())
def test_no_path_and_no_message_can_become_a_command(path: str, message: str) -> None:
    stream = import_stream(BASE, "", [removal(path, message=message)], {})
    said = message.encode(errors="backslashreplace")
    head, _, rest = stream.partition(b"data %d\n" % len(said))
    assert rest[: len(said)] == said
    commands = (head + rest[len(said) + 1 :]).splitlines()
    assert [line.split(b" ")[0] for line in commands] == [
        *(b"commit", b"mark", b"author", b"committer", b"from", b"D"),
        *(b"", b"get-mark", b"reset", b"from", b"", b"done"),
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_path_is_quoted_so_that_git_reads_it_back(path: str) -> None:
    quoted = re.search(rb'^D "(.*)"$', import_stream(BASE, "team/", [removal(path)], {}), re.MULTILINE)
    assert quoted is not None
    read_back = re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), quoted[1])
    assert read_back.decode() == f"team/{path}"


def test_the_date_is_the_instant_whatever_its_zone() -> None:
    eastern = AT.astimezone(timezone(timedelta(hours=9)))
    assert import_stream(BASE, "", [removal("a", at=eastern)], {}) == import_stream(BASE, "", [removal("a")], {})


def test_a_date_without_a_zone_is_no_date() -> None:
    with pytest.raises(TypeError):
        import_stream(BASE, "", [removal("a", at=AT.replace(tzinfo=None))], {})


def test_commits_that_remove_exactly_their_paths_are_right() -> None:
    difference = ONE.encode() + b"\0" + deletion(b"a") + deletion(b"b") + TWO.encode() + b"\0" + deletion(b"c")
    prove(difference, BASE, "", [(ONE, removal("b", "a")), (TWO, removal("c"))], {})


@pytest.mark.parametrize(
    "more",
    [
        deletion(b"c"),
        b":100644 100644 %040d %040d M\0nhi.yaml\0" % (1, 2),
        b":000000 100644 %040d %040d A\0nhi.yaml\0" % (0, 2),
    ],
)
def test_a_commit_that_does_more_is_refused(more: bytes) -> None:
    with pytest.raises(OutsideError, match="does more than remove 1 file"):
        prove(ONE.encode() + b"\0" + deletion(b"a") + more, BASE, "", [(ONE, removal("a"))], {})


@pytest.mark.parametrize(
    "difference",
    [b"", ONE.encode() + b"\0", ONE.encode() + b"\0:100644 100644 %040d %040d M\0a\0" % (1, 2)],
)
def test_a_commit_that_removes_less_is_refused(difference: bytes) -> None:
    with pytest.raises(InputError, match="a is not a file of commit"):
        prove(difference, BASE, "", [(ONE, removal("a"))], {})


def test_all_branches_are_made_in_one_transaction() -> None:
    assert branch_transaction({"x": ONE, "y": TWO}) == (
        f"start\0create refs/heads/x\0{ONE}\0create refs/heads/y\0{TWO}\0prepare\0commit\0".encode()
    )


@given(st.binary(max_size=200), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_no_content_can_become_a_command(content: bytes, path: str) -> None:
    stream = import_stream(BASE, "", [Edit("b", {path: content}, "x", AT)], {path: "100755"})
    head, command, rest = stream.partition(b"M 100755 inline ")
    quoted, _, rest = rest.partition(b"\ndata %d\n" % len(content))
    assert b"\n" not in quoted
    assert rest[: len(content)] == content
    commands = (head + command + b"\n" + rest[len(content) + 1 :]).splitlines()
    assert [line.split(b" ")[0] for line in commands] == [
        *(b"commit", b"mark", b"author", b"committer", b"data", b"x", b"from", b"M"),
        *(b"", b"get-mark", b"reset", b"from", b"", b"done"),
    ]


def rewriting(new_id: str = HELLO, modes: str = "100644 100644", status: str = "M", path: str = "a") -> bytes:
    return f":{modes} {'3' * 40} {new_id} {status}\0{path}\0".encode()


def test_a_commit_that_writes_exactly_its_contents_is_right() -> None:
    prove(ONE.encode() + b"\0" + rewriting(), BASE, "", [(ONE, edit(a=b"hello\n"))], {"a": "100644"})


@pytest.mark.parametrize(
    "records",
    [
        rewriting(new_id="4" * 40),
        rewriting(modes="100644 100755"),
        rewriting(modes="100644 120000", status="T"),
        rewriting() + rewriting(path="b"),
        rewriting() + deletion(b"b"),
        deletion(b"a"),
    ],
)
def test_a_commit_that_writes_anything_else_is_refused(records: bytes) -> None:
    with pytest.raises(OutsideError, match="does more than rewrite 1 file"):
        prove(ONE.encode() + b"\0" + records, BASE, "", [(ONE, edit(a=b"hello\n"))], {"a": "100644"})


def test_a_content_that_stands_there_already_is_no_edit() -> None:
    with pytest.raises(InputError, match="a has that content already in commit"):
        prove(b"", BASE, "", [(ONE, edit(a=b"hello\n"))], {"a": "100644"})
