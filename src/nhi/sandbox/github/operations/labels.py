"""Labels, of a repository and of its issues and pull requests."""

from collections.abc import Sequence

from nhi.sandbox.github import access
from nhi.sandbox.github.call import Answer, Call, Caller, Refusal
from nhi.sandbox.github.operations.asked import body_of, invalid, issue_of, text_of
from nhi.sandbox.github.shapes import label, labels
from nhi.sandbox.github.things import Label, Repository
from nhi.sandbox.github.world import World

_LONGEST_NAME = 50
_LONGEST_DESCRIPTION = 100


def create(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/create-label`."""
    name, color, description = str(body_of(call)["name"]), text_of(call, "color"), text_of(call, "description")
    if name.lower() in repository.labels:
        raise invalid("Label", "name", "already_exists")
    _check(name, color or "ededed", description)
    one = Label(next(world.ids), name, color or "ededed", description)
    repository.labels[name.lower()] = one
    world.tick()
    return Answer(201, label(call.origin, repository, one))


def get(_: World, repository: Repository, call: Call) -> Answer:
    """`issues/get-label`."""
    one = repository.labels.get(call.parameters["name"].lower())
    if one is None:
        raise Refusal(404, "Not Found")
    return Answer(200, label(call.origin, repository, one))


def of_issue(_: World, repository: Repository, call: Call) -> Answer:
    """`issues/list-labels-on-issue`."""
    return Answer(200, labels(call.origin, repository, issue_of(repository, call)))


def add(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/add-labels`: an object, or a bare list as the description's text allows too."""
    one = issue_of(repository, call)
    for name in _names(call):
        found = made(world, repository, call.caller, name).name
        if found not in one.labels:
            one.labels.append(found)
    one.updated_at = world.tick()
    return Answer(200, labels(call.origin, repository, one))


def remove(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/remove-label`."""
    one = issue_of(repository, call)
    found = next((name for name in one.labels if name.lower() == call.parameters["name"].lower()), None)
    if found is None:
        raise Refusal(404, "Label does not exist")
    one.labels.remove(found)
    one.updated_at = world.tick()
    return Answer(200, labels(call.origin, repository, one))


def made(world: World, repository: Repository, caller: Caller, name: str) -> Label:
    """A label of the repository; one that is not there is made, for somebody who may.

    Raises:
        Refusal: 422 where the name is none, or the caller may only use what is there.
    """
    found = repository.labels.get(name.lower())
    if found is not None:
        return found
    _check(name, "ededed", None)
    if caller.app_id is None and not access.may_write(world, repository, caller):
        raise invalid("Label", "name", value=name)
    one = Label(next(world.ids), name)
    repository.labels[name.lower()] = one
    return one


def _names(call: Call) -> list[str]:
    given: object = call.body if isinstance(call.body, list) else body_of(call).get("labels")
    listed: Sequence[object] = given if isinstance(given, list) else []
    return [str(one["name"] if isinstance(one, dict) else one) for one in listed]


def _check(name: str, color: str, description: str | None) -> None:
    if not name.strip():
        raise invalid("Label", "name", "missing_field")
    if len(name) > _LONGEST_NAME:
        raise invalid("Label", "name", "custom", f"name is too long (maximum is {_LONGEST_NAME} characters)")
    if len(color) not in {3, 6} or not set(color.lower()) <= set("0123456789abcdef"):
        raise invalid("Label", "color")
    if len(description or "") > _LONGEST_DESCRIPTION:
        why = f"description is too long (maximum is {_LONGEST_DESCRIPTION} characters)"
        raise invalid("Label", "description", "custom", why)


OPERATIONS = {
    "issues/create-label": create,
    "issues/get-label": get,
    "issues/list-labels-on-issue": of_issue,
    "issues/add-labels": add,
    "issues/remove-label": remove,
}
