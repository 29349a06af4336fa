"""A repository itself: its settings, branches, references, who may do what, what was pushed."""

from nhi.sandbox.github import access, commits, owners, pushing, rules
from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.git_store import NO_COMMIT, Update
from nhi.sandbox.github.operations.asked import body_of
from nhi.sandbox.github.operations.commit_shapes import commit, git_commit
from nhi.sandbox.github.pull_shapes import repository as repository_shape
from nhi.sandbox.github.shapes import Shape, instant, node, repository_url, user, user_there
from nhi.sandbox.github.things import LEVELS, Activity, Repository
from nhi.sandbox.github.world import World

_SWITCHES = (
    "allow_auto_merge",
    "allow_merge_commit",
    "allow_squash_merge",
    "allow_rebase_merge",
    "delete_branch_on_merge",
    "archived",
    "visibility",
)
_LEGACY = {"maintain": "write", "triage": "read"}
"""`permission` knows four levels; `role_name` all of them."""


def get(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/get`. Merge settings are shown to those who may write."""
    return Answer(200, _full(world, repository, call))


def update(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/update`."""
    body = body_of(call)
    for name in _SWITCHES:
        if body.get(name) is not None:
            setattr(repository.settings, name, body[name])
    branch = body.get("default_branch")
    if branch is not None:
        if repository.tip(str(branch)) is None:
            raise Refusal(
                422, f"The branch {branch} was not found. Please push that ref first or create it via the Git Data API."
            )
        repository.default_branch = str(branch)
    world.tick()
    return Answer(200, _full(world, repository, call))


def branch(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/get-branch`."""
    name = call.parameters["branch"]
    tip = repository.tip(name)
    found = None if tip is None else commits.commit(repository.store, tip)
    if found is None:
        raise Refusal(404, "Branch not found")
    place = f"{repository_url(call.origin, repository)}/branches/{name}"
    protected = bool(rules.rules_of(repository, f"refs/heads/{name}"))
    body = {
        "name": name,
        "commit": commit(world, repository, call.origin, found),
        "_links": {"html": f"{call.origin}/{repository.full_name}/tree/{name}", "self": place},
        "protected": protected,
        "protection": {"enabled": protected},
        "protection_url": f"{place}/protection",
    }
    return Answer(200, body)


def permission(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/get-collaborator-permission-level`."""
    login = call.parameters["username"]
    account = world.account(login)
    if account is None:
        raise Refusal(404, f"{login} is not a user")
    level = access.level(repository, account)
    legacy = _LEGACY.get(level, level)
    reach = LEVELS.index(level)
    names = zip(("pull", "triage", "push", "maintain", "admin"), LEVELS[1:], strict=True)
    rights = {name: reach >= LEVELS.index(each) for name, each in names}
    person: Shape = {**user(call.origin, account), "permissions": rights, "role_name": level}
    return Answer(200, {"permission": legacy, "role_name": level, "user": person})


def reference(_: World, repository: Repository, call: Call) -> Answer:
    """`git/get-ref`."""
    name = f"refs/{call.parameters['ref']}"
    sha = repository.store.refs(name).get(name)
    if sha is None:
        raise Refusal(404, "Not Found")
    place = repository_url(call.origin, repository)
    body = {
        "ref": name,
        "node_id": node("REF", int(sha[:10], 16)),
        "url": f"{place}/git/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{place}/git/commits/{sha}"},
    }
    return Answer(200, body)


def delete_reference(world: World, repository: Repository, call: Call) -> Answer:
    """`git/delete-ref`."""
    name = f"refs/{call.parameters['ref']}"
    sha = repository.store.refs(name).get(name)
    if sha is None:
        raise Refusal(422, "Reference does not exist")
    gone = Update(name, sha, NO_COMMIT)
    refused = pushing.may_push(world, repository, call.caller, gone)
    if refused:
        raise Refusal(422, refused)
    repository.store.delete(name, sha)
    pushing.pushed(world, repository, call.caller, gone)
    return Answer(204)


def git_commit_of(_: World, repository: Repository, call: Call) -> Answer:
    """`git/get-commit`."""
    sha = call.parameters["commit_sha"]
    found = commits.commit(repository.store, sha)
    if found is None or found.sha != sha:
        raise Refusal(404, "Not Found")
    return Answer(200, git_commit(repository, call.origin, found))


def activities(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/list-activities`: newest first."""
    query = call.query
    found = [
        one
        for one in reversed(repository.activities)
        if query.get("ref") in {None, one.ref, one.ref.removeprefix("refs/heads/")}
        and query.get("activity_type") in {None, one.kind}
        and query.get("actor", one.actor.login).lower() == one.actor.login.lower()
    ]
    if query.get("direction") == "asc":
        found.reverse()
    return Answer(200, [_activity(world, call.origin, one) for one in found])


def codeowners(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/codeowners-errors`."""
    revision = call.query.get("ref", repository.default_branch)
    tip = repository.tip(revision) or repository.store.resolve(revision)
    file = None if tip is None else owners.read(repository, tip)
    if file is None:
        raise Refusal(404, "Not Found")
    found = [
        {
            "line": line.number,
            "column": line.source.find(owner) + 1,
            "kind": "Unknown owner",
            "source": line.source,
            "suggestion": f"make sure {owner} exists and has write access to the repository",
            "message": f"Unknown owner on line {line.number}: make sure {owner} exists and has write access to the "
            f"repository\n\n  {line.source}\n  {' ' * line.source.find(owner)}^",
            "path": file.path,
        }
        for line in owners.parse(world, repository, file)
        for owner in line.unknown
    ]
    found += [
        {
            "line": number,
            "column": 1,
            "kind": "Invalid pattern",
            "source": source,
            "suggestion": None,
            "message": f"Invalid pattern on line {number}:\n\n  {source}\n  ^",
            "path": file.path,
        }
        for number, source in owners.unreadable(file)
    ]
    return Answer(200, {"errors": found})


def _full(world: World, repository: Repository, call: Call) -> Shape:
    own = repository.settings
    shape = repository_shape(call.origin, repository)
    if repository.owner.kind == "Organization":
        shape["organization"] = user(call.origin, repository.owner)
    if repository.parent is not None:
        shape["parent"] = shape["source"] = repository_shape(call.origin, repository.parent)
    if access.may_write(world, repository, call.caller):
        shape |= {name: getattr(own, name) for name in _SWITCHES}
    return shape


def _activity(world: World, origin: str, one: Activity) -> Shape:
    return {
        "id": one.id,
        "node_id": node("PSH", one.id),
        "before": one.before,
        "after": one.after,
        "ref": one.ref,
        "timestamp": instant(one.at),
        "activity_type": one.kind,
        "actor": user_there(world, origin, one.actor),
    }


OPERATIONS = {
    "repos/get": get,
    "repos/update": update,
    "repos/get-branch": branch,
    "repos/get-collaborator-permission-level": permission,
    "repos/list-activities": activities,
    "repos/codeowners-errors": codeowners,
    "git/get-ref": reference,
    "git/delete-ref": delete_reference,
    "git/get-commit": git_commit_of,
}
