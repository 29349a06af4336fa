"""Where a file under identities/ stands, and what that alone says about it."""

from collections.abc import Container
from dataclasses import dataclass

from nhi.manifest import problems
from nhi.manifest.problems import Problem
from nhi.manifest.yamltext import shown

IDENTITIES = "identities"
OWNERS = "identities/owners.yaml"
SETTINGS = "nhi.yaml"
MODULES = "modules"
_BESIDE_MANIFESTS = frozenset({"README.md", ".gitkeep", "CODEOWNERS"})
_IN_A_STACK = 3


@dataclass(frozen=True, slots=True)
class Place:
    """What a path says."""

    stack: str | None
    """The stack's folder, or None for a file directly under identities/."""
    name: str
    """The file's name without `.yaml`."""
    problem: Problem | None


def is_manifest_path(path: str) -> bool:
    """Whether a file stands where it must be a manifest. READMEs and owners.yaml need not be."""
    if not path.startswith(IDENTITIES + "/") or path == OWNERS:
        return False
    return path.rsplit("/", 1)[1] not in _BESIDE_MANIFESTS


def stack_and_name(path: str) -> tuple[str | None, str]:
    """The stack (None directly under identities/) and the name that a path gives, whether or not it is in order."""
    parts = path.split("/")
    stem, dot, _ = parts[-1].rpartition(".")
    return parts[1] if len(parts) >= _IN_A_STACK else None, stem if dot else parts[-1]


def identity_at(path: str) -> str:
    """`<stack>/<name>`, of a path within a stack."""
    stack, name = stack_and_name(path)
    return f"{stack}/{name}"


def place_of(path: str, stacks: Container[str]) -> Place:
    """The stack and name that a manifest's path gives, and what is wrong with the path."""
    stack, name = stack_and_name(path)
    file_name = path.rsplit("/", 1)[-1]
    stem, _, extension = file_name.rpartition(".")
    problem = None
    if extension != "yaml" or not stem:
        hint = (
            "rename it to end in .yaml"
            if extension in ("yml", "YAML", "json")
            else "move it out of identities/, or end it in .yaml"
        )
        problem = Problem(
            problems.WRONG_EXTENSION,
            1,
            1,
            f"{shown(file_name)} is not a manifest: its name does not end in .yaml",
            hint,
        )
    elif stack is None:
        problem = Problem(
            problems.OUTSIDE_STACK,
            1,
            1,
            "the manifest is not in a stack's folder",
            f"move it to identities/<stack>/{name}.yaml",
        )
    elif stack not in stacks:
        problem = Problem(
            problems.UNKNOWN_STACK,
            1,
            1,
            f"{shown(stack)} is not a stack of {SETTINGS}",
            f"add it to {SETTINGS}, or move the file",
        )
    return Place(stack, name, problem)
