"""What Terraform prints: bytes to lines that are safe on a terminal, and the errors among them as a quotation."""

import re
from collections import deque
from collections.abc import Callable

from nhi.errors import OutsideError

LONGEST_LINE = 16 * 1024
LONGEST_EVENT = 1024 * 1024
"""Of a line of JSON. In pieces it is no JSON, and would be shown as it is: with what its diagnostics quote, or with all
of a state that Terraform could save nowhere else
(https://github.com/hashicorp/terraform/blob/v1.11.4/internal/command/views/operation.go, EmergencyDumpState)."""
_LONGEST_QUOTATION = 4000
_LAST_LINES = 12

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
"""Control sequences, operating system commands and two-byte escapes (ECMA-48)."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FRAME = re.compile(r"^[╷│╵]\s?")
_DIAGNOSTIC = re.compile(r"(?P<kind>Error|Warning): ")

_HINTS = (
    ("Saved plan is stale", "the state has moved since the plan was made: plan again with `nhi plan`"),
    ("AWS account ID not allowed", "the credentials are of another account than the stack's in nhi.yaml"),
    (
        "No valid credential sources",
        "give Terraform credentials for the stack's account, such as AWS_PROFILE or an OIDC role",
    ),
    ("provider packages", "run scripts/setup, which finds or fetches the providers"),
    ("Unsupported Terraform Core version", "install a newer Terraform: scripts/setup"),
    (
        "Backend configuration changed",
        "nhi.yaml had another place for this state before: bring it back, or move it (`terraform init -migrate-state`)",
    ),
)


_LOCKED = "acquiring the state lock"
_LOCK = re.compile(r"^\s*(?P<key>ID|Who|Created):\s+(?P<value>\S.*?)\s*$", re.MULTILINE)
_LOCK_FILE = "PreconditionFailed"
"""S3's answer where a lock file stands there already. Of a local state the system drops the lock with its holder."""


def line_sink(
    take: Callable[[str], None], longest: int = LONGEST_LINE, *, in_pieces: bool = True
) -> Callable[[bytes], None]:
    """A taker of bytes that gives `take` whole lines; the empty chunk ends the last one.

    Control characters and colours are dropped. A line of more than `longest` bytes is cut into pieces; where a piece
    would show what the whole does not (`in_pieces` is False), all that is told of it is that it was there.
    """
    rest, left_out = b"", False

    def sink(chunk: bytes) -> None:
        nonlocal rest, left_out
        *lines, rest = (rest + chunk).split(b"\n")
        if not chunk and (rest or left_out):
            lines, rest = [rest], b""
        if left_out and lines:
            lines[0], left_out = f"(a line of more than {longest} bytes is left out here)".encode(), False
        if not in_pieces and len(rest) > longest:
            rest, left_out = b"", True
        while len(rest) > longest:
            lines.append(rest[:longest])
            rest = rest[longest:]
        for line in lines:
            take(_clean(line))

    return sink


def bounded(sink: Callable[[bytes], object], most: int, command: str) -> Callable[[bytes], None]:
    """The same sink, which refuses more than `most` bytes: what is heard is kept, and a disk or a memory is finite."""
    heard = 0

    def take(chunk: bytes) -> None:
        nonlocal heard
        heard += len(chunk)
        if heard > most:
            raise OutsideError(
                f"terraform {command} said more than {most} bytes, and was ended",
                hint="split the stack if it is as large as that; if not, look at what Terraform says again and again",
            )
        sink(chunk)

    return take


class Quotation:
    """Terraform's own words about what went wrong: its `Error:` paragraphs, or its last lines where it has none."""

    __slots__ = ("_errors", "_in_error", "_last", "_left")

    def __init__(self) -> None:
        self._errors: list[str] = []
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        self._in_error = False
        self._left = _LONGEST_QUOTATION

    def add(self, line: str) -> None:
        """Take note of a line."""
        text = _FRAME.sub("", line)
        diagnostic = _DIAGNOSTIC.match(text)
        if diagnostic:
            self._in_error = diagnostic["kind"] == "Error"
        if not self._in_error:
            self._last.append(text[:_LONGEST_QUOTATION])
        elif self._left > 0:
            self._errors.append(text[: self._left])
            self._left -= len(text) + 1
            if self._left <= 0:
                self._errors.append("(cut here: Terraform said more)")

    def text(self) -> str:
        """The quotation, at most about 4,000 characters."""
        said = "\n".join(self._errors or self._last).strip()
        return re.sub(r"\n{3,}", "\n\n", said)[: _LONGEST_QUOTATION + 100]


def failure(what: str, code: int, quotation: Quotation) -> OutsideError:
    """The error for a command that ended with this exit code, in Terraform's own words."""
    said = quotation.text()
    if code < 0:
        return OutsideError(
            f"{what} was killed by signal {-code}\n{said}".rstrip(),
            hint="look for who killed it, or for a lack of memory; its state may still be locked",
        )
    if _LOCKED in said:
        return OutsideError(f"{what} failed:\n{said}", hint=_locked(said))
    hint = next((hint for sign, hint in _HINTS if sign in said), "read what Terraform says")
    return OutsideError(f"{what} failed:\n{said}", hint=hint)


def too_late(what: str, seconds: float, *, by_itself: bool) -> OutsideError:
    """The error for a command whose time was up, and which then ended by itself or was killed."""
    return OutsideError(
        f"{what} did not end within {seconds:g} s",
        hint="it was interrupted and has saved its state: see what it did, and run again"
        if by_itself
        else "it was killed: its state may miss its last changes, and may be locked (`terraform force-unlock`)",
    )


def _clean(line: bytes) -> str:
    return _CONTROL.sub("", _ANSI.sub("", line.decode("utf-8", errors="replace")))


def _locked(said: str) -> str:
    """Who holds the lock, since when, and what to do. Terraform prints the lock as it stands in the lock file."""
    lock = {found["key"]: found["value"] for found in _LOCK.finditer(said)}
    holder = (
        f"{lock.get('Who', 'another run')} holds the lock since {lock.get('Created', 'a time that it does not tell')}"
    )
    hint = f"{holder}: wait for it, then run `nhi plan` again"
    if "ID" not in lock or _LOCK_FILE not in said:
        return hint
    return f"{hint}; once it is surely dead: nhi unlock --stack STACK {lock['ID']}"
