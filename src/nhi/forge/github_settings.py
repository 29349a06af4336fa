"""How one repository is set up on GitHub, in GitHub's own words."""

from collections.abc import Mapping

from nhi.forge.github import GitHub, part
from nhi.forge.reading import entries, entry, number, odd
from nhi.forge.refusal import Refused
from nhi.forge.waiting import DEFAULT_LIMITS, Clock, Limits
from nhi.model.identity import Json

PERMISSIONS = {
    "actions": "read",
    "administration": "read",
    "contents": "write",  # else GitHub does not show how pull requests may be merged; nothing is written here
    "environments": "read",
    "metadata": "read",
}
"""What the token of an App gets, of what its installation has.

https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""
_NOT_FOUND = 404
_PAGE_SIZE = 100


class GitHubForgeSettings:
    """The settings of a repository on GitHub."""

    def __init__(
        self, environment: Mapping[str, str], repository: str, clock: Clock, limits: Limits = DEFAULT_LIMITS
    ) -> None:
        """Nothing is asked yet; see `nhi.forge.github.GitHub`."""
        self._github = GitHub(environment, repository, PERMISSIONS, clock, limits)

    @property
    def repository(self) -> str:
        """`owner/name`."""
        return self._github.repository

    def repository_settings(self) -> Json:
        """One call."""
        return self._one("")

    def rules(self, branch: str) -> Json:
        """One call a hundred rules."""
        return self._all(f"/rules/branches/{part(branch)}")

    def rulesets(self) -> Json:
        """One call a hundred rulesets, and one for each."""
        found = self._all("/rulesets")
        if found is None:
            return None
        return [self._one(f"/rulesets/{number(one, 'id')}") for one in entries(found, "rulesets")]

    def actions_permissions(self) -> Json:
        """One call."""
        return self._one("/actions/permissions")

    def workflow_permissions(self) -> Json:
        """One call."""
        return self._one("/actions/permissions/workflow")

    def environment(self, name: str) -> Json:
        """Two calls."""
        found = self._one(f"/environments/{part(name)}")
        if found is None:
            return None
        answer = self._one(f"/environments/{part(name)}/deployment-branch-policies?per_page={_PAGE_SIZE}")
        policies: Json = None if answer is None else list(_policies(answer))
        return {**entry(found, "the environment"), "branch_policies": policies}

    def oidc_subject(self) -> Json:
        """One call."""
        return self._one("/actions/oidc/customization/sub")

    def codeowners_errors(self) -> Json:
        """One call."""
        return self._one("/codeowners/errors")

    def _one(self, path: str) -> Json:
        try:
            return self._github.ask("GET", path)
        except Refused as refusal:
            if refusal.status != _NOT_FOUND:
                raise
            return None

    def _all(self, path: str) -> Json:
        try:
            return [one for page in self._github.pages(path) for one in page]
        except Refused as refusal:
            if refusal.status != _NOT_FOUND:
                raise
            return None


def _policies(answer: Json) -> list[Json]:
    found = entry(answer, "the branch policies")
    listed = [dict(one) for one in entries(found.get("branch_policies"), "branch_policies")]
    if found.get("total_count") != len(listed):
        raise odd(f"there are {found.get('total_count')} branch policies, and {len(listed)} are listed")
    return list(listed)
