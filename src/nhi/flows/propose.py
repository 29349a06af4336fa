"""`nhi renew`, `nhi suspend`, `nhi revoke`: one wish for one identity, as a commit, a branch and a pull request.

Everything is read from the one commit that the change is based upon. The same wish made again finds its branch and its
pull request, whoever made them: what a branch holds is compared, not believed.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from nhi.errors import InputError, OutsideError
from nhi.flows.check_change import Proposal, check_change
from nhi.flows.diff import diff
from nhi.flows.named import Found
from nhi.forge.interface import Forge
from nhi.lifecycle.proposals import Refused, Settled, decide, edits_of
from nhi.manifest.edit import edited
from nhi.manifest.read import read
from nhi.model.proposal import Draft, Fate, Judgement, ProposalReport, Verb, Wish
from nhi.model.revocation import Revocation
from nhi.model.source import ChangeType, FileType, PathChange, SourceFile
from nhi.output.proposal import REVOKED_NOW, proposal_body, revocation_note
from nhi.policy.discovery import Rulebook
from nhi.repository.edited import EditedSnapshot
from nhi.repository.interface import Edit, Remote, Removal, Repository

_MOST_ASKED = 10
"""So many people are asked for a review at most: everybody's matter is nobody's."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, by whom, when."""

    wish: Wish
    as_of: datetime
    author: str | None = None
    """A name of owners.yaml, or on the forge; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A wish with the commit that it would be."""

    found: Found
    order: Order
    draft: Draft
    after: bytes | None
    """The manifest then; None where it goes."""
    judgement: Judgement

    def report(self, fate: Fate, words: str = "", commit: str = "") -> ProposalReport:
        """What became of it."""
        identity = self.found.identity
        return ProposalReport(
            self.order.wish,
            identity.id,
            identity.path,
            identity.owner,
            self.found.base,
            self.order.as_of,
            fate,
            words,
            branch=self.draft.branch,
            commit=commit,
            judgement=self.judgement,
        )


@dataclass(frozen=True, slots=True)
class Target:
    """Where a pull request goes."""

    remote: Remote
    forge: Forge
    branch: str
    """The base branch."""


def refusal(found: Found, order: Order) -> ProposalReport | None:
    """Why a wish may not be; None where it may."""
    decided = decide(found.declared, order.wish, order.as_of)
    return _without_change(found, order, decided) if isinstance(decided, Refused) else None


def prepare(repository: Repository, found: Found, order: Order, rules: Rulebook) -> Ready | ProposalReport:
    """The wish as a commit that nobody has made yet, judged; or why there will be none.

    A renewal that a check of the change would refuse goes no further. What takes access away does, with its findings.

    Raises:
        InputError: the manifest cannot be edited.
    """
    decided = decide(found.declared, order.wish, order.as_of)
    if not isinstance(decided, Draft):
        return _without_change(found, order, decided)
    path = found.identity.path
    after = _edited(found, decided) if decided.edits else None
    before = repository.snapshot(found.base)
    change = PathChange(path, ChangeType.REMOVED if after is None else ChangeType.EDITED)
    head = EditedSnapshot(before, {path: after})
    proposal = Proposal(head, before, found.base, (change,), order.author)
    checked = check_change(proposal, repository, rules, order.as_of)
    meant = diff(proposal, repository, order.as_of)
    risk = "" if meant.risk is None else meant.risk.risk.word
    ready = Ready(
        found, order, decided, after, Judgement(meant.meanings, risk, meant.approvals, tuple(checked.findings))
    )
    if ready.judgement.blocks and order.wish.verb is Verb.RENEW:
        return ready.report(Fate.BLOCKED, "a check of this change fails, so it was not made")
    return ready


def commit_here(ready: Ready, repository: Repository) -> ProposalReport:
    """Commit the change on a branch of this clone.

    Raises:
        OutsideError: git failed.
    """
    branch = ready.draft.branch
    there = repository.branches(branch).get(branch)
    if there is not None:
        return _standing(ready, repository, there, Fate.COMMITTED)
    match _commit_of(ready):
        case Edit() as edit:
            made = repository.commit_edits(ready.found.base, [edit])
        case Removal() as removal:
            made = repository.commit_removals(ready.found.base, [removal])
    return ready.report(Fate.COMMITTED, commit=made[branch])


