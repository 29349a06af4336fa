"""`nhi demo` as its users run it in their clone: all of it real, told in order, and nothing is left behind."""

import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from socket import create_connection
from threading import Timer

import pytest
from tests.fixtures.git import Clone, clean_environment
from tests.fixtures.modules import Once

from nhi.model.instant import parse_instant
from nhi.terraform.process import TerraformBinary

_REPOSITORY = Path(__file__).parents[2]
_TITLES = [
    "sandbox",
    "blocked",
    "mended",
    "applied",
    "verified",
    "expired",
    "swept",
    "removed",
    "verified",
    "proven",
    "the whole loop",
]
_TITLE = re.compile(r" *\d+\.\d s  (the whole loop|\w+)")
_PORT = re.compile(r"http://127\.0\.0\.1:(\d+)")
_EVALUATED = re.compile(r" (\S+Z)  a live session's \S+ is (allowed|denied by .+); a new session is (allowed|denied)$")
_DATED = re.compile(r" +(\d{4}-\d\d-\d\dT\S+Z)  (.+)")
_PROMISED_SECONDS = 90
"""Of processors, over all its processes: what else the machine does meanwhile makes it no slower."""
_HUNG_SECONDS = 400


@dataclass(frozen=True, slots=True)
class Played:
    """What one run of the demo said, did and left."""

    code: int
    seconds: float
    lines: tuple[str, ...]
    errors: str
    port: int
    answered: bool
    """Whether something answered on the port that it named, at that time."""
    processes: frozenset[int]
    """Which of its processes were there at that time; none are seen where the system has no /proc."""
    left: frozenset[int]
    """Which of its processes were there after its end."""
    clone_before: Mapping[str, bytes]
    """Every file of the clone but Git's objects: what is checked out, the index, branches, configuration."""
    clone_after: Mapping[str, bytes]
    temporary: tuple[str, ...]
    """What it left in the folder for temporary files, and in the home."""

    @property
    def titles(self) -> list[str]:
        """The titles of its steps, in order."""
        return [found[1] for line in self.lines if (found := _TITLE.match(line))]

    @property
    def evaluated(self) -> list[tuple[str, str, str]]:
        """What the policy evaluator said: when, of a live session, of a new session."""
        return [(found[1], found[2], found[3]) for line in self.lines if (found := _EVALUATED.search(line))]


@pytest.fixture(scope="session")
def played(once: Once, terraform: TerraformBinary) -> Played:
    return once("demo", lambda folder: _play(folder, terraform.environment))


def test_the_demo_ends_well_and_without_a_word_of_complaint(played: Played) -> None:
    assert (played.code, played.errors) == (0, ""), played.lines


def test_the_demo_tells_each_step_in_order(played: Played) -> None:
    assert played.titles == _TITLES


def test_a_request_without_owner_and_expiry_is_blocked_at_its_lines(played: Played) -> None:
    said = "\n".join(played.lines)
    assert re.search(r"nhi check --base main: exit 1\n.* NHI001 missing-owner: identities/\S+\.yaml:1\n", said)
    assert re.search(r" NHI201 missing-expiry: identities/\S+\.yaml:1\n", said)


def test_one_second_before_the_expiry_all_is_allowed_and_at_it_all_is_denied(played: Played) -> None:
    (before, *allowed), (at, *denied) = played.evaluated
    assert allowed == ["allowed", "allowed"]
    assert denied == ["denied by identity policy nhi, statement DenyAfterExpiry", "denied"]
    assert parse_instant(at) - parse_instant(before) == timedelta(seconds=1)


def test_the_second_of_the_denial_is_the_expiry_that_was_declared(played: Played) -> None:
    (mended,) = [line for line in played.lines if " mended " in line]
    assert f"expiry {played.evaluated[1][0]}:" in mended


def test_what_was_applied_is_verified_present_and_what_was_removed_absent(played: Played) -> None:
    present, absent = (line for line in played.lines if " verified " in line)
    assert "present as declared" in present
    assert "absent: NoSuchEntity" in absent


