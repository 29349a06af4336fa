"""`nhi init`: the files of a new repository, which works as it is and holds nobody's identity yet."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from string import Template

from nhi.errors import InputError, UsageError
from nhi.flows.doctor import ruleset_text
from nhi.manifest.ground import is_ground
from nhi.manifest.kinds import catalog_of
from nhi.manifest.owners import read_owners
from nhi.manifest.place import OWNERS, SETTINGS
from nhi.manifest.publish import editor_schema
from nhi.manifest.settings import read_settings
from nhi.model.settings import GitHubSettings, S3Backend, Settings, Stack
from nhi.model.source import FileType, SourceFile
from nhi.policy.ruleset import RULESET_FILE
from nhi.scaffold.packaged import copied_files, template

SCRIPTS = ".github/nhi/"
"""What is directly in there can be run."""
NOBODY = 9007199254740991
"""The number of no account: the largest that JSON readers agree on. It stands in for whom nobody has named yet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new repository is to be for. Its defaults are placeholders that are valid and nobody's."""

    version: str
    """Of this program: the workflows install the same."""
    repository: str = "acme-example/identities"
    stack: str = "production"
    account: str = "111122223333"
    region: str = "eu-west-1"
    owners: tuple[tuple[str, int], ...] = (("replace-me", NOBODY), ("replace-me-too", NOBODY - 1))
    """Login and number of the GitHub accounts of those who answer for it: the first accountable, the second deputy."""
    state_bucket: str | None = None
    """Of the Terraform state; None keeps it in a file."""
    app_id: int | None = None


PLACEHOLDERS = Wanted("")
"""What stands where nothing was said."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """One file to write."""

    path: str
    """Below the new repository, with `/`."""
    data: bytes

    @property
    def is_executable(self) -> bool:
        """Whether it is a program."""
        return self.path.startswith(SCRIPTS) and "/" not in self.path.removeprefix(SCRIPTS)


def new_repository(wanted: Wanted) -> tuple[NewFile, ...]:
    """Every file, sorted by path: the same input makes the same bytes.

    Raises:
        UsageError: what is wanted cannot stand in the configuration.
    """
    copied = dict(copied_files())
    texts = {SETTINGS: _settings(wanted), OWNERS: _owners(wanted)}
    settings = _held_against(wanted, texts)
    catalog = catalog_of(_source(path, data) for path, data in copied.items() if is_ground(path))
    schema = json.dumps(editor_schema(catalog), indent=2, ensure_ascii=False) + "\n"
    filled = {
        ".github/CODEOWNERS": Template(template("CODEOWNERS")).substitute(owners=_code_owners(wanted)),
        ".github/nhi/requirements/nhi.txt": f"nhi-control-plane=={wanted.version}\n",
        ".github/nhi/requirements/version": f"{wanted.version}\n",
        RULESET_FILE: ruleset_text(settings.github),
        ".gitignore": template("gitignore"),
        ".nhi/schema.json": schema,
        "README.md": Template(template("readme.txt")).substitute(repository=wanted.repository, version=wanted.version),
        "identities/README.md": Template(template("identities.txt")).substitute(stack=wanted.stack),
        f"identities/{wanted.stack}/.gitkeep": "",
    }
    files = copied | {path: text.encode() for path, text in (texts | filled).items()}
    return tuple(NewFile(path, data) for path, data in sorted(files.items()))


def _settings(wanted: Wanted) -> str:
    backend = [
        "    # Before a workflow applies anything, give the stack a state that outlives a runner:",
        "    # backend:",
        "    #   s3: {bucket: acme-terraform-state, key: nhi/production.tfstate, region: eu-west-1}",
    ]
    if wanted.state_bucket is not None:
        backend = [
            "    backend:",
            f"      s3: {{bucket: {wanted.state_bucket}, key: {_state_key(wanted)}, region: {wanted.region}}}",
        ]
    app_id = "  # app_id: the number of the GitHub App whose statuses alone count"
    if wanted.app_id is not None:
        app_id = f"  app_id: {wanted.app_id}"
    return Template(template("nhi.yaml")).substitute(
        repository=wanted.repository,
        app_id=app_id,
        stack=wanted.stack,
        account=wanted.account,
        region=wanted.region,
        backend="\n".join(backend),
    )


def _state_key(wanted: Wanted) -> str:
    return f"nhi/{wanted.stack}.tfstate"


def _owners(wanted: Wanted) -> str:
    keys = [login.lower() for login, _ in wanted.owners]
    people = [
        f"  {key}: {{github: {login}, github_id: {number}, email: {key}@acme.example}}"
        for key, (login, number) in zip(keys, wanted.owners, strict=True)
    ]
    deputy = f"deputy: {keys[1]}, " if len(keys) > 1 else ""
    team = f"{{accountable: {keys[0]}, {deputy}members: [{', '.join(keys)}]}}"
    teams = [f"  {name}: {team}" for name in ("platform", Settings().security_team)]
    return Template(template("owners.yaml")).substitute(people="\n".join(people), teams="\n".join(teams))


def _code_owners(wanted: Wanted) -> str:
    """Of people who were named, themselves; else a team of the organisation, which has to be made."""
    if wanted.owners == PLACEHOLDERS.owners:
        return f"@{wanted.repository.partition('/')[0]}/security"
    return " ".join(f"@{login}" for login, _ in wanted.owners)


def _held_against(wanted: Wanted, texts: dict[str, str]) -> Settings:
    """The settings, after what was written says exactly what was wanted: no text given to us became anything else."""
    try:
        settings = read_settings(_source(SETTINGS, texts[SETTINGS].encode()))
        owners = read_owners(_source(OWNERS, texts[OWNERS].encode()))
    except InputError as error:
        raise UsageError(f"this cannot stand in a repository: {error.message}", hint=error.hint) from error
    bucket = wanted.state_bucket
    stack = Stack(wanted.stack, wanted.account, wanted.region)
    if bucket is not None:
        stack = Stack(wanted.stack, wanted.account, wanted.region, S3Backend(bucket, _state_key(wanted), wanted.region))
    expected = Settings({wanted.stack: stack}, github=GitHubSettings(wanted.repository, app_id=wanted.app_id))
    people = [(one.github, one.github_id) for one in owners.people.values()]
    if settings != expected or people != list(wanted.owners):
        raise UsageError("a value holds what would mean something else in a file", hint="give plain names and numbers")
    return settings


def _source(path: str, data: bytes) -> SourceFile:
    return SourceFile(path, FileType.REGULAR, data)


def as_sources(files: Iterable[NewFile]) -> dict[str, SourceFile]:
    """The files as a check reads them."""
    return {one.path: _source(one.path, one.data) for one in files}
