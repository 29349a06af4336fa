"""The benchmarks: what a check costs at 1,000, 10,000 and 100,000 manifests, against floors measured in the same run.

Machines are noisy, so what counts are ratios of minima over several runs. Nothing here is a test: a figure that falls
short is reported as such and changes no exit code.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from tests.benchmarks.corpus import generate, git

_HERE = Path(__file__).resolve()
_SOURCE = _HERE.parents[2]
_AS_OF = ("--as-of", "2026-11-20")
_MOST_SECONDS = 900
_CHANGED = 3
_MEBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure beside what was aimed at."""

    what: str
    manifests: int
    reached: float
    aim: float
    unit: str
    """`x` for a ratio; the aim is an upper bound but for `x faster`."""

    @property
    def holds(self) -> bool:
        """Whether the aim is met."""
        return self.reached >= self.aim if self.unit == "x faster" else self.reached <= self.aim


@dataclass(frozen=True, slots=True)
class Run:
    """One process, from its start to its end."""

    seconds: float
    peak_mebibytes: float


def run(command: Sequence[str], folder: Path, expected: tuple[int, ...] = (0,)) -> Run:
    """Run a command once; its wall time, and its peak of resident memory."""
    began = perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in expected or seconds > _MOST_SECONDS:
        sys.exit(f"bench: {' '.join(command[:6])} ended with {process.returncode}: {said[-500:].decode()}")
    return Run(seconds, usage.ru_maxrss / _MEBIBYTE)


def best(command: Sequence[str], folder: Path, times: int, before: Callable[[], None] = lambda: None) -> Run:
    """The quickest of several runs; `before` prepares each."""
    runs = []
    for _ in range(times):
        before()
        runs.append(run(command, folder))
    return min(runs, key=lambda one: one.seconds)


def nhi(*arguments: str) -> list[str]:
    """The command as its users start it."""
    return [str(Path(sys.executable).with_name("nhi")), *arguments]


def measure(count: int, folder: Path, times: int) -> tuple[list[Figure], dict[str, float]]:
    """All figures of one size."""
    generate(folder, _SOURCE, count)
    floor = best([sys.executable, str(_HERE.with_name("floor.py")), "identities"], folder, times)
    check = nhi("check", *_AS_OF)
    cold = best(check, folder, times, before=lambda: shutil.rmtree(folder / ".git" / "nhi", ignore_errors=True))
    warm = best(check, folder, times)
    change = best(nhi("check", "--base", "HEAD~1", *_AS_OF), folder, times + 2, before=_changer(folder))
    revisions = best(nhi("check", "--base", "HEAD~1", "--head", "HEAD", *_AS_OF), folder, times + 2)
    seconds = {
        "floor": floor.seconds,
        "cold": cold.seconds,
        "warm": warm.seconds,
        "base": change.seconds,
        "base..head": revisions.seconds,
    }
    figures = [
        Figure("cold check / floor, all rules", count, cold.seconds / floor.seconds, 3.0, "x"),
        Figure("warm check / floor", count, warm.seconds / floor.seconds, 0.5, "x"),
        Figure("peak memory, cold check", count, cold.peak_mebibytes, 600, "MiB"),
    ]
    return figures, seconds


def _changer(folder: Path) -> Callable[[], None]:
    """Commit a change of three manifests, once; then there is nothing left to prepare."""
    done: list[bool] = []

    def change() -> None:
        if done:
            return
        for path in sorted((folder / "identities" / "stack-000").iterdir())[:_CHANGED]:
            path.write_text(path.read_text("utf-8").replace("books its records", "books all its records"), "utf-8")
        git(folder, "commit", "--quiet", "--all", "--message", "Three purposes")
        done.append(True)

    return change


def against_check_jsonschema(folder: Path, cold: float) -> Figure:
    """The same files through check-jsonschema, which checks less: shapes, and no policy."""
    schema = folder / "schema.json"
    run(nhi("schema", "--out", str(schema)), folder)
    files = sorted(str(path) for path in (folder / "identities").rglob("*.yaml") if path.name != "owners.yaml")
    tool = str(Path(sys.executable).with_name("check-jsonschema"))
    took = run([tool, "--schemafile", str(schema), *files], folder)
    return Figure("faster than check-jsonschema", len(files), took.seconds / cold, 8.0, "x faster")


def rendering(folder: Path, cold: float, times: int) -> Figure:
    """Rendering as many identities as were checked, in one stack, reading included."""
    shutil.rmtree(folder / ".git")
    one = folder / "identities" / "stack-000"
    for path in sorted((folder / "identities").glob("stack-*/*.yaml")):
        if path.parent != one:
            path.rename(one / path.name)
    took = best(nhi("render", "--stack", "stack-000", "--out", str(folder / "out")), folder, times)
    return Figure("render / cold check", sum(1 for _ in one.iterdir()), took.seconds / cold, 1.0, "x")


def report(figures: Sequence[Figure], file: Path | None) -> None:
    """Print the figures, and write them to a file where one is asked for."""
    for one in figures:
        mark = "ok   " if one.holds else "SHORT"
        bound = "at least" if one.unit == "x faster" else "at most"
        sys.stdout.write(
            f"{mark} {one.what:45} {one.manifests:>7}  {one.reached:8.2f} {one.unit} ({bound} {one.aim})\n"
        )
    if file:
        file.write_text(json.dumps([asdict(one) | {"holds": one.holds} for one in figures], indent=2) + "\n")
    short = sum(not one.holds for one in figures)
    sys.stdout.write(f"{len(figures) - short} of {len(figures)} figures reached\n")


def main() -> None:
    """Measure and print; `--json FILE` also writes the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    figures: list[Figure] = []
    change: dict[str, dict[int, float]] = {"base": {}, "base..head": {}}
    with tempfile.TemporaryDirectory(prefix="nhi-bench-") as folder:
        for count in sorted(given.sizes):
            place = Path(folder) / str(count)
            place.mkdir()
            found, seconds = measure(count, place, times=5 if count <= 10_000 else 2)
            figures += found
            for name, taken in change.items():
                taken[count] = seconds[name]
            sys.stdout.write(f"{count:>7} manifests: " + ", ".join(f"{k} {v:.3f} s" for k, v in seconds.items()) + "\n")
            sys.stdout.flush()
            if count == 10_000:
                figures.append(against_check_jsonschema(place, seconds["cold"]))
                figures.append(rendering(place, seconds["cold"], times=3))
        smallest, largest = min(given.sizes), max(given.sizes)
        for name, what in (("base", "check --base, files here"), ("base..head", "check --base --head, revisions")):
            grown = change[name][largest] / change[name][smallest]
            figures.append(Figure(f"{what}, against {smallest:,}", largest, grown, 1.5, "x"))
        version = best(nhi("--version"), Path(folder), 10)
        figures.append(Figure("nhi --version", 0, version.seconds * 1000, 100, "ms"))
    report(figures, given.json)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
