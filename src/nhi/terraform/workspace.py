"""The folder in which Terraform works on one stack: the root, the saved plan, and the record of what was planned."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path

from nhi.errors import InputError

_OURS = ("main.tf", "identities.tf", "modules")
_PRIVATE = 0o700


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """What a saved plan was made from. It is applied only while all of this still holds."""

    stack: str
    root: str
    """Digest of the rendered root."""
    plan: str
    """sha256 of the saved plan file."""
    commit: str | None
    """The commit that was checked out, where the repository is one."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one stack."""

    folder: Path

    @property
    def root(self) -> Path:
        """The Terraform root."""
        return self.folder / "root"

    @property
    def plan_file(self) -> Path:
        """The saved plan. It can hold secrets, so the folder is its owner's only."""
        return self.folder / "plan.tfplan"

    def write_root(self, files: Mapping[str, str]) -> None:
        """Replace the root's files; Terraform's own (providers, lock file) stay. A plan made before is dropped."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(_PRIVATE)
        self.plan_file.unlink(missing_ok=True)
        self._record_file.unlink(missing_ok=True)
        for name in _OURS:
            place = self.root / name
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)
        write_files(self.root, files)

    def keep_record(self, stack: str, root_digest: str, commit: str | None) -> PlanRecord:
        """Note what the saved plan was made from."""
        record = PlanRecord(stack, root_digest, _digest(self.plan_file), commit)
        self._record_file.write_text(json.dumps(asdict(record), indent=2) + "\n", "utf-8")
        return record

    def record(self) -> PlanRecord:
        """The record of the saved plan.

        Raises:
            InputError: there is no saved plan, or it is not the one that the record is about.
        """
        try:
            record = PlanRecord(**json.loads(self._record_file.read_text("utf-8")))
            plan = _digest(self.plan_file)
        except (OSError, ValueError, TypeError) as cause:
            raise InputError(f"{self.folder} holds no saved plan", hint="run `nhi plan` first") from cause
        if plan != record.plan:
            raise InputError(f"{self.plan_file} is not the plan that was recorded", hint="run `nhi plan` again")
        return record

    def drop_plan(self) -> None:
        """Remove the saved plan: a plan is applied once."""
        self.plan_file.unlink(missing_ok=True)
        self._record_file.unlink(missing_ok=True)

    @property
    def _record_file(self) -> Path:
        return self.folder / "plan.json"


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write rendered files below a folder, making the folders that they need."""
    for path, text in sorted(files.items()):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="\n")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return f"sha256:{file_digest(opened, 'sha256').hexdigest()}"
