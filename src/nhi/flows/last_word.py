"""Whether identities that are declared no more had access still, by the last manifest that Git has of them."""

from collections.abc import Mapping
from datetime import datetime

from nhi.manifest.place import IDENTITIES, identity_at, is_manifest_path
from nhi.manifest.yamltext import Irregular, plain_values
from nhi.model.instant import NotAnInstant, parse_instant
from nhi.repository.interface import Repository


def has_access(expiry: datetime, now: datetime, *, suspended: bool) -> bool:
    """Whether an identity is not denied everything at a moment."""
    return not suspended and now < expiry


def last_words(repository: Repository, commit: str, stack: str, now: datetime) -> Mapping[str, bool]:
    """Identity → whether it would have access at `now`, had its manifest not been removed.

    An identity whose last manifest cannot be read is not among them: nobody knows.
    """
    paths = sorted(path for path in repository.removed_paths(commit, f"{IDENTITIES}/{stack}") if is_manifest_path(path))
    found: dict[str, bool] = {}
    for path, versions in repository.versions(commit, paths).items():
        last = next((data for data in versions if data is not None), None)
        access = None if last is None else _access(last, now)
        if access is not None:
            identity = identity_at(path)  # of a manifest that was moved within its stack there are two last ones
            found[identity] = access or found.get(identity, False)
    return found


def _access(manifest: bytes, now: datetime) -> bool | None:
    try:
        values = plain_values(manifest)
        return has_access(parse_instant(str(values.get("expiry"))), now, suspended=values.get("suspended") is not None)
    except (Irregular, NotAnInstant):
        return None
