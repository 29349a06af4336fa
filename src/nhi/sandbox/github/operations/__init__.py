"""What the loopback GitHub does, by the description's `operationId`."""

from collections.abc import Callable, Mapping

from nhi.sandbox.github import access, merging
from nhi.sandbox.github.call import Answer, Call, Caller
from nhi.sandbox.github.operations import (
    apps,
    comments,
    deployments,
    issues,
    labels,
    merges,
    pulls,
    repositories,
    reviews,
    rulesets,
    statuses,
)
from nhi.sandbox.github.operations.asked import Operation
from nhi.sandbox.github.shapes import Shape, node
from nhi.sandbox.github.things import Pull, Repository
from nhi.sandbox.github.world import World

_IN_REPOSITORIES: Mapping[str, Operation] = {
    **pulls.OPERATIONS,
    **reviews.OPERATIONS,
    **merges.OPERATIONS,
    **issues.OPERATIONS,
    **comments.OPERATIONS,
    **labels.OPERATIONS,
    **statuses.OPERATIONS,
    **repositories.OPERATIONS,
    **rulesets.OPERATIONS,
    **deployments.OPERATIONS,
}
_UNBLOCKING = frozenset(
    {
        "repos/create-commit-status",
        "repos/update",
        "repos/update-repo-ruleset",
        "pulls/create-review",
        "pulls/dismiss-review",
        "pulls/merge",
        "pulls/update",
    }
)
"""After these, what waits for its rules may have all it needs."""


def operations(world: World) -> Mapping[str, Callable[[Call], Answer]]:
    """Every operation of the REST API that this world knows."""
    within = {name: _within(world, operation) for name, operation in _IN_REPOSITORIES.items()}
    return {**within, **{name: _of_world(world, each) for name, each in apps.OPERATIONS.items()}}


def resolvers(world: World) -> Mapping[str, Callable[..., object]]:
    """Every mutation of the GraphQL API that this world knows: `(caller, input)` → the payload; and who the caller is.

    They raise Refusal; its words are the error's.
    """
    return {
        "Query.viewer": lambda caller: {"login": world.actor(caller).login},
        "Mutation.enablePullRequestAutoMerge": lambda caller, wanted: _mutated(world, merges.enable, caller, wanted),
        "Mutation.disablePullRequestAutoMerge": lambda caller, wanted: _mutated(world, merges.disable, caller, wanted),
    }


def _within(world: World, operation: Operation) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        repository = access.repository_for(world, call)
        said = operation(world, repository, call)
        if call.operation in _UNBLOCKING:
            merging.settle(world, repository)
        return said

    return answer


def _of_world(world: World, operation: Callable[[World, Call], Answer]) -> Callable[[Call], Answer]:
    return lambda call: operation(world, call)


def _mutated(
    world: World,
    mutation: Callable[[World, Caller, Mapping[str, object]], tuple[Repository, Pull]],
    caller: Caller,
    wanted: Mapping[str, object],
) -> Shape:
    _, pull = mutation(world, caller, wanted)
    request = None if pull.auto_merge is None else {"mergeMethod": pull.auto_merge.method.upper()}
    return {
        "actor": {"login": caller.login},
        "clientMutationId": wanted.get("clientMutationId"),
        "pullRequest": {
            "id": node("PR", pull.id),
            "number": pull.number,
            "state": pull.issue.state.upper(),
            "headRefOid": pull.head,
            "autoMergeRequest": request,
        },
    }
