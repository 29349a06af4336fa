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
_PLAIN = frozenset({"git", "terraform"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """The end of what it said about itself, for a person; where that is nothing, of what it printed."""
        return self.err[-_SHOWN:].strip() or self.out[-_SHOWN:].strip()


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

    def ask(self, *arguments: str) -> Answer:
        """Run nhi as its users do, however it ends.

        Raises:
            OutsideError: it did not end in time.
        """
        return self._started([sys.executable, "-m", "nhi", *arguments], self.clone)

    def terraform(self, folder: Path, *arguments: str) -> Answer:
        """Run Terraform in a folder, however it ends.

        Raises:
            OutsideError: it did not end in time.
        """
        return self._started(["terraform", *arguments], folder)

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
        done = self._started(command, self.clone)
        if done.code not in expected:
            said = (done.out[-_SHOWN:] + done.err[-_SHOWN:]).strip()
            raise OutsideError(f"{_words(command)} ended with {done.code}, not {expected[0]}:\n{said}")
        return done.out

    def _started(self, command: Sequence[str], folder: Path) -> Answer:
        try:
            done = subprocess.run(  # noqa: S603  # fixed programs; no shell
                command,
                cwd=folder,
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
        return Answer(done.returncode, done.stdout, done.stderr)


def _words(command: Sequence[str]) -> str:
    return " ".join(command[:2] if command[0] in _PLAIN else command[2:5])
