from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.errors import OutsideError
from nhi.model.source import MAX_MANIFEST_BYTES
from nhi.repository.revision import Blobs

OVERSIZED = b"x" * (MAX_MANIFEST_BYTES + 5000)


def cut(raw: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The bytes in pieces of these sizes, then the rest."""
    for size in sizes:
        if raw:
            yield raw[:size]
            raw = raw[size:]
    if raw:
        yield raw


@settings(deadline=None)
@given(
    st.lists(st.one_of(st.binary(max_size=40), st.just(b"\n" * 5), st.just(b"ab blob 3\n"), st.just(OVERSIZED))),
    st.lists(st.integers(1, 70), max_size=200),
)
def test_blobs_come_whole_however_the_answer_is_cut(contents: list[bytes], sizes: list[int]) -> None:
    answer = b"".join(b"%02x blob %d\n%s\n" % (number, len(one), one) for number, one in enumerate(contents))
    blobs = Blobs(cut(answer, sizes))
    found = [blobs.next_blob("a.yaml", b"%02x" % number) for number in range(len(contents))]
    blobs.finish()
    assert found == [one[: MAX_MANIFEST_BYTES + 1] for one in contents]


@pytest.mark.parametrize("answer", [b"00 missing\n", b"00 tree 3\nabc\n", b"01 blob 3\nabc\n", b"00 submodule\n"])
def test_another_answer_than_the_wanted_blob_is_an_error(answer: bytes) -> None:
    with pytest.raises(OutsideError, match=r"a\.yaml: git cannot give the content"):
        Blobs(iter([answer])).next_blob("a.yaml", b"00")


@pytest.mark.parametrize("answer", [b"", b"00 blob", b"00 blob 3\n", b"00 blob 3\nab", b"00 blob 3\nabc"])
def test_an_answer_that_breaks_off_is_an_error(answer: bytes) -> None:
    with pytest.raises(OutsideError, match="ended before it gave every file"):
        Blobs(iter([answer])).next_blob("a.yaml", b"00")
