"""Does a text hold what looks like a secret? Known shapes only: a false alarm on an ARN teaches to ignore alarms.

The shapes are the vendors' own: AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html),
GitHub (https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/), PEM (RFC 7468),
JWT (RFC 7519).
"""

import re

_SHAPES: tuple[tuple[str, tuple[bytes, ...], re.Pattern[bytes]], ...] = (
    ("an AWS access key id", (b"AKIA",), re.compile(rb"(?<![A-Z0-9])AKIA[A-Z0-9]{16}(?![A-Z0-9])")),
    ("an AWS temporary key id", (b"ASIA",), re.compile(rb"(?<![A-Z0-9])ASIA[A-Z0-9]{16}(?![A-Z0-9])")),
    ("a private key", (b"PRIVATE KEY",), re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    (
        "a GitHub token",
        (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_"),
        re.compile(rb"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    ),
    ("a GitLab token", (b"glpat-",), re.compile(rb"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", (b"xox",), re.compile(rb"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("a Stripe key", (b"_live_",), re.compile(rb"\b[rs]k_live_[A-Za-z0-9]{16,}")),
    ("a Google API key", (b"AIza",), re.compile(rb"\bAIza[A-Za-z0-9_-]{35}")),
    ("a JSON web token", (b"eyJ",), re.compile(rb"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*")),
    ("a password in an address", (b"://",), re.compile(rb"\b[a-z][a-z0-9+.-]*://[^\s/:@\"']+:[^\s/@\"']+@")),
)
"""What it looks like; text without which it cannot be there, which is quicker to look for; its shape."""
_ASSIGNED = re.compile(
    rb"(?i)(?<![:\w])(?:[a-z_-]*(?:secret|password|passwd|api[_-]?key|access[_-]?key|token))[\"']?\s*[:=]\s*[\"']?"
    rb"(?=[A-Za-z0-9/+_.~-]*[0-9])(?=[A-Za-z0-9/+_.~-]*[A-Za-z])[A-Za-z0-9/+_.~-]{16,}"
)
_ASSIGNED_WORDS = (b"secret", b"passw", b"key", b"token")


def find_secret(data: bytes) -> tuple[int, str] | None:
    """The first place (byte offset) that looks like a secret, and like which; or None. Never the secret itself."""
    for name, markers, shape in _SHAPES:
        for marker in markers:
            if marker in data and (match := shape.search(data)):
                return match.start(), name
    lower = data.lower()
    if any(word in lower for word in _ASSIGNED_WORDS):
        match = _ASSIGNED.search(data)
        if match:
            return match.start(), "a secret"
    return None
