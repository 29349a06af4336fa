import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.errors import InputError, UsageError
from nhi.repository.paths import decoded, inside, printable


@pytest.mark.parametrize("path", ["identities", "identities/prod/a.yaml", "-x", " ", "...", "a..b/..c", "größe\n"])
def test_a_path_inside_stays_as_it_is(path: str) -> None:
    assert inside(path) == path


@pytest.mark.parametrize("path", ["", "."])
def test_the_own_folder_has_one_name(path: str) -> None:
    assert inside(path) == ""


@pytest.mark.parametrize("path", ["/", "/a", "a/", "a//b", "..", "../a", "a/..", "./a", "a/./b", "a\0", "a\ud800"])
def test_a_path_that_may_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(UsageError) as found:
        inside(path)
    assert found.value.message.isprintable()


@given(st.text())
def test_text_that_is_shown_is_one_printable_line(text: str) -> None:
    assert printable(text).isprintable()


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_bytes_in_utf8_are_text(text: str) -> None:
    assert decoded(text.encode()) == text


@given(st.binary(), st.binary())
def test_other_bytes_are_an_error_that_can_be_shown(before: bytes, after: bytes) -> None:
    with pytest.raises(InputError, match="not UTF-8") as found:
        decoded(before + b"\xff" + after)
    assert found.value.message.isprintable()
