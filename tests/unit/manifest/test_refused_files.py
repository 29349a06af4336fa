"""A file that cannot be read at all: one finding that says why and where, and never a traceback."""

import pytest
from tests.fixtures.manifests import PATH, findings, manifest, place, places, source

from nhi.manifest.yamltext import examine
from nhi.model.source import MAX_MANIFEST_BYTES, FileType

TEXT = manifest()


def test_a_manifest_in_order_has_no_finding() -> None:
    assert places(TEXT) == []


def test_bytes_that_are_not_utf_8_are_located_by_character() -> None:
    data = TEXT.encode().replace(b"Settlement batch", "Überweisung ".encode() + b"\xe9")

    assert places(data) == [("not-utf-8", 5, len("purpose: Überweisung ") + 1)]


def test_utf_16_is_not_utf_8() -> None:
    assert places(TEXT.encode("utf-16")) == [("not-utf-8", 1, 1)]


def test_utf_16_without_a_byte_order_mark_is_full_of_control_characters() -> None:
    assert places(TEXT.encode("utf-16-le")) == [("control-character", 1, 2)]


def test_a_tab_as_indentation() -> None:
    text = TEXT.replace("  trust:", "\ttrust:")

    assert places(text) == [("tab-indentation", *place(text, "\ttrust"))]


def test_a_tab_that_makes_a_key_part_of_the_line_above() -> None:
    text = TEXT.replace("purpose:", "\tpurpose:")

    assert places(text) == [("tab-indentation", *place(text, "\tpurpose"))]


def test_a_tab_within_a_line_is_no_indentation() -> None:
    assert places(TEXT.replace("owner: ", "owner:\t")) == []


def test_two_documents() -> None:
    text = f"{TEXT}---\n{TEXT}"

    assert places(text) == [("several-documents", *place(text, "---"))]


def test_a_document_may_begin_and_end_with_its_marks() -> None:
    assert places(f"---\n{TEXT}...\n") == []


def test_a_key_that_stands_twice_at_the_top() -> None:
    text = f"{TEXT}owner: security\n"

    assert places(text) == [("duplicate-key", *place(text, "owner: security"))]


def test_a_key_that_stands_twice_further_in() -> None:
    text = TEXT.replace("  allow:", "    services: [lambda.amazonaws.com]\n  allow:")

    assert places(text) == [("duplicate-key", *place(text, "services: [lambda"))]


def test_a_key_that_stands_twice_in_braces() -> None:
    text = manifest(scope="{trust: {services: []}, trust: {services: [x.amazonaws.com]}}")

    assert places(text) == [("duplicate-key", *place(text, "trust: {services: [x"))]


def test_a_key_that_stands_twice_once_in_quotes() -> None:
    text = f'{TEXT}"owner": security\n'

    assert places(text) == [("duplicate-key", *place(text, '"owner"'))]


def test_the_line_of_the_first_of_two_keys_is_named() -> None:
    [found] = findings(f"{TEXT}owner: security\n")

    assert found.message == "'owner' stands twice, first in line 4"


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.system [id]",
        "!!str payments",
        "!team payments",
        "!<tag:x,2000:y> payments",
        "! payments",
    ],
)
def test_a_tag_of_any_kind(value: str) -> None:
    text = manifest(owner=value)

    assert places(text) == [("custom-tag", *place(text, value))]


def test_a_tag_on_a_key() -> None:
    text = TEXT.replace("owner:", "!!str owner:")

    assert places(text) == [("custom-tag", *place(text, "!!str"))]


def test_a_tag_that_a_directive_names() -> None:
    text = f"%TAG !e! tag:acme.example,2000:\n---\n{manifest(owner='!e!team payments')}"

    assert places(text) == [("custom-tag", *place(text, "!e!team"))]


def test_an_exclamation_mark_in_a_sentence_is_no_tag() -> None:
    assert places(manifest(purpose="Settlement batch writes to the ledger, nothing else ! Really !important")) == []


def test_an_anchor() -> None:
    text = manifest(owner="&team payments")

    assert places(text) == [("alias", *place(text, "&team"))]


def test_an_anchor_and_its_alias_are_one_finding() -> None:
    text = manifest(owner="&team payments", ticket="*team")

    assert places(text) == [("alias", *place(text, "&team"))]


@pytest.mark.parametrize(
    "scope",
    ['{"trust":&t {services: []},"allow":*t }', "{trust: &t {services: []}, allow: *t }", "{?*t : 1}", "[&t a,?*t ]"],
)
def test_an_alias_that_hides_behind_a_colon_or_question_mark(scope: str) -> None:
    text = manifest(scope=scope)

    assert [slug for slug, _, _ in places(text)] == ["alias"]


def test_an_alias_to_nothing() -> None:
    text = manifest(owner="*team")

    assert places(text) == [("alias", *place(text, "*team"))]


def test_an_alias_to_what_it_stands_in() -> None:
    text = manifest(scope="&s {trust: *s }")

    assert places(text) == [("alias", *place(text, "&s"))]


def test_a_star_without_quotes_is_explained() -> None:
    text = manifest(scope="{trust: {services: []}, allow: [{actions: [*], resources: []}]}")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("alias", *place(text, "*]"))
    assert "quotes" in found.message


def test_stars_and_ampersands_in_text_are_no_aliases() -> None:
    assert places(manifest(purpose="R&D settlement & ledger * batch writes table-* for *all*", ticket="A&B")) == []


