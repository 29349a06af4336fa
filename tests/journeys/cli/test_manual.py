"""`nhi rules`, `nhi explain`, `nhi kinds`, `nhi schema`: the manual, from the code."""

import json

import jsonschema
import pytest
from tests.fixtures.command_line import Organisation

from nhi.flows.manual import pages
from nhi.manifest.yamltext import plain_values


def test_rules_are_listed_with_code_severity_and_what_is_wrong(organisation: Organisation) -> None:
    said = organisation("rules")

    assert (said.code, said.err) == (0, "")
    assert len(said.out.splitlines()) == len(pages())
    assert said.out.splitlines()[0].split("  ")[0] == "NHI001"


def test_rules_as_json(organisation: Organisation) -> None:
    document = json.loads(organisation("rules", "--format", "json").out)

    assert document["schema"] == "nhi/rules/v1"
    assert [one["rule"] for one in document["rules"]] == [page.slug for page in pages()]


@pytest.mark.parametrize("asked", ["missing-owner", "NHI001", "nhi001", "Missing-Owner"])
def test_a_rule_is_explained_by_its_slug_or_code(organisation: Organisation, asked: str) -> None:
    said = organisation("explain", asked)

    assert said.code == 0
    assert said.out.startswith("# missing-owner (NHI001, error)")
    assert "## Why it matters" in said.out


def test_a_reason_why_a_file_cannot_be_read_is_explained_too(organisation: Organisation) -> None:
    assert organisation("explain", "duplicate-key").out.startswith("# duplicate-key (NHI910, error)")


def test_a_rule_that_is_not_there_is_wrong_usage_with_the_one_that_was_meant(organisation: Organisation) -> None:
    said = organisation("explain", "mising-owner")

    assert (said.code, said.out) == (2, "")
    assert "did you mean 'missing-owner'?" in said.err


def test_one_that_is_like_no_other_gets_the_way_to_the_list(organisation: Organisation) -> None:
    assert "`nhi rules` lists them" in organisation("explain", "zzzzzz").err


def test_the_manual_needs_no_repository(
    organisation: Organisation, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))

    assert organisation("rules").code == organisation("explain", "missing-owner").code == 0


def test_kinds_are_the_folders_of_modules(organisation: Organisation) -> None:
    assert [line.split()[0] for line in organisation("kinds").out.splitlines()] == [
        "aws-access-key",
        "aws-break-glass-role",
        "aws-eks-role",
        "aws-github-actions-role",
        "aws-service-role",
        "aws-third-party-role",
        "manual",
    ]


def test_kinds_as_json(organisation: Organisation) -> None:
    document = json.loads(organisation("kinds", "--format", "json").out)

    assert document["schema"] == "nhi/kinds/v1"
    assert [one["kind"] for one in document["kinds"]][-1] == "manual"
    assert all(one["title"] and one["description"] for one in document["kinds"])


def test_a_new_folder_is_a_new_kind(organisation: Organisation) -> None:
    schema = {"title": "A robot", "description": "A robot's account.", "type": "object"}
    organisation.clone.write("modules/robot/schema.json", json.dumps(schema))

    assert "robot" in organisation("kinds").out
    assert organisation("schema", "robot").code == 0


def test_a_title_cannot_steer_a_terminal(organisation: Organisation) -> None:
    schema = {"title": "A \x1b[31mrobot\n::error::", "description": "d", "type": "object"}
    organisation.clone.write("modules/robot/schema.json", json.dumps(schema))

    said = organisation("kinds")

    assert "\x1b" not in said.out
    assert len(said.out.splitlines()) == 8


def test_the_schema_accepts_the_example_organisation(organisation: Organisation) -> None:
    schema = json.loads(organisation("schema").out)

    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    files = [path for path in (organisation.clone.root / "identities").rglob("*.yaml") if path.name != "owners.yaml"]
    assert len(files) == 19
    for file in files:
        validator.validate(plain_values(file.read_bytes()))


@pytest.mark.parametrize("key", ["owner", "purpose", "expiry", "scope"])
def test_it_rejects_a_manifest_without_one_of_the_four(organisation: Organisation, key: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(organisation("schema").out))
    file = organisation.clone.root / "identities/production/payments/ledger-writer.yaml"
    values = plain_values(file.read_bytes())

    del values[key]

    assert not validator.is_valid(values)


@pytest.mark.parametrize("kind", ["aws-github-actions-role", "aws-service-role", "manual"])
def test_the_schema_of_one_kind(organisation: Organisation, kind: str) -> None:
    schema = json.loads(organisation("schema", kind).out)

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["kind"]["const"] == kind


def test_a_kind_that_is_not_there_is_wrong_usage(organisation: Organisation) -> None:
    said = organisation("schema", "robot")

    assert (said.code, said.out) == (2, "")


def test_the_schema_is_written_where_editors_look_and_git_ignores_it(organisation: Organisation) -> None:
    said = organisation("schema", "--out", ".nhi/schema.json")

    assert (said.code, said.out) == (0, "")
    written = (organisation.clone.root / ".nhi/schema.json").read_text("utf-8")
    assert written == organisation("schema").out
    assert organisation.clone.git("status", "--porcelain") == ""
