"""Text as YAML: a reviewer sees every character of it."""

import pytest

from nhi.manifest.written import written


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ledger", "ledger"),
        ("no", '"no"'),
        ("Größe", '"Größe"'),
        ("a\nb", '"a\\nb"'),
        ("a\x85b", '"a\\x85b"'),
        ("a\u202eb", '"a\\u202eb"'),
        ("a\U000e0041b", '"a\\U000e0041b"'),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, line: str) -> None:
    assert written(text) == line