def test_at_last_the_removal_is_proven_by_its_times_and_by_whom(played: Played) -> None:
    (start,) = [number for number, line in enumerate(played.lines) if " proven " in line]
    times = [found for line in played.lines[start + 1 : -1] if (found := _DATED.fullmatch(line))]
    assert [found[2].partition(" ")[0] for found in times] == ["due:", "merged", "iam:DeleteRole", "absent,", "absent,"]
    assert [found[2].partition(" by ")[2] for found in times if " by " in found[2]] == ["nhi-apply, says CloudTrail"]
    assert [found[2] for found in times[3:]] == ["absent, says nhi-verify"] * 2
    assert [found[1] for found in times] == sorted(found[1] for found in times)


def test_the_demo_takes_less_than_a_minute_and_a_half_of_processors(played: Played) -> None:
    assert played.seconds < _PROMISED_SECONDS


def test_the_demo_leaves_no_file_behind(played: Played) -> None:
    assert played.temporary == ()
    assert played.lines[-1].endswith("nothing is left behind")


def test_the_demo_leaves_nothing_running(played: Played) -> None:
    assert played.answered
    with pytest.raises(ConnectionRefusedError):
        create_connection(("127.0.0.1", played.port), timeout=5).close()
    assert played.left == frozenset(), f"of {played.processes}"


def test_the_demo_does_not_touch_the_clone_that_it_is_run_in(played: Played) -> None:
    assert played.clone_after == played.clone_before


def _play(folder: Path, terraform_environment: Mapping[str, str]) -> Played:
    home, temporary = folder / "home", folder / "temporary"
    home.mkdir()
    temporary.mkdir()
    environment = {**terraform_environment, **clean_environment(home), "TMPDIR": str(temporary)}
    environment["PATH"] = terraform_environment["PATH"]
    clone = _clone(folder / "clone", environment)
    before = clone.state()
    with (folder / "errors").open("w+", encoding="utf-8") as errors:
        began = _processor_seconds()
        demo = subprocess.Popen(
            [sys.executable, "-m", "nhi", "demo"],
            cwd=clone.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
        watch = Timer(_HUNG_SECONDS, demo.kill)
        watch.start()
        try:
            lines, port, answered, processes = _listen(demo, temporary)
            code = demo.wait()
        finally:
            watch.cancel()
            demo.kill()
        seconds = _processor_seconds() - began
        errors.seek(0)
        said = errors.read()
    return Played(
        code=code,
        seconds=seconds,
        lines=lines,
        errors=said,
        port=port,
        answered=answered,
        processes=processes,
        left=_processes_with(temporary),
        clone_before=before,
        clone_after=clone.state(),
        temporary=tuple(str(one.relative_to(folder)) for where in (home, temporary) for one in where.iterdir()),
    )


def _processor_seconds() -> float:
    """Of all processes that this one has started and seen the end of, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _clone(root: Path, environment: Mapping[str, str]) -> Clone:
    """A clone as `scripts/setup` leaves it, of what stands in this repository now."""
    root.mkdir()
    clone = Clone(root, environment)
    clone.git("init", "--quiet", "--initial-branch=main")
    shutil.copytree(_REPOSITORY / "identities", root / "identities")
    shutil.copytree(_REPOSITORY / "modules", root / "modules", ignore=shutil.ignore_patterns(".terraform*"))
    shutil.copyfile(_REPOSITORY / "nhi.yaml", root / "nhi.yaml")
    (root / ".tools").symlink_to(_REPOSITORY / ".tools")
    clone.write(".gitignore", "/.tools\n")
    clone.commit("The declared state")
    return clone


def _listen(demo: subprocess.Popen[str], mark: Path) -> tuple[tuple[str, ...], int, bool, frozenset[int]]:
    """What the demo prints; and where its AWS is, whether that answers, and which processes there are then."""
    lines: list[str] = []
    port, answered, processes = 0, False, frozenset[int]()
    assert demo.stdout is not None
    with demo.stdout:
        for line in demo.stdout:
            lines.append(line.rstrip("\n"))
            if not port and (found := _PORT.search(line)):
                port = int(found[1])
                create_connection(("127.0.0.1", port), timeout=5).close()
                answered, processes = True, _processes_with(mark)
    return tuple(lines), port, answered, processes


def _processes_with(mark: Path) -> frozenset[int]:
    """The processes that have the folder in their environment, as every child of the demo has."""
    found = set()
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            content = environ.read_bytes()
        except OSError:  # it has just ended, or is somebody else's
            continue
        if str(mark).encode() in content:
            found.add(int(environ.parent.name))
    return frozenset(found)
