"""Build the real parts: the repository of a folder, its working tree, what is remembered of it."""

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import nhi
from nhi.cloud.interface import Cloud
from nhi.errors import InputError, MissingTool
from nhi.manifest.place import SETTINGS
from nhi.model.settings import LocalBackend, Stack
from nhi.repository.git import GitRepository
from nhi.repository.verdicts import VerdictFile, program_digest
from nhi.repository.worktree import WorkingTree
from nhi.terraform.interface import Terraform
from nhi.terraform.workspace import Workspace

_JUDGING = ("manifest", "model", "policy", "flows")
"""The rooms whose code decides a verdict."""


def environment() -> Mapping[str, str]:
    """This process's environment: the one place that reads it."""
    return dict(os.environ)


def root_folder(given: str | None) -> Path:
    """The repository to work in.

    Raises:
        InputError: there is none.
    """
    if given is not None:
        root = Path(given).resolve()
        if not (root / SETTINGS).is_file():
            raise InputError(f"{given} has no {SETTINGS}", hint=f"--root names the folder with {SETTINGS}")
        return root
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / SETTINGS).is_file():
            return folder
    raise InputError(f"no {SETTINGS} here or in a folder above", hint="go to the repository, or name it with --root")


def repository(root: Path) -> GitRepository:
    """The Git repository of a folder."""
    return GitRepository(root, environment())


def working_tree(root: Path) -> WorkingTree:
    """The files of a folder as they stand."""
    return WorkingTree(root)


def verdict_store(root: Path) -> VerdictFile | None:
    """Where a check's verdicts are kept: in the clone's private Git folder. None outside of Git."""
    try:
        folder = repository(root).git_dir()
    except (InputError, MissingTool):
        return None
    package = Path(nhi.__file__).parent
    return VerdictFile(folder / "nhi" / "verdicts.json", program_digest(package / room for room in _JUDGING))


def below_root(root: Path, path: str) -> str:
    """A path as the person gave it (relative to here), relative to the repository, with `/`.

    Raises:
        InputError: it leads out of the repository.
    """
    absolute = Path(os.path.normpath(Path.cwd() / path))
    try:
        return absolute.relative_to(root).as_posix()
    except ValueError as cause:
        raise InputError(f"{path} is not in {root}", hint="name files of the repository") from cause


def write_text(path: str, text: str) -> None:
    """Write a file that the person asked for, making the folders that it needs."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, "utf-8")


def terraform() -> Terraform:
    """The Terraform binary of the PATH."""
    adapter: Terraform = importlib.import_module("nhi.terraform.process").TerraformBinary(environment())
    return adapter


def cloud() -> Cloud:
    """AWS, with this process's credentials."""
    adapter: Cloud = importlib.import_module("nhi.cloud.aws_cloud").AwsCloud(environment())
    return adapter


def workspace(root: Path, work: str | None, stack: Stack) -> Workspace:
    """Where Terraform works on a stack."""
    folder = root / ".nhi" / "terraform" if work is None else Path(work).resolve()
    return Workspace(folder / stack.name)


def state_path(root: Path, stack: Stack, terraform_root: Path) -> str:
    """Where a stack's local state is, as seen from its Terraform root."""
    match stack.backend:
        case LocalBackend(path=str() as given):
            state = root / given
        case _:
            state = root / ".nhi" / "state" / stack.name / "terraform.tfstate"
    return Path(os.path.relpath(state, terraform_root)).as_posix()


def checked_out_commit(root: Path) -> str | None:
    """The commit that the files here are based upon; None outside of Git."""
    try:
        return repository(root).commit_id("HEAD")
    except InputError:
        return None


def line_printer(*, quiet: bool) -> Callable[[str], None]:
    """Passes on what Terraform says while it works, apart from the results on the standard output."""
    if quiet:
        return lambda _line: None
    return lambda line: print(line, file=sys.stderr, flush=True)  # noqa: T201  # the command line prints