def test_a_merge_key_means_nothing() -> None:
    text = f"{TEXT}<<: {{owner: security}}\n"

    assert places(text) == [("unknown-key", *place(text, "<<"))]


def test_64_kib_are_enough() -> None:
    filled = TEXT + "#" * (MAX_MANIFEST_BYTES - len(TEXT))

    assert places(filled) == []


def test_more_than_64_kib() -> None:
    assert places(TEXT + "#" * (MAX_MANIFEST_BYTES - len(TEXT) + 1)) == [("oversized-file", 1, 1)]


def test_a_symbolic_link() -> None:
    assert places(source(b"", file_type=FileType.SYMLINK)) == [("not-a-regular-file", 1, 1)]


def test_a_special_file() -> None:
    assert places(source(b"", file_type=FileType.OTHER)) == [("not-a-regular-file", 1, 1)]


@pytest.mark.parametrize(
    "name", ["ledger-writer.yml", "ledger-writer.YAML", "ledger-writer.json", "notes.txt", "notes"]
)
def test_a_wrong_extension(name: str) -> None:
    assert places(TEXT, f"identities/prod/{name}") == [("wrong-extension", 1, 1)]


def test_a_name_that_is_only_an_extension() -> None:
    assert places(TEXT, "identities/prod/.yaml") == [("wrong-extension", 1, 1)]


def test_a_file_of_a_wrong_extension_is_nobodys_identity() -> None:
    [found] = findings(TEXT, "identities/prod/notes.txt")

    assert found.identity is None


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing but a comment\n", "%YAML 1.2\n"])
def test_an_empty_file(text: str) -> None:
    found = places(text)

    assert [slug for slug, _, _ in found] == ["empty-file" if "%" not in text else "syntax-error"]


def test_a_list_at_the_top() -> None:
    assert places("# one\n- owner: payments\n") == [("not-a-mapping", 2, 1)]


@pytest.mark.parametrize("text", ["payments\n", "'owner: payments'\n", "42\n", "null\n"])
def test_a_single_value_at_the_top(text: str) -> None:
    assert places(text) == [("not-a-mapping", 1, 1)]


def test_what_is_not_yaml() -> None:
    text = manifest(owner="[payments")

    [(slug, line, _)] = places(text)

    assert (slug, line) == ("syntax-error", 5)


def test_a_key_that_is_a_list() -> None:
    text = f"{TEXT}? [a, b]\n: c\n"

    assert places(text) == [("wrong-type", *place(text, "[a, b]"))]


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\x1b", "U+001B"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\ufeff", "U+FEFF"),
        ("\u2028", "U+2028"),
        ("\u202e", "U+202E"),
        ("\u2066", "U+2066"),
        ("\u200b", "U+200B"),
        ("\u3164", "U+3164"),
        ("\uffff", "U+FFFF"),
        ("\U000e0041", "U+E0041"),
        ("\U000e0100", "U+E0100"),
    ],
)
def test_a_character_that_cannot_be_seen(character: str, name: str) -> None:
    text = manifest(purpose=f"Überweisung batch{character} writes")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("control-character", *place(text, character))
    assert name in found.message


def test_a_byte_order_mark_at_the_beginning() -> None:
    assert places(f"\ufeff{TEXT}") == [("control-character", 1, 1)]


def test_a_carriage_return_that_hides_a_key_in_a_comment() -> None:
    text = TEXT.replace("owner: payments", "# who asked\rowner: payments")

    assert places(text) == [("control-character", *place(text, "\r"))]


def test_line_ends_of_windows_are_fine() -> None:
    assert places(TEXT.replace("\n", "\r\n")) == []


def test_letters_and_signs_of_all_languages_are_fine() -> None:
    assert places(manifest(purpose="決済バッチが台帳に取引を記録する ✔️ für alle")) == []


def test_nesting_is_bounded_with_the_place_that_goes_too_far() -> None:
    text = manifest(scope="{trust: {services: []}, allow: " + "[" * 40 + "]" * 40 + "}")

    [(slug, line, _)] = places(text)

    assert (slug, line) == ("too-complex", 7)


def test_nesting_by_indentation_is_bounded() -> None:
    nested = "".join(f"\n{'  ' * level}a{level}:" for level in range(1, 40))

    assert [slug for slug, _, _ in places(manifest(scope=nested + " x"))] == ["too-complex"]


def test_32_levels_are_not_too_many() -> None:
    text = "a: " + "[" * 32 + "x" + "]" * 32

    assert examine(text.encode()).problems == ()


def test_many_places_of_deep_nesting_are_one_finding() -> None:
    deep = "[" * 31 + "[[a], [b], [c]]" + "]" * 31

    assert [one.kind.slug for one in examine(f"a: {deep}\n".encode()).problems] == ["too-complex"]


def test_a_line_of_dashes_in_a_comment_nests_nothing() -> None:
    assert places(f"# {'- ' * 40}\n{TEXT}") == []


def test_many_brackets_that_do_not_nest_are_fine() -> None:
    values = ", ".join(["[x]"] * 2000)

    assert examine(f"a: [{values}]\n".encode()).problems == ()


def test_a_thousand_duplicate_keys_are_not_a_thousand_findings() -> None:
    assert len(places(TEXT + "owner: security\n" * 1000)) == 50


def test_every_finding_names_its_file_and_identity() -> None:
    [found] = findings("- a\n")

    assert (found.path, found.identity) == (PATH, "prod/ledger-writer")
