"""A Terraform for stacks in parts: what it is told of a root, it does in each part of it, one after the other.

To whoever uses it a stack in parts has one root and one plan: what is shown of the plan is what a plan of the whole
would say, and its file lists the parts' plans with their digests, so that none of them can be exchanged. With a root in
one piece it does as the Terraform behind it does.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nhi.errors import InputError, OutsideError
from nhi.model.identity import Json
from nhi.model.parts import part_of
from nhi.terraform.address import identity_in
from nhi.terraform.durable import write_durably
from nhi.terraform.interface import Terraform
from nhi.terraform.merged import merged
from nhi.terraform.roots import of_all_parts, of_part, roots_in
from nhi.terraform.workspace import digest_of

_PROVIDERS = Path(".terraform", "providers")
_LOCK = ".terraform.lock.hcl"
_PRIVATE = 0o600
_QUOTED = 3
"""Failures that are told in full; of more, how many."""


@dataclass(frozen=True, slots=True)
class _PartPlan:
    """A part's saved plan, as the file of the whole plan lists it."""

    part: str
    digest: str
    changes: bool
    """Whether it would change something."""


@dataclass(frozen=True, slots=True)
class TerraformInParts:
    """`nhi.terraform.interface.Terraform`, part by part."""

    terraform: Terraform
    """Works on one root."""

    def version(self) -> str:
        """Such as "1.11.4"."""
        return self.terraform.version()

    def init(self, root: Path, on_line: Callable[[str], None], *, holding: Sequence[int] = ()) -> None:
        """Prepare every part, all with the providers of the first: they are large, and are fetched once."""
        first, *others = roots_in(root)
        self.terraform.init(first, _of(first, root, on_line), holding=holding)
        for one in others:
            _share_providers(first, one)
            self.terraform.init(one, _of(one, root, on_line), holding=holding)

    def validate(self, root: Path) -> None:
        """Raise where a part is not valid Terraform."""
        for one in roots_in(root):
            self.terraform.validate(one)

    def plan(
        self,
        root: Path,
        plan_file: Path,
        on_line: Callable[[str], None],
        *,
        replace: Sequence[str] = (),
        holding: Sequence[int] = (),
    ) -> bool:
        """Save a plan. True where it would change something. The resources at `replace` are made anew."""
        roots = roots_in(root)
        if roots == [root]:
            return self.terraform.plan(root, plan_file, on_line, replace=replace, holding=holding)
        plans: list[_PartPlan] = []
        try:
            for one in roots:
                file = of_part(plan_file, one.name)
                anew = [address for address in replace if _part(address, len(roots)) == one.name]
                changes = self.terraform.plan(one, file, _of(one, root, on_line), replace=anew, holding=holding)
                plans.append(_PartPlan(one.name, digest_of(file), changes))
        except BaseException:
            for part in of_all_parts(plan_file):
                part.unlink()  # it can hold secrets, and nobody would apply it
            raise
        write_durably(plan_file, json.dumps([asdict(one) for one in plans], indent=2) + "\n")
        return any(one.changes for one in plans)

    def show(self, root: Path, plan_file: Path) -> dict[str, Json]:
        """A saved plan as JSON, secrets in clear."""
        if roots_in(root) == [root]:
            return self.terraform.show(root, plan_file)
        files = _plans(root, plan_file)
        return merged(self.terraform.show(root / one.part, file) for one, file in files.items())

    def apply(
        self,
        root: Path,
        plan_file: Path,
        on_line: Callable[[str], None],
        *,
        transcript: Path,
        holding: Sequence[int] = (),
    ) -> None:
        """Apply a saved plan: the part of whoever must be stopped waits for no other part's mistake.

        Each part that would change something has a transcript beside the given one, from before the first is applied:
        one that nobody began is not taken for one that ended.
        """
        if roots_in(root) == [root]:
            self.terraform.apply(root, plan_file, on_line, transcript=transcript, holding=holding)
            return
        work = [(root / one.part, file) for one, file in _plans(root, plan_file).items() if one.changes]
        for one, _ in work:
            of_part(transcript, one.name).touch(_PRIVATE)
        failures: list[OutsideError] = []
        for one, file in work:
            said = of_part(transcript, one.name)
            try:
                self.terraform.apply(one, file, _of(one, root, on_line), transcript=said, holding=holding)
            except OutsideError as cause:
                failures.append(cause)
        _refuse_failed(failures)

    def push_state(self, root: Path, state: Path, on_line: Callable[[str], None]) -> None:
        """Make a file the state of one root, or of one part: `root` is the part's folder then."""
        self.terraform.push_state(root, state, on_line)

    def unlock(self, root: Path, lock: str, on_line: Callable[[str], None]) -> None:
        """Take away the lock of this id, of whichever part's state."""
        failures: list[OutsideError] = []
        for one in roots_in(root):
            try:
                self.terraform.unlock(one, lock, _of(one, root, on_line))
            except OutsideError as cause:
                failures.append(cause)
            else:
                return
        _refuse_failed(failures)


def _part(address: str, parts: int) -> str | None:
    identity = identity_in(address)
    return None if identity is None else part_of(identity, parts)


def _of(part: Path, root: Path, on_line: Callable[[str], None]) -> Callable[[str], None]:
    return on_line if part == root else lambda line: on_line(f"{part.name}: {line}".rstrip())


def _share_providers(first: Path, other: Path) -> None:
    """Let a part use the providers that another has, at the same versions."""
    lock, providers, own = first / _LOCK, first / _PROVIDERS, other / _PROVIDERS
    if lock.exists():
        (other / _LOCK).write_bytes(lock.read_bytes())
    if providers.is_dir() and not own.exists():
        own.parent.mkdir(exist_ok=True)
        own.unlink(missing_ok=True)  # it led to where none are any more
        own.symlink_to(Path("..", "..", first.name, _PROVIDERS), target_is_directory=True)


def _plans(root: Path, plan_file: Path) -> Mapping[_PartPlan, Path]:
    """The plans of the parts, in order, and where they are.

    Raises:
        InputError: they are not what was saved.
    """
    try:
        listed = [_PartPlan(**one) for one in json.loads(plan_file.read_text("utf-8"))]
        files = {one: of_part(plan_file, one.part) for one in listed}
        whole = all(digest_of(file) == one.digest for one, file in files.items())
    except (OSError, ValueError, TypeError) as cause:
        raise InputError(f"{plan_file} is no saved plan", hint="run `nhi plan` again") from cause
    if not whole or [one.part for one in listed] != [one.name for one in roots_in(root)]:
        raise InputError(f"{plan_file} is not the plan of these parts", hint="run `nhi plan` again")
    return files


def _refuse_failed(failures: Sequence[OutsideError]) -> None:
    match failures:
        case []:
            return
        case [failure]:
            raise failure
        case _:
            told = [one.message for one in failures[:_QUOTED]]
            more = len(failures) - len(told)
            rest = [f"and {more} more parts of the stack failed"] if more else []
            raise OutsideError("\n".join(told + rest), hint=failures[0].hint) from failures[0]
