"""Merging: whether GitHub would, the three ways of doing it, and what waits to be done by itself."""

from dataclasses import dataclass

from nhi.sandbox.github import access, commits, moving, rules
from nhi.sandbox.github.call import Caller, Refusal
from nhi.sandbox.github.git_store import NO_COMMIT, Commit, Refused, Update
from nhi.sandbox.github.moving import github_signature, signature
from nhi.sandbox.github.things import Pull, Repository
from nhi.sandbox.github.world import World

_NOT_MERGEABLE = "Pull Request is not mergeable"


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants a pull request merged."""

    method: str = "merge"
    title: str | None = None
    message: str | None = None


def state_of(world: World, repository: Repository, pull: Pull) -> str:
    """`mergeable_state`: https://docs.github.com/en/graphql/reference/enums#mergestatestatus."""
    if not pull.is_open:
        return "unknown"
    if moving.tested(repository, pull, world) is None:
        return "dirty"
    if pull.draft:
        return "draft"
    wanting = rules.lacks(world, repository, pull)
    if any("not up to date" in one.sentence for one in wanting):
        return "behind"
    if wanting:
        return "blocked"
    states = {one.state for one in rules.newest(repository, pull.head).values()}
    return "unstable" if states - {"success"} else "clean"


def merge(world: World, repository: Repository, pull: Pull, caller: Caller, wish: Wish) -> str:
    """Merge a pull request for somebody. Returns the commit.

    Raises:
        Refusal: 405, in GitHub's words: why not.
    """
    if not pull.is_open:
        raise Refusal(405, _NOT_MERGEABLE)
    if pull.draft:
        raise Refusal(405, "Pull Request is still a draft")
    _check_method(repository, pull, wish.method)
    if moving.tested(repository, pull, world) is None:
        raise Refusal(405, _NOT_MERGEABLE)
    wanting = [
        one.sentence
        for one in rules.lacks(world, repository, pull)
        if not rules.bypasses(world, repository, one.ruleset, caller, by_pull=True)
    ]
    if wanting:
        raise Refusal(405, "Repository rule violations found\n\n" + "\n\n".join(wanting) + "\n\n")
    _check_base(world, repository, pull, caller)
    return _carried_out(world, repository, pull, caller, wish)


def settle(world: World, repository: Repository) -> None:
    """Merge what waits for its rules and lacks nothing any more."""
    waiting = [one for one in repository.pulls.values() if one.is_open and one.auto_merge is not None]
    for pull in waiting:
        wanted = pull.auto_merge
        if wanted is None or pull.draft or rules.lacks(world, repository, pull):
            continue
        if moving.tested(repository, pull, world) is not None:
            caller = Caller(wanted.by.login, wanted.app_id)
            if not access.may_write(world, repository, caller):
                pull.auto_merge = None
                continue
            _carried_out(world, repository, pull, caller, Wish(wanted.method, wanted.title, wanted.message))


def methods(repository: Repository, pull: Pull) -> set[str]:
    """The ways of merging that the repository and the rules of the branch allow."""
    own = repository.settings
    allowed = {"merge": own.allow_merge_commit, "squash": own.allow_squash_merge, "rebase": own.allow_rebase_merge}
    found = {name for name, is_allowed in allowed.items() if is_allowed}
    for rule in rules.rules_of(repository, f"refs/heads/{pull.base_branch}"):
        if rule.type == "pull_request":
            found &= set(rule.parameters["allowed_merge_methods"])
        if rule.type == "required_linear_history":
            found -= {"merge"}
    return found


def _check_method(repository: Repository, pull: Pull, method: str) -> None:
    if method not in methods(repository, pull):
        name = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}[method]
        raise Refusal(405, f"{name} are not allowed on this repository.")


def _check_base(world: World, repository: Repository, pull: Pull, caller: Caller) -> None:
    for rule in rules.rules_of(repository, f"refs/heads/{pull.base_branch}"):
        if rule.type == "update" and not rules.bypasses(world, repository, rule.ruleset, caller, by_pull=True):
            raise Refusal(405, "Repository rule violations found\n\nCannot update this protected ref.\n\n")


def _carried_out(world: World, repository: Repository, pull: Pull, caller: Caller, wish: Wish) -> str:
    base = repository.tip(pull.base_branch)
    world.tick()
    made = _made(world, repository, pull, caller, wish)
    if base is None or made is None:
        raise Refusal(405, "This branch can't be rebased" if wish.method == "rebase" else _NOT_MERGEABLE)
    try:
        repository.store.update(f"refs/heads/{pull.base_branch}", made, base)
    except Refused as cause:
        raise Refusal(405, "Base branch was modified. Review and try the merge again.") from cause
    moving.close(world, repository, pull, world.actor(caller))
    pull.base = base
    pull.merged_at, pull.merged_by, pull.merge_commit = world.clock, world.actor(caller), made
    moving.moved(world, repository, caller, Update(f"refs/heads/{pull.base_branch}", base, made), kind="pr_merge")
    if repository.settings.delete_branch_on_merge and pull.head_repository is repository:
        _delete_head(world, repository, pull, caller)
    return made


def _delete_head(world: World, repository: Repository, pull: Pull, caller: Caller) -> None:
    reference = f"refs/heads/{pull.head_branch}"
    try:
        repository.store.delete(reference, pull.head)
    except Refused:
        return
    moving.moved(world, repository, caller, Update(reference, pull.head, NO_COMMIT))


def _made(world: World, repository: Repository, pull: Pull, caller: Caller, wish: Wish) -> str | None:
    """The commit that the base branch becomes; None where it cannot be made."""
    base, by = repository.tip(pull.base_branch), signature(world, world.actor(caller))
    tree = None if base is None else repository.store.merged_tree(base, pull.head)
    if base is None or tree is None:
        return None
    if wish.method == "rebase":
        return commits.replay(repository.store, base, pull.head, by)
    if wish.method == "squash":
        by, parents = signature(world, pull.issue.author), [base]
        text = _squashed(pull, wish, commits.commits(repository.store, pull.head, base))
    else:
        parents = [base, pull.head]
        title = wish.title or f"Merge pull request #{pull.number} from {pull.head_owner}/{pull.head_branch}"
        text = _text(title, pull.issue.title if wish.message is None else wish.message)
    return commits.make(repository.store, commits.Draft(tree, parents, text, by, github_signature(world)))


def _squashed(pull: Pull, wish: Wish, inside: list[Commit]) -> str:
    """A lone commit gives its own words, several are listed under the pull request's title."""
    listed = "\n\n".join(f"* {one.message}" for one in inside)
    first, _, rest = inside[0].message.partition("\n") if len(inside) == 1 else (pull.issue.title, "", listed)
    return _text(wish.title or f"{first} (#{pull.number})", rest.strip() if wish.message is None else wish.message)


def _text(title: str, body: str) -> str:
    return f"{title}\n\n{body}" if body else title
