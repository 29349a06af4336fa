"""Does a text hold what looks like a secret? Known shapes only: a false alarm on an ARN teaches to ignore alarms.

The shapes are the vendors' own: AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html),
GitHub (https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/), PEM (RFC 7468),
OpenPGP (RFC 9580), JWT (RFC 7519).
"""

import re

from nhi.manifest import problems
from nhi.manifest.hidden import line_and_column
from nhi.manifest.problems import Problem

_SHAPES: tuple[tuple[str, tuple[bytes, ...], re.Pattern[bytes]], ...] = (
    ("an AWS access key id", (b"AKIA",), re.compile(rb"(?<![A-Z0-9])AKIA[A-Z0-9]{16}(?![A-Z0-9])")),
    ("an AWS temporary key id", (b"ASIA",), re.compile(rb"(?<![A-Z0-9])ASIA[A-Z0-9]{16}(?![A-Z0-9])")),
    ("a private key", (b"PRIVATE KEY",), re.compile(rb"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----")),
    (
        "an OpenPGP private key",
        (b"l",),
        re.compile(
            rb"l(?<![A-Za-z0-9+/]l)(?:[A-P][AEIMQUYcgkosw048][E-G]|[Q-f][A-Za-z0-9+/]{2}B[A-Za-v]"
            rb"|[g-v][A-Za-z0-9+/]{4}[AEIMQUYcgkosw048][E-G])[A-Za-z0-9+/]{56}"
        ),
    ),
    (
        "an OpenPGP private key",
        (b"x",),
        re.compile(
            rb"x(?<![A-Za-z0-9+/]x)(?:[Q-b][AEIMQUYcgkosw048][E-G]|[cd][A-Za-z0-9+/]{2}B[A-Za-v]"
            rb"|f8[A-Za-z0-9+/]{5}B[A-Za-v])[A-Za-z0-9+/]{56}"
        ),
    ),
    (
        "a GitHub token",
        (b"gh",),
        re.compile(rb"g(?<!\wg)(?:h[pousr]_[A-Za-z0-9]{36,}|ithub_pat_[A-Za-z0-9_]{22,})"),
    ),
    ("a GitLab token", (b"glpat-",), re.compile(rb"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", (b"xox",), re.compile(rb"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("a Stripe key", (b"_live_",), re.compile(rb"\b[rs]k_live_[A-Za-z0-9]{16,}")),
    ("a Google API key", (b"AIza",), re.compile(rb"\bAIza[A-Za-z0-9_-]{35}")),
    (
        "a JSON web token",
        (b"eyJ",),
        re.compile(rb"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."),
    ),
    (
        "a password in an address",
        (b"://",),
        re.compile(rb"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/:@\"']{0,256}:[^\s/@\"']{1,256}@"),
    ),
)
"""What it looks like; text without which it cannot be there, which is quicker to look for; its shape.

An OpenPGP key without armour begins with its packet's header: the tag (5 for a private key, 6 for a public one, which
is none), the length in one to five bytes, and the version 4 to 6. In base64 these make the first letters.
"""
_ASSIGNED = re.compile(
    rb"(?i)(?<![:\w-])[\w-]{0,64}(?:secret|password|passwd|api[_-]?key|access[_-]?key|token)[\"']?"
    rb"\s*(?:=|:(?=[\s\"']))\s*[\"']?(?=[A-Za-z0-9/+_.~-]*[0-9])(?=[A-Za-z0-9/+_.~-]*[A-Za-z])[A-Za-z0-9/+_.~-]{16,}"
)
"""A name that says so, given a long value with letters and digits. An ARN's `:secret:payments/…` is no such name.

Every shape starts only where a word does and is bounded, so that the time grows with the size and not with its square.
"""
_ASSIGNED_WORDS = (b"secret", b"passw", b"key", b"token")
_BY_MARKER = tuple((marker, name, shape) for name, markers, shape in _SHAPES for marker in markers)


def secret_in(data: bytes) -> Problem | None:
    """The first place that looks like a secret, or None. Never the secret itself."""
    found = find_secret(data)
    if found is None:
        return None
    offset, what = found
    before = data[:offset].decode("utf-8", "replace")
    line, column = line_and_column(before, len(before))
    return Problem(problems.SECRET, line, column, f"this looks like {what}", problems.SECRET.page)


def find_secret(data: bytes) -> tuple[int, str] | None:
    """The first place (byte offset) that looks like a secret, and like which; or None. Never the secret itself."""
    for marker, name, shape in _BY_MARKER:
        if marker in data and (match := shape.search(data)):
            return match.start(), name
    lower = data.lower()
    for word in _ASSIGNED_WORDS:
        if word in lower:
            match = _ASSIGNED.search(data)
            return None if match is None else (match.start(), "a secret")
    return None
