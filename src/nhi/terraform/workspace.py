"""The folder in which Terraform works on one stack: the root, the saved plan, and the records of plan and applies."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path

from nhi.errors import InputError
from nhi.model.application import Application
from nhi.terraform.application import application_document, read_application
from nhi.terraform.durable import write_durably
from nhi.terraform.roots import of_all_parts, parts_below, roots_in

IMPORTS = "imports.tf"
_UNSAVED = "errored.tfstate"
_MODULES = "modules"
_READ_BY_TERRAFORM = (".tf", ".tf.json", ".tfvars", ".tfvars.json")
"""How the names of files end that are a root's configuration or values, whoever put them there:
https://developer.hashicorp.com/terraform/language/files"""
_SELECTED = ".terraform/environment"
"""Where `terraform workspace select` leaves its choice: another state than the stack's, in every run after it."""
_PRIVATE = 0o700
_KEPT = 50
"""Records of earlier applies that are kept; the evidence of them is elsewhere."""


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
    base: str | None
    """The commit that `--base` named, where it was given."""
    policy: str
    """Digest of the settings, owners and program that it was judged by."""
    digest: str
    """Digest of what the plan does (`nhi.terraform.plan.plan_digest`)."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one stack. Whoever changes what is in it holds its lock (`nhi.terraform.lock`)."""

    folder: Path

    @property
    def root(self) -> Path:
        """The Terraform root."""
        return self.folder / "root"

    @property
    def lock_file(self) -> Path:
        """What the folder is locked by."""
        return self.folder / "lock"

    @property
    def plan_file(self) -> Path:
        """The saved plan. It can hold secrets, so the folder is its owner's only."""
        return self.folder / "plan.tfplan"

    @property
    def transcript(self) -> Path:
        """What Terraform said in the last apply, in its JSON."""
        return self.folder / "apply.jsonl"

    def unsaved_states(self) -> list[Path]:
        """The states that Terraform could not save, each in the root that it is of."""
        places = (folder / _UNSAVED for folder in (self.root, *parts_below(self.root)))
        return [place for place in places if place.exists()]

    def is_in_a_root(self, state: Path) -> bool:
        """Whether the root that a state is in is one of those that the stack has now."""
        return state.parent in roots_in(self.root)

    def write_root(self, files: Mapping[str, str]) -> None:
        """Replace the root's files; Terraform's own (providers, lock file) stay. A plan made before is dropped.

        No other configuration stays either, and no other workspace: nothing but these files decides what Terraform
        does, and to which state.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(_PRIVATE)
        self.drop_plan()
        for folder in (self.root, *parts_below(self.root)):
            _clear(folder)
        write_files(self.root, files)

    def write_imports(self, text: str, part: str = "") -> None:
        """Add what the root, or a part of it, takes into its state."""
        write_files(self.root / part, {IMPORTS: text})

    def plan_digest(self) -> str:
        """`sha256:` and the hash of the saved plan file."""
        return digest_of(self.plan_file)

    def keep_record(self, record: PlanRecord) -> None:
        """Note what the saved plan was made from."""
        write_durably(self._record_file, json.dumps(asdict(record), indent=2) + "\n")

    def record(self) -> PlanRecord:
        """The record of the saved plan.

        Raises:
            InputError: there is no saved plan, or it is not the one that the record is about.
        """
        try:
            record = PlanRecord(**json.loads(self._record_file.read_text("utf-8")))
            plan = digest_of(self.plan_file)
        except (OSError, ValueError, TypeError) as cause:
            raise InputError(f"{self.folder} holds no saved plan", hint="run `nhi plan` first") from cause
        if plan != record.plan:
            raise InputError(f"{self.plan_file} is not the plan that was recorded", hint="run `nhi plan` again")
        return record

    def drop_plan(self) -> None:
        """Remove the saved plan: a plan is applied once."""
        self._record_file.unlink(missing_ok=True)
        for plan in of_all_parts(self.plan_file):
            plan.unlink()

    def begin(self, application: Application) -> None:
        """Record an apply before it begins, for good. The one before is kept beside it; its plan is used up."""
        earlier = self.last_application()
        if earlier is not None:
            self._applications_file.replace(self._free_place(f"{earlier.began:%Y%m%dT%H%M%SZ}"))
        for old in sorted(self.folder.glob("apply-*.json"))[:-_KEPT]:
            old.unlink()
        for transcript in of_all_parts(self.transcript):
            transcript.unlink()
        self.keep_application(application)
        self._record_file.unlink(missing_ok=True)

    def keep_application(self, application: Application) -> None:
        """Record how an apply stands, in the place of what was recorded of it before."""
        document = application_document(application)
        write_durably(self._applications_file, json.dumps(document, indent=2) + "\n")

    def last_application(self) -> Application | None:
        """The record of the last apply, as far as it is known.

        Raises:
            InputError: it cannot be read.
        """
        return _application(self._applications_file)

    def applications(self) -> tuple[Application, ...]:
        """The records that are kept of all applies, oldest first.

        Raises:
            InputError: one of them cannot be read.
        """
        files = (*sorted(self.folder.glob("apply-*.json")), self._applications_file)
        return tuple(filter(None, map(_application, files)))

    def transcripts(self) -> dict[str, list[str]]:
        """What Terraform said in the last apply: part → its lines, of each that was to be applied; {} before it began.

        Lines end where Terraform ends them, and not where a message has ends of its own.
        """
        return {
            one.name.removeprefix(self.transcript.name).removeprefix("."): one.read_text("utf-8", "replace").split("\n")
            for one in of_all_parts(self.transcript)
        }

    def _free_place(self, began: str) -> Path:
        """Two applies of one second are two records."""
        number = 0
        while (place := self.folder / f"apply-{began}-{number:03}.json").exists():
            number += 1
        return place

    @property
    def _record_file(self) -> Path:
        return self.folder / "plan.json"

    @property
    def _applications_file(self) -> Path:
        return self.folder / "apply.json"


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write rendered files below a folder, making the folders that they need."""
    for path, text in sorted(files.items()):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="\n")


def _clear(root: Path) -> None:
    """Take away all that would decide what Terraform does there, and to which state."""
    for place in root.glob("*"):
        folder = place.is_dir() and not place.is_symlink()
        if folder and place.name == _MODULES:
            shutil.rmtree(place)
        elif not folder and (place.name == _MODULES or place.name.endswith(_READ_BY_TERRAFORM)):
            place.unlink()
    (root / _SELECTED).unlink(missing_ok=True)


def _application(file: Path) -> Application | None:
    try:
        return read_application(json.loads(file.read_bytes()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as cause:
        raise InputError(f"{file} is no record of an apply", hint="move it away, once you know what it was") from cause


def digest_of(file: Path) -> str:
    """`sha256:` and the hash of a file."""
    with file.open("rb") as opened:
        return f"sha256:{file_digest(opened, 'sha256').hexdigest()}"
