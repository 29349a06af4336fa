"""Edits of random manifests in random layouts: the values are exactly those meant, and every other line stays."""

from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from nhi.errors import InputError
from nhi.manifest.edit import edited
from nhi.manifest.written import written
from nhi.manifest.yamltext import examine
from nhi.model.edit import DropKey, KeyEdit, KeyPath, SetKey
from nhi.model.identity import Json

KEYS = ("owner", "expiry", "scope", "größe", "x", "12", "no")
ODD: tuple[Json, ...] = (
    None,
    True,
    7,
    0.5,
    "",
    "# x",
    "a: b",
    "2026-11-20",
    "no",
    "7",
    "it's \"{[",
    "😀",
    "plain words",
)
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.one_of(st.sampled_from(ODD), st.text(max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)),
    max_leaves=6,
)
COMMENT = "#"
"""Stands in the place of a key for the lines that belong to a mapping, but to none of its keys."""


@dataclass
class Document:
    """A manifest as lines, each with the path of the key that it belongs to, and what it declares."""

    random: Random
    lines: list[tuple[KeyPath, str]] = field(default_factory=list)
    values: dict[str, Json] = field(default_factory=dict)
    entries: list[KeyPath] = field(default_factory=list)
    """The keys of all mappings that are written in lines of their own."""
    blocks: list[KeyPath] = field(default_factory=list)
    """Those mappings."""

    @property
    def text(self) -> str:
        return "".join(line for _, line in self.lines)

    def comment(self) -> str:
        return f"# c{len(self.lines)}: it's \"{{["

    def add_mapping(self, path: KeyPath, depth: int, into: dict[str, Json]) -> None:
        self.blocks.append(path)
        for key in self.random.sample(KEYS, self.random.randint(1, 4)):
            indent = "  " * depth
            if self.random.random() < 0.3:
                self.lines.append(((*path, COMMENT), self.random.choice(["\n", f"{indent}{self.comment()}\n"])))
            self.entries.append((*path, key))
            self.add_entry((*path, key), depth, into, f"{indent}{written({key: 0})[1:-4]}:")

    def add_entry(self, path: KeyPath, depth: int, into: dict[str, Json], head: str) -> None:
        tail = f"  {self.comment()}\n" if self.random.random() < 0.4 else "\n"
        indent, key = "  " * (depth + 1), path[-1]
        style = self.random.choice(["value", "flow", "single", "empty", "folded", "literal", "list", "mapping"])
        if style == "mapping" and depth < 3:
            self.lines.append((path, head + tail))
            inner: dict[str, Json] = {}
            self.add_mapping(path, depth + 1, inner)
            into[key] = inner
        elif style == "flow":
            first, second = self.random.sample(KEYS, 2)
            into[key] = {first: 1, second: ["a", {}]}
            self.lines.append((path, f"{head} {{{written({first: 1})[1:-1]},\n"))
            self.lines.append((path, f"{indent}{written({second: 0})[1:-4]}: [a, {{}}]}}{tail}"))
        elif style == "single":
            into[key] = "it's # text"
            self.lines.append((path, f"{head} 'it''s # text'{tail}"))
        elif style == "empty":
            into[key] = None
            self.lines.append((path, head + tail))
        elif style in ("folded", "literal"):
            into[key] = "one two # text" if style == "folded" else "one\n# text\n"
            words = ["one", "two # text"] if style == "folded" else ["one", "# text"]
            self.lines.append((path, f"{head} {'>-' if style == 'folded' else '|'}{tail}"))
            self.lines += [(path, f"{indent}{word}".rstrip() + "\n") for word in words]
        elif style == "list":
            into[key] = [1, {"a": 2, "b": None}]
            self.lines.append((path, head + tail))
            self.lines += [(path, f"{indent}{item}\n") for item in ("- 1", "- a: 2 ", "  b:")]
        else:
            into[key] = self.random.choice(ODD)
            self.lines.append((path, f"{head} {written(into[key])}{tail}"))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    one = Document(draw(st.randoms(use_true_random=False)))
    one.add_mapping((), 0, one.values)
    return one


def after(values: dict[str, Json], edit: KeyEdit) -> dict[str, Json]:
    """What should be declared after an edit, worked out without any text."""
    result = deepcopy(values)
    inner: Any = result
    for key in edit.path[:-1]:
        inner = inner[key]
    if isinstance(edit, SetKey):
        inner[edit.path[-1]] = edit.value
    else:
        del inner[edit.path[-1]]
    return result


def untouched(one: Document, path: KeyPath) -> list[str]:
    """The lines that an edit of this key is not about."""
    return [line for owner, line in one.lines if owner[: len(path)] != path]


def stand_in_order(wanted: list[str], text: str) -> bool:
    """Whether these lines, byte for byte, are all among the text's, in this order."""
    found = iter(text.splitlines(keepends=True))
    return all(line in found for line in wanted)


@given(documents())
def test_the_documents_of_these_tests_declare_what_they_say(one: Document) -> None:
    examined = examine(one.text.encode())
    assert examined.problems == ()
    assert examined.values == one.values


@given(documents(), st.data())
def test_a_key_that_is_set_has_its_value_and_no_other_line_changes(one: Document, data: st.DataObject) -> None:
    new = tuple((*block, key) for block in one.blocks for key in KEYS)
    path = data.draw(st.sampled_from(one.entries) | st.sampled_from(new))
    edit = SetKey(path, data.draw(VALUES))
    try:
        text = edited(one.text.encode(), [edit]).decode()
    except InputError as error:
        event("refused")
        refused = error.message
    else:
        refused = ""
    if refused:
        assert "a comment stands within it" in refused
        assert sum(owner[: len(path)] == path for owner, _ in one.lines) > 1
        return
    assert examine(text.encode()).values == after(one.values, edit)
    assert stand_in_order(untouched(one, path), text)


@given(documents(), st.data())
def test_a_key_that_is_dropped_is_gone_and_no_other_line_changes(one: Document, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(one.entries))
    text = edited(one.text.encode(), [DropKey(path)]).decode()
    assert examine(text.encode()).values == after(one.values, DropKey(path))
    assert stand_in_order(untouched(one, path), text)


@given(documents(), st.data())
def test_a_new_key_that_is_dropped_again_leaves_the_old_bytes(one: Document, data: st.DataObject) -> None:
    block = data.draw(st.sampled_from(one.blocks))
    new = (*block, "previous")
    edits: list[KeyEdit] = [SetKey(new, data.draw(VALUES)), DropKey(new)]
    assert edited(one.text.encode(), edits).decode() == one.text


@given(documents(), st.data())
def test_in_a_file_with_other_line_ends_they_stay(one: Document, data: st.DataObject) -> None:
    text = one.text.replace("\n", "\r\n").encode()
    path = data.draw(st.sampled_from(one.blocks))
    new = edited(text, [SetKey((*path, "previous"), data.draw(VALUES))])
    assert new.count(b"\n") == new.count(b"\r\n") > text.count(b"\n")


@given(st.binary(max_size=300), st.lists(st.sampled_from(KEYS), min_size=1, max_size=3), VALUES)
def test_no_bytes_at_all_make_it_fail_otherwise_than_in_words(text: bytes, path: list[str], value: Json) -> None:
    for edit in (SetKey(tuple(path), value), DropKey(tuple(path))):
        try:
            new = edited(text, [edit])
        except InputError:
            continue
        assert examine(new).problems == ()
