"""What started a workflow, as Actions writes it to the file that GITHUB_EVENT_PATH names.

The shapes are those of https://docs.github.com/en/webhooks/webhook-events-and-payloads, with what workflows read.
"""

from collections.abc import Mapping
from typing import Any

from nhi.sandbox.github import commits
from nhi.sandbox.github.git_store import NO_COMMIT, Update
from nhi.sandbox.github.people import Site
from nhi.sandbox.github.pull_shapes import pull_full, review
from nhi.sandbox.github.pull_shapes import repository as repository_shape
from nhi.sandbox.github.shapes import Shape, instant, label, user


def pull_request(site: Site, number: int, action: str, sender: str, **more: Any) -> Shape:  # noqa: ANN401  # any JSON value
    """`pull_request` and `pull_request_target`: `opened`, `reopened`, `edited`, `closed`.

    Whether it can be merged is not worked out yet at that moment, so both fields say that they do not know.
    """
    pull = pull_full(site.world, site.repository, site.origin, site.repository.pulls[number])
    unknown = {**pull, "mergeable": None, "rebaseable": None, "mergeable_state": "unknown"}
    return {"action": action, "number": number, "pull_request": unknown, **more, **_where(site, sender)}


def synchronized(site: Site, number: int, before: str, sender: str) -> Shape:
    """`pull_request_target: synchronize`, after a push to the head."""
    after = site.repository.pulls[number].head
    return pull_request(site, number, "synchronize", sender, before=before, after=after)


def labeled(site: Site, number: int, name: str, sender: str, action: str = "labeled") -> Shape:
    """`pull_request_target: labeled` or `unlabeled`."""
    shape = label(site.origin, site.repository, site.repository.labels[name.lower()])
    return pull_request(site, number, action, sender, label=shape)


def reviewed(site: Site, number: int, review_id: int, sender: str, action: str = "submitted") -> Shape:
    """`pull_request_review`: `submitted`, `edited` or `dismissed`. The state is in lower case here."""
    pull = site.repository.pulls[number]
    said = next(one for one in pull.reviews if one.id == review_id)
    shape = review(site.world, site.repository, site.origin, pull, said)
    return pull_request(site, number, action, sender, review={**shape, "state": said.state.lower()})


def push(site: Site, update: Update, sender: str) -> Shape:
    """`push`."""
    store = site.repository.store
    without = None if update.old == NO_COMMIT else update.old
    inside = [] if update.new == NO_COMMIT else commits.commits(store, update.new, without)
    listed = [_commit(site, one.sha) for one in inside]
    is_forced = NO_COMMIT not in {update.old, update.new} and not store.is_ancestor(update.old, update.new)
    return {
        "ref": update.reference,
        "before": update.old,
        "after": update.new,
        "created": update.old == NO_COMMIT,
        "deleted": update.new == NO_COMMIT,
        "forced": is_forced,
        "base_ref": None,
        "compare": f"{site.origin}/{site.full_name}/compare/{update.old[:12]}...{update.new[:12]}",
        "commits": listed,
        "head_commit": listed[-1] if listed else None,
        "pusher": {"name": sender, "email": site.signature(sender).email},
        **_where(site, sender),
    }


def workflow_run(site: Site, name: str, head: str, branch: str, conclusion: str, sender: str) -> Shape:  # noqa: PLR0913, PLR0917  # what a run consists of
    """`workflow_run: completed`, after a workflow of this name ran for a commit. Of a fork it lists no pull request."""
    path = f".github/workflows/{name}.yml"
    pulls = [
        {"number": one.number, "head": {"ref": one.head_branch, "sha": one.head}, "base": {"ref": one.base_branch}}
        for one in site.repository.pulls.values()
        if one.is_open and one.head == head and one.head_repository is site.repository
    ]
    run = {
        "id": next(site.world.ids),
        "name": name,
        "path": path,
        "head_branch": branch,
        "head_sha": head,
        "event": "pull_request_review",
        "status": "completed",
        "conclusion": conclusion,
        "run_number": 1,
        "run_attempt": 1,
        "pull_requests": pulls,
        "created_at": instant(site.world.clock),
        "updated_at": instant(site.world.clock),
        "actor": _person(site, sender),
        "triggering_actor": _person(site, sender),
        "repository": repository_shape(site.origin, site.repository),
        "head_repository": repository_shape(site.origin, site.repository),
        "html_url": f"{site.origin}/{site.full_name}/actions/runs/1",
    }
    workflow = {"name": name, "path": path, "state": "active"}
    return {"action": "completed", "workflow_run": run, "workflow": workflow, **_where(site, sender)}


def schedule(site: Site, cron: str) -> Shape:
    """`schedule`. Nobody sent it."""
    where = _where(site, "github-actions[bot]")
    del where["sender"]
    return {"schedule": cron, **where}


def repository_dispatch(site: Site, dispatched: Mapping[str, Any]) -> Shape:
    """`repository_dispatch`, out of what `repos/create-dispatch-event` left in the repository's `dispatches`."""
    payload = {key: dispatched[key] for key in ("action", "client_payload")}
    return {**payload, "branch": site.repository.default_branch, **_where(site, dispatched["sender"])}


def workflow_dispatch(site: Site, name: str, inputs: Mapping[str, str], sender: str) -> Shape:
    """`workflow_dispatch`: somebody pressed the button."""
    reference = f"refs/heads/{site.repository.default_branch}"
    workflow = f".github/workflows/{name}.yml"
    return {"inputs": dict(inputs), "ref": reference, "workflow": workflow, **_where(site, sender)}


def _where(site: Site, sender: str) -> Shape:
    repository = site.repository
    return {
        "repository": repository_shape(site.origin, repository),
        "organization": user(site.origin, repository.owner),
        "sender": _person(site, sender),
    }


def _person(site: Site, login: str) -> Shape:
    return user(site.origin, site.world.actor(site.caller(login)))


def _commit(site: Site, sha: str) -> Shape:
    one = commits.commits(site.repository.store, sha, only=1)[0]
    author = {"name": one.author.name, "email": one.author.email}
    changed = commits.changes(site.repository.store, one.parents[0], sha) if one.parents else []
    return {
        "id": sha,
        "tree_id": one.tree,
        "distinct": True,
        "message": one.message,
        "timestamp": one.committer.at.isoformat(),
        "url": f"{site.origin}/{site.full_name}/commit/{sha}",
        "author": author,
        "committer": {"name": one.committer.name, "email": one.committer.email},
        **{word: [each.path for each in changed if each.status == word] for word in ("added", "removed", "modified")},
    }
