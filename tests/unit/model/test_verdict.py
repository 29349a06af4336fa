"""A verdict's key, and when it holds."""

import pytest
from tests.fixtures.manifests import source

from nhi.model.instant import parse_instant
from nhi.model.source import FileType, SourceFile
from nhi.model.verdict import key_of, span

FILE = source("owner: payments\n", "identities/prod/a.yaml")


def test_the_same_file_has_the_same_key() -> None:
    assert key_of(FILE) == key_of(source("owner: payments\n", "identities/prod/a.yaml"))


@pytest.mark.parametrize(
    "other",
    [
        source("owner: security\n", "identities/prod/a.yaml"),
        source("owner: payments\n", "identities/prod/b.yaml"),
        source("owner: payments\n", "identities/prod/a.yaml", FileType.OTHER),
        source("", "identities/prod/a.yaml"),
    ],
)
def test_another_path_type_or_content_has_another(other: SourceFile) -> None:
    assert key_of(other) != key_of(FILE)


def test_a_path_of_any_length_has_a_key() -> None:
    assert key_of(source("", "identities/" + "ü" * 4000)) != key_of(source("", "identities/" + "ü" * 4001))


def test_a_verdict_holds_from_its_first_second_until_before_its_end() -> None:
    verdict = span(parse_instant("2026-11-01"), parse_instant("2026-12-01"), ())

    assert [
        verdict.holds(parse_instant(text).timestamp())
        for text in ("2026-10-31T23:59:59Z", "2026-11-01", "2026-11-30T23:59:59Z", "2026-12-01")
    ] == [False, True, True, False]
