"""Reviews: asked for, given, dismissed."""

from nhi.sandbox.github import access
from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.operations.asked import LONGEST_BODY, body_of, number_of, pull_of, text_of
from nhi.sandbox.github.pull_shapes import compared, pull_simple, review
from nhi.sandbox.github.shapes import user_there
from nhi.sandbox.github.things import Account, Pull, Repository, Review
from nhi.sandbox.github.tokens import ACTIONS_APP
from nhi.sandbox.github.world import World

_STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
_OWN = {
    "APPROVE": "Can not approve your own pull request",
    "REQUEST_CHANGES": "Can not request changes on your own pull request",
}


def list_(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/list-reviews`, oldest first. A pending one is its author's alone."""
    pull, reader = pull_of(repository, call), world.actor(call.caller)
    seen = [one for one in pull.reviews if one.state != "PENDING" or one.author is reader]
    return Answer(200, [review(world, repository, call.origin, pull, one) for one in seen])


def create(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/create-review`."""
    pull, author = pull_of(repository, call), world.actor(call.caller)
    event, text = text_of(call, "event"), text_of(call, "body") or ""
    if event in _OWN and pull.issue.author is author:
        raise _refused(_OWN[event])
    if event == "APPROVE" and call.caller.app_id == ACTIONS_APP and not repository.settings.actions_may_approve:
        raise _refused("GitHub Actions is not permitted to approve pull requests.")
    if event in {"REQUEST_CHANGES", "COMMENT"} and not text:
        raise _refused("Body can't be blank")
    if len(text) > LONGEST_BODY:
        raise _refused(f"Body is too long (maximum is {LONGEST_BODY} characters)")
    commit = text_of(call, "commit_id") or pull.head
    if repository.store.resolve(commit) != commit:
        raise _refused("Commit is not part of the pull request")
    at = None if event is None else world.tick()
    seen = list(compared(repository, pull)[0])
    one = Review(next(world.ids), author, _STATES.get(event or "", "PENDING"), text, commit, at, seen)
    pull.reviews.append(one)
    pull.requested = [each for each in pull.requested if each is not author]
    return Answer(200, review(world, repository, call.origin, pull, one))


def dismiss(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/dismiss-review`."""
    pull, number = pull_of(repository, call), number_of(call, "review_id")
    one = next((each for each in pull.reviews if each.id == number), None)
    if one is None:
        raise Refusal(404, "Not Found")
    if one.state not in {"APPROVED", "CHANGES_REQUESTED"}:
        raise _refused(f"Can not dismiss a {one.state.lower()} pull request review")
    one.state = "DISMISSED"
    pull.issue.updated_at = world.tick()
    return Answer(200, review(world, repository, call.origin, pull, one))


def request(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/request-reviewers`: all of them or none."""
    pull = pull_of(repository, call)
    asked = [_reviewer(world, repository, pull, str(login)) for login in body_of(call).get("reviewers") or []]
    if body_of(call).get("team_reviewers"):
        raise _no_collaborator(repository)
    pull.requested += [one for one in asked if one not in pull.requested]
    pull.issue.updated_at = world.tick()
    return Answer(201, pull_simple(world, repository, call.origin, pull))


def requested(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/list-requested-reviewers`."""
    people = [user_there(world, call.origin, one) for one in pull_of(repository, call).requested]
    return Answer(200, {"users": people, "teams": []})


def _reviewer(world: World, repository: Repository, pull: Pull, login: str) -> Account:
    account = world.account(login)
    if account is not None and account is pull.issue.author:
        raise Refusal(422, "Review cannot be requested from pull request author.")
    if account is None or account.kind != "User" or not access.at_least(repository, account, "read"):
        raise _no_collaborator(repository)
    return account


def _no_collaborator(repository: Repository) -> Refusal:
    return Refusal(
        422,
        "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a "
        f"collaborator of the {repository.full_name} repository.",
    )


def _refused(why: str) -> Refusal:
    return Refusal(422, "Unprocessable Entity", [why])


OPERATIONS = {
    "pulls/list-reviews": list_,
    "pulls/create-review": create,
    "pulls/dismiss-review": dismiss,
    "pulls/request-reviewers": request,
    "pulls/list-requested-reviewers": requested,
}
