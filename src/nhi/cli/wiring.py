"""Build the real parts: the repository of a folder, its working tree, what is remembered of it."""

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep

import nhi
from nhi.cli.moment import moment
from nhi.cloud.interface import AccessKeys, Cloud, CloudReads, Revocations, Trusts
from nhi.cloud.leftovers import Leftovers
from nhi.cloud.pace import Clock
from nhi.errors import InputError, MissingTool
from nhi.manifest.place import OWNERS, SETTINGS
from nhi.model.parts import part_names, state_of
from nhi.model.plan import PlanGround
from nhi.model.settings import LocalBackend, Stack
from nhi.output.plain import one_line, passed_on
from nhi.repository.git import GitRepository
from nhi.repository.git_version import git_version
from nhi.repository.interface import Snapshot
from nhi.repository.verdicts import VerdictFile, program_digest
from nhi.repository.worktree import WorkingTree
from nhi.scan.interface import InstalledScanner
from nhi.terraform.interface import Terraform
from nhi.terraform.workspace import Workspace

_JUDGING = ("manifest", "model", "policy", "flows")
"""The rooms whose code decides a verdict."""
_PLANNING = (*_JUDGING, "lifecycle", "terraform")
"""The rooms whose code decides what a plan is and whether it is applied."""


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


def terraform(interrupts: Callable[[], int] | None = None) -> Terraform:
    """The Terraform binary of the PATH. `interrupts` counts them for calls from another thread than the main one."""
    binary = importlib.import_module("nhi.terraform.process").TerraformBinary
    in_parts = importlib.import_module("nhi.terraform.in_parts").TerraformInParts
    adapter: Terraform = in_parts(binary(environment(), **({} if interrupts is None else {"interrupts": interrupts})))
    return adapter


def cloud() -> Cloud:
    """AWS, with this process's credentials."""
    adapter: Cloud = importlib.import_module("nhi.cloud.aws_cloud").AwsCloud(environment())
    return adapter


def clock() -> Clock:
    """The time, for what must wait between two questions."""
    return Clock(lambda: moment(None), monotonic, sleep)


def cloud_reads() -> CloudReads:
    """AWS, with this process's credentials, asked for more than whether identities stand as declared."""
    adapter: CloudReads = importlib.import_module("nhi.cloud.aws_reads").AwsReads(environment(), clock())
    return adapter


def access_keys() -> AccessKeys:
    """AWS's access keys, with this process's credentials."""
    adapter: AccessKeys = importlib.import_module("nhi.cloud.access_keys").AwsAccessKeys(environment())
    return adapter


def revocations() -> Revocations:
    """AWS, with this process's credentials, to end access at once."""
    adapter: Revocations = importlib.import_module("nhi.cloud.aws_revocation").AwsRevocations(environment(), sleep)
    return adapter


def scanner() -> InstalledScanner:
    """checkov: the program that the environment names, that of the PATH, or the one that scripts/setup installed.

    The last belongs to this program's own folder, never to the repository in hand: who proposes a change writes that.
    """
    ours = Path(nhi.__file__).parents[2] / ".tools" / "checkov" / "bin" / "checkov"
    adapter: InstalledScanner = importlib.import_module("nhi.scan.checkov").Checkov(environment(), ours)
    return adapter


def trusts() -> Trusts:
    """AWS, asked who may take a role."""
    adapter: Trusts = importlib.import_module("nhi.cloud.aws_trusts").AwsTrusts(environment())
    return adapter


def tools() -> dict[str, Callable[[], str]]:
    """The programs that we start, and what tells the version of each; checkov's is pinned where it is installed."""
    return {
        "git": lambda: git_version(environment()),
        "terraform": lambda: f"terraform {terraform().version()}",
        "checkov": lambda: f"checkov is {scanner().program()}",
    }


def leftovers() -> Leftovers:
    """AWS, asked for what an apply that was killed left there."""
    adapter: Leftovers = importlib.import_module("nhi.cloud.aws_leftovers").AwsLeftovers(environment())
    return adapter


def workspace(root: Path, work: str | None, stack: Stack) -> Workspace:
    """Where Terraform works on a stack.

    Raises:
        InputError: files there are committed: who proposes a change would write what Terraform and we believe there.
    """
    folder = root / ".nhi" / "terraform" if work is None else Path(work).resolve()
    _refuse_committed(root, folder, "where Terraform works")
    return Workspace(folder / stack.name)


def state_path(root: Path, stack: Stack, terraform_root: Path) -> str:
    """Where a stack's local state is, as seen from its Terraform root.

    Raises:
        InputError: it is committed: who proposes a change would write what Terraform believes to stand.
    """
    match stack.backend:
        case LocalBackend(path=str() as given):
            state = root / given
        case _:
            state = root / ".nhi" / "state" / stack.name / "terraform.tfstate"
    if isinstance(stack.backend, LocalBackend):
        for part in part_names(stack.parts):
            own = Path(os.path.normpath(state_of(str(state), part)))
            _refuse_committed(root, own, f"where the state of {stack.name} is")
    return Path(os.path.relpath(state, terraform_root)).as_posix()


def _refuse_committed(root: Path, place: Path, what: str) -> None:
    commit = checked_out_commit(root) if place.is_relative_to(root) else None
    if commit is not None:
        path = place.relative_to(root).as_posix()
        committed = next(repository(root).snapshot(commit).paths(path), None)
        if committed is not None:
            raise InputError(
                f"{one_line(committed)} is committed, and {path} is {what}: nothing there may come from Git",
                hint=f"git rm -r --cached {path}, and name it in .gitignore",
            )


def checked_out_commit(root: Path) -> str | None:
    """The commit that the files here are based upon; None outside of Git."""
    try:
        return repository(root).commit_id("HEAD")
    except InputError:
        return None


def policy_digest(snapshot: Snapshot) -> str:
    """Digest of what a plan is judged by: nhi.yaml, identities/owners.yaml and the program."""
    package = Path(nhi.__file__).parent
    total = sha256(program_digest(package / room for room in _PLANNING).encode())
    for file in snapshot.read((SETTINGS, OWNERS)):
        total.update(f"{file.path}\0{file.type}\0{len(file.data)}\0".encode())
        total.update(file.data)
    return f"sha256:{total.hexdigest()}"


def plan_ground(root: Path, snapshot: Snapshot, base: str | None) -> PlanGround:
    """What a plan is made upon now. `base` is a revision as the person gave it.

    Raises:
        InputError: there is no such revision.
    """
    named = None if base is None else repository(root).commit_id(base)
    return PlanGround(checked_out_commit(root), named, policy_digest(snapshot))


def line_printer(*, quiet: bool) -> Callable[[str], None]:
    """Passes on what Terraform says while it works, apart from the results on the standard output."""
    if quiet:
        return lambda _line: None
    return lambda line: print(passed_on(line), file=sys.stderr, flush=True)  # noqa: T201  # the command line prints
