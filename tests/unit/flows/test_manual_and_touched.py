"""The manual has a page for everything that can be found; the ground's digest is of all that it is read from."""

import re
from pathlib import Path

import pytest
from tests.fixtures.manifests import FILES, Tree, tree

from nhi.errors import InputError
from nhi.flows.ground import read_catalog, read_ground
from nhi.flows.manual import pages
from nhi.manifest import problems
from nhi.manifest.problems import ProblemKind
from nhi.model.finding import Severity
from nhi.policy.discovery import discover

PAGES = {page.slug: page for page in pages()}
KINDS = [value for value in vars(problems).values() if isinstance(value, ProblemKind)]


def test_there_is_a_page_for_every_rule_and_every_problem() -> None:
    assert PAGES.keys() == {entry.slug for entry in discover().entries} | {kind.slug for kind in KINDS}


def test_every_problem_is_in_the_list_of_all() -> None:
    assert sorted(problems.ALL, key=lambda one: one.code) == sorted(KINDS, key=lambda one: one.code)


def test_no_code_and_no_slug_stands_for_two() -> None:
    assert len({page.code for page in PAGES.values()}) == len(pages())
    assert len(PAGES) == len(pages())


def test_problems_have_codes_of_their_own_hundred() -> None:
    assert all(re.fullmatch(r"NHI9\d\d", kind.code) for kind in KINDS)
    assert not any(entry.rule.code.startswith("NHI9") for entry in discover().entries)


def test_pages_stand_by_code() -> None:
    codes = [page.code for page in pages()]

    assert codes == sorted(codes)


def test_a_page_of_a_problem_says_what_and_why() -> None:
    page = PAGES["unknown-key"]

    assert (page.code, page.severity) == ("NHI915", Severity.ERROR)
    assert page.text.startswith("# unknown-key (NHI915, error)\n\nA key is not one that the format has.\n\n")
    assert "exipry" in page.text


def test_a_page_of_a_rule_is_its_manual() -> None:
    page = PAGES["missing-owner"]

    assert "## Why it matters" in page.text
    assert "OWASP NHI1:2025" in page.references


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
def test_every_problem_has_words_that_help(kind: ProblemKind) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.slug)
    assert kind.title
    assert not kind.title.endswith(".")
    assert kind.page.endswith(".")


@pytest.mark.parametrize("path", FILES)
def test_every_file_of_the_ground_is_in_its_digest_and_no_other(tmp_path: Path, path: str) -> None:
    one = tree(tmp_path, {})
    before = read_ground(one.snapshot)[1]

    after = read_ground(one.write({path: FILES[path] + "\n"}).snapshot)[1]

    assert (after != before) is not path.endswith(".tf")


def test_the_digest_tells_which_file_holds_what(tmp_path: Path) -> None:
    one = tree(tmp_path, {})
    before = read_ground(one.snapshot)[1]

    one.write({"modules/zzz-role/schema.json": FILES["modules/service-role/schema.json"]})
    one.remove("modules/service-role/schema.json").remove("modules/service-role/expected.json.j2")

    assert read_ground(one.snapshot)[1] != before


def test_the_kinds_can_be_read_without_the_rest(tmp_path: Path) -> None:
    one = Tree(tmp_path).write({path: text for path, text in FILES.items() if path.startswith("modules/")})

    assert sorted(read_catalog(one.snapshot).kinds) == ["paper-account", "service-role"]


def test_a_kind_that_is_broken_is_an_error(tmp_path: Path) -> None:
    one = tree(tmp_path, {}).write({"modules/paper-account/schema.json": "{"})

    with pytest.raises(InputError, match="is not JSON"):
        read_catalog(one.snapshot)
