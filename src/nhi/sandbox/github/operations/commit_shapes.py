"""Commits as the API tells them: with the accounts that their addresses belong to."""

from nhi.sandbox.github.git_store import Commit, Signature
from nhi.sandbox.github.shapes import Shape, instant, node, repository_url, user
from nhi.sandbox.github.things import Repository
from nhi.sandbox.github.world import World

_UNSIGNED: Shape = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def commit(world: World, repository: Repository, origin: str, one: Commit) -> Shape:
    """`commit`. An author whose address is nobody's is null."""
    place = repository_url(origin, repository)
    return {
        "sha": one.sha,
        "node_id": node("C", int(one.sha[:10], 16)),
        "url": f"{place}/commits/{one.sha}",
        "html_url": f"{origin}/{repository.full_name}/commit/{one.sha}",
        "comments_url": f"{place}/commits/{one.sha}/comments",
        "commit": {
            "url": f"{place}/git/commits/{one.sha}",
            "author": _signature(one.author),
            "committer": _signature(one.committer),
            "message": one.message,
            "comment_count": 0,
            "tree": {"sha": one.tree, "url": f"{place}/git/trees/{one.tree}"},
            "verification": dict(_UNSIGNED),
        },
        "author": _account(world, origin, one.author),
        "committer": _account(world, origin, one.committer),
        "parents": _parents(repository, origin, one),
    }


def git_commit(repository: Repository, origin: str, one: Commit) -> Shape:
    """`git-commit`."""
    place = repository_url(origin, repository)
    return {
        "sha": one.sha,
        "node_id": node("C", int(one.sha[:10], 16)),
        "url": f"{place}/git/commits/{one.sha}",
        "html_url": f"{origin}/{repository.full_name}/commit/{one.sha}",
        "author": _signature(one.author),
        "committer": _signature(one.committer),
        "message": one.message,
        "tree": {"sha": one.tree, "url": f"{place}/git/trees/{one.tree}"},
        "parents": _parents(repository, origin, one),
        "verification": dict(_UNSIGNED),
    }


def _account(world: World, origin: str, one: Signature) -> Shape | None:
    account = world.account_of_email(one.email)
    return None if account is None else user(origin, account)


def _signature(one: Signature) -> Shape:
    return {"name": one.name, "email": one.email, "date": instant(one.at)}


def _parents(repository: Repository, origin: str, one: Commit) -> list[Shape]:
    place, page = repository_url(origin, repository), f"{origin}/{repository.full_name}/commit"
    return [{"sha": each, "url": f"{place}/commits/{each}", "html_url": f"{page}/{each}"} for each in one.parents]