def publish(
    ready: Ready, repository: Repository, target: Target, revocation: Revocation | None = None
) -> ProposalReport:
    """Push the change and open its pull request; what of it is there already is taken as it is.

    No branch of this clone is made.

    Raises:
        OutsideError: git or the forge failed; made again, the wish is finished.
    """
    branch = ready.draft.branch
    there = target.remote.branches(branch).get(branch) or _push(ready, repository, target.remote)
    target.remote.fetch([there])
    standing = _standing(ready, repository, there, Fate.PROPOSED)
    if standing.fate is not Fate.PROPOSED:
        return standing
    body = proposal_body(standing, ready.order.author, revocation)
    pull = target.forge.open_pull_request(branch, target.branch, ready.draft.title, body)
    if revocation is not None and REVOKED_NOW not in pull.body:
        _tell(target.forge, pull.number, revocation)
    asked = () if target.forge.reviews(pull.number) else _ask(ready, target.forge, pull.number)
    return replace(standing, pull=pull.number, url=pull.url, asked=asked)


def _edited(found: Found, draft: Draft) -> bytes:
    path = found.identity.path
    after = edited(found.data, draft.edits)
    reading = read(SourceFile(path, FileType.REGULAR, after), found.ground.catalog, found.ground.settings.stacks)
    if reading.problems:
        raise InputError(
            f"{path} would not be valid then: {reading.problems[0].message}", hint=reading.problems[0].hint
        )
    return after


def _without_change(found: Found, order: Order, decided: Settled | Refused) -> ProposalReport:
    identity = found.identity
    fate, hint = (Fate.SETTLED, "") if isinstance(decided, Settled) else (Fate.REFUSED, decided.hint)
    return ProposalReport(
        order.wish,
        identity.id,
        identity.path,
        identity.owner,
        found.base,
        order.as_of,
        fate,
        decided.words,
        hint,
    )


def _commit_of(ready: Ready) -> Edit | Removal:
    draft, path, at = ready.draft, ready.found.identity.path, ready.order.as_of
    if ready.after is None:
        return Removal(draft.branch, (path,), draft.message, at)
    return Edit(draft.branch, {path: ready.after}, draft.message, at)


def _push(ready: Ready, repository: Repository, remote: Remote) -> str:
    """The commit that the branch has then: ours, or that of somebody who was a moment faster."""
    branch = ready.draft.branch
    commit = repository.commit_alone(ready.found.base, [_commit_of(ready)])[branch]
    refused = remote.push({branch: commit})
    if not refused:
        return commit
    there = remote.branches(branch).get(branch)
    if there is None:
        raise OutsideError(
            f"the branch {branch} was not taken: {refused[branch]}",
            hint="run it again, or look at the rules of the forge",
        )
    return there


def _standing(ready: Ready, repository: Repository, commit: str, fate: Fate) -> ProposalReport:
    """A branch that is there, if it does exactly what is wished for."""
    path, wanted = ready.found.identity.path, ChangeType.REMOVED if ready.after is None else ChangeType.EDITED
    parted = repository.merge_base(ready.found.base, commit)
    found = repository.changes(parted, commit, (".",))
    if found == (PathChange(path, wanted),) and _as_wished(ready, repository, commit):
        return ready.report(fate, commit=commit)
    reason = "merged, and what it did is undone" if not found else "changed since nhi made it"
    return ready.report(Fate.OCCUPIED, f"the branch was {reason}; delete it, and it is made anew", commit)


def _as_wished(ready: Ready, repository: Repository, commit: str) -> bool:
    """Whether the manifest of a branch is the wished one. When a suspension was asked for first, it says itself."""
    file = repository.snapshot(commit).file(ready.found.identity.path)
    if file is None or ready.after is None:
        return file is None and ready.after is None
    if ready.order.wish.verb is not Verb.SUSPEND:
        return file.data == ready.after
    there = read(file, ready.found.ground.catalog, ready.found.ground.settings.stacks).manifest
    if there is None or there.suspended is None:
        return False
    return edited(ready.found.data, edits_of(ready.order.wish, there.suspended.since)) == file.data


def _tell(forge: Forge, number: int, revocation: Revocation) -> None:
    """Say in a comment what was done at once. One that says when it was done is not replaced by "it was so already"."""
    if revocation.denial.changed or not forge.comments(number, REVOKED_NOW):
        forge.keep_comment(number, REVOKED_NOW, revocation_note(revocation))


def _ask(ready: Ready, forge: Forge, number: int) -> tuple[str, ...]:
    """Ask those who can approve, until somebody has reviewed: who is asked again is disturbed."""
    people = ready.found.ground.owners.people
    names = dict.fromkeys(name for one in ready.judgement.approvals for name in one.candidates)
    logins = [people[name].github for name in names if name in people][:_MOST_ASKED]
    refused = forge.request_reviewers(number, logins) if logins else ()
    return tuple(one for one in logins if one not in refused)
