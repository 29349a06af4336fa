"""Rulesets: which rules a branch has, who may pass them by, and what a pull request still lacks.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/available-rules-for-rulesets
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nhi.sandbox.github import access, owners
from nhi.sandbox.github.call import Caller
from nhi.sandbox.github.things import Account, Pull, Repository, Review, Ruleset, Status
from nhi.sandbox.github.world import World

ENFORCED = frozenset(
    {
        "creation",
        "deletion",
        "non_fast_forward",
        "pull_request",
        "required_linear_history",
        "required_status_checks",
        "update",
    }
)
"""The rules that this world enforces. It takes no others: a rule that does nothing would prove nothing."""
_ROLES = {1: "read", 2: "maintain", 3: "triage", 4: "write", 5: "admin"}
"""The number of a RepositoryRole among the bypass actors."""
_STRANGE = "of another source"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in force."""

    ruleset: Ruleset
    type: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Lack:
    """What a rule still wants, in GitHub's words."""

    ruleset: Ruleset
    sentence: str


def rules_of(repository: Repository, reference: str) -> list[Rule]:
    """The rules of a branch, of rulesets that are active."""
    return [
        Rule(ruleset, rule["type"], rule.get("parameters") or {})
        for ruleset in repository.rulesets.values()
        if (ruleset.target, ruleset.enforcement) == ("branch", "active") and _is_about(repository, ruleset, reference)
        for rule in ruleset.rules
    ]


def bypasses(world: World, repository: Repository, ruleset: Ruleset, caller: Caller, *, by_pull: bool) -> bool:
    """Whether a caller may pass a ruleset by; with `by_pull` when merging a pull request, else by a push."""
    account = world.actor(caller)
    return any(
        _is_actor(repository, actor, account, caller)
        for actor in ruleset.bypass_actors
        if by_pull or actor.get("bypass_mode", "always") != "pull_request"
    )


def lacks(world: World, repository: Repository, pull: Pull) -> list[Lack]:
    """What a pull request lacks by the rules of its base branch."""
    found: list[Lack] = []
    for rule in rules_of(repository, f"refs/heads/{pull.base_branch}"):
        match rule.type:
            case "required_status_checks":
                sentences = checks_lacking(repository, pull.head, rule.parameters)
                if rule.parameters.get("strict_required_status_checks_policy") and _is_behind(repository, pull):
                    sentences = [*sentences, "The head branch is not up to date with the base branch."]
            case "pull_request":
                sentences = list(_reviews_lacking(world, repository, pull, rule.parameters))
            case _:
                sentences = []
        found += [Lack(rule.ruleset, one) for one in sentences]
    return found


def newest(repository: Repository, commit: str) -> dict[str, Status]:
    """The newest status of each context."""
    return {one.context: one for one in repository.statuses.get(commit, [])}


def checks_lacking(repository: Repository, commit: str, parameters: Mapping[str, Any]) -> list[str]:
    """What a commit lacks of the required status checks: of one its name, of several only how many.

    The newest status of a context is the one that counts, whoever set it.
    """
    required, said = parameters["required_status_checks"], newest(repository, commit)
    lacking = {one["context"]: why for one in required if (why := _lacking(said.get(one["context"]), one))}
    strange = [name for name, why in lacking.items() if why == _STRANGE]
    found = [f'Required status check "{name}" was not set by the expected GitHub app.' for name in strange]
    states = [why for why in lacking.values() if why != _STRANGE]
    match states:
        case []:
            return found
        case [state]:
            name = next(each for each, why in lacking.items() if why != _STRANGE)
            return [*found, f'Required status check "{name}" is {state}.']
        case _:
            among = f"{len(states)} of {len(required)} required status checks"
            counts = " and ".join(f"{states.count(one)} {one}" for one in sorted(set(states)))
            each = f"are {states[0]}." if len(set(states)) == 1 else f"have not succeeded: {counts}."
            return [*found, f"{among} {each}"]


def _lacking(said: Status | None, wanted: Mapping[str, Any]) -> str:
    """What is the matter with a required status check; "" where it is green."""
    if said is None:
        return "expected"
    if wanted.get("integration_id") not in {None, said.app_id}:
        return _STRANGE
    return {"success": "", "pending": "pending"}.get(said.state, "failing")


