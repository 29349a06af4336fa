"""How git fails with a remote, in words for a person: whose fault it is, and what to do."""

import re
from collections.abc import Collection

from nhi.errors import InputError, NhiError, OutsideError
from nhi.repository.conversation import Failure, ended

_UNKNOWN_ID = re.compile(r"(?:not our ref|unadvertised object) ([0-9a-f]{40,64})")
_DAMAGED = re.compile(r"^fatal: fsck error in pack", re.MULTILINE)
_DAMAGE = re.compile(r"^error: object (\S+: .*)$", re.MULTILINE)
"""How git refuses to take an object: https://git-scm.com/docs/git-fsck#_fsck_messages."""


def remote_failure(failed: Failure, url: str, secrets: Collection[str]) -> NhiError:
    """What a failure of git with the remote at `url` is to a person, without what is secret."""
    what, code, words, patience = failed
    for secret in filter(None, secrets):
        words = words.replace(secret, "***")
    if code is None:
        return OutsideError(
            f"{url} did not finish {what} within {patience:g} seconds", hint="look at the network, then run it again"
        )
    unknown = _UNKNOWN_ID.search(words)
    if unknown:
        return InputError(
            f"{url} has no commit {unknown[1]}", hint="it may be gone after a force-push; look at the repository"
        )
    if _DAMAGED.search(words):
        damage = _DAMAGE.search(words)
        return InputError(
            f"{url} has an object that git does not take: {damage[1] if damage else words}",
            hint="what holds it has to be made anew, by a git that is in order; git fsck --strict names it there",
        )
    return OutsideError(f"{what} with {url} {ended(code)}: {words or 'it said nothing'}", hint=_hint(words))


def _hint(words: str) -> str:
    if re.search(r"\b401\b|Authentication failed|could not read Username", words):
        return "it wants other credentials: look at NHI_APP_ID, GITHUB_TOKEN or GH_TOKEN"
    if re.search(r"\b403\b", words):
        return (
            "these credentials may not do that: the token or App needs `contents` of this repository, to read or write"
        )
    if re.search(r"\b404\b|[Nn]ot found", words):
        return "there is no such repository, or the credentials may not see it"
    if re.search(r"\b30[1278]\b", words):
        return "it answers from another address, which is not followed: put that one into nhi.yaml"
    return "look at the network and at the forge's status page, then run it again"
