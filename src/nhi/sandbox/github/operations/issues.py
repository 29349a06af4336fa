"""Issues, and what pull requests have of them: assignees and states."""

from datetime import datetime

from nhi.model.instant import NotAnInstant, parse_instant
from nhi.sandbox.github import access, moving
from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.operations.asked import body_of, check_texts, invalid, issue_of, text_of
from nhi.sandbox.github.operations.labels import made
from nhi.sandbox.github.shapes import issue
from nhi.sandbox.github.things import Account, Issue, Repository
from nhi.sandbox.github.world import World

_MOST_ASSIGNEES = 10


def list_(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/list-for-repo`: pull requests too."""
    query = call.query
    state, creator, assignee = query.get("state", "open"), query.get("creator"), query.get("assignee")
    names = {one.strip().lower() for one in query.get("labels", "").split(",") if one.strip()}
    found = [
        one
        for one in repository.issues.values()
        if state in {"all", one.state}
        and names <= {each.lower() for each in one.labels}
        and (creator is None or one.author.login.lower() == creator.lower())
        and (assignee in {None, "*"} or any(each.login.lower() == str(assignee).lower() for each in one.assignees))
        and one.updated_at >= _since(query.get("since"), one.updated_at)
    ]
    by_update, down = query.get("sort") == "updated", query.get("direction", "desc") == "desc"
    found.sort(key=lambda one: (one.updated_at if by_update else one.created_at, one.number), reverse=down)
    return Answer(200, [issue(world, repository, call.origin, one) for one in found])


def create(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/create`. Labels and assignees of somebody who may not set them are left out in silence."""
    title, text = str(body_of(call)["title"]), text_of(call, "body")
    check_texts("Issue", title, text)
    labels, people = body_of(call).get("labels") or [], body_of(call).get("assignees") or []
    names = [str(one["name"] if isinstance(one, dict) else one) for one in labels]
    may_set = access.may_triage(world, repository, call.caller)
    assignees = [_assignee(world, repository, str(one)) for one in people] if may_set else []
    at = world.tick()
    one = Issue(
        next(world.ids),
        len(repository.issues) + 1,
        title,
        text,
        world.actor(call.caller),
        call.caller.app_id,
        at,
        at,
        labels=[made(world, repository, call.caller, name).name for name in names] if may_set else [],
        assignees=assignees,
    )
    repository.issues[one.number] = one
    return Answer(201, issue(world, repository, call.origin, one))


def get(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/get`."""
    return Answer(200, issue(world, repository, call.origin, issue_of(repository, call)))


def update(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/update`, of a pull request too."""
    one, body = issue_of(repository, call), body_of(call)
    may_set = access.may_triage(world, repository, call.caller)
    if one.number in repository.pulls:
        may_set = may_set or access.may_triage(world, repository, call.caller, "pull_requests")
    if not may_set and one.author is not world.actor(call.caller):
        raise Refusal(403, "Must have triage rights to Repository.")
    title, text = text_of(call, "title"), text_of(call, "body")
    check_texts("Issue", title, text)
    one.title = one.title if title is None else title
    one.body = body.get("body", one.body)
    if may_set and body.get("labels") is not None:
        names = [str(each["name"] if isinstance(each, dict) else each) for each in body["labels"]]
        one.labels = [made(world, repository, call.caller, name).name for name in names]
    if may_set and body.get("assignees") is not None:
        one.assignees = [_assignee(world, repository, str(each)) for each in body["assignees"]]
    _change_state(world, repository, one, call)
    one.updated_at = world.tick()
    return Answer(200, issue(world, repository, call.origin, one))


def add_assignees(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/add-assignees`. Those who cannot be assigned are left out in silence."""
    one = issue_of(repository, call)
    for login in body_of(call).get("assignees") or []:
        account = _assignable(world, repository, str(login))
        if account is not None and account not in one.assignees and len(one.assignees) < _MOST_ASSIGNEES:
            one.assignees.append(account)
    one.updated_at = world.tick()
    return Answer(201, issue(world, repository, call.origin, one))


def may_be_assigned(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/check-user-can-be-assigned`."""
    if _assignable(world, repository, call.parameters["assignee"]) is None:
        raise Refusal(404, "Not Found")
    return Answer(204)


def _assignable(world: World, repository: Repository, login: str) -> Account | None:
    account = world.account(login)
    if account is None or account.kind != "User" or account.id not in repository.collaborators:
        return None
    return account if access.at_least(repository, account, "read") else None


def _assignee(world: World, repository: Repository, login: str) -> Account:
    account = _assignable(world, repository, login)
    if account is None:
        raise invalid("Issue", "assignees", value=login)
    return account


def _change_state(world: World, repository: Repository, one: Issue, call: Call) -> None:
    state, reason = body_of(call).get("state"), body_of(call).get("state_reason")
    pull = repository.pulls.get(one.number)
    if state == "closed" and one.state == "open":
        if pull is not None:
            moving.close(world, repository, pull, world.actor(call.caller))
            return
        one.state, one.state_reason = "closed", str(reason or "completed")
        one.closed_at, one.closed_by = world.tick(), world.actor(call.caller)
    if state == "open" and one.state == "closed":
        if pull is not None:
            raise invalid("Issue", "state", "custom", "reopen a pull request by pulls/update")
        one.state, one.state_reason = "open", "reopened"
        one.closed_at, one.closed_by = None, None


def _since(text: str | None, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    try:
        return parse_instant(text)
    except NotAnInstant as cause:
        raise invalid("Issue", "since") from cause


OPERATIONS = {
    "issues/list-for-repo": list_,
    "issues/create": create,
    "issues/get": get,
    "issues/update": update,
    "issues/add-assignees": add_assignees,
    "issues/check-user-can-be-assigned": may_be_assigned,
}
