"""`nhi new`: from the flags or the answers to a file that `nhi check` accepts."""

import io
import sys
from pathlib import Path

import pytest
from tests.fixtures.command_line import AS_OF, Organisation

from nhi.manifest.yamltext import examine, plain_values

PATH = "identities/production/report-builder.yaml"
PURPOSE = "Report builder reads the cleared transactions every night and writes the month's report for the auditors."
FLAGS = {"--stack": "production", "--owner": "payments", "--purpose": PURPOSE, "--expiry": "2027-03-31"}
KINDS = ("aws-service-role", "aws-github-actions-role", "manual")


def flags(**changes: str) -> list[str]:
    """All that is needed, with changes."""
    given = {**FLAGS, **{f"--{name}": value for name, value in changes.items()}}
    return [part for pair in given.items() for part in pair]


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_writes_is_accepted_by_check(organisation: Organisation, kind: str) -> None:
    said = organisation("new", kind, "report-builder", *flags(), *AS_OF)

    assert (said.code, said.out, said.err) == (0, f"wrote {PATH}\n", "")
    assert organisation("check", *AS_OF).code == 0
    assert organisation("check", "--base", "HEAD", *AS_OF).code == 0


def test_it_writes_nothing_else(organisation: Organisation) -> None:
    organisation("new", "manual", "report-builder", *flags(), *AS_OF)

    assert organisation.clone.git("status", "--porcelain") == f"?? {PATH}"


def test_it_never_overwrites(organisation: Organisation) -> None:
    organisation.clone.write(PATH, "mine\n")

    said = organisation("new", "manual", "report-builder", *flags(), *AS_OF)

    assert (said.code, said.out) == (2, "")
    assert f"{PATH} exists" in said.err
    assert (organisation.clone.root / PATH).read_text() == "mine\n"


def test_it_takes_no_name_that_stands_elsewhere_in_the_stack(organisation: Organisation) -> None:
    said = organisation("new", "manual", "ledger-writer", *flags(), *AS_OF)

    assert said.code == 2
    assert "identities/production/payments/ledger-writer.yaml exists" in said.err


def test_what_check_will_say_is_said_and_the_exit_code_is_checks(organisation: Organisation) -> None:
    said = organisation("new", "manual", "report-builder", *flags(owner="nobody"), *AS_OF)

    assert said.code == 1
    assert "unknown-owner" in said.out
    assert "| owner: nobody" in said.out


def test_it_can_be_printed_instead(organisation: Organisation) -> None:
    said = organisation("new", "manual", "report-builder", "--stdout", *flags(), *AS_OF)

    assert (said.code, said.err) == (0, "")
    assert plain_values(said.out.encode())["name"] == "report-builder"
    assert not (organisation.clone.root / PATH).exists()


def test_printing_does_not_change_the_exit_code_and_keeps_findings_apart(organisation: Organisation) -> None:
    said = organisation("new", "manual", "report-builder", "--stdout", *flags(owner="nobody"), *AS_OF)

    assert said.code == 1
    assert plain_values(said.out.encode())["owner"] == "nobody"
    assert "unknown-owner" in said.err


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "a: b",
        "a\nowner: mallory",
        "*alias",
        "!tag",
        "# a",
        "' \" \\",
        "\x1b[31m",
        "\u202e",
        "ü\u200b",
        "${a}",
        "%{a}",
        "- a",
    ],
)
@pytest.mark.parametrize("key", ["owner", "purpose", "expiry", "ticket", "justification"])
def test_hostile_values_stay_text(organisation: Organisation, key: str, text: str) -> None:
    said = organisation("new", "manual", "report-builder", "--stdout", *flags(**{key: text}), *AS_OF)

    values = examine(said.out.encode()).values
    assert values is not None
    assert values[key] == text
    assert {"owner", "purpose", "expiry", "scope"} <= values.keys()


@pytest.mark.parametrize("name", ["../../evil", "a/b/c", "Report", "a", "x\ny-z", "-x"])
def test_a_name_leads_nowhere_else(organisation: Organisation, name: str) -> None:
    before = organisation.clone.state()

    assert organisation("new", *flags(), *AS_OF, "--", "manual", name).code == 2
    assert organisation.clone.state() == before


@pytest.mark.parametrize("stack", ["../production", "nowhere", ""])
def test_neither_does_a_stack(organisation: Organisation, stack: str) -> None:
    before = organisation.clone.state()

    assert organisation("new", "manual", "report-builder", *flags(stack=stack), *AS_OF).code == 2
    assert organisation.clone.state() == before


def test_a_link_instead_of_the_stacks_folder_leads_nowhere_else(organisation: Organisation, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (organisation.clone.root / "identities/production").rename(tmp_path / "production")
    (organisation.clone.root / "identities/production").symlink_to(tmp_path / "elsewhere")

    said = organisation("new", "manual", "report-builder", *flags(), *AS_OF)

    assert said.code != 0
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_without_a_terminal_nothing_is_asked(organisation: Organisation) -> None:
    said = organisation.process("new", "manual", "report-builder", "--stack", "production")

    assert (said.code, said.out) == (2, "")
    assert "--owner is missing" in said.err


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_what_is_missing_is_asked(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(f"production\npayments\n{PURPOSE}\n2027-03-31\n"))

    said = organisation("new", "manual", "report-builder", *AS_OF)

    assert said.code == 0
    assert "Owner (a team or person of identities/owners.yaml)" in said.err
    assert said.out == f"wrote {PATH}\n"
    assert (organisation.clone.root / PATH).is_file()


def test_whoever_stops_typing_has_interrupted_it(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("production\n"))

    said = organisation("new", "manual", "report-builder", *AS_OF)

    assert said.code == 130
    assert not (organisation.clone.root / PATH).exists()


def test_a_scope_in_yaml(organisation: Organisation) -> None:
    allow = "[{actions: [sqs:SendMessage], resources: ['arn:aws:sqs:eu-west-1:111122223333:reports']}]"
    scope = f"{{trust: {{services: [lambda.amazonaws.com]}}, allow: {allow}}}"

    said = organisation("new", "aws-service-role", "report-builder", *flags(scope=scope), *AS_OF)

    assert said.code == 0
    assert "lambda.amazonaws.com" in (organisation.clone.root / PATH).read_text()


def test_a_scope_that_is_none(organisation: Organisation) -> None:
    said = organisation("new", "manual", "report-builder", *flags(scope="[a"), *AS_OF)

    assert said.code == 2
    assert "--scope is not a YAML mapping" in said.err
