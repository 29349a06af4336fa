"""Every rule is held to its own manual and to its fixture. A rule without either fails here."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.fixtures.policy import FIXTURES, Case, cases

from nhi.policy.discovery import Rulebook, RuleEntry, discover, rulebook
from nhi.policy.pages import page
from nhi.policy.rule import AnyRule

BOOK = discover()
RULES = BOOK.entries
SLUGS = [entry.slug for entry in RULES]
EXAMPLES = [
    pytest.param(entry.slug, Case(f"{section} {number}", text), id=f"{entry.slug}-{section}-{number}")
    for entry in RULES
    for section, texts in (("fails", page(entry).fails), ("passes", page(entry).passes))
    for number, text in enumerate(texts, start=1)
]
FIXTURE_CASES = [
    pytest.param(file.stem, case, id=f"{file.stem}: {case.title}")
    for file in sorted(FIXTURES.glob("*.yaml"))
    for case in cases(file)
]
_KNOWN = {
    "OWASP ": "NHI1:2025 NHI2:2025 NHI3:2025 NHI4:2025 NHI5:2025 NHI6:2025 NHI7:2025 NHI8:2025 NHI9:2025 NHI10:2025",
    "CSF 2.0 ": "PR.AA-01 PR.AA-03 PR.AA-05 GV.RR-02 GV.RR-04 GV.PO-01 GV.PO-02 GV.OV-01 GV.OV-03 GV.SC-10"
    " ID.AM-02 ID.AM-04 ID.AM-08 ID.RA-07 PR.PS-04 DE.CM-03 DE.CM-09",
    "NIST SP 800-53r5 ": "AC-2 AC-2(1) AC-2(2) AC-2(3) AC-2(4) AC-2(9) AC-2(10) AC-5 AC-6 AC-6(7) AU-3 AU-9(3) AU-10"
    " AU-10(2) AU-11 CM-3 CM-3(1) CM-5 IA-4 IA-5 IA-5(7) IA-9 PS-4 PS-5",
    "ISO/IEC 27001:2022 ": "A.5.3 A.5.15 A.5.16 A.5.17 A.5.18 A.5.28 A.5.33 A.6.5 A.8.2 A.8.15 A.8.32",
    "SOC 2 ": "CC4.1 CC5.2 CC6.1 CC6.2 CC6.3 CC7.2 CC8.1 CC9.2",
    "PCI DSS 4.0.1 ": "7.2.5 7.2.5.1 8.2.4 8.2.5 8.2.7 8.6.1 8.6.2 8.6.3 10.2.1.5 10.3.2 10.3.4",
}
KNOWN_CONTROLS = frozenset(
    framework + control for framework, controls in _KNOWN.items() for control in controls.split()
)
"""The controls whose identifiers were checked against their publishers' lists; others are not to be cited."""


@pytest.mark.parametrize(("slug", "example"), EXAMPLES)
def test_an_example_of_the_manual_yields_exactly_what_its_lines_expect(slug: str, example: Case) -> None:
    assert example.found(_book(slug)) == example.expected(), slug


@pytest.mark.parametrize("entry", RULES, ids=SLUGS)
def test_each_fails_example_yields_this_rule_alone(entry: RuleEntry[AnyRule]) -> None:
    for text in page(entry).fails:
        assert {found.slug for found in Case("fails", text).found(_book(entry.slug))} == {entry.slug}


@pytest.mark.parametrize("entry", RULES, ids=SLUGS)
def test_no_passes_example_yields_anything(entry: RuleEntry[AnyRule]) -> None:
    for text in page(entry).passes:
        assert Case("passes", text).found(_book(entry.slug)) == []


@pytest.mark.parametrize(("slug", "case"), FIXTURE_CASES)
def test_a_fixture_yields_exactly_what_its_lines_expect(slug: str, case: Case) -> None:
    assert case.found(_book(slug)) == case.expected()


def test_every_rule_has_a_fixture_and_every_fixture_a_rule() -> None:
    assert sorted(file.stem for file in FIXTURES.iterdir()) == sorted(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_fixture_shows_where_its_rule_speaks_and_where_it_is_silent(slug: str) -> None:
    about = [[found.slug == slug for found in case.expected()] for case in cases(FIXTURES / f"{slug}.yaml")]

    assert any(any(one) for one in about)
    assert any(not any(one) for one in about)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_rule_that_finds_nothing_any_more_is_noticed(slug: str) -> None:
    mutated = rulebook(_silenced(entry) if entry.slug == slug else entry for entry in _book(slug).entries)
    mine = [case for entry in RULES if entry.slug == slug for case in _fails(entry)]

    assert mine
    assert all(case.found(mutated) != case.expected() for case in mine)


@pytest.mark.parametrize("entry", RULES, ids=SLUGS)
def test_a_rule_cites_only_controls_that_were_checked(entry: RuleEntry[AnyRule]) -> None:
    assert entry.rule.references
    assert set(entry.rule.references) <= KNOWN_CONTROLS


@pytest.mark.parametrize("entry", RULES, ids=SLUGS)
def test_every_finding_says_what_to_do_in_one_line(entry: RuleEntry[AnyRule]) -> None:
    own = [*cases(FIXTURES / f"{entry.slug}.yaml"), *_fails(entry)]
    for found in (one for case in own for one in case.findings(_book(entry.slug))):
        for text in (found.message, found.hint):
            assert text.isprintable()
            assert 3 < len(text) < 400
            assert not text.endswith(".")


@pytest.mark.parametrize("entry", RULES, ids=SLUGS)
def test_a_rule_file_is_short_enough_to_read(entry: RuleEntry[AnyRule]) -> None:
    code = FIXTURES.parent.parent / "src/nhi/policy/rules" / f"{entry.slug.replace('-', '_')}.py"

    assert 40 <= len(code.read_text(encoding="utf-8").splitlines()) <= 120


def _book(slug: str) -> Rulebook:
    """The rules that an example is judged by.

    An example of an exception shows the exception, and not the deviation that it covers too; so those about outcomes,
    which would miss the deviation, only judge their own.
    """
    about_outcomes = slug in {entry.slug for entry in BOOK.of_outcomes}
    return BOOK if about_outcomes else replace(BOOK, of_outcomes=())


def _fails(entry: RuleEntry[AnyRule]) -> list[Case]:
    return [Case("fails", text) for text in page(entry).fails]


def _silenced(entry: RuleEntry[AnyRule]) -> RuleEntry[AnyRule]:
    def nothing(*_given: object) -> Iterator[Any]:
        return iter(())

    return replace(entry, rule=replace(entry.rule, check=nothing))  # type: ignore[arg-type]  # fits all three sorts
