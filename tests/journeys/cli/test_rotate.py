"""`nhi rotate`: what it says, what it makes, and how it ends."""

import json

import pytest
from tests.fixtures.command_line import AS_OF, Organisation

PATH = "identities/staging/vendor-key.yaml"
TEXT = """\
# The vendor cannot federate: PAY-77.
apiVersion: nhi/v1
kind: vendor-key
name: vendor-key
owner: payments
purpose: The settlement vendor writes its reports to the ledger bucket.
expiry: 2027-03-31
scope:
  credential:
    type: static-key
    rotate_every: 60
    rotated: {rotated}   # by the night
{previous}"""
PREVIOUS = "    previous: {rotated: 2026-09-01, active: true}\n"
SCHEMA = {
    "title": "A key",
    "description": "A user with a key of a vendor.",
    "type": "object",
    "properties": {
        "credential": {"type": "object", "properties": {"previous": {"type": "object"}, "rotated": {"type": "string"}}}
    },
}


@pytest.fixture
def rotating(organisation: Organisation) -> Organisation:
    """The example organisation, with a kind whose keys overlap, and a key of it that is due."""
    organisation.clone.write("modules/vendor-key/schema.json", json.dumps(SCHEMA))
    declare(organisation, "2026-09-01")
    return organisation


def declare(organisation: Organisation, rotated: str, previous: str = "") -> None:
    organisation.clone.write(PATH, TEXT.replace("{rotated}", rotated).replace("{previous}", previous))
    organisation.clone.commit()


def test_a_key_that_is_due_gets_its_branch_once(rotating: Organisation) -> None:
    first = rotating("rotate", "--local", "--stack", "staging", *AS_OF)
    (branch,) = rotating.clone.repository.branches("nhi/rotate/staging/vendor-key/")
    assert first.code == 0
    assert first.out.splitlines()[-3:] == [
        f"branch   {branch} makes a new key beside the old one",
        "           staging/vendor-key, due 2026-10-24T00:00:00Z",
        "1 branch made, as of 2026-11-20T00:00:00Z",
    ]
    assert rotating.clone.git("show", f"{branch}:{PATH}").endswith(
        "    rotated: 2026-11-20   # by the night\n    previous: {rotated: 2026-09-01, active: true}"
    )
    again = rotating("rotate", "--local", "--stack", "staging", *AS_OF)
    assert (again.code, again.out.splitlines()[-2:]) == (
        0,
        [f"already  {branch}", "0 branches made, as of 2026-11-20T00:00:00Z"],
    )


def test_a_dry_run_says_so_and_makes_nothing(rotating: Organisation) -> None:
    said = rotating("rotate", "--dry-run", "--format", "json", *AS_OF)
    assert said.code == 0
    found = json.loads(said.out)
    assert [(one["identity"], one["step"], one["commit"]) for one in found["proposed"]] == [
        ("staging/vendor-key", "rotate", None)
    ]
    assert found["dry_run"]
    assert rotating.clone.repository.branches("nhi/") == {}


@pytest.mark.parametrize("form", ["text", "json"])
def test_without_an_answer_of_the_cloud_no_old_key_is_switched_off(rotating: Organisation, form: str) -> None:
    declare(rotating, "2026-11-01", PREVIOUS)
    said = rotating("rotate", "--local", "--format", form, *AS_OF)
    assert said.code == 4
    assert "could not tell whether the old key is in use: the keys of staging/vendor-key" in said.out
    assert rotating.clone.repository.branches("nhi/") == {}


def test_the_overlap_is_the_organisations_choice(rotating: Organisation) -> None:
    settings = (rotating.clone.root / "nhi.yaml").read_text()
    rotating.clone.write("nhi.yaml", settings + "limits: {overlap_days: 2}\n")
    declare(rotating, "2026-09-23")
    said = rotating("rotate", "--dry-run", "--as-of", "2026-11-19")
    assert "waits    staging/vendor-key: rotate on 2026-11-20T00:00:00Z" in said.out


def test_without_credentials_for_github_nothing_is_rotated_there(organisation: Organisation) -> None:
    said = organisation("rotate")
    assert (said.code, said.out) == (2, "")
    assert "--dry-run to look, --local to commit" in said.err


def test_a_look_at_this_clone_makes_no_branch(rotating: Organisation) -> None:
    declare(rotating, "2026-08-20")
    said = rotating("rotate", "--local", "--dry-run", "--as-of", "2026-11-20")
    assert said.code == 0
    assert "1 branch to make" in said.out
    assert rotating.clone.repository.branches("nhi/") == {}


def test_a_stack_that_is_not_there_is_bad_input(organisation: Organisation) -> None:
    said = organisation("rotate", "--dry-run", "--stack", "nowhere")
    assert (said.code, said.out) == (3, "")
    assert "stacks: production, staging" in said.err


def test_what_is_only_in_the_working_tree_is_not_rotated(rotating: Organisation) -> None:
    rotating.clone.write(PATH, "- a\n")
    assert rotating("rotate", "--dry-run", *AS_OF).code == 0


def test_the_kind_that_has_keys_rotates_by_its_own_schema(organisation: Organisation) -> None:
    given = ("--owner", "payments", "--purpose", "The settlement vendor writes its reports.", "--expiry", "2027-03-31")
    organisation("new", "aws-access-key", "vendor-key", "--stack", "staging", *given, *AS_OF)
    organisation.clone.commit()
    assert organisation("rotate", "--local", "--as-of", "2026-12-23").out.startswith("waits    staging/vendor-key")

    said = organisation("rotate", "--local", "--as-of", "2026-12-24")

    assert said.code == 0
    (branch,) = organisation.clone.repository.branches("nhi/rotate/")
    shown = organisation.clone.git("diff", "--unified=0", "main", branch).split("\n")
    assert [line for line in shown if line.startswith(("+ ", "- "))] == [
        "-    rotated: '2026-11-01'",
        "+    rotated: 2026-12-24",
        "+    previous: {rotated: 2026-11-01, active: true}",
    ]
