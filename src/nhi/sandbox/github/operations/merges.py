"""Merging a pull request, at once or as soon as its rules allow it."""

from collections.abc import Mapping

from nhi.sandbox.github import access, merging, rules
from nhi.sandbox.github.call import Answer, Call, Caller, Refusal
from nhi.sandbox.github.operations.asked import body_of, pull_of, text_of
from nhi.sandbox.github.things import AutoMerge, Pull, Repository
from nhi.sandbox.github.world import World

_MOVED = "Head branch was modified. Review and try the merge again."


def merge(world: World, repository: Repository, call: Call) -> Answer:
    """`pulls/merge`."""
    pull, body = pull_of(repository, call), body_of(call)
    if body.get("sha") not in {None, pull.head}:
        raise Refusal(409, _MOVED)
    wish = merging.Wish(
        str(body.get("merge_method") or "merge"), text_of(call, "commit_title"), text_of(call, "commit_message")
    )
    made = merging.merge(world, repository, pull, call.caller, wish)
    return Answer(200, {"sha": made, "merged": True, "message": "Pull Request successfully merged"})


def enable(world: World, caller: Caller, wanted: Mapping[str, object]) -> tuple[Repository, Pull]:
    """`enablePullRequestAutoMerge`, with the fields of its input.

    Raises:
        Refusal: in GitHub's words; the server makes an error of GraphQL out of it.
    """
    repository, pull = world.pull_of_node(str(wanted["pullRequestId"]))
    _check_writable(world, repository, caller, "EnablePullRequestAutoMerge")
    method = str(wanted.get("mergeMethod") or "MERGE").lower()
    if not repository.settings.allow_auto_merge:
        raise Refusal(422, "Pull request Auto merge is not allowed for this repository")
    if not pull.is_open:
        raise Refusal(422, "Pull request is closed")
    if wanted.get("expectedHeadOid") not in {None, pull.head}:
        raise Refusal(422, "Head sha didn't match expected head oid")
    if method not in merging.methods(repository, pull):
        raise Refusal(422, f"Merge method {method} merging is not allowed on this repository")
    if not rules.rules_of(repository, f"refs/heads/{pull.base_branch}"):
        raise Refusal(422, "Pull request Protected branch rules not configured for this branch")
    state = merging.state_of(world, repository, pull)
    if state in {"clean", "unstable", "draft"}:
        raise Refusal(422, f"Pull request Pull request is in {state} status")
    title, message = wanted.get("commitHeadline"), wanted.get("commitBody")
    pull.auto_merge = AutoMerge(
        world.actor(caller),
        caller.app_id,
        method,
        title if isinstance(title, str) else None,
        message if isinstance(message, str) else None,
    )
    pull.issue.updated_at = world.tick()
    return repository, pull


def disable(world: World, caller: Caller, wanted: Mapping[str, object]) -> tuple[Repository, Pull]:
    """`disablePullRequestAutoMerge`.

    Raises:
        Refusal: as `enable`.
    """
    repository, pull = world.pull_of_node(str(wanted["pullRequestId"]))
    if caller.app_id is not None or pull.issue.author is not world.actor(caller):
        _check_writable(world, repository, caller, "DisablePullRequestAutoMerge")
    if pull.auto_merge is None:
        raise Refusal(422, "Can't disable auto-merge for this pull request")
    pull.auto_merge = None
    pull.issue.updated_at = world.tick()
    return repository, pull


def _check_writable(world: World, repository: Repository, caller: Caller, mutation: str) -> None:
    if caller.app_id is not None:
        has = access.granted(world, repository, caller)
        if has.get("pull_requests") != "write" or has.get("contents") != "write":
            raise Refusal(403, "Resource not accessible by integration")
    elif not access.may_write(world, repository, caller):
        raise Refusal(403, f"{caller.login} does not have the correct permissions to execute `{mutation}`")


OPERATIONS = {"pulls/merge": merge}
