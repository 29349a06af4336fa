"""Names of the branches that hold what was decided: text out of manifests as a part of a reference's name."""

import re
from hashlib import sha256

DIGEST_LETTERS = 16
"""As many letters of a SHA-256 digest stand at the end of a branch's name."""
_LONGEST_PART = 64
"""A part of a branch's name is a file name in the clone: at most 255 bytes on any system."""


def branch_part(text: str) -> str:
    """Text as one part of a branch's name: what git forbids there is escaped, two texts never give the same part.

    https://git-scm.com/docs/git-check-ref-format
    """
    part = re.sub(r"[^A-Za-z0-9_-]", lambda one: f"%{ord(one[0]):X}%", text) or "%"
    if len(part) <= _LONGEST_PART:
        return part
    return f"{part[: _LONGEST_PART // 2]}%%{sha256(part.encode()).hexdigest()[: _LONGEST_PART // 2]}"
