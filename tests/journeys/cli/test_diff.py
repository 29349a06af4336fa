"""`nhi diff` as a reviewer calls it, on the example organisation."""

import json

import pytest
from tests.fixtures.command_line import AS_OF, Organisation

LEDGER = "identities/production/payments/ledger-writer.yaml"
SURVEY = "identities/production/data/survey-tool.yaml"
RUNNER = "identities/staging/platform/load-test-runner.yaml"


def edit(organisation: Organisation, path: str, old: str, new: str) -> None:
    file = organisation.clone.root / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def explained(organisation: Organisation, *more: str) -> dict[str, dict[str, str]]:
    said = organisation("diff", "--base", "HEAD", *AS_OF, *more, "--format", "json")
    assert said.code == 0, said.err
    return {
        one["identity"]: {effect["effect"]: effect["words"] for effect in one["effects"]} | {"risk": one["risk"]}
        for one in json.loads(said.out)["identities"]
    }


def test_no_change_is_no_identity_and_no_approval(organisation: Organisation) -> None:
    said = organisation("diff", "--base", "HEAD", *AS_OF)

    assert (said.code, said.out) == (0, "0 identities change\n")


def test_more_access_is_said_in_words_a_reviewer_understands(organisation: Organisation) -> None:
    edit(organisation, LEDGER, "dynamodb:UpdateItem", "dynamodb:UpdateItem, dynamodb:DeleteItem")

    assert explained(organisation) == {
        "production/ledger-writer": {"scope up": "may now also delete items in table ledger", "risk": "standard"}
    }


def test_a_renewal_a_handover_and_a_removal_are_told_apart(organisation: Organisation) -> None:
    edit(organisation, LEDGER, "expiry: 2027-03-31", "expiry: 2027-06-30")
    edit(organisation, SURVEY, "owner: data", "owner: platform")
    (organisation.clone.root / RUNNER).unlink()

    found = explained(organisation)

    assert found["production/ledger-writer"]["renewed"] == "from 2027-03-31T00:00:00Z to 2027-06-30T00:00:00Z"
    assert found["production/survey-tool"]["owner changed"] == "from 'data' to 'platform'"
    assert found["staging/load-test-runner"]["risk"] == "low"


def test_who_asks_does_not_approve(organisation: Organisation) -> None:
    edit(organisation, LEDGER, "expiry: 2027-03-31", "expiry: 2027-06-30")

    asked = organisation("diff", "--base", "HEAD", *AS_OF, "--author", "alice-acme")

    assert "1 approval of payments: carol, dave" in asked.out


def test_an_identity_that_can_change_identities_needs_security(organisation: Organisation) -> None:
    edit(organisation, LEDGER, "dynamodb:UpdateItem", "iam:PutRolePolicy")

    said = organisation("diff", "--base", "HEAD", *AS_OF)

    assert "1 approval of security: erin, frank" in said.out
    assert said.out.endswith("1 identity changes, high risk\n")


def test_what_cannot_be_read_is_not_called_a_removal(organisation: Organisation) -> None:
    organisation.clone.write(LEDGER, "[")

    said = organisation("diff", "--base", "HEAD", *AS_OF)

    assert said.code == 1
    assert f"UNREADABLE {LEDGER}" in said.out
    assert "removed" not in said.out


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
def test_the_same_change_is_the_same_in_commits(organisation: Organisation, output: str) -> None:
    edit(organisation, LEDGER, "expiry: 2027-03-31", "expiry: 2027-06-30")
    here = organisation("diff", "--base", "HEAD", *AS_OF, "--format", output)
    organisation.clone.commit()

    assert organisation("diff", "--base", "HEAD~1", "--head", "HEAD", *AS_OF, "--format", output) == here


def test_without_a_base_there_is_nothing_to_explain(organisation: Organisation) -> None:
    assert organisation("diff").code == 2
