"""Whatever stands in a file, reading it gives an answer, and soon."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fixtures.manifests import CATALOG, GROUND, PATH, findings, manifest, source
from tests.fixtures.soon import soon

from nhi.manifest.read import read
from nhi.manifest.yamltext import Irregular, examine, plain_values
from nhi.model.finding import Finding
from nhi.model.source import MAX_MANIFEST_BYTES

TEXT = manifest().encode()
SOON = 0.9
"""Seconds of the processor, so that a busy machine fails nothing. Unguarded it is three seconds or more, or a crash."""
FULL = MAX_MANIFEST_BYTES - len(TEXT)


def timed(data: bytes) -> tuple[Finding, ...]:
    """The findings, that must come soon."""
    assert len(data) <= MAX_MANIFEST_BYTES
    return soon(lambda: findings(data), SOON)


DEEP = {
    "lists": b"[" * 60_000,
    "mappings": b"{" * 60_000,
    "lists in a mapping": b"a: " + b"[" * 60_000,
    "lists that end": b"[" * 30_000 + b"]" * 30_000,
    "mappings with keys": b"{a: " * 15_000,
    "both": b"[{" * 30_000,
    "dashes": b"- " * 20_000,
    "question marks": b"? " * 20_000,
    "dashes and question marks": b"- ? " * 15_000,
    "dashes of a value": b"? a\n: " + b"- " * 20_000,
    "dashes and lists": b"- " * 20_000 + b"[" * 20_000,
    "dashes and tabs": b"-\t" * 20_000,
    "colons": b": " * 20_000,
    "ends in quotes before": b'a: "' + b"]" * 32_000 + b'"\nb: ' + b"[" * 32_000,
    "ends in quotes between": b"a: [" + b"']', [" * 9_000,
    "ends in comments": b"# ]]]]\n" * 1000 + b"a: " + b"[" * 50_000,
    "indentation": b"".join(b" " * depth + b"-\n" for depth in range(350)),
    "indentation and dashes": b"".join(b" " * (30 * depth) + b"- " * 15 + b"\n" for depth in range(64)),
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_a_finding(name: str) -> None:
    [found] = timed(DEEP[name])

    assert found.rule in {"too-complex", "syntax-error", "not-a-mapping", "tab-indentation"}


BOMBS = {
    "in braces": b'{"a0":&a0 {"x":1,"y":2}'
    + b"".join(b',"a%d":&a%d {"x":*a%d ,"y":*a%d }' % (one, one, one - 1, one - 1) for one in range(1, 40))
    + b"}",
    "line by line": b"a: &a [x,x]\n" + b"".join(b"k%d: &k%d [*a,*a]\n" % (one, one) for one in range(40)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_alias_bomb_is_a_finding(name: str) -> None:
    [found] = timed(BOMBS[name])

    assert found.rule == "alias"


NEARLY_SECRETS = {
    "schemes": b"a." * 32_000 + b" ://",
    "headers of tokens": b"-eyJ" * 16_000,
    "parts of tokens": b"eyJ." * 16_000,
    "dashes": b"-" * 60_000 + b" key",
    "words": b"secret " * 9_000,
    "words with colons": b"secret:" * 9_000,
    "keys": b"token: " * 9_000,
    "spaces": b"api_key" + b" " * 60_000,
    "addresses": b"a://b:c" * 8_000,
    "colons": b"a://" + b":" * 60_000,
    "frames": b"-----BEGIN " * 5_000 + b"PRIVATE KEY",
    "prefixes": b"ghp_" * 15_000,
}


@pytest.mark.parametrize("name", NEARLY_SECRETS)
def test_looking_for_secrets_takes_no_long(name: str) -> None:
    timed(TEXT + b"# " + NEARLY_SECRETS[name][: FULL - 2])


def test_a_long_list_of_several_types_takes_no_long() -> None:
    items = ", ".join(f"a{one}" if one % 2 else str(one) for one in range(9_000))
    text = manifest().replace("[dynamodb:PutItem]", f"[{items}]")

    timed(text.encode())


def test_thousands_of_unknown_keys_take_no_long() -> None:
    assert len(timed(TEXT + "".join(f"ownr{one}: x\n" for one in range(4_000)).encode())) == 50


def test_thousands_of_lines_with_a_finding_each_take_no_long() -> None:
    timed(TEXT + b"a: 1\n" * (FULL // 5))


@pytest.mark.parametrize("filler", [b" ", b"\n", b"\t", b"a", b"'", b": ", b"\r\n", "ü".encode()])
def test_much_of_the_same_takes_no_long(filler: bytes) -> None:
    much = filler * (FULL // len(filler))
    timed(much)
    timed(TEXT + much)


@settings(max_examples=400)
@given(st.binary(max_size=200))
@example(b"\xff\xfea\x00:\x00")
@example(b"a: \xed\xa0\x80")
def test_any_bytes_give_a_reading(data: bytes) -> None:
    found = findings(data)

    assert found
    assert all(one.line >= 1 and one.column >= 1 and one.message for one in found)


ALPHABET = "abc: -?[]{}&*!|>'\"%@`#,\n\t 01.~=<\\\u202eü"


@settings(max_examples=400)
@given(st.text(ALPHABET, max_size=80))
def test_any_yaml_like_text_gives_a_reading(text: str) -> None:
    read(source(text), CATALOG, GROUND.settings.stacks)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A manifest in which a few spans were replaced, doubled or swapped."""
    data = TEXT
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 30)))
        new = draw(
            st.sampled_from([b"", b"\n", b"  ", b"- ", b": ", b"[", b"{", b"'", b"null", b"\xff", data[start:end] * 2])
        )
        data = data[:start] + new + data[end:]
    return data


@settings(max_examples=400)
@given(mutated())
def test_a_mutated_manifest_gives_a_reading_with_places_within_the_file(data: bytes) -> None:
    found = findings(data)

    lines = data.decode(errors="replace").removesuffix("\n").split("\n")
    assert all(1 <= one.line <= len(lines) for one in found)
    assert all(1 <= one.column <= len(lines[one.line - 1]) + 1 for one in found)
    assert all(one.path == PATH for one in found)


def agree(data: bytes) -> None:
    """What the quick reader accepts, the careful one reads as the same, without a problem."""
    try:
        values = plain_values(data)
    except Irregular:
        return
    examined = examine(data)
    assert examined.problems == ()
    assert repr(examined.values) == repr(values)


@settings(max_examples=400)
@given(st.text(ALPHABET, max_size=60).map(str.encode) | mutated())
@example(b'{"a":&x 1,"b":*x }')
@example(b"a: !<!> 12")
@example(b"a: ! 12")
@example(b"{?*x : 1}")
@example(("a: " + "[" * 31 + "{b: c}" + "]" * 31).encode())
@example(("a: " + "[" * 32 + "b" + "]" * 32).encode())
@example(("a: " + "[" * 33 + "b" + "]" * 33).encode())
@example("a: 1\n".encode("utf-16"))
def test_the_quick_reader_and_the_careful_one_agree(data: bytes) -> None:
    agree(data)


@given(st.recursive(st.text("abc01.~", max_size=3), lambda inner: st.lists(inner, max_size=3), max_leaves=60))
def test_the_two_readers_agree_on_nested_lists(nested: object) -> None:
    agree(f"a: {nested}\n".encode())
