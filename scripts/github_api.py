"""Write GitHub's own description of its API, cut to what the loopback GitHub serves; run by hand when that changes.

    python scripts/github_api.py            # fetches two npm packages (29 MB), writes the files
    python scripts/github_api.py --check    # offline: are the files what this script wrote, of these releases?

Of the packages two files are read, none of their code is run. Whoever takes newer ones changes SOURCES, reads the
differences, and looks whether the licence in src/nhi/sandbox/github/NOTICE holds. Whoever serves one more operation
names it in OPERATIONS, or a field of GraphQL in FIELDS.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from graphql import TypeDefinitionNode, parse, print_ast
from graphql.language import InterfaceTypeDefinitionNode, NamedTypeNode, Node, ObjectTypeDefinitionNode

from nhi.model.identity import Json

OUT = Path(__file__).parents[1] / "src/nhi/sandbox/github"
API, SCHEMA = "api.json", "schema.graphql"


class Source(NamedTuple):
    """A release of an npm package."""

    package: str
    version: str
    member: str
    """The file in it that is read."""
    integrity: str
    """Of its archive, as a package-lock has it."""


SOURCES = {
    API: Source(
        "@octokit/openapi",
        "23.0.2",
        "package/generated/api.github.com.json",
        "sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
    ),
    SCHEMA: Source(
        "@octokit/graphql-schema",
        "15.26.1",
        "package/schema.graphql",
        "sha512-RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
    ),
}

OPERATIONS = {
    "actions": "get-custom-oidc-sub-claim-for-repo get-github-actions-default-workflow-permissions-repository"
    " get-github-actions-permissions-repository",
    "apps": "create-installation-access-token get-authenticated get-installation get-repo-installation",
    "code-scanning": "upload-sarif",
    "git": "delete-ref get-commit get-ref",
    "issues": "add-assignees add-labels check-user-can-be-assigned create create-comment create-label"
    " delete-comment get get-label list-comments list-for-repo list-labels-on-issue remove-label update"
    " update-comment",
    "pulls": "create create-review dismiss-review get list list-commits list-files list-requested-reviewers"
    " list-reviews merge request-reviewers update",
    "rate-limit": "get",
    "repos": "codeowners-errors create-commit-status create-dispatch-event create-repo-ruleset get get-branch"
    " get-branch-rules get-collaborator-permission-level get-combined-status-for-ref get-environment"
    " get-repo-ruleset get-repo-rulesets list-activities list-commit-statuses-for-ref"
    " list-deployment-branch-policies list-pull-requests-associated-with-commit update update-repo-ruleset",
    "users": "get-authenticated get-by-username",
}
"""Of each category the operations that are served: `pulls` and `create` are the `operationId` `pulls/create`."""

FIELDS = {
    "Query": "viewer",
    "Mutation": "disablePullRequestAutoMerge enablePullRequestAutoMerge",
    "EnablePullRequestAutoMergePayload": "actor clientMutationId pullRequest",
    "DisablePullRequestAutoMergePayload": "actor clientMutationId pullRequest",
    "Node": "id",
    "Actor": "avatarUrl login resourcePath url",
    "Bot": "avatarUrl id login resourcePath url",
    "User": "avatarUrl id login resourcePath url",
    "PullRequest": "autoMergeRequest baseRefName headRefName headRefOid id isDraft mergeable mergeStateStatus merged"
    " number reviewDecision state title url",
    "AutoMergeRequest": "authorEmail commitBody commitHeadline enabledAt enabledBy mergeMethod pullRequest",
}
"""The types of GraphQL that answer, and which of their fields. Inputs, enumerations and scalars follow from these."""

TEXTS = {
    *("description", "deprecated", "example", "examples", "externalDocs", "headers", "links", "summary", "tags"),
    *("title", "x-github", "x-github-breaking-changes", "x-octokit"),
}
"""What says nothing about the shape. An example is not even right: every fifth of GitHub's does not fit its schema."""
OF_NAMES = {"content", "parameters", "paths", "properties", "responses", "schemas"}
"""The keys of mappings whose keys are names, so that a property called `title` is kept."""


class Stale(Exception):
    """A file or a package is not the one that this script names."""


def operations() -> set[str]:
    """The `operationId` of each operation that is served."""
    return {f"{category}/{name}" for category, names in OPERATIONS.items() for name in names.split()}


