"""The files of a new repository: valid as they are, the same each time; nothing given becomes anything else."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.fixtures.source import ROOT, project_files

from nhi.errors import UsageError
from nhi.flows.ground import read_ground
from nhi.flows.init import NOBODY, NewFile, Wanted, as_sources, new_repository
from nhi.manifest.settings import read_settings
from nhi.model.settings import S3Backend
from nhi.model.source import SourceFile
from nhi.policy.ruleset import ruleset
from nhi.scaffold.packaged import COPIED

WANTED = Wanted(
    "0.1.0",
    repository="acme-example/access",
    stack="prod-eu",
    account="444455556666",
    region="eu-central-1",
    owners=(("alice-acme", 1001), ("Carol-Acme", 1003)),
    state_bucket="acme-state",
    app_id=4711,
)


class Files:
    """`nhi.repository.interface.Snapshot` of files that are not written."""

    def __init__(self, files: Iterable[NewFile]) -> None:
        self._files = as_sources(files)

    def file(self, path: str) -> SourceFile | None:
        return self._files.get(path)

    def files(self, folder: str) -> Iterator[SourceFile]:
        return self.read(list(self.paths(folder)))

    def paths(self, folder: str) -> Iterator[str]:
        return iter(sorted(path for path in self._files if path.startswith(f"{folder}/")))

    def read(self, paths: Collection[str]) -> Iterator[SourceFile]:
        return (self._files[path] for path in paths if path in self._files)


@pytest.fixture(scope="module")
def made() -> dict[str, NewFile]:
    return {one.path: one for one in new_repository(WANTED)}


def text(made: dict[str, NewFile], path: str) -> str:
    return made[path].data.decode()


def test_the_configuration_says_what_was_wanted(made: dict[str, NewFile]) -> None:
    ground, _ = read_ground(Files(made.values()))

    stack = ground.settings.stacks["prod-eu"]
    assert (stack.account, stack.region) == ("444455556666", "eu-central-1")
    assert stack.backend == S3Backend("acme-state", "nhi/prod-eu.tfstate", "eu-central-1")
    assert (ground.settings.github.repository, ground.settings.github.app_id) == ("acme-example/access", 4711)
    security = ground.owners.teams["security"]
    assert (security.accountable, security.deputy) == ("alice-acme", "carol-acme")
    assert [one.github_id for one in ground.owners.people.values()] == [1001, 1003]


def test_the_placeholders_are_valid_and_nobodys() -> None:
    made = new_repository(Wanted("0.1.0"))
    ground, _ = read_ground(Files(made))

    assert {one.github_id for one in ground.owners.people.values()} == {NOBODY, NOBODY - 1}
    assert ground.settings.github.app_id is None
    assert "@acme-example/security" in next(one.data.decode() for one in made if one.path == ".github/CODEOWNERS")


def test_it_has_every_kind_of_this_repository(made: dict[str, NewFile]) -> None:
    kinds = {path.split("/")[1] for path in project_files() if path.endswith("/schema.json") and "modules/" in path}

    assert kinds <= read_ground(Files(made.values()))[0].catalog.kinds.keys()


def test_what_is_copied_is_copied_byte_by_byte(made: dict[str, NewFile]) -> None:
    for place, origin in COPIED.items():
        for path in [path for path in made if path == place or path.startswith(f"{place}/")]:
            here = ROOT / (origin + path.removeprefix(place))
            assert not here.is_file() or here.read_bytes() == made[path].data
    assert made[".github/workflows/gate.yml"].data == (ROOT / ".github/workflows/gate.yml").read_bytes()


def test_the_tests_of_the_kinds_and_what_links_elsewhere_stay_here(made: dict[str, NewFile]) -> None:
    assert [path for path in made if "/tests/" in path or "__pycache__" in path or ".terraform" in path] == []
    assert "modules/README.md" not in made
    documents = [text(made, path) for path in made if path.endswith(".md")]
    assert [one for one in documents if "../src/" in one or "](../../" in one] == []


def test_the_same_input_makes_the_same_bytes(made: dict[str, NewFile]) -> None:
    assert tuple(made.values()) == new_repository(WANTED)
    assert list(made) == sorted(made)


def test_the_ruleset_is_that_of_the_settings(made: dict[str, NewFile]) -> None:
    settings = read_settings(as_sources(made.values())["nhi.yaml"])
    written: dict[str, Any] = json.loads(made[".github/rulesets/main.json"].data)

    assert written == ruleset(settings.github)
    (statuses,) = (one for one in written["rules"] if one["type"] == "required_status_checks")
    assert statuses["parameters"]["required_status_checks"] == [
        {"context": "nhi/gate", "integration_id": 4711},
        {"context": "nhi/approvals", "integration_id": 4711},
    ]
    assert written["bypass_actors"] == []


def test_the_workflows_install_the_version_that_made_them(made: dict[str, NewFile]) -> None:
    assert text(made, ".github/nhi/requirements/nhi.txt") == "nhi-control-plane==0.1.0\n"
    assert text(made, ".github/nhi/requirements/version") == "0.1.0\n"


def test_the_programs_of_the_workflows_can_be_run_and_nothing_else_can(made: dict[str, NewFile]) -> None:
    assert {path for path, one in made.items() if one.is_executable} == {
        ".github/nhi/aws-role",
        ".github/nhi/install",
        ".github/nhi/look-back",
    }


def test_no_code_owner_stands_in_the_way_of_a_removal(made: dict[str, NewFile]) -> None:
    lines = [line.split() for line in text(made, ".github/CODEOWNERS").splitlines() if line and line[0] != "#"]

    assert lines == [
        ["*", "@alice-acme", "@Carol-Acme"],
        ["/identities/"],
        ["/identities/owners.yaml", "@alice-acme", "@Carol-Acme"],
    ]


def test_the_editor_schema_is_shared_and_nothing_else_of_its_folder(made: dict[str, NewFile]) -> None:
    assert "aws-service-role" in text(made, ".nhi/schema.json")
    assert text(made, ".gitignore").splitlines()[1:3] == ["/.nhi/*", "!/.nhi/schema.json"]


def test_the_readme_has_no_hole(made: dict[str, NewFile]) -> None:
    readme = text(made, "README.md")

    assert "repos/acme-example/access/rulesets" in readme
    assert "environments/${name}" in readme
    assert "$repository" not in readme
    assert "$$" not in readme


def test_what_its_documents_link_to_is_there(made: dict[str, NewFile]) -> None:
    for path in ("README.md", "identities/README.md"):
        for target in re.findall(r"\]\(([^)#:\s]+)\)", text(made, path)):
            assert target in made, f"{path}: {target}"


HOSTILE: dict[str, Wanted] = {
    "a second key": replace(WANTED, region="eu-west-1\nsecurity_team: evil"),
    "a second stack": replace(WANTED, account='111122223333"\n  other: {account: "444455556666'),
    "a path out": replace(WANTED, stack="../../etc"),
    "a comment": replace(WANTED, region="eu-west-1 # x"),
    "a bucket with more": replace(WANTED, state_bucket="a, kms_key_id: evil"),
    "a bucket that is a mapping": replace(WANTED, state_bucket="{}"),
    "another person": replace(WANTED, owners=(("a, github_id: 1, email: e@e.example}\n  b: {github: b", 2),)),
    "no repository": replace(WANTED, repository="acme"),
    "a repository with a command": replace(WANTED, repository="acme/x;id"),
    "an account that is none": replace(WANTED, account="12"),
    "a login that is none": replace(WANTED, owners=(("a b", 1),)),
    "nobody's number": replace(WANTED, owners=(("alice", 0),)),
    "the same person twice": replace(WANTED, owners=(("alice", 1), ("ALICE", 2))),
    "no App": replace(WANTED, app_id=0),
}


@pytest.mark.parametrize("wanted", HOSTILE.values(), ids=HOSTILE)
def test_what_would_mean_something_else_in_a_file_is_refused(wanted: Wanted) -> None:
    with pytest.raises(UsageError):
        new_repository(wanted)
