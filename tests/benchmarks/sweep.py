"""What a sweep on GitHub costs: requests for each pull request that it opens, and beside; on the loopback GitHub.

100,000 identities of 100 stacks, five of each ended. Nothing here is a test: a figure that falls short is reported.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter

from tests.benchmarks.corpus import generate, git

from nhi.sandbox.github.server import LoopbackGitHub, loopback_github

_SOURCE = Path(__file__).resolve().parents[2]
_NAME = "acme/iam"
_AS_OF = "2026-11-20"
_A_STACK = 1000
_EACH = ("pulls/create", "issues/add-labels", "graphql")
"""What a pull request is opened, labelled and set to merge by itself with."""
_MOST_EACH = 3
_RULES = {"required_status_checks": [{"context": "nhi/gate"}], "strict_required_status_checks_policy": False}


def expire(folder: Path, count: int, ended: int) -> None:
    """Let as many end the day before, spread over all stacks and owners."""
    stacks = max(1, count // _A_STACK)
    for number in range(ended):
        place = number % stacks * _A_STACK + number // stacks
        path = folder / "identities" / f"stack-{place // _A_STACK:03d}" / f"worker-{place:06d}.yaml"
        text = path.read_text("utf-8")
        start = text.index("expiry: ")
        path.write_text(f"{text[:start]}expiry: 2026-11-19{text[text.index(chr(10), start) :]}", "utf-8")
    git(folder, "commit", "--quiet", "--all", "--message", "Some end")


def host(server: LoopbackGitHub, folder: Path, clone: Path) -> dict[str, str]:
    """The clone's main on the loopback GitHub; the environment in which nhi finds it."""
    folder.mkdir()
    world = server.host(folder, os.environ)
    world.person("root", id=1, permission="admin")
    world.person("nhi-machine", id=2, permission="write")
    repository = world.repository(_NAME)
    git(clone, "push", "--quiet", str(repository.store.path), "main")
    repository.settings.allow_auto_merge = True
    server.site(_NAME).protect("root", [{"type": "required_status_checks", "parameters": _RULES}])
    return {
        **os.environ,
        "GITHUB_API_URL": server.origin,
        "GITHUB_SERVER_URL": server.origin,
        "GITHUB_REPOSITORY": _NAME,
        "GITHUB_TOKEN": server.token("nhi-machine"),
    }


def sweep(clone: Path, environment: dict[str, str], ended: int) -> float:
    """Seconds of one sweep, as its users start it."""
    command = [str(Path(sys.executable).with_name("nhi")), "sweep", "--as-of", _AS_OF, "--max-removals", str(ended)]
    began = perf_counter()
    done = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"bench: nhi sweep ended with {done.returncode}: {done.stderr[-500:]}{done.stdout[-500:]}")
    return perf_counter() - began


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--identities", type=int, default=100_000)
    options.add_argument("--ended", type=int, default=500)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="nhi-bench-") as name, loopback_github() as server:
        clone = Path(name) / "clone"
        clone.mkdir()
        generate(clone, _SOURCE, given.identities)
        expire(clone, given.identities, given.ended)
        environment = host(server, Path(name) / "github", clone)
        begun = len(server.calls)
        for night in ("the first night", "the next night"):
            seconds = sweep(clone, environment, given.ended)
            operations = Counter(
                one.operation for one in server.calls[begun:] if not one.operation.startswith(("git/", "oidc"))
            )
            begun = len(server.calls)
            opened = operations["pulls/create"]
            each = sum(operations[one] for one in _EACH)
            beside = operations.total() - each
            sys.stdout.write(
                f"{night}: {given.identities} identities, {given.ended} ended, {opened} pull requests opened: "
                f"{operations.total()} requests, {beside} of them beside, {seconds:.1f} s\n"
            )
            if opened:
                mark = "ok   " if each <= _MOST_EACH * opened else "SHORT"
                sys.stdout.write(f"{mark} requests a pull request: {each / opened:.2f} (at most {_MOST_EACH})\n")
            sys.stdout.write(f"      {dict(operations)}\n")
        sys.stdout.write(f"      violations: {len(server.violations)}\n")


if __name__ == "__main__":
    main()
