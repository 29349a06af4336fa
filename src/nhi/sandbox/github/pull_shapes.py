"""Repositories, pull requests, reviews and files as the API tells them."""

from urllib.parse import quote

from nhi.sandbox.github import commits, merging, moving
from nhi.sandbox.github.commits import FileChange
from nhi.sandbox.github.shapes import (
    Shape,
    association,
    comments_of,
    instant,
    labels,
    node,
    repository_url,
    user,
    user_there,
)
from nhi.sandbox.github.things import Pull, Repository, Review
from nhi.sandbox.github.world import World


def repository(origin: str, one: Repository) -> Shape:
    """`minimal-repository`, and what both `repository` and `full-repository` want beside."""
    own = one.settings
    return {
        "id": one.id,
        "node_id": node("R", one.id),
        "name": one.name,
        "full_name": one.full_name,
        "owner": user(origin, one.owner),
        "private": own.visibility != "public",
        "visibility": own.visibility,
        "html_url": f"{origin}/{one.full_name}",
        "description": None,
        "fork": one.parent is not None,
        "url": repository_url(origin, one),
        "clone_url": f"{origin}/{one.full_name}.git",
        "default_branch": one.default_branch,
        "archived": own.archived,
        "disabled": False,
        "created_at": instant(one.created_at),
        "updated_at": instant(one.created_at),
        "pushed_at": instant(one.activities[-1].at if one.activities else one.created_at),
        "open_issues": sum(each.state == "open" for each in one.issues.values()),
        "open_issues_count": sum(each.state == "open" for each in one.issues.values()),
        "has_issues": True,
        "allow_forking": True,
    }


def base_now(one: Repository, pull: Pull) -> str:
    """What a pull request is compared with: the base branch as it is, or as it was when the pull request was closed."""
    return (one.tip(pull.base_branch) if pull.is_open else None) or pull.base


def compared(one: Repository, pull: Pull) -> tuple[list[FileChange], int]:
    """What a pull request changes, and in how many commits."""
    base = base_now(one, pull)
    if pull.compared is None or pull.compared[:2] != (base, pull.head):
        found = commits.changes(one.store, base, pull.head)
        pull.compared = (base, pull.head, found, commits.count(one.store, pull.head, base))
    return pull.compared[2], pull.compared[3]


def pull_simple(world: World, one: Repository, origin: str, pull: Pull) -> Shape:
    """`pull-request-simple`."""
    issue = pull.issue
    people = [user_there(world, origin, each) for each in issue.assignees]
    return {
        **_places(one, origin, pull),
        "id": pull.id,
        "node_id": node("PR", pull.id),
        "number": pull.number,
        "state": issue.state,
        "locked": False,
        "title": issue.title,
        "user": user_there(world, origin, issue.author),
        "body": issue.body,
        "labels": [{**each, "description": each["description"] or ""} for each in labels(origin, one, issue)],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": instant(issue.created_at),
        "updated_at": instant(issue.updated_at),
        "closed_at": instant(issue.closed_at),
        "merged_at": instant(pull.merged_at),
        "merge_commit_sha": pull.merge_commit or (pull.test_merge[2] if pull.test_merge is not None else None),
        "assignee": people[0] if people else None,
        "assignees": people,
        "requested_reviewers": [user_there(world, origin, each) for each in pull.requested],
        "requested_teams": [],
        "head": _head(world, origin, pull),
        "base": _base(origin, one, pull),
        "author_association": association(one, issue.author),
        "auto_merge": _auto_merge(origin, pull),
        "draft": pull.draft,
    }


def _places(one: Repository, origin: str, pull: Pull) -> Shape:
    """Where a pull request and what belongs to it is found, twice: as `…_url` and as `_links`."""
    root = repository_url(origin, one)
    place, talk, page = f"{root}/pulls/{pull.number}", f"{root}/issues/{pull.number}", _page(one, origin, pull)
    links = {
        "comments": f"{talk}/comments",
        "commits": f"{place}/commits",
        "html": page,
        "issue": talk,
        "review_comment": f"{root}/pulls/comments{{/number}}",
        "review_comments": f"{place}/comments",
        "statuses": f"{root}/statuses/{pull.head}",
    }
    return {
        "url": place,
        **{f"{name}_url": url for name, url in links.items()},
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "_links": {name: {"href": url} for name, url in {"self": place, **links}.items()},
    }


def _page(one: Repository, origin: str, pull: Pull) -> str:
    return f"{origin}/{one.full_name}/pull/{pull.number}"


def pull_full(world: World, one: Repository, origin: str, pull: Pull) -> Shape:
    """`pull-request`."""
    state = merging.state_of(world, one, pull)
    mergeable = moving.tested(one, pull, world) is not None if pull.is_open else None
    changes, number = compared(one, pull)
    return {
        **pull_simple(world, one, origin, pull),
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": state,
        "merged_by": None if pull.merged_by is None else user_there(world, origin, pull.merged_by),
        "comments": len(comments_of(one, pull.issue)),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": number,
        "additions": sum(each.additions for each in changes),
        "deletions": sum(each.deletions for each in changes),
        "changed_files": len(changes),
    }


def review(world: World, one: Repository, origin: str, pull: Pull, said: Review) -> Shape:
    """`pull-request-review`. Who is gone is nobody here."""
    there = said.author is not None and world.accounts.get(said.author.id) is said.author
    page = f"{_page(one, origin, pull)}#pullrequestreview-{said.id}"
    place = f"{repository_url(origin, one)}/pulls/{pull.number}"
    shape: Shape = {
        "id": said.id,
        "node_id": node("PRR", said.id),
        "user": user(origin, said.author) if there and said.author is not None else None,
        "body": said.body,
        "state": said.state,
        "html_url": page,
        "pull_request_url": place,
        "_links": {"html": {"href": page}, "pull_request": {"href": place}},
        "commit_id": said.commit,
        "author_association": "NONE" if said.author is None else association(one, said.author),
    }
    return shape if said.submitted_at is None else {**shape, "submitted_at": instant(said.submitted_at)}


def file(origin: str, one: Repository, head: str, change: FileChange, patch: str | None) -> Shape:
    """`diff-entry`."""
    place = repository_url(origin, one)
    shape: Shape = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{origin}/{one.full_name}/blob/{head}/{quote(change.path)}",
        "raw_url": f"{origin}/{one.full_name}/raw/{head}/{quote(change.path)}",
        "contents_url": f"{place}/contents/{quote(change.path)}?ref={head}",
    }
    if change.previous is not None:
        shape["previous_filename"] = change.previous
    return shape if patch is None else {**shape, "patch": patch}


def _head(world: World, origin: str, pull: Pull) -> Shape:
    source = pull.head_repository
    owner = world.account(pull.head_owner) if source is None else source.owner
    return {
        "label": f"{pull.head_owner if owner is None else owner.login}:{pull.head_branch}",
        "ref": pull.head_branch,
        "sha": pull.head,
        "user": None if owner is None else user(origin, owner),
        "repo": None if source is None else repository(origin, source),
    }


def _base(origin: str, one: Repository, pull: Pull) -> Shape:
    return {
        "label": f"{one.owner.login}:{pull.base_branch}",
        "ref": pull.base_branch,
        "sha": pull.base,
        "user": user(origin, one.owner),
        "repo": repository(origin, one),
    }


def _auto_merge(origin: str, pull: Pull) -> Shape | None:
    wanted = pull.auto_merge
    if wanted is None:
        return None
    return {
        "enabled_by": user(origin, wanted.by),
        "merge_method": wanted.method,
        "commit_title": wanted.title or "",
        "commit_message": wanted.message or "",
    }
