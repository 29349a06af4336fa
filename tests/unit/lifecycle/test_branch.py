"""Text as a part of a branch's name."""

import pytest

from nhi.lifecycle.branch import branch_part


@pytest.mark.parametrize(
    ("text", "part"),
    [("ledger-writer", "ledger-writer"), ("a..b/c", "a%2E%%2E%b%2F%c"), ("", "%"), ("x" * 64, "x" * 64)],
)
def test_what_git_forbids_is_escaped(text: str, part: str) -> None:
    assert branch_part(text) == part


def test_long_texts_that_begin_alike_have_parts_of_their_own() -> None:
    one, other = branch_part("x" * 65), branch_part("x" * 66)
    assert (len(one), len(other)) == (66, 66)
    assert one != other
