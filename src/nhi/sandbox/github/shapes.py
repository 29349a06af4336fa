"""People, Apps, labels, issues and comments as the API tells them.

What is not set here and is required, the server fills from the schema.
"""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from nhi.sandbox.github import access
from nhi.sandbox.github.things import Account, App, Comment, Issue, Label, Repository
from nhi.sandbox.github.world import GHOST, World

Shape = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    """RFC 3339, to the second."""
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


def node(prefix: str, number: int) -> str:
    """A handle for GraphQL: opaque to clients."""
    return f"{prefix}_{number:012d}"


def user(origin: str, account: Account) -> Shape:
    """`simple-user`."""
    login = quote(account.login)
    place = f"{origin}/users/{login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node("BOT" if account.kind == "Bot" else "U", account.id),
        "avatar_url": f"{origin}/avatars/{account.id}",
        "gravatar_id": "",
        "url": place,
        "html_url": f"{origin}/{login}",
        "type": account.kind,
        "site_admin": False,
    }


def user_there(world: World, origin: str, account: Account) -> Shape:
    """Of somebody who wrote something: `ghost` where the account is gone."""
    return user(origin, account if world.accounts.get(account.id) is account else GHOST)


def app(origin: str, one: App, owner: Account) -> Shape:
    """`integration`."""
    return {
        "id": one.id,
        "slug": one.slug,
        "node_id": node("A", one.id),
        "owner": user(origin, owner),
        "name": one.slug,
        "description": "",
        "external_url": f"{origin}/apps/{one.slug}",
        "html_url": f"{origin}/apps/{one.slug}",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "permissions": dict(one.permissions),
        "events": [],
    }


def via_app(world: World, repository: Repository, origin: str, app_id: int | None) -> Shape | None:
    """`performed_via_github_app`."""
    one = world.apps.get(app_id or 0)
    return None if one is None else app(origin, one, repository.owner)


def repository_url(origin: str, repository: Repository) -> str:
    """Where a repository's endpoints are."""
    return f"{origin}/repos/{quote(repository.full_name)}"


def label(origin: str, repository: Repository, one: Label) -> Shape:
    """`label`."""
    return {
        "id": one.id,
        "node_id": node("LA", one.id),
        "url": f"{repository_url(origin, repository)}/labels/{quote(one.name, safe='')}",
        "name": one.name,
        "color": one.color,
        "default": one.color == "ededed" and one.description is None,
        "description": one.description,
    }


def labels(origin: str, repository: Repository, issue: Issue) -> list[Shape]:
    """Of an issue."""
    return [label(origin, repository, repository.labels[name.lower()]) for name in issue.labels]


def association(repository: Repository, author: Account) -> str:
    """`author_association`."""
    if author is repository.owner:
        return "OWNER"
    if access.level(repository, author) != "none" and author.id in repository.collaborators:
        return "COLLABORATOR"
    merged = any(one.issue.author is author for one in repository.pulls.values() if one.merged_at is not None)
    return "CONTRIBUTOR" if merged else "NONE"


def comments_of(repository: Repository, issue: Issue) -> list[Comment]:
    """Of an issue, oldest first."""
    return [one for one in repository.comments.values() if one.issue == issue.number]


def issue(world: World, repository: Repository, origin: str, one: Issue) -> Shape:
    """`issue`."""
    place = f"{repository_url(origin, repository)}/issues/{one.number}"
    people = [user_there(world, origin, each) for each in one.assignees]
    shape: Shape = {
        "id": one.id,
        "node_id": node("I", one.id),
        "url": place,
        "repository_url": repository_url(origin, repository),
        "labels_url": f"{place}/labels{{/name}}",
        "comments_url": f"{place}/comments",
        "events_url": f"{place}/events",
        "html_url": f"{origin}/{repository.full_name}/issues/{one.number}",
        "number": one.number,
        "state": one.state,
        "state_reason": one.state_reason,
        "title": one.title,
        "body": one.body,
        "user": user_there(world, origin, one.author),
        "labels": labels(origin, repository, one),
        "assignee": people[0] if people else None,
        "assignees": people,
        "milestone": None,
        "locked": False,
        "active_lock_reason": None,
        "comments": len(comments_of(repository, one)),
        "closed_at": instant(one.closed_at),
        "created_at": instant(one.created_at),
        "updated_at": instant(one.updated_at),
        "author_association": association(repository, one.author),
        "performed_via_github_app": via_app(world, repository, origin, one.app_id),
    }
    pull = repository.pulls.get(one.number)
    if pull is not None:
        shape["draft"] = pull.draft
        page = f"{origin}/{repository.full_name}/pull/{one.number}"
        shape["html_url"] = page
        shape["pull_request"] = {
            "url": f"{repository_url(origin, repository)}/pulls/{one.number}",
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": instant(pull.merged_at),
        }
    return shape


def comment(world: World, repository: Repository, origin: str, one: Comment) -> Shape:
    """`issue-comment`."""
    place = repository_url(origin, repository)
    kind = "pull" if one.issue in repository.pulls else "issues"
    return {
        "id": one.id,
        "node_id": node("IC", one.id),
        "url": f"{place}/issues/comments/{one.id}",
        "html_url": f"{origin}/{repository.full_name}/{kind}/{one.issue}#issuecomment-{one.id}",
        "issue_url": f"{place}/issues/{one.issue}",
        "body": one.body,
        "user": user_there(world, origin, one.author),
        "created_at": instant(one.created_at),
        "updated_at": instant(one.updated_at),
        "author_association": association(repository, one.author),
        "performed_via_github_app": via_app(world, repository, origin, one.app_id),
    }
