"""`nhi check` as a user calls it."""

import json
import os
from pathlib import Path

import pytest
from tests.fixtures.command_line import AS_OF, Organisation
from tests.fixtures.manifests import place

REQUEST = "identities/production/payments/report-reader.yaml"
BAD = """\
apiVersion: nhi/v1
kind: manual
name: report-reader
purpose: >-
  The month-end report of the payments team is read from the clearing house's portal.
scope:
  system: Clearing house portal (portal.clearing.example)
  account: acme-reports
  access: [Read the monthly reports]
  removal:
    steps: [Ask the clearing house's service desk to delete the account.]
    contact: service-desk@clearing.example
"""
GOOD = BAD.replace("purpose:", "owner: payments\nexpiry: 2027-03-31\npurpose:", 1)
FORMATS = ("text", "json", "github")
ACCEPTED = "identities/production/payments/settlement-export.yaml"
"""The one identity of the example organisation that needs an exception, and has it."""


def test_the_example_organisation_is_in_order(organisation: Organisation) -> None:
    said = organisation("check", *AS_OF)

    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1] == (
        "19 manifests checked as of 2026-11-20T00:00:00Z: 0 errors, 0 warnings, 1 under an accepted exception"
    )


def test_a_request_without_owner_and_expiry_is_blocked_with_the_line_and_what_to_write(
    organisation: Organisation,
) -> None:
    organisation.clone.write(REQUEST, BAD)

    said = organisation("check", *AS_OF)

    assert said.code == 1
    lines = said.out.split("\n")
    assert lines[0] == f"{REQUEST}:1:1: error NHI001 missing-owner: no owner"
    assert lines[1:3] == ["     1 | apiVersion: nhi/v1", "       | ^"]
    assert lines[3].startswith("  write: `owner: …`")
    assert f"{REQUEST}:1:1: error NHI201 missing-expiry: no expiry" in lines
    assert lines[-2] == (
        "20 manifests checked as of 2026-11-20T00:00:00Z: 2 errors, 0 warnings, 1 under an accepted exception"
    )


def test_the_same_as_json(organisation: Organisation) -> None:
    organisation.clone.write(REQUEST, BAD)

    said = organisation("check", "--format", "json", *AS_OF)

    document = json.loads(said.out)
    assert said.code == 1
    assert (document["schema"], document["checked"]) == ("nhi/findings/v1", 20)
    assert [(one["rule"], one["path"], one["line"]) for one in document["findings"] if one["path"] == REQUEST] == [
        ("missing-owner", REQUEST, 1),
        ("missing-expiry", REQUEST, 1),
    ]


def test_the_same_as_annotations(organisation: Organisation) -> None:
    organisation.clone.write(REQUEST, BAD)

    said = organisation("check", "--format", "github", *AS_OF)

    assert said.code == 1
    assert [line.split("::")[1] for line in said.out.splitlines() if ACCEPTED not in line] == [
        f"error file={REQUEST},line=1,col=1,title=NHI001 missing-owner",
        f"error file={REQUEST},line=1,col=1,title=NHI201 missing-expiry",
    ]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("text", "code"), [(BAD, 1), (GOOD, 0), (GOOD.replace("2027-03-31", "2026-11-01"), 0)])
def test_the_format_does_not_change_the_exit_code(organisation: Organisation, form: str, text: str, code: int) -> None:
    organisation.clone.write(REQUEST, text)

    assert organisation("check", "--format", form, *AS_OF).code == code


def test_nothing_found_is_no_annotation(organisation: Organisation) -> None:
    assert organisation("check", "identities/staging", "--format", "github", *AS_OF).out == ""


def test_what_an_exception_covers_is_a_notice(organisation: Organisation) -> None:
    (line,) = organisation("check", "--format", "github", *AS_OF).out.splitlines()

    assert line.startswith(f"::notice file={ACCEPTED},line=18,col=3,title=NHI401 static-credential::")


@pytest.mark.parametrize("as_of", ["2026-11-20", "2026-11-20T00:00:00Z", "2026-11-20T02:00:00+02:00"])
def test_the_time_can_be_given(organisation: Organisation, as_of: str) -> None:
    assert "as of 2026-11-20T00:00:00Z" in organisation("check", "--as-of", as_of).out


@pytest.mark.parametrize("as_of", ["tomorrow", "2026-11-31", "2026-11-20T00:00:00", ""])
def test_a_time_that_is_none_is_wrong_usage(organisation: Organisation, as_of: str) -> None:
    said = organisation("check", "--as-of", as_of)

    assert (said.code, said.out) == (2, "")
    assert "write 2027-03-31 or 2027-03-31T18:00:00Z" in said.err


