"""Comments on issues and pull requests."""

from nhi.sandbox.github import access
from nhi.sandbox.github.call import Answer, Call, Refusal
from nhi.sandbox.github.operations.asked import LONGEST_BODY, body_of, invalid, issue_of, number_of
from nhi.sandbox.github.shapes import comment, comments_of
from nhi.sandbox.github.things import Comment, Repository
from nhi.sandbox.github.world import World


def list_(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/list-comments`, oldest first."""
    found = comments_of(repository, issue_of(repository, call))
    return Answer(200, [comment(world, repository, call.origin, one) for one in found])


def create(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/create-comment`."""
    issue, text = issue_of(repository, call), _text(call)
    at = world.tick()
    one = Comment(next(world.ids), issue.number, world.actor(call.caller), call.caller.app_id, text, at, at)
    repository.comments[one.id] = one
    issue.updated_at = at
    return Answer(201, comment(world, repository, call.origin, one))


def update(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/update-comment`."""
    one, text = _own(world, repository, call), _text(call)
    one.body, one.updated_at = text, world.tick()
    return Answer(200, comment(world, repository, call.origin, one))


def delete(world: World, repository: Repository, call: Call) -> Answer:
    """`issues/delete-comment`."""
    one = _own(world, repository, call)
    del repository.comments[one.id]
    world.tick()
    return Answer(204)


def _own(world: World, repository: Repository, call: Call) -> Comment:
    """The comment, for its author and for those who may write."""
    one = repository.comments.get(number_of(call, "comment_id"))
    if one is None:
        raise Refusal(404, "Not Found")
    may = call.caller.app_id is not None or access.may_write(world, repository, call.caller)
    if not may and one.author is not world.actor(call.caller):
        raise Refusal(403, "Must have push access to edit this comment.")
    return one


def _text(call: Call) -> str:
    text = str(body_of(call)["body"])
    if not text.strip():
        raise invalid("IssueComment", "body", "missing_field")
    if len(text) > LONGEST_BODY:
        raise invalid(
            "IssueComment", "data", "unprocessable", f"Body is too long (maximum is {LONGEST_BODY} characters)"
        )
    return text


OPERATIONS = {
    "issues/list-comments": list_,
    "issues/create-comment": create,
    "issues/update-comment": update,
    "issues/delete-comment": delete,
}
