"""The commit message of a removal. Text out of manifests is data: it cannot start a line, nor steer a terminal."""

import unicodedata
from collections.abc import Sequence

from nhi.model.identity import Identity
from nhi.model.instant import format_instant

_SUBJECT = 72
"""https://git-scm.com/docs/git-commit#_discussion asks for 50 letters; GitHub cuts at 72."""
_LONGEST_LINE = 500


def removal_message(stack: str, owner: str, identities: Sequence[Identity], digest: str) -> str:
    """Subject, then each identity with its expiry and path, then the digest of what is removed, in full."""
    count = f"{len(identities)} expired identit{'y' if len(identities) == 1 else 'ies'}"
    subject = plain(f"{stack}: remove {count} of {owner}", _SUBJECT)
    listed = [f"- {plain(one.id)}\n  expired {format_instant(one.expiry)}\n  {plain(one.path)}" for one in identities]
    return "\n".join([subject, "", *listed, "", f"Sweep-Digest: sha256:{digest}", ""])


def plain(text: str, longest: int = _LONGEST_LINE) -> str:
    """Text as one line, at most so long: controls, invisible marks and separators other than the space stand as `?`."""
    line = "".join("?" if unicodedata.category(one)[0] in "CZ" and one != " " else one for one in text)
    return line if len(line) <= longest else line[: longest - 1] + "…"
