"""Starting git: the only file that does, so that nothing outside of a repository misleads it.

What git may not do here: run a hook or a file-system monitor, ask a question, reach the network (but for a remote,
which says so), or believe a replaced object, a graft or the `GIT_…` variables of whoever called us.
"""

import subprocess
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nhi.errors import MissingTool, OutsideError
from nhi.repository import commits
from nhi.repository.conversation import Conversation, Failure, failure

_KEPT = ("HOME", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "XDG_CONFIG_HOME")
"""What git is told of our environment: where it lies, and where the user's own configuration does. No secrets."""
_KEPT_OF_GIT = ("GIT_CEILING_DIRECTORIES", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM")
"""The user's say in which configuration counts (`safe.directory` stands there)."""
_SET = {
    "GIT_ALLOW_PROTOCOL": "",  # no transport at all: a partial clone must not fetch while we read it
    "GIT_AUTHOR_EMAIL": commits.COMMITTER_EMAIL,
    "GIT_AUTHOR_NAME": commits.COMMITTER_NAME,
    "GIT_COMMITTER_EMAIL": commits.COMMITTER_EMAIL,
    "GIT_COMMITTER_NAME": commits.COMMITTER_NAME,
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    **dict.fromkeys(("GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF"), "0"),  # configured, they tell variables
    "LC_ALL": "C",
}
_ALWAYS = (
    "--no-replace-objects",
    "--no-optional-locks",
    "--literal-pathspecs",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor="),
)


@dataclass(frozen=True, slots=True)
class Git:
    """Git in a folder."""

    root: Path
    environment: Mapping[str, str] = field(repr=False)
    """As the program found it; only what git needs is handed on."""
    patience: float
    """Seconds that we wait for one git command, all in all."""
    special: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Variables that git is given beside, or in place of those that it is always given."""
    failed: Callable[[Failure], Exception] = failure
    """The error that a failure is."""
    has_helpers: bool = False
    """Whether git starts programs (of a transport) that have to end with it."""

    def __call__(self, *arguments: str, request: bytes = b"", answers: Collection[int] = (0,)) -> Conversation:
        """Start it.

        Args:
            arguments: revisions among them are checked, and paths stand after `--`.
            request: what git reads.
            answers: the exit codes that are no failure.
        """
        told = {name: self.environment[name] for name in (*_KEPT, *_KEPT_OF_GIT) if name in self.environment}
        command = ["git", "-C", str(self.root), *_ALWAYS, *arguments]
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; revisions are checked, paths stand after `--`
                command,
                bufsize=0,
                process_group=0 if self.has_helpers else None,
                env={**told, **_SET, **self.special},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError as cause:
            raise MissingTool(
                "git is not on the PATH", hint="install it: https://git-scm.com/downloads, or: apt-get install git"
            ) from cause
        except OSError as cause:
            raise OutsideError(f"git cannot be started: {cause.strerror}") from cause
        what = f"git {arguments[0]}"
        return Conversation(
            process, what=what, request=request, patience=self.patience, answers=answers, failed=self.failed
        )
