"""Commit statuses."""

from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.operations.asked import body_of, invalid, text_of
from nhi.sandbox.github.pull_shapes import repository as repository_shape
from nhi.sandbox.github.rules import newest
from nhi.sandbox.github.shapes import Shape, instant, node, repository_url, user_there
from nhi.sandbox.github.things import Repository, Status
from nhi.sandbox.github.world import World

MOST_PER_CONTEXT = 1000
LONGEST_DESCRIPTION = 140
_WIDEST = "\uffff"


def create(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/create-commit-status`."""
    sha = call.parameters["sha"]
    if repository.store.resolve(sha) != sha:
        raise Refusal(422, f"No commit found for SHA: {sha}")
    context, description = text_of(call, "context") or "default", text_of(call, "description")
    if description is not None and len(description) > LONGEST_DESCRIPTION:
        why = f"description is too long (maximum is {LONGEST_DESCRIPTION} characters)"
        raise invalid("Status", "description", "custom", why)
    if description is not None and not description.isascii() and max(description) > _WIDEST:
        raise invalid("Status", "description", "custom", "description doesn't accept 4-byte Unicode")
    url = text_of(call, "target_url") or None
    if url is not None and not url.startswith(("http://", "https://")):
        raise invalid("Status", "target_url", "custom", "target_url must use http(s) scheme")
    said = repository.statuses.setdefault(sha, [])
    if sum(one.context == context for one in said) >= MOST_PER_CONTEXT:
        why = "This SHA and context has reached the maximum number of statuses."
        raise invalid("Status", "", "custom", why)
    state = str(body_of(call)["state"])
    creator = world.actor(call.caller)
    one = Status(next(world.ids), context, state, description, url, creator, call.caller.app_id, world.tick())
    said.append(one)
    return Answer(201, _status(world, repository, call.origin, sha, one))


def list_(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/list-commit-statuses-for-ref`, newest first, with those that were overtaken."""
    sha = _commit(repository, call.parameters["ref"])
    said = reversed(repository.statuses.get(sha, []))
    return Answer(200, [_status(world, repository, call.origin, sha, one) for one in said])


def combined(world: World, repository: Repository, call: Call) -> Answer:
    """`repos/get-combined-status-for-ref`: the newest of each context."""
    sha = _commit(repository, call.parameters["ref"])
    found = list(newest(repository, sha).values())
    states = {one.state for one in found}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    place = f"{repository_url(call.origin, repository)}/commits/{sha}"
    body = {
        "state": state,
        "statuses": [_status(world, repository, call.origin, sha, one) for one in found],
        "sha": sha,
        "total_count": len(found),
        "repository": repository_shape(call.origin, repository),
        "commit_url": place,
        "url": f"{place}/status",
    }
    return Answer(200, body)


def _commit(repository: Repository, name: str) -> str:
    candidates = (f"refs/heads/{name}", f"refs/{name}", f"refs/tags/{name}", name)
    found = next((sha for one in candidates if (sha := repository.store.resolve(one)) is not None), None)
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def _status(world: World, repository: Repository, origin: str, sha: str, one: Status) -> Shape:
    return {
        "url": f"{repository_url(origin, repository)}/statuses/{sha}",
        "avatar_url": f"{origin}/avatars/{one.creator.id}",
        "id": one.id,
        "node_id": node("SC", one.id),
        "state": one.state,
        "description": one.description,
        "target_url": one.url,
        "context": one.context,
        "created_at": instant(one.created_at),
        "updated_at": instant(one.created_at),
        "creator": user_there(world, origin, one.creator),
    }


OPERATIONS = {
    "repos/create-commit-status": create,
    "repos/list-commit-statuses-for-ref": list_,
    "repos/get-combined-status-for-ref": combined,
}
