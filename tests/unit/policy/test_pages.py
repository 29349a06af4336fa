import re
from dataclasses import replace
from pathlib import Path

import pytest

from nhi.errors import NhiError
from nhi.policy.discovery import RuleEntry, discover
from nhi.policy.pages import HEADINGS, index, page
from nhi.policy.rule import AnyRule

RULES = discover().entries
ENTRY = RULES[0]


def _rewritten(old: str, new: str) -> RuleEntry[AnyRule]:
    assert old in ENTRY.manual
    return replace(ENTRY, manual=ENTRY.manual.replace(old, new))


@pytest.mark.parametrize("entry", RULES, ids=[entry.slug for entry in RULES])
def test_every_page_is_whole(entry: RuleEntry[AnyRule]) -> None:
    one = page(entry)

    assert (one.slug, one.code, one.severity) == (entry.slug, entry.rule.code, entry.rule.severity)
    assert one.title
    assert not one.title.endswith(".")
    assert "\n" not in one.title
    assert len(one.what) > 60
    assert len(one.why) > 60
    assert one.markdown.startswith(f"# {entry.slug} ({entry.rule.code}, {entry.rule.severity})\n\n")
    assert [f"## {heading}" for heading in HEADINGS] == re.findall(r"^## .+$", one.markdown, re.MULTILINE)


@pytest.mark.parametrize("entry", RULES, ids=[entry.slug for entry in RULES])
def test_a_page_names_the_controls_of_its_rule_and_no_others(entry: RuleEntry[AnyRule]) -> None:
    controls = [one.partition(", ")[0] for one in page(entry).references if "<https://" not in one]

    assert tuple(controls) == entry.rule.references


def test_a_page_of_made_up_text_is_read_in_full() -> None:
    manual = (
        "It is\nwrong.\n\n## What it does\nWords.\n\n## Why it matters\nMore words.\n\n"
        "## Fails\n```yaml\na: 1\n```\nand\n```yaml\nb: 2\n```\n\n## Passes\n```yaml\nc: 3\n```\n\n"
        "## References\n- A 1, a title\n  over two lines\n- B 2, another\n"
    )
    entry = replace(ENTRY, manual=manual, rule=replace(ENTRY.rule, references=("A 1", "B 2")))

    one = page(entry)

    assert one.title == "It is wrong"
    assert (one.what, one.why) == ("Words.", "More words.")
    assert (one.fails, one.passes) == (("a: 1\n", "b: 2\n"), ("c: 3\n",))
    assert one.references == ("A 1, a title over two lines", "B 2, another")


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_missing_heading_is_refused(heading: str) -> None:
    with pytest.raises(NhiError, match="the manual of the rule missing-owner is malformed: the headings are"):
        page(_rewritten(f"## {heading}\n", ""))


def test_headings_in_another_order_are_refused() -> None:
    with pytest.raises(NhiError, match="the headings are"):
        page(_rewritten("## What it does", "## Passes"))


def test_a_manual_without_headings_is_refused() -> None:
    with pytest.raises(NhiError, match="the headings are missing"):
        page(replace(ENTRY, manual="A title."))


@pytest.mark.parametrize("section", ["Fails", "Passes"])
def test_a_manual_without_examples_of_both_is_refused(section: str) -> None:
    with pytest.raises(NhiError, match="an example is missing"):
        page(_rewritten(f"## {section}\n```yaml", f"## {section}\n```"))


def test_a_control_that_the_manual_does_not_name_is_refused() -> None:
    with pytest.raises(NhiError, match=r"References do not name CSF 2\.0 PR\.AA-01"):
        page(_rewritten("- CSF 2.0 PR.AA-01,", "- CSF 2.0 PR.AA-010,"))


def test_the_index_has_one_row_a_rule_and_its_links_lead_to_files() -> None:
    text = index(RULES)
    rows = re.findall(
        r"^\| (NHI\d{3}) \| \[([a-z-]+)\]\(([a-z_]+\.py)\) \| (error|warning) \| .+ \|$", text, re.MULTILINE
    )

    assert [(code, slug) for code, slug, _, _ in rows] == [(entry.rule.code, entry.slug) for entry in RULES]
    folder = Path(__file__).parents[3] / "src/nhi/policy/rules"
    assert all((folder / file).is_file() for _, _, file, _ in rows)


def test_the_readme_beside_the_rules_is_fresh() -> None:
    readme = Path(__file__).parents[3] / "src/nhi/policy/rules/README.md"

    assert readme.read_text(encoding="utf-8") == index(RULES), "run scripts/docs"