def test_years_later_what_has_expired_is_due_and_still_blocks_nobody(organisation: Organisation) -> None:
    (organisation.clone.root / ACCEPTED).unlink()  # its exception is over then, which is an error
    said = organisation("check", "--as-of", "2030-01-01")

    assert said.code == 0
    assert "due for removal" in said.out


def test_paths_are_those_of_the_current_folder(organisation: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation.clone.write(REQUEST, BAD)
    monkeypatch.chdir(organisation.clone.root / "identities" / "production")

    said = organisation("check", "payments/report-reader.yaml", *AS_OF)

    assert said.code == 1
    assert "1 manifest checked" in said.out


def test_a_folder_can_be_checked(organisation: Organisation) -> None:
    assert organisation("check", "identities/staging", *AS_OF).out.startswith("4 manifests checked")


def test_a_path_outside_is_bad_input(organisation: Organisation, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text(BAD)

    for path in ("../elsewhere.yaml", str(tmp_path / "elsewhere.yaml"), "/etc/hostname"):
        said = organisation("check", path, *AS_OF)
        assert (said.code, said.out) == (3, "")


def test_a_path_where_nothing_stands_is_bad_input(organisation: Organisation) -> None:
    said = organisation("check", "identities/production/nothing.yaml", *AS_OF)

    assert (said.code, said.out) == (3, "")
    assert "there is no such file or folder" in said.err


def test_outside_of_a_repository_it_says_so(
    organisation: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")

    said = organisation("check")

    assert (said.code, said.out) == (3, "")
    assert "no nhi.yaml here or in a folder above" in said.err


def test_the_repository_can_be_named(
    organisation: Organisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert organisation("check", "--root", "repository", *AS_OF).code == 0


def test_a_folder_without_configuration_is_no_repository(organisation: Organisation, tmp_path: Path) -> None:
    said = organisation("check", "--root", str(tmp_path), *AS_OF)

    assert (said.code, said.out) == (3, "")
    assert "has no nhi.yaml" in said.err


@pytest.mark.parametrize(
    ("path", "found", "instead"),
    [("nhi.yaml", "stacks:", "stakcs:"), ("identities/owners.yaml", "accountable: alice", "accountable: mallory")],
)
def test_a_broken_configuration_is_named_with_its_place(
    organisation: Organisation, path: str, found: str, instead: str
) -> None:
    file = organisation.clone.root / path
    text = file.read_text().replace(found, instead)
    file.write_text(text)
    line, column = place(text, instead.rsplit(": ", maxsplit=1)[-1].rstrip(":"))

    said = organisation("check", *AS_OF)

    assert (said.code, said.out) == (3, "")
    assert said.err.startswith(f"nhi: {path}:{line}:{column}: ")
    assert f"mend {path}" in said.err


def test_a_broken_kind_is_bad_input(organisation: Organisation) -> None:
    organisation.clone.write("modules/manual/schema.json", "{")

    said = organisation("check", *AS_OF)

    assert said.code == 3
    assert "modules/manual/schema.json is not JSON" in said.err


def test_what_is_kept_of_a_check_stays_in_the_git_folder(organisation: Organisation) -> None:
    before = organisation.clone.state()

    organisation("check", *AS_OF)

    assert organisation.clone.git("status", "--porcelain", "--ignored") == ""
    assert organisation.clone.state().keys() - before.keys() == {".git/nhi/verdicts.json"}


def test_a_second_check_says_the_same(organisation: Organisation) -> None:
    organisation.clone.write(REQUEST, BAD)

    first = organisation("check", "--format", "json", *AS_OF)

    assert organisation("check", "--format", "json", *AS_OF) == first


def test_a_kept_file_that_is_damaged_changes_nothing(organisation: Organisation) -> None:
    organisation("check", *AS_OF)
    (organisation.clone.root / ".git/nhi/verdicts.json").write_text('{"head": ')

    assert organisation("check", *AS_OF).code == 0


def test_without_git_it_checks_all_the_same_and_keeps_nothing(organisation: Organisation, tmp_path: Path) -> None:
    root = organisation.clone.root
    (root / ".git").rename(tmp_path / "elsewhere")
    before = organisation.clone.state()

    assert organisation("check", *AS_OF).code == 0
    assert organisation.clone.state() == before


def test_a_file_whose_name_is_a_command_stays_a_file(organisation: Organisation) -> None:
    name = "a\n::error file=x::owned\r%0A##[add-mask]x,line=9::.yaml"
    organisation.clone.write(f"identities/production/{name}", BAD)

    for form in FORMATS:
        said = organisation("check", "--format", form, *AS_OF)
        commands = [line for line in said.out.splitlines() if line.lstrip().startswith("::") and ACCEPTED not in line]
        assert said.code == 1
        assert "##[" not in said.out or form == "github"
        assert all(line.startswith("::error file=identities/production/a %3A%3Aerror ") for line in commands)
        assert bool(commands) is (form == "github")


def test_a_file_whose_name_is_no_text_is_bad_input(organisation: Organisation) -> None:
    path = os.fsencode(organisation.clone.root) + b"/identities/production/a\xff.yaml"
    with open(path, "wb") as file:  # noqa: PTH123  # a path of bytes
        file.write(BAD.encode())

    said = organisation("check", *AS_OF)

    assert said.code == 3
    assert "not UTF-8" in said.err


def test_head_needs_base(organisation: Organisation) -> None:
    assert organisation("check", "--head", "HEAD").code == 2


def test_a_whole_change_takes_no_paths(organisation: Organisation) -> None:
    assert organisation("check", "--base", "HEAD", "identities").code == 2


def test_a_revision_that_is_not_there_is_bad_input(organisation: Organisation) -> None:
    said = organisation("check", "--base", "no-such-branch")

    assert (said.code, said.out) == (3, "")
    assert "no-such-branch" in said.err


@pytest.mark.parametrize("revision", ["--upload-pack=x", "-x", "HEAD; echo", "a..b", "\x1b[31m"])
def test_a_revision_is_never_an_option_of_git(organisation: Organisation, revision: str) -> None:
    assert organisation("check", f"--base={revision}").code == 3


def test_without_a_repository_of_git_a_change_is_a_failure_outside(organisation: Organisation, tmp_path: Path) -> None:
    (organisation.clone.root / ".git").rename(tmp_path / "elsewhere")

    assert organisation("check", "--base", "HEAD").code in {3, 4}


def test_a_change_in_the_working_tree(organisation: Organisation) -> None:
    organisation.clone.write(REQUEST, BAD)

    said = organisation("check", "--base", "main", *AS_OF)

    assert said.code == 1
    assert "1 manifest checked" in said.out


def test_a_change_on_a_branch_is_read_as_data(organisation: Organisation) -> None:
    clone = organisation.clone
    clone.git("switch", "--quiet", "--create", "request")
    clone.write(REQUEST, BAD)
    clone.commit("Ask for it")
    clone.git("switch", "--quiet", "main")
    clone.write("identities/production/dirty.yaml", "- not of the change\n")

    said = organisation("check", "--base", "main", "--head", "request", *AS_OF)

    assert said.code == 1
    assert f"{REQUEST}:1:1: error NHI001" in said.out
    assert "     1 | apiVersion: nhi/v1" in said.out
    assert "dirty" not in said.out


def test_what_main_did_meanwhile_is_not_blamed_on_the_branch(organisation: Organisation) -> None:
    clone = organisation.clone
    clone.git("switch", "--quiet", "--create", "request")
    clone.write(REQUEST, GOOD)
    clone.commit("Ask for it")
    clone.git("switch", "--quiet", "main")
    clone.write("identities/production/other.yaml", BAD)
    clone.commit("Somebody else's mistake")

    said = organisation("check", "--base", "main", "--head", "request", *AS_OF)

    assert "1 manifest checked" in said.out
    assert "other.yaml" not in said.out


def test_an_unrelated_change_stays_green_for_years(organisation: Organisation) -> None:
    organisation.clone.write("identities/README.md", "# Other words\n")

    for as_of in ("2026-11-20", "2027-11-20", "2036-11-20"):
        assert organisation("check", "--base", "main", "--as-of", as_of).code == 0


def test_removing_an_owner_is_blamed_on_the_change(organisation: Organisation) -> None:
    owners = organisation.clone.root / "identities/owners.yaml"
    owners.write_text("".join(line for line in owners.read_text().splitlines(keepends=True) if "  data:" not in line))

    said = organisation("check", "--base", "main", "--format", "json", *AS_OF)

    found = json.loads(said.out)["findings"]
    assert said.code == 1
    assert {one["rule"] for one in found} == {"unknown-owner"}
    assert all("/data/" in one["path"] for one in found)


def test_the_text_has_no_colours_where_nobody_sees_them(organisation: Organisation) -> None:
    organisation.clone.write(REQUEST, BAD)

    assert "\x1b" not in organisation.process("check", *AS_OF).out


def test_a_terminal_without_our_letters_gets_escapes(organisation: Organisation) -> None:
    organisation.clone.write(REQUEST, BAD)

    said = organisation.process("check", *AS_OF, environment={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})

    assert said.code == 1
    assert "`owner: \\u2026`" in said.out
    assert "Traceback" not in said.err
