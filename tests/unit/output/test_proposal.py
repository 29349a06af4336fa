"""A wish and what became of it, in words: bounded, and with what to do next."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from nhi.model.finding import Finding, Severity
from nhi.model.proposal import Fate, Judgement, ProposalReport, Verb, Wish
from nhi.model.revocation import Denial, Revocation, RevokedPrincipal
from nhi.output.proposal import proposal_body, proposal_text, revocation_note

AS_OF = datetime(2026, 11, 20, tzinfo=UTC)
PATH = "identities/prod/ledger-writer.yaml"
FINDING = Finding("broadened-scope", "NHI502", Severity.WARNING, "prod/ledger-writer", PATH, 9, 3, "more", "less")
REPORT = ProposalReport(
    Wish(Verb.SUSPEND, "INC-77"), "prod/ledger-writer", PATH, "payments", "a" * 40, AS_OF, Fate.LOOKED, branch="nhi/x"
)
DENIED = RevokedPrincipal("role", "ledger-writer", "nhi", None, "req-1", "2026-11-20T00:00:00Z")


@pytest.mark.parametrize(
    ("report", "last"),
    [
        (REPORT, "would make the branch nhi/x; nothing was made"),
        (
            replace(REPORT, fate=Fate.OCCUPIED, words="somebody pushed to it"),
            "OCCUPIED nhi/x: somebody pushed to it",
        ),
        (
            replace(REPORT, fate=Fate.SETTLED, words="it is suspended already"),
            "nothing to do: it is suspended already",
        ),
        (replace(REPORT, fate=Fate.REFUSED, words="it is on hold"), "REFUSED  it is on hold"),
        (replace(REPORT, fate=Fate.BLOCKED, words="findings", hint="mend them"), "         mend them"),
    ],
)
def test_the_last_line_says_what_became_of_it(report: ProposalReport, last: str) -> None:
    assert proposal_text(report).splitlines()[-1] == last


def test_of_many_findings_the_rest_is_counted() -> None:
    text = proposal_text(replace(REPORT, judgement=Judgement(findings=(FINDING,) * 23)))
    assert text.count("broadened-scope") == 20
    assert "and 3 more; nhi check names them" in text.splitlines()


@pytest.mark.parametrize(("risk", "told"), [("high", True), ("", False)])
def test_the_risk_is_told_where_it_is_known(risk: str, *, told: bool) -> None:
    report = replace(REPORT, judgement=Judgement(risk=risk))
    assert ("\n- risk: " in proposal_body(report, "", None)) is told
    assert ("\n  risk " in proposal_text(report)) is told


def test_of_many_that_were_denied_the_rest_is_counted() -> None:
    many = tuple(replace(DENIED, name=f"role-{number}") for number in range(22))
    note = revocation_note(Revocation("prod/ledger-writer", "111122223333", AS_OF, "INC-77", Denial("arn:x", many)))
    assert note.count("- `role role-") == 20
    assert note.splitlines()[-1] == "- and 2 more"
