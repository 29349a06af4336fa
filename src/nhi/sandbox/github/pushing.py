"""Pushes, for the server that speaks git's protocol: who may push what, and what follows from it."""

from collections.abc import Iterator

from nhi.sandbox.github import access, commits, merging, moving, rules
from nhi.sandbox.github.call import Caller
from nhi.sandbox.github.git_store import NO_COMMIT, Update
from nhi.sandbox.github.things import Repository
from nhi.sandbox.github.world import World


def may_read(world: World, repository: Repository, caller: Caller) -> bool:
    """Whether a caller may fetch; who may not gets a 404."""
    if repository.settings.visibility == "public":
        return True
    if caller.app_id is not None:
        return access.granted(world, repository, caller).get("contents") in {"read", "write"}
    return access.at_least(repository, world.actor(caller), "read")


def may_write(world: World, repository: Repository, caller: Caller) -> bool:
    """Whether a caller may push at all; who may not gets a 403 with `Permission to … denied to …`."""
    return not repository.settings.archived and access.may_write(world, repository, caller)


def may_push(world: World, repository: Repository, caller: Caller, update: Update) -> str:
    """Why a reference may not be moved so, in GitHub's words; "" where it may. The objects are in the store already."""
    if update.reference.startswith("refs/pull/"):
        return "deny updating a hidden ref"
    if update.new == NO_COMMIT and update.reference == f"refs/heads/{repository.default_branch}":
        return f"refusing to delete the current branch: {update.reference}"
    refused = list(dict.fromkeys(_violations(world, repository, caller, update)))
    if refused:
        listed = "\n".join(f"- {one}" for one in refused)
        return f"GH013: Repository rule violations found for {update.reference}.\n{listed}"
    return _workflow_refusal(world, repository, caller, update)


def pushed(world: World, repository: Repository, caller: Caller, update: Update) -> None:
    """A reference was moved so by a push, and names `update.new` already."""
    moving.moved(world, repository, caller, update)
    for one in (repository, repository.parent):
        if one is not None:
            merging.settle(world, one)


def _violations(world: World, repository: Repository, caller: Caller, update: Update) -> Iterator[str]:
    is_new, is_gone = update.old == NO_COMMIT, update.new == NO_COMMIT
    moves = not is_new and not is_gone
    for rule in rules.rules_of(repository, update.reference):
        if rules.bypasses(world, repository, rule.ruleset, caller, by_pull=False):
            continue
        match rule.type:
            case "creation" if is_new:
                yield "Cannot create ref due to creations being restricted."
            case "deletion" if is_gone:
                yield "Cannot delete this branch"
            case "update" if moves:
                yield "Cannot update this protected ref."
            case "non_fast_forward" if moves and not repository.store.is_ancestor(update.old, update.new):
                yield "Cannot force-push to this branch"
            case "required_linear_history" if not is_gone and _has_merges(repository, update):
                yield "This branch must not contain merge commits."
            case "pull_request" if moves:
                yield "Changes must be made through a pull request."
            case "required_status_checks" if not is_gone and _wants_checks(rule, is_new=is_new):
                yield from rules.checks_lacking(repository, update.new, rule.parameters)


def _wants_checks(rule: rules.Rule, *, is_new: bool) -> bool:
    return not is_new or not rule.parameters.get("do_not_enforce_on_create")


def _has_merges(repository: Repository, update: Update) -> bool:
    bounds = [update.new] if update.old == NO_COMMIT else [update.new, f"^{update.old}"]
    return bool(repository.store.git("rev-list", "--merges", "--max-count=1", *bounds, "--").strip())


def _workflow_refusal(world: World, repository: Repository, caller: Caller, update: Update) -> str:
    if caller.app_id is None or update.new == NO_COMMIT:
        return ""
    if access.granted(world, repository, caller).get("workflows") == "write":
        return ""
    start = update.old if update.old != NO_COMMIT else repository.tip(repository.default_branch)
    paths = [] if start is None else [one.path for one in commits.changes(repository.store, start, update.new)]
    touched = next((one for one in paths if one.startswith(".github/workflows/")), None)
    if touched is None:
        return ""
    return f"refusing to allow a GitHub App to create or update workflow `{touched}` without `workflows` permission"
