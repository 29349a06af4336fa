"""What happens when a branch moved: pull requests follow, close, or are merged by it; stale approvals fall."""

from nhi.sandbox.github import access, commits, rules
from nhi.sandbox.github.call import Caller
from nhi.sandbox.github.git_store import NO_COMMIT, Refused, Signature, Update
from nhi.sandbox.github.things import Account, Activity, Pull, Repository
from nhi.sandbox.github.world import World

_HEADS = "refs/heads/"


def moved(world: World, repository: Repository, caller: Caller, update: Update, *, kind: str = "") -> None:
    """A reference was moved, made or deleted. `kind` is the activity's type, where that is not seen from the update."""
    if not update.reference.startswith(_HEADS):
        return
    actor = world.actor(caller)
    repository.activities.append(
        Activity(
            next(world.ids),
            update.old,
            update.new,
            update.reference,
            world.tick(),
            kind or _kind(repository, update),
            actor,
        )
    )
    branch = update.reference.removeprefix(_HEADS)
    for target in (repository, repository.parent):
        for pull in [] if target is None else [one for one in target.pulls.values() if one.is_open]:
            if target is not None and pull.head_repository is repository and pull.head_branch == branch:
                _head_moved(world, target, pull, caller, update.new)
    _base_moved(world, repository, branch, actor, update.new)


def follow(repository: Repository, pull: Pull) -> None:
    """`refs/pull/N/head` names the head, with the objects of a fork fetched."""
    reference = f"refs/pull/{pull.number}/head"
    if pull.head_repository is not None and pull.head_repository is not repository:
        repository.store.fetch(pull.head_repository.store, f"{_HEADS}{pull.head_branch}", reference)
    else:
        repository.store.update(reference, pull.head)


def close(world: World, repository: Repository, pull: Pull, by: Account | None) -> None:
    """A pull request is no longer open; its two ends stay as they are now."""
    issue = pull.issue
    pull.base = repository.tip(pull.base_branch) or pull.base
    issue.state, issue.closed_by = "closed", by
    issue.closed_at = issue.updated_at = world.tick()
    pull.auto_merge = None


def tested(repository: Repository, pull: Pull, world: World) -> str | None:
    """The commit that merging an open pull request makes now, also at `refs/pull/N/merge`; None where it conflicts."""
    tip = repository.tip(pull.base_branch)
    if tip is None:
        return None
    if pull.test_merge is not None and pull.test_merge[:2] == (tip, pull.head):
        return pull.test_merge[2]
    reference = f"refs/pull/{pull.number}/merge"
    tree = repository.store.merged_tree(tip, pull.head)
    made = None
    if tree is None:
        before = repository.store.resolve(reference)
        if before is not None:
            repository.store.delete(reference, before)
    else:
        text = f"Merge {pull.head} into {tip}"
        author, by = signature(world, pull.issue.author), github_signature(world)
        made = commits.make(repository.store, commits.Draft(tree, [tip, pull.head], text, author, by))
        repository.store.update(reference, made)
    pull.test_merge = (tip, pull.head, made)
    return made


def signature(world: World, account: Account) -> Signature:
    """How GitHub writes somebody into a commit that it makes."""
    email = f"{account.id}+{account.login}@users.noreply.github.com"
    return Signature(account.name or account.login, email, world.clock)


def github_signature(world: World) -> Signature:
    """The committer of what GitHub commits itself."""
    return Signature("GitHub", "noreply@github.com", world.clock)


def _kind(repository: Repository, update: Update) -> str:
    if update.old == NO_COMMIT:
        return "branch_creation"
    if update.new == NO_COMMIT:
        return "branch_deletion"
    return "push" if repository.store.is_ancestor(update.old, update.new) else "force_push"


def _head_moved(world: World, repository: Repository, pull: Pull, caller: Caller, new: str) -> None:
    if new == NO_COMMIT:
        close(world, repository, pull, world.actor(caller))
        return
    pull.head, pull.pushed_by = new, world.actor(caller)
    pull.base = repository.tip(pull.base_branch) or pull.base
    pull.issue.updated_at = world.clock
    follow(repository, pull)
    if not access.may_write(world, repository, caller):
        pull.auto_merge = None
    _dismiss_stale(repository, pull)
    tested(repository, pull, world)


def _dismiss_stale(repository: Repository, pull: Pull) -> None:
    """Approvals of other changes than there are now fall, where a rule says so."""
    approvals = [one for one in pull.reviews if one.state == "APPROVED"]
    base = repository.tip(pull.base_branch) if approvals else None
    found = rules.rules_of(repository, f"{_HEADS}{pull.base_branch}")
    falls = any(one.type == "pull_request" and one.parameters["dismiss_stale_reviews_on_push"] for one in found)
    if base is None or not falls:
        return
    now = commits.changes(repository.store, base, pull.head)
    for review in approvals:
        if review.seen != now:
            review.state = "DISMISSED"


def _base_moved(world: World, repository: Repository, branch: str, actor: Account, new: str) -> None:
    pulls = [one for one in repository.pulls.values() if one.is_open and one.base_branch == branch]
    if not pulls:
        return
    if new == NO_COMMIT:
        for pull in pulls:
            close(world, repository, pull, actor)
        return
    try:
        inside = repository.store.refs(f"--merged={new}", *(f"refs/pull/{pull.number}/head" for pull in pulls))
    except Refused:
        return
    for pull in pulls:
        if f"refs/pull/{pull.number}/head" in inside:
            close(world, repository, pull, None)
            pull.merged_at, pull.merged_by, pull.merge_commit = world.clock, actor, new
        else:
            _dismiss_stale(repository, pull)
