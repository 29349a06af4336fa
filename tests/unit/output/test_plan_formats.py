"""A plan as text, JSON and Markdown: all that it would do, no value, and nothing that its names could turn it into."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.fixtures.plans import DEV, EVERYTHING, GOLDEN, PROD, REPORT, STAGING, identity, principal, resource

from nhi.model.plan import Action, IdentityChange, PlanSummary, ResourceChange
from nhi.model.settings import Stack
from nhi.output.plan_headlines import Topic, headlines
from nhi.output.plan_json import plan_json
from nhi.output.plan_markdown import COMMENT_CHARACTERS, plan_markdown
from nhi.output.plan_report import NotPlanned, Planned, PlanReport
from nhi.output.plan_text import plan_counts, plan_text

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTILE = (
    "@everyone",
    "#12 <script>alert(1)</script>",
    "</details>",
    "[x](https://evil.example)",
    "`; ::error::x",
    "##[error]x",
    "a\n# b\n::error::c",
    "\x1b[31m\u202e",
    "**b** _c_ ~~d~~ | e",
    "x" * 5000,
)


def golden(request: pytest.FixtureRequest, name: str, made: str) -> None:
    """Compare with the golden file; `--accept` rewrites it."""
    if request.config.getoption("--accept"):
        GOLDEN.mkdir(exist_ok=True)
        (GOLDEN / name).write_text(made, "utf-8")
    assert made == (GOLDEN / name).read_text("utf-8")


def test_the_whole_text(request: pytest.FixtureRequest) -> None:
    golden(request, "plan.text", plan_text(EVERYTHING))


def test_the_whole_document(request: pytest.FixtureRequest) -> None:
    golden(request, "plan.json", plan_json(REPORT) + "\n")


def test_the_whole_page(request: pytest.FixtureRequest) -> None:
    golden(request, "plan.markdown", plan_markdown(REPORT))


# --- text ------------------------------------------------------------------------------------------------------------


def test_headlines_come_first_then_counts_then_identities() -> None:
    lines = plan_text(EVERYTHING).splitlines()
    counts = lines.index(plan_counts(EVERYTHING))

    assert all(line.startswith("! ") for line in lines[:counts])
    assert len(lines[:counts]) == len(headlines(EVERYTHING))
    assert lines[counts + 1] == "outside of any identity"


def test_a_plan_without_changes_is_one_line() -> None:
    assert plan_text(PlanSummary("prod", ())) == "prod: no changes\n"


def test_drift_alone_is_told_though_there_are_no_changes() -> None:
    lines = plan_text(PlanSummary("prod", (), drift=EVERYTHING.drift)).splitlines()

    assert [line.split(":")[0] for line in lines] == ["! prod/made", "! prod/renewed", "prod"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_addresses_stay_on_their_line(name: str) -> None:
    text = plan_text(PlanSummary("prod", (identity("a", ResourceChange(f'r["{name}"]', Action.FORGET, (name,))),)))

    assert text.count("\n") == 4
    assert text.replace("\n", "").isprintable()
    assert not re.search(r"^\s*::|##\[", text, re.MULTILINE)


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_every_stack_is_in_the_document_whatever_became_of_it() -> None:
    document = json.loads(plan_json(REPORT))

    assert [(one["stack"], one["outcome"]) for one in document["stacks"]] == [
        ("dev", "failed"),
        ("prod", "planned"),
        ("staging", "planned"),
    ]
    assert document["stacks"][0].keys() == {"stack", "account", "region", "outcome", "message", "hint"}


def test_every_resource_and_principal_of_the_plan_is_in_the_document() -> None:
    prod = json.loads(plan_json(REPORT))["stacks"][1]
    resources = [one["address"] for identity in prod["identities"] for one in identity["resources"]]
    principals = [one["address"] for identity in prod["identities"] for one in identity["principals"]]

    assert resources == [change.address for one in EVERYTHING.identities for change in one.changes]
    assert principals == [one.address for one in EVERYTHING.principals]
    assert sum(prod["counts"].values()) == len(resources)


def test_no_stack_is_a_document_too() -> None:
    assert json.loads(plan_json(PlanReport(None, None, ())))["stacks"] == []


# --- Markdown --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stacks", "verdict"),
    [
        ((), "nhi plan: no changes"),
        (REPORT.stacks[2:], "nhi plan: no changes"),
        (REPORT.stacks[1:], "nhi plan: 10 identities change, and what belongs to none"),
        (REPORT.stacks, "nhi plan: failed for 1 stack"),
    ],
)
def test_the_first_line_is_the_verdict(stacks: tuple[Planned | NotPlanned, ...], verdict: str) -> None:
    assert plan_markdown(PlanReport(None, None, stacks)).splitlines()[0] == f"### {verdict}"


def test_what_failed_comes_before_what_was_planned() -> None:
    late = replace(REPORT, stacks=(REPORT.stacks[1], replace_stack(REPORT.stacks[0], "zzz")))
    text = plan_markdown(late)

    assert text.index("`zzz` could not be planned") < text.index("- `prod`:")


def test_headlines_of_all_stacks_stand_together_by_topic() -> None:
    other = PlanSummary(
        "staging", (IdentityChange("staging/x", EVERYTHING.identities[3].changes),), destroyed=("staging/x",)
    )
    text = plan_markdown(PlanReport(None, None, (REPORT.stacks[1], Planned(STAGING, other, "sha256:", "x"))))

    assert text.count("**Identities destroyed**") == 1
    assert text.index("`staging/x`: is destroyed") < text.index("**Roles and users destroyed**")


def test_details_are_folded_stack_by_stack() -> None:
    text = plan_markdown(REPORT)

    assert text.count("<details>") == text.count("</details>") == 1
    assert "<details><summary>prod: 10 identities change, and what belongs to none</summary>\n\n- " in text


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(name: str) -> None:
    changes = (ResourceChange(f'r["{name}"]', Action.UPDATE, (name, "policy")),)
    summary = PlanSummary(
        "prod", (IdentityChange(None, changes), identity("a", *changes)), drift=(identity("a", *changes),)
    )
    report = PlanReport(name, None, (Planned(PROD, summary, name, name), NotPlanned(DEV, name, name)))
    text = plan_markdown(report)

    assert_inert(text)
    assert not re.search(r"^\s*::|##\[", text, re.MULTILINE)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_stays_text(one: str, other: str) -> None:
    changes = (ResourceChange(one or "r", Action.UPDATE, (other, "policy")),)
    summary = PlanSummary("prod", (IdentityChange(None, changes), identity("a", *changes)))
    assert_inert(plan_markdown(PlanReport(None, None, (Planned(PROD, summary, "x", "x"), NotPlanned(DEV, one, other)))))


@pytest.mark.parametrize("number", [0, 1, 40, 400, 2000])
def test_a_page_is_never_longer_than_a_comment_and_nothing_is_lost_without_a_count(number: int) -> None:
    text = plan_markdown(large(number))

    assert len(text) < COMMENT_CHARACTERS
    listed = len(re.findall(r"^- `prod/gone-\d+`$", text, re.MULTILINE))
    left = re.search(r"^and (\d+) more of 1 stack, left out here: `nhi plan` lists them all$", text, re.MULTILINE)
    assert listed + (int(left[1]) if left else 0) == number
    told = len(re.findall(r"^- `prod/gone-\d+`: is destroyed", text, re.MULTILINE))
    untold = re.search(r"^and (\d+) more, left out here \(identities destroyed: (\d+)\)$", text, re.MULTILINE)
    assert told + (int(untold[2]) if untold else 0) == number
    assert_inert(text)


def test_many_stacks_are_counted_too() -> None:
    stacks = [
        Planned(Stack(f"s{n}", "111122223333", "eu-west-1"), PlanSummary(f"s{n}", ()), "sha256:" + "a" * 64, "x")
        for n in range(1000)
    ]
    text = plan_markdown(PlanReport(None, None, stacks))

    assert len(text) < COMMENT_CHARACTERS
    listed = len(re.findall(r"^- `s\d+`: no changes", text, re.MULTILINE))
    assert f"- and {1000 - listed} more stacks\n" in text


def test_an_identity_of_many_resources_is_cut_with_a_count() -> None:
    changes = [ResourceChange(f"module.nhi-a.r.x{n}", Action.CREATE, ()) for n in range(200)]
    text = plan_markdown(
        PlanReport(None, None, (Planned(PROD, PlanSummary("prod", (identity("a", *changes),)), "x", "x"),))
    )

    assert "  - and 170 more\n" in text


# --- no value --------------------------------------------------------------------------------------------------------


def test_every_topic_has_a_place_in_every_format() -> None:
    document = json.loads(plan_json(REPORT))["stacks"][1]["headlines"]

    assert {one["topic"] for one in document} == {topic.value for topic in Topic}
    assert len(re.findall(r"^\*\*[A-Z]", plan_markdown(REPORT), re.MULTILINE)) == len(Topic)


def replace_stack(one: Planned | NotPlanned, name: str) -> Planned | NotPlanned:
    """The same of another stack."""
    return replace(one, stack=replace(one.stack, name=name))


def large(number: int) -> PlanReport:
    """A plan that destroys so many identities."""
    names = [f"gone-{n}" for n in range(number)]
    summary = PlanSummary(
        "prod",
        tuple(identity(name, resource(name, "aws_iam_role", Action.DESTROY, "arn", "name")) for name in names),
        tuple(principal(name, Action.DESTROY, "AROA") for name in names),
        destroyed=tuple(f"prod/{name}" for name in names),
    )
    return PlanReport(None, None, (Planned(PROD, summary, "sha256:x", "x"),))


def assert_inert(text: str) -> None:
    """All that a parser of Markdown finds is ours: headings, lists, bold titles, folds; everything else is text."""
    blocks = PARSER.parse(text)
    html = [one.content for one in blocks if one.type == "html_block"]
    assert all(re.fullmatch(r"<details><summary>prod: [a-z0-9 ,]+</summary>\n?|</details>\n?", one) for one in html), (
        html
    )
    inline = [child for one in blocks for child in one.children or ()]
    assert {one.type for one in inline} <= {"text", "code_inline", "strong_open", "strong_close", "softbreak"}
    plain = [one.content for one in inline if one.type == "text"]
    assert not [one for one in plain if re.search(r"[@#<>|*_~`\[\]\\$]|://|www\.", one)]
    assert text.replace("\n", "").isprintable()