def fetched(source: Source, folder: Path) -> bytes:
    """The file of the package that is read."""
    named = f"{source.package}@{source.version}"
    npm = shutil.which("npm")
    if npm is None:
        raise Stale("npm is not on the PATH")
    pack = [npm, "pack", "--silent", "--ignore-scripts", named]
    packed = subprocess.run(pack, cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603 - named above
    archive = folder / packed.stdout.strip()
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != source.integrity:
        raise Stale(f"{named} is sha512-{digest}, not {source.integrity}")
    with tarfile.open(archive) as opened:
        member = opened.extractfile(source.member)
        if member is None:
            raise Stale(f"{named} holds no {source.member}")
        return member.read()


def without_texts(value: Json, *, names: bool = False) -> Json:
    """The description's shape alone."""
    if isinstance(value, list):
        return [without_texts(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: without_texts(inner, names=not names and key in OF_NAMES)
        for key, inner in sorted(value.items())
        if names or key not in TEXTS
    }


def references(value: Json) -> Iterator[str]:
    """What a part of the description refers to: `#/components/schemas/pull-request`."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        if isinstance(named := value.get("$ref"), str):
            yield named
        for one in value.values():
            yield from references(one)


def cut_api(text: bytes) -> dict[str, Any]:
    """The operations that are served, and what they refer to."""
    whole = json.loads(text)
    wanted = operations()
    paths: dict[str, Any] = {}
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            if operation.get("operationId") in wanted:
                paths.setdefault(path, {})[method] = without_texts(operation)
    missing = wanted - {one["operationId"] for methods in paths.values() for one in methods.values()}
    if missing:
        raise Stale(f"not in the description: {', '.join(sorted(missing))}")
    components: dict[str, dict[str, Json]] = {}
    waiting = sorted(references(paths))
    while waiting:
        _, _, kind, name = waiting.pop().split("/")
        if name not in components.setdefault(kind, {}):
            component = without_texts(whole["components"][kind][name])
            components[kind][name] = component
            waiting += references(component)
    return {"components": {kind: dict(sorted(components[kind].items())) for kind in sorted(components)}, "paths": paths}


def plain(part: object) -> object:
    """A part of the schema without texts and directives."""
    if isinstance(part, tuple):
        return tuple(map(plain, part))
    if not isinstance(part, Node):
        return part
    keys = set(part.keys) - {"loc", "description", "directives"}
    kept: dict[str, Any] = {key: plain(getattr(part, key)) for key in keys}
    return type(part)(**kept)


def named_types(part: object) -> Iterator[str]:
    """The types that a part of the schema names."""
    if isinstance(part, NamedTypeNode):
        yield part.name.value
    elif isinstance(part, Node | tuple):
        for one in part if isinstance(part, tuple) else (getattr(part, key) for key in part.keys):
            yield from named_types(one)


def cut_type(one: TypeDefinitionNode) -> TypeDefinitionNode:
    """Of a type that answers, the fields and interfaces of FIELDS."""
    if not isinstance(one, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        return one
    wanted = FIELDS.get(one.name.value, "").split()
    fields = {field.name.value: field for field in one.fields or ()}
    missing = sorted(set(wanted) - fields.keys())
    if missing or not wanted:
        raise Stale(f"{one.name.value} of GraphQL: no field {', '.join(missing) or 'is named in FIELDS'}")
    interfaces = tuple(each for each in one.interfaces or () if each.name.value in FIELDS and one.name.value != "Query")
    return replace(one, fields=tuple(fields[name] for name in wanted), interfaces=interfaces)


def cut_schema(text: bytes) -> str:
    """The types of FIELDS, and the inputs, enumerations and scalars that these use."""
    document = parse(text.decode(), no_location=True)
    known = {one.name.value: one for one in document.definitions if isinstance(one, TypeDefinitionNode)}
    kept: dict[str, str] = {}
    waiting = set(FIELDS)
    while waiting:
        name = waiting.pop()
        one = cast("Node", plain(cut_type(known[name])))
        kept[name] = print_ast(one)
        waiting |= (set(named_types(one)) & known.keys()) - kept.keys()
    return "\n\n".join(kept[name] for name in sorted(kept))


def api_file(api: Mapping[str, Any]) -> str:
    """With one operation or component a line, so that a change is one line of a difference."""
    made = {"source": released(API), "digest": digest_of(json.dumps(api, sort_keys=True))}
    parts = [f'"made": {json.dumps(made)}']
    for part in ("components", "paths"):
        groups = (
            f"{json.dumps(kind)}: {{\n"
            + ",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in sorted(group.items()))
            + "\n}"
            for kind, group in sorted(api[part].items())
        )
        parts.append(f'"{part}": {{\n' + ",\n".join(groups) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def schema_file(schema: str) -> str:
    """With where it is from in its first lines."""
    return f"# {released(SCHEMA)}\n# {digest_of(schema)}\n\n{schema}\n"


def released(name: str) -> str:
    """Where a file is from, as it is named in it."""
    source = SOURCES[name]
    return f"{source.package} {source.version}, MIT, cut by scripts/github_api.py"


def digest_of(text: str) -> str:
    """By which a change by hand is seen."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def check() -> None:
    """Raise where a file is not what this script wrote, of the releases, operations and fields that it names."""
    text = (OUT / API).read_text("utf-8")
    api = json.loads(text)
    api.pop("made")
    served = {one["operationId"] for methods in api["paths"].values() for one in methods.values()}
    if text != api_file(api) or served != operations():
        raise Stale(f"{API} is not what this script writes now; run it")
    text = (OUT / SCHEMA).read_text("utf-8")
    schema = text.split("\n\n", 1)[1].removesuffix("\n")
    if text != schema_file(schema) or cut_schema(schema.encode()) != schema:
        raise Stale(f"{SCHEMA} is not what this script writes now; run it")


def write() -> None:
    """Fetch the packages and write the files."""
    with tempfile.TemporaryDirectory() as folder:
        texts = {name: fetched(source, Path(folder)) for name, source in SOURCES.items()}
    files = {API: api_file(cut_api(texts[API])), SCHEMA: schema_file(cut_schema(texts[SCHEMA]))}
    for name, text in files.items():
        (OUT / name).write_text(text, "utf-8")
        sys.stdout.write(f"github_api: wrote {name}, {len(text)} characters\n")


def main(arguments: Sequence[str]) -> int:
    """Write the files, or check them. The exit code."""
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write("usage: python scripts/github_api.py [--check]\n")
        return 2
    try:
        if arguments:
            check()
        else:
            write()
    except (Stale, OSError, ValueError, KeyError, subprocess.CalledProcessError) as cause:
        sys.stderr.write(f"github_api: {cause}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
