"""`nhi diff`: what a change means, how risky it is, and whose approval it needs."""

from dataclasses import dataclass
from datetime import datetime

from nhi.errors import InputError
from nhi.flows.change import author_named, read_change, with_history
from nhi.flows.check_change import Proposal
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.model.approval import Requirement
from nhi.model.change import Change
from nhi.model.difference import Meaning
from nhi.model.moment import Moment
from nhi.model.risk import Assessment, highest
from nhi.policy.approvals import approvals_needed
from nhi.policy.difference import meaning
from nhi.repository.interface import Repository, Snapshot


@dataclass(frozen=True, slots=True)
class DiffResult:
    """A change, explained."""

    as_of: datetime
    base: str
    """Full id of the commit that the change starts from."""
    meanings: tuple[Meaning, ...]
    """Sorted by identity."""
    unreadable: tuple[str, ...]
    """Changed manifests that cannot be read: what becomes of them is not known."""
    risk: Assessment | None
    """The highest of all identities; None where no identity changes."""
    approvals: tuple[Requirement, ...]


def diff(proposal: Proposal, repository: Repository, as_of: datetime) -> DiffResult:
    """Explain a change. Risk and approvals are judged by the settings and owners of the base.

    Raises:
        InputError: the configuration at the head is not valid.
    """
    ground, _ = read_ground(proposal.head)
    old = _ground_of_base(proposal.base) or ground
    author = author_named(proposal.author, old.owners)
    found = read_change(proposal.head, proposal.base, (old, ground), proposal.paths, author)
    change = with_history(found, repository, proposal.base_commit).change
    meanings = tuple(meaning(one, old.settings) for one in change.manifests)
    risks = [one.risk for one in meanings]
    return DiffResult(
        as_of,
        proposal.base_commit,
        meanings,
        found.unreadable,
        _overall(risks),
        _approvals(change, risks, old, as_of),
    )


def _approvals(change: Change, risks: list[Assessment], ground: Ground, as_of: datetime) -> tuple[Requirement, ...]:
    return approvals_needed(change, risks, ground.owners, ground.settings, Moment(as_of))


def _overall(risks: list[Assessment]) -> Assessment | None:
    if not risks:
        return None
    return highest(((one.risk, reason) for one in risks for reason in one.reasons), risks[0])


def _ground_of_base(base: Snapshot) -> Ground | None:
    """None where the base's own configuration cannot be read: then the head's is all there is to judge by."""
    try:
        return read_ground(base)[0]
    except InputError:
        return None
