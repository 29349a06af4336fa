"""What GitHub enforces on the branch, held against the ruleset that the repository needs. Pure: it gets answers.

What is not in an answer is unknown: GitHub leaves out what the credentials may not see.
"""

from collections.abc import Iterator

from nhi.model.diagnosis import Diagnosis, Health
from nhi.model.identity import Json
from nhi.model.settings import GitHubSettings
from nhi.policy.ruleset import PULL_REQUEST, REQUIRED, RULESET_FILE, RULESET_NAME

_WHY = {
    "required-checks": "a change could be merged that the gate blocks, or that nobody approved who must",
    "check-source": "whoever may push, and every workflow of a branch, could set the status itself",
    "pull-request-rule": "a commit could reach the branch without a pull request, or with approvals of other content",
    "branch-history": "the branch is the record of who declared what; it could be rewritten or deleted",
    "bypass": "whoever may pass the rules by needs no approval and no gate",
}


def branch_health(settings: GitHubSettings, repository: str, rules: Json, rulesets: Json) -> Iterator[Diagnosis]:
    """What is in force on the branch, and who may pass it by.

    Args:
        settings: of the repository.
        repository: `owner/name`.
        rules: GitHub's "rules for a branch"; only those that are enforced.
        rulesets: each ruleset in full.
    """
    mend = _mend(repository, rulesets)
    if not isinstance(rules, list):
        for subject, why in _WHY.items():
            yield Diagnosis(subject, Health.UNKNOWN, "GitHub does not tell the rules of the branch", why, mend)
        return
    found = [one for one in rules if isinstance(one, dict)]
    yield _required_checks(found, mend)
    yield _check_source(settings, found, mend)
    yield _pull_request(found, mend)
    yield _history(found, mend)
    yield _bypass(found, rulesets, mend)


def _mend(repository: str, rulesets: Json) -> str:
    ours = [
        one.get("id")
        for one in (rulesets if isinstance(rulesets, list) else [])
        if isinstance(one, dict)
        and one.get("name") == RULESET_NAME
        and one.get("source_type", "Repository") == "Repository"
    ]
    place = f"PUT repos/{repository}/rulesets/{ours[0]}" if ours else f"POST repos/{repository}/rulesets"
    return f"gh api --method {place} --input {RULESET_FILE}"


def _parameters(rules: list[dict[str, Json]], kind: str) -> list[dict[str, Json]]:
    """Of each rule of a kind; several rulesets may have one, and all of them hold."""
    parameters = [one.get("parameters") for one in rules if one.get("type") == kind]
    return [one if isinstance(one, dict) else {} for one in parameters]


def _checks(rules: list[dict[str, Json]]) -> list[dict[str, Json]]:
    lists = [one.get("required_status_checks") for one in _parameters(rules, "required_status_checks")]
    return [check for one in lists if isinstance(one, list) for check in one if isinstance(check, dict)]


def _required_checks(rules: list[dict[str, Json]], mend: str) -> Diagnosis:
    required = {one.get("context") for one in _checks(rules)}
    missing = [name for name in REQUIRED if name not in required]
    if missing:
        return _wrong("required-checks", f"{' and '.join(missing)} must not be green before a merge", mend)
    return Diagnosis("required-checks", Health.GOOD, f"{' and '.join(REQUIRED)} must be green before a merge")


def _check_source(settings: GitHubSettings, rules: list[dict[str, Json]], mend: str) -> Diagnosis:
    if settings.app_id is None:
        return _wrong(
            "check-source",
            "nhi.yaml names no App whose statuses count",
            "make a GitHub App, write its number as github.app_id into nhi.yaml, run "
            f"`nhi doctor --write-ruleset`, then {mend}",
        )
    checks = [one for one in _checks(rules) if one.get("context") in REQUIRED]
    pinned = {str(one["context"]) for one in checks if one.get("integration_id") == settings.app_id}
    loose = [name for name in REQUIRED if name not in pinned]
    if loose:
        return _wrong("check-source", f"{' and '.join(loose)} may come from others than App {settings.app_id}", mend)
    return Diagnosis("check-source", Health.GOOD, f"the statuses count from App {settings.app_id} alone")


def _pull_request(rules: list[dict[str, Json]], mend: str) -> Diagnosis:
    found = _parameters(rules, "pull_request")
    if not found:
        return _wrong("pull-request-rule", "nothing asks for a pull request", mend)
    asked = [name for name, value in PULL_REQUEST.items() if value is True]
    lacking = [name for name in asked if not any(one.get(name) is True for one in found)]
    if lacking:
        return _wrong("pull-request-rule", f"the rule for pull requests lacks {', '.join(lacking)}", mend)
    return Diagnosis("pull-request-rule", Health.GOOD, f"changes come by pull request, with {', '.join(asked)}")


def _history(rules: list[dict[str, Json]], mend: str) -> Diagnosis:
    kinds = {one.get("type") for one in rules}
    lacking = [name for name in ("deletion", "non_fast_forward") if name not in kinds]
    if lacking:
        return _wrong("branch-history", f"no rule of the kind {' or '.join(lacking)}", mend)
    return Diagnosis("branch-history", Health.GOOD, "the branch can be neither deleted nor rewritten")


def _bypass(rules: list[dict[str, Json]], rulesets: Json, mend: str) -> Diagnosis:
    """Only rulesets that are in force on the branch matter, and all of theirs do."""
    numbers = {one.get("ruleset_id") for one in rules}
    listed = rulesets if isinstance(rulesets, list) else []
    full = {one.get("id"): one for one in listed if isinstance(one, dict)}
    open_ones, unseen = [], []
    for number in sorted(numbers, key=str):
        actors = full.get(number, {}).get("bypass_actors")
        if not isinstance(actors, list):
            unseen.append(str(number))
        elif actors:
            open_ones.append(f"{len(actors)} of ruleset {number}")
    if open_ones:
        return _wrong("bypass", f"there are actors who may pass the rules by: {', '.join(open_ones)}", mend)
    if unseen:
        what = f"GitHub does not tell who may pass ruleset {', '.join(unseen)} by"
        return Diagnosis("bypass", Health.UNKNOWN, what, _WHY["bypass"], "ask with the credentials of an administrator")
    if not numbers:
        return _wrong("bypass", "there is no rule that anybody would have to pass by", mend)
    return Diagnosis("bypass", Health.GOOD, "nobody may pass the rules by")


def _wrong(subject: str, what: str, mend: str) -> Diagnosis:
    return Diagnosis(subject, Health.WRONG, what, _WHY[subject], mend)