def standing_reviews(world: World, repository: Repository, pull: Pull) -> dict[int, Review]:
    """The last word of everybody who may write: a comment takes nothing back."""
    said = {
        one.author.id: one
        for one in pull.reviews
        if one.author is not None and one.state in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}
    }
    return {key: one for key, one in said.items() if one.author is not None and _counts(world, repository, one.author)}


def _counts(world: World, repository: Repository, account: Account) -> bool:
    return access.may_write(world, repository, Caller(account.login, account.app_id))


def _reviews_lacking(world: World, repository: Repository, pull: Pull, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Where no review is required at all, that of a code owner or of another than the last pusher is none either."""
    if wanted["required_approving_review_count"] == 0:
        return
    standing = standing_reviews(world, repository, pull)
    approved = {key: one for key, one in standing.items() if one.state == "APPROVED"}
    number = wanted["required_approving_review_count"]
    if len(approved) < number:
        plural = "review is" if number == 1 else "reviews are"
        yield f"At least {number} approving {plural} required by reviewers with write access."
    against = sum(one.state == "CHANGES_REQUESTED" for one in standing.values())
    if against:
        yield f"{against} review{'s' if against > 1 else ''} requesting changes by reviewers with write access."
    if wanted["require_last_push_approval"] and not _last_push_approved(pull, approved):
        yield "New changes require approval from someone other than the last pusher."
    if wanted["require_code_owner_review"] and (names := _unasked(world, repository, pull, approved)):
        yield f"Waiting on code owner review from {' and/or '.join(names)}."


def _last_push_approved(pull: Pull, approved: Mapping[int, Review]) -> bool:
    pusher = 0 if pull.pushed_by is None else pull.pushed_by.id
    return any(one.commit == pull.head and key != pusher for key, one in approved.items())


def _unasked(world: World, repository: Repository, pull: Pull, approved: Mapping[int, Review]) -> list[str]:
    """The code owners of the files of which no owner approved."""
    base = repository.tip(pull.base_branch)
    file = None if base is None else owners.read(repository, base)
    if file is None or base is None:
        return []
    said = owners.parse(world, repository, file)
    lines = [owners.line_of(said, path) for path in owners.changed_paths(repository, base, pull.head)]
    wanted = [one for one in lines if one is not None and one.ids and not one.ids & approved.keys()]
    return sorted({name.removeprefix("@") for one in wanted for name in one.owners if name not in one.unknown})


def _is_behind(repository: Repository, pull: Pull) -> bool:
    tip = repository.tip(pull.base_branch)
    return tip is not None and not repository.store.is_ancestor(tip, pull.head)


def _is_about(repository: Repository, ruleset: Ruleset, reference: str) -> bool:
    names = ruleset.conditions.get("ref_name") or {}
    include, exclude = names.get("include", []), names.get("exclude", [])
    return any(_matches(repository, one, reference) for one in include) and not any(
        _matches(repository, one, reference) for one in exclude
    )


def _matches(repository: Repository, pattern: str, reference: str) -> bool:
    if pattern == "~ALL":
        return reference.startswith("refs/heads/")
    if pattern == "~DEFAULT_BRANCH":
        return reference == f"refs/heads/{repository.default_branch}"
    return matches_pattern(pattern, reference)


def matches_pattern(pattern: str, name: str) -> bool:
    """GitHub's patterns are Ruby's `fnmatch` with FNM_PATHNAME: a `*` stops at a slash, `**/` does not.

    https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository#using-fnmatch-syntax
    """
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.fullmatch("".join(words.get(one, re.escape(one)) for one in parts), name) is not None


def _is_actor(repository: Repository, actor: Mapping[str, Any], account: Account, caller: Caller) -> bool:
    number = actor.get("actor_id")
    match actor["actor_type"]:
        case "Integration":
            return caller.app_id is not None and caller.app_id == number
        case "User":
            return account.id == number
        case "RepositoryRole":
            role = _ROLES.get(number or 0)
            return caller.app_id is None and role is not None and access.at_least(repository, account, role)
        case "OrganizationAdmin":
            return account is repository.owner
        case _:
            return False
