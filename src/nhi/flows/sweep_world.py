"""What a sweep against a forge finds there: the tip of the base branch, its own branches and what they remove."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from nhi.cloud.interface import LastUses
from nhi.errors import InputError
from nhi.flows.declared import read_declared
from nhi.flows.ground import read_ground
from nhi.flows.sweep import Occupied, look
from nhi.forge.interface import Forge
from nhi.lifecycle.branch import DIGEST_LETTERS
from nhi.lifecycle.removal_requests import WITHDRAWN
from nhi.lifecycle.sweep import BRANCHES, RemovalGroup, removal_digest
from nhi.manifest.ground import Ground
from nhi.model.declared import DeclaredState
from nhi.model.forge import PullRequest, PullState
from nhi.model.source import ChangeType
from nhi.repository.interface import Remote, Repository

_HEADS = "refs/heads/"
_TRIES = 3
"""How often the branches are listed anew when one goes between the listing and the fetch: another run is at work."""
_CLOSED = 500
"""As many closed pull requests are looked through for a person's refusal."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a sweep reads and writes."""

    repository: Repository
    remote: Remote
    forge: Forge
    branch: str
    """The branch that changes are merged into."""
    uses: LastUses | None = None
    """None where the cloud is not asked for last uses."""


@dataclass(frozen=True, slots=True)
class World:
    """What stands at the moment."""

    base: str
    """Full id of the tip of the branch that changes are merged into."""
    ground: Ground
    declared: DeclaredState
    branches: Mapping[str, str]
    """Those of sweeps on the remote: name → commit id."""
    pulls: tuple[PullRequest, ...]
    """Those of sweeps that are open, into that branch."""


def read_world(place: Workplace) -> World:
    """Read it all, from the remote and not from what is checked out.

    Pull requests are read first: the branches of those that another run opens meanwhile are there then.

    Raises:
        InputError: the configuration is not valid, or there is no such branch.
        OutsideError: the forge or git failed.
    """
    opened = place.forge.open_pull_requests(BRANCHES)
    base, branches = fetched(place.remote, place.branch, BRANCHES)
    snapshot = place.repository.snapshot(base)
    ground, _ = read_ground(snapshot)
    pulls = tuple(one for one in opened if one.own_branch and one.base_branch == place.branch)
    return World(base, ground, read_declared(snapshot, ground), branches, pulls)


def occupied_groups(place: Workplace, world: World, groups: Iterable[RemovalGroup]) -> tuple[Occupied, ...]:
    """Groups whose branch is on the remote and does not remove what its name says."""
    there = [group for group in groups if group.branch in world.branches]
    looks = (look(place.repository, world.base, group, world.branches[group.branch]) for group in there)
    return tuple(filter(None, looks))


def refused_branches(forge: Forge, branch: str, label: str, wanted: Collection[str]) -> Mapping[str, PullRequest]:
    """Of these branches: the last pull request into `branch`, where a person closed that without merging it.

    One that a run of ours closed says so in a comment, and is no refusal.
    """
    if not wanted:
        return {}
    last: dict[str, PullRequest] = {}
    for pull in forge.closed_pull_requests(label, _CLOSED):
        mine = pull.own_branch and pull.base_branch == branch
        if mine and pull.number >= last.get(pull.head_branch, pull).number:
            last[pull.head_branch] = pull
    return {
        name: pull
        for name, pull in last.items()
        if name in wanted and pull.state is PullState.CLOSED and not forge.comments(pull.number, WITHDRAWN)
    }


def removed_by(repository: Repository, base: str, branch: str, commit: str) -> Mapping[str, str] | None:
    """Path → SHA-256 of each content that a sweep's branch removes, as its name says.

    Empty where all of the branch is merged. None where the name says something else: somebody pushed there, and what
    stands there may be nowhere else.
    """
    try:
        common = repository.merge_base(base, commit)
        found = repository.changes(common, commit, (".",))
    except InputError:
        return None
    if common == commit:
        return {}
    if any(one.type is not ChangeType.REMOVED for one in found):
        return None
    before = repository.snapshot(common).read([one.path for one in found])
    contents = {file.path: sha256(file.data).hexdigest() for file in before}
    digest = removal_digest(contents.items())
    return contents if branch.rpartition("/")[2] == digest[:DIGEST_LETTERS] else None


def fetched(remote: Remote, branch: str, prefix: str) -> tuple[str, dict[str, str]]:
    """The tip of a branch, and all branches whose name starts so, with their commits: each is in this clone then."""
    target = _HEADS + branch
    for _ in range(_TRIES - 1):
        try:
            return _fetch(remote, target, prefix)
        except InputError:
            continue
    return _fetch(remote, target, prefix)


def _fetch(remote: Remote, target: str, prefix: str) -> tuple[str, dict[str, str]]:
    names = remote.branches(prefix)
    tips = remote.fetch([target, *(_HEADS + name for name in names)])
    return tips[target], {name: tips[_HEADS + name] for name in names}
