"""Verdicts kept between two runs: given back as they were, or not at all."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.manifests import AS_OF

from nhi.model.facts import Facts
from nhi.model.finding import Finding, GrantedException, Severity
from nhi.model.verdict import Verdict, Verdicts
from nhi.repository.verdicts import VerdictFile, program_digest

FOUND = Finding("missing-owner", "NHI001", Severity.ERROR, "prod/a", "identities/prod/a.yaml", 3, 1, "no owner", "add")
COVERED = replace(FOUND, exception=GrantedException("security", AS_OF, "The vendor cannot."), identity=None)
FACTS = Facts("a1", None)
VERDICTS: Verdicts = {
    "clean": Verdict(-62135596800.0, 253402300800.0, (), FACTS),
    "unread": Verdict(0.0, 1.0, ()),
    "found": Verdict(1.5, 2.5, (FOUND, COVERED), FACTS),
    "unread and found": Verdict(1.5, 2.5, (replace(FOUND, severity=Severity.WARNING),)),
}


@pytest.fixture
def store(tmp_path: Path) -> VerdictFile:
    """A store in a folder that is not there yet."""
    return VerdictFile(tmp_path / ".git" / "nhi" / "verdicts.json", "program-1")


def test_what_was_kept_comes_back(store: VerdictFile) -> None:
    store.keep("ground-1", VERDICTS)

    assert store.recall("ground-1") == VERDICTS


def test_nothing_kept_is_nothing(store: VerdictFile) -> None:
    assert store.recall("ground-1") == {}


def test_another_ground_has_no_verdicts(store: VerdictFile) -> None:
    store.keep("ground-1", VERDICTS)

    assert store.recall("ground-2") == {}


def test_another_program_has_no_verdicts(store: VerdictFile, tmp_path: Path) -> None:
    store.keep("ground-1", VERDICTS)

    assert VerdictFile(tmp_path / ".git" / "nhi" / "verdicts.json", "program-2").recall("ground-1") == {}


def test_what_is_kept_replaces_what_was(store: VerdictFile) -> None:
    store.keep("ground-1", VERDICTS)
    store.keep("ground-1", {})

    assert store.recall("ground-1") == {}


def test_nothing_but_the_file_is_left(store: VerdictFile, tmp_path: Path) -> None:
    store.keep("ground-1", VERDICTS)
    store.keep("ground-1", VERDICTS)

    assert [path.name for path in (tmp_path / ".git" / "nhi").iterdir()] == ["verdicts.json"]


def test_a_place_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = VerdictFile(tmp_path / "file" / "verdicts.json", "program-1")

    store.keep("ground-1", VERDICTS)

    assert store.recall("ground-1") == {}


DAMAGED = {
    "empty": b"",
    "no JSON": b"{",
    "no text": b"\xff\xfe",
    "a list": b"[]",
    "nothing": b"null",
    "deep": b"[" * 100_000,
    "no head": b"{}",
}
HOSTILE: dict[str, object] = {
    "no verdicts": {},
    "verdicts that are a list": {"clean": [], "found": {}},
    "a verdict that is text": {"clean": {"k": "ab"}, "found": {}},
    "a span of words": {"clean": {"k": ["soon", "later"]}, "found": {}},
    "a span of nothing": {"clean": {"k": [None, None]}, "found": {}},
    "a span without an end": {"clean": {"k": [1]}, "found": {}},
    "a span beyond numbers": {"clean": {"k": [10**400, 1]}, "found": {}},
    "facts that are numbers": {"clean": {"k": [1, 2, 3, 4]}, "found": {}},
    "half of the facts": {"clean": {"k": [1, 2, "a"]}, "found": {}},
    "a finding that is text": {"clean": {}, "found": {"k": [1, 2, ["x" * 10]]}},
    "a finding without a hint": {"clean": {}, "found": {"k": [1, 2, [["r", "c", "error", None, "p", 1, 1, "m"]]]}},
    "a line that is text": {
        "clean": {},
        "found": {"k": [1, 2, [["r", "c", "error", None, "p", "1", 1, "m", "h", None]]]},
    },
    "no such severity": {"clean": {}, "found": {"k": [1, 2, [["r", "c", "bad", None, "p", 1, 1, "m", "h", None]]]}},
    "an exception that is text": {
        "clean": {},
        "found": {"k": [1, 2, [["r", "c", "error", None, "p", 1, 1, "m", "h", "ok"]]]},
    },
    "an exception without an end": {
        "clean": {},
        "found": {"k": [1, 2, [["r", "c", "error", None, "p", 1, 1, "m", "h", ["security", "never", ""]]]]},
    },
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_holds_nothing(store: VerdictFile, tmp_path: Path, name: str) -> None:
    store.keep("ground-1", VERDICTS)
    (tmp_path / ".git" / "nhi" / "verdicts.json").write_bytes(DAMAGED[name])

    assert store.recall("ground-1") == {}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_of_another_shape_holds_nothing(store: VerdictFile, tmp_path: Path, name: str) -> None:
    store.keep("ground-1", VERDICTS)
    file = tmp_path / ".git" / "nhi" / "verdicts.json"
    head = json.loads(file.read_bytes())["head"]
    file.write_text(json.dumps({"head": head, **HOSTILE[name]}))  # type: ignore[dict-item]  # of any shape

    assert store.recall("ground-1") == {}


def test_a_file_that_was_cut_short_holds_nothing(store: VerdictFile, tmp_path: Path) -> None:
    store.keep("ground-1", VERDICTS)
    file = tmp_path / ".git" / "nhi" / "verdicts.json"
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert store.recall("ground-1") == {}


def test_a_span_that_is_no_number_never_holds() -> None:
    assert not Verdict(float("nan"), float("nan"), ()).holds(0.0)


texts = st.text(max_size=10)
findings = st.builds(
    Finding,
    texts,
    texts,
    st.sampled_from(Severity),
    st.none() | texts,
    texts,
    st.integers(1, 9),
    st.integers(1, 9),
    texts,
    texts,
    st.none() | st.builds(GrantedException, texts, st.just(AS_OF), texts),
)
verdicts = st.builds(
    Verdict,
    st.floats(allow_nan=False),
    st.floats(allow_nan=False),
    st.lists(findings, max_size=2).map(tuple),
    st.none() | st.builds(Facts, st.none() | texts, st.none() | texts),
)


@given(st.dictionaries(texts, verdicts, max_size=4))
def test_any_verdicts_come_back(tmp_path_factory: pytest.TempPathFactory, kept: Verdicts) -> None:
    store = VerdictFile(tmp_path_factory.getbasetemp() / "any" / "verdicts.json", "program-1")

    store.keep("ground-1", kept)

    assert store.recall("ground-1") == kept


def test_the_programs_digest_follows_its_files(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "one.py").write_text("a = 1\n")
    before = program_digest([tmp_path])

    (tmp_path / "rules" / "one.py").write_text("a = 2\n")
    edited = program_digest([tmp_path])
    (tmp_path / "rules" / "two.json").write_text("{}")
    added = program_digest([tmp_path])
    (tmp_path / "rules" / "__pycache__").mkdir()
    (tmp_path / "rules" / "__pycache__" / "one.pyc").write_bytes(b"x")

    assert len({before, edited, added}) == 3
    assert program_digest([tmp_path]) == added


def test_a_file_that_moves_to_another_name_is_another_program(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1\n")
    before = program_digest([tmp_path])

    (tmp_path / "one.py").rename(tmp_path / "two.py")

    assert program_digest([tmp_path]) != before
