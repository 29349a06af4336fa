"""Pull requests: opened, read, listed, changed."""

from nhi.sandbox.github import access, commits, moving
from nhi.sandbox.github.call import Answer, Call, Caller, Refusal
from nhi.sandbox.github.git_store import NO_COMMIT
from nhi.sandbox.github.operations.asked import body_of, check_texts, invalid, pull_of, text_of
from nhi.sandbox.github.operations.commit_shapes import commit
from nhi.sandbox.github.pull_shapes import base_now, compared, file, pull_full, pull_simple
from nhi.sandbox.github.things import Issue, Pull, Repository
from nhi.sandbox.github.tokens import ACTIONS_APP
from nhi.sandbox.github.world import World

MOST_FILES = 3000
MOST_COMMITS = 250


def get(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/get`."""
    return Answer(200, pull_full(world, repository, call.origin, pull_of(repository, call)))


def list_(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/list`. A `head` that is not `user:branch` filters nothing."""
    query = call.query
    state, base, head = query.get("state", "open"), query.get("base"), query.get("head", "")
    found = [
        one
        for one in repository.pulls.values()
        if state in {"all", one.issue.state}
        and (base is None or one.base_branch == base)
        and (":" not in head or _label(one).lower() == head.lower())
    ]
    by_update = query.get("sort") == "updated"
    down = query.get("direction", "asc" if query.get("sort") not in {None, "created"} else "desc") == "desc"
    found.sort(key=lambda one: (one.issue.updated_at if by_update else one.issue.created_at, one.number), reverse=down)
    return Answer(200, [pull_simple(world, repository, call.origin, one) for one in found])


def create(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/create`."""
    if call.caller.app_id == ACTIONS_APP and not repository.settings.actions_may_approve:
        raise Refusal(403, "GitHub Actions is not permitted to create or approve pull requests.")
    title, body = text_of(call, "title"), text_of(call, "body")
    if title is None:
        raise invalid("PullRequest", "title", "missing_field")
    check_texts("Issue", title, body)
    source, branch = _source(world, repository, text_of(call, "head") or "")
    base = text_of(call, "base") or ""
    if repository.tip(base) is None:
        raise invalid("PullRequest", "base")
    if not access.may_write(world, repository if call.caller.app_id else source, call.caller):
        raise Refusal(403, "Must have push access to the head repository.")
    _check_new(repository, source, branch, base)
    at, author = world.tick(), world.actor(call.caller)
    number = len(repository.issues) + 1
    issue = Issue(next(world.ids), number, title, body, author, call.caller.app_id, at, at)
    pusher = next((one.actor for one in reversed(source.activities) if one.ref == f"refs/heads/{branch}"), author)
    ends = (source.tip(branch) or NO_COMMIT, base, repository.tip(base) or NO_COMMIT)
    pull = Pull(next(world.ids), issue, source, source.owner.login, branch, *ends, pushed_by=pusher)
    pull.draft = body_of(call).get("draft") is True
    moving.follow(repository, pull)
    repository.issues[number], repository.pulls[number] = issue, pull
    moving.tested(repository, pull, world)
    unknown = {"mergeable": None, "rebaseable": None, "mergeable_state": "unknown"}  # GitHub works it out afterwards
    return Answer(201, {**pull_full(world, repository, call.origin, pull), **unknown})


def update(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/update`."""
    pull, body = pull_of(repository, call), body_of(call)
    is_author = pull.issue.author is world.actor(call.caller)
    if not is_author and not access.may_triage(world, repository, call.caller, "pull_requests"):
        raise Refusal(403, "Must have triage rights to Repository.")
    title, text = text_of(call, "title"), text_of(call, "body")
    check_texts("Issue", title, text)
    _change_base(world, repository, pull, call.caller, body.get("base"))
    _change_state(world, repository, pull, call, body.get("state"))
    pull.issue.title = pull.issue.title if title is None else title
    pull.issue.body = body.get("body", pull.issue.body)
    pull.issue.updated_at = world.tick()
    return Answer(200, pull_full(world, repository, call.origin, pull))


def list_commits(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/list-commits`: the oldest 250."""
    pull = pull_of(repository, call)
    found = commits.commits(repository.store, pull.head, base_now(repository, pull))[:MOST_COMMITS]
    return Answer(200, [commit(world, repository, call.origin, one) for one in found])


def list_files(_: World, repository: Repository, call: Call) -> Answer:
    """`pulls/list-files`: 3,000 at most."""
    pull = pull_of(repository, call)
    changes = compared(repository, pull)[0][:MOST_FILES]
    found = commits.patches(repository.store, base_now(repository, pull), pull.head, [one.path for one in changes])
    return Answer(200, [file(call.origin, repository, pull.head, one, found.get(one.path)) for one in changes])


def of_commit(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/list-pull-requests-associated-with-commit`.

    The merged one that brought it into the default branch; of a commit that is not there, those that are open or
    merged and have it.
    """
    sha = repository.store.resolve(call.parameters["commit_sha"])
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {call.parameters['commit_sha']}")
    tip = repository.tip(repository.default_branch)
    is_inside = tip is not None and repository.store.is_ancestor(sha, tip)
    found = [
        one
        for one in repository.pulls.values()
        if (one.merged_at is not None or (one.is_open and not is_inside)) and _has(repository, one, sha)
    ]
    return Answer(200, [pull_simple(world, repository, call.origin, one) for one in found])


def _has(repository: Repository, pull: Pull, sha: str) -> bool:
    if sha == pull.merge_commit:
        return True
    inside = repository.store.git("rev-list", pull.head, f"^{base_now(repository, pull)}", "--")
    return sha in inside.split()


def _label(pull: Pull) -> str:
    source = pull.head_repository
    return f"{pull.head_owner if source is None else source.owner.login}:{pull.head_branch}"


def _source(world: World, repository: Repository, head: str) -> tuple[Repository, str]:
    login, colon, branch = head.rpartition(":")
    own = not colon or login.lower() == repository.owner.login.lower()
    family = [one for one in world.repositories.values() if one.parent is repository]
    source = repository if own else next((one for one in family if one.owner.login.lower() == login.lower()), None)
    if source is None or not branch or source.tip(branch) is None:
        raise invalid("PullRequest", "head")
    return source, branch


def _check_new(repository: Repository, source: Repository, branch: str, base: str) -> None:
    label = f"{source.owner.login}:{branch}"
    for one in repository.pulls.values():
        if one.is_open and one.base_branch == base and one.head_repository is source and one.head_branch == branch:
            raise invalid("PullRequest", "", "custom", f"A pull request already exists for {label}.")
    head, tip = source.tip(branch), repository.tip(base)
    inside = source is repository and head is not None and tip is not None and repository.store.is_ancestor(head, tip)
    if inside or head == tip:
        name = branch if source is repository else label
        raise invalid("PullRequest", "", "custom", f"No commits between {base} and {name}")


def _change_base(world: World, repository: Repository, pull: Pull, caller: Caller, base: object) -> None:
    if not isinstance(base, str) or base == pull.base_branch:
        return
    tip = repository.tip(base)
    if tip is None:
        raise invalid("PullRequest", "base")
    if not pull.is_open:
        raise Refusal(422, "Cannot change the base branch of a closed pull request.")
    pull.base_branch, pull.base = base, tip
    if not access.may_write(world, repository, caller):
        pull.auto_merge = None


def _change_state(world: World, repository: Repository, pull: Pull, call: Call, state: object) -> None:
    if state == "closed" and pull.is_open:
        moving.close(world, repository, pull, world.actor(call.caller))
    if state == "open" and not pull.is_open:
        _reopen(repository, pull)


def _reopen(repository: Repository, pull: Pull) -> None:
    source = pull.head_repository
    tip = None if source is None else source.tip(pull.head_branch)
    if pull.merged_at is not None or source is None:
        raise invalid("PullRequest", "state", "custom", "state cannot be changed.")
    if tip is None:
        why = f"state cannot be changed. The {pull.head_branch} branch has been deleted."
        raise invalid("PullRequest", "state", "custom", why)
    if not source.store.is_ancestor(pull.head, tip):
        why = f"state cannot be changed. The {pull.head_branch} branch was force-pushed or recreated."
        raise invalid("PullRequest", "state", "custom", why)
    _check_new(repository, source, pull.head_branch, pull.base_branch)
    pull.issue.state, pull.issue.closed_at, pull.issue.closed_by = "open", None, None
    pull.head = tip
    moving.follow(repository, pull)


OPERATIONS = {
    "pulls/get": get,
    "pulls/list": list_,
    "pulls/create": create,
    "pulls/update": update,
    "pulls/list-commits": list_commits,
    "pulls/list-files": list_files,
    "repos/list-pull-requests-associated-with-commit": of_commit,
}
