"""What a person does at a terminal in a throw-away clone: run git, run nhi. Only for the demo and the tests."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nhi.errors import OutsideError

_SECONDS = 600
_SHOWN = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a clone and credentials."""

    clone: Path
    environment: Mapping[str, str]
    name: str

    def git(self, *arguments: str) -> str:
        """Run git and give what it prints.

        Raises:
            OutsideError: it failed.
        """
        own = (
            "-c",
            f"user.name={self.name}",
            "-c",
            f"user.email={self.name}@acme.example",
            "-c",
            "commit.gpgSign=false",
        )
        return self._run(["git", *own, "-c", "core.hooksPath=/dev/null", *arguments], expected=(0,))

    def nhi(self, *arguments: str, expected: int = 0) -> str:
        """Run nhi as its users do, and give what it prints.

        Raises:
            OutsideError: it ended with another code than expected.
        """
        return self._run([sys.executable, "-m", "nhi", *arguments], expected=(expected,))

    def nhi_json(self, *arguments: str, expected: int = 0) -> Any:  # noqa: ANN401  # any JSON value
        """Run nhi with `--format json` and read its answer."""
        return json.loads(self.nhi(*arguments, "--format", "json", expected=expected))

    def commit(self, message: str) -> str:
        """Commit everything as it stands; the commit's short id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "--short", "HEAD").strip()

    def merge(self, branch: str) -> str:
        """Merge a branch into main, as a merged pull request does; the merge's short id."""
        self.git("checkout", "--quiet", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {branch}", branch)
        return self.git("rev-parse", "--short", "HEAD").strip()

    def _run(self, command: Sequence[str], expected: Sequence[int]) -> str:
        try:
            done = subprocess.run(  # noqa: S603  # fixed programs; no shell
                command,
                cwd=self.clone,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as cause:
            raise OutsideError(f"{_words(command)} did not end within {_SECONDS} s") from cause
        if done.returncode not in expected:
            said = (done.stdout[-_SHOWN:] + done.stderr[-_SHOWN:]).strip()
            raise OutsideError(f"{_words(command)} ended with {done.returncode}, not {expected[0]}:\n{said}")
        return done.stdout


def _words(command: Sequence[str]) -> str:
    return " ".join(command[:1] if command[0] == "git" else command[2:5])
