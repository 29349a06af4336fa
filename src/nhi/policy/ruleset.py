"""The ruleset that the repository needs on GitHub, from its settings.

The shape is that of https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset; the words of each rule
are in docs.github.com, "Available rules for rulesets".
"""

from nhi.model.forge import APPROVALS, GATE
from nhi.model.identity import Json
from nhi.model.settings import GitHubSettings

RULESET_FILE = ".github/rulesets/main.json"
RULESET_NAME = "nhi"
REQUIRED = (GATE, APPROVALS)
"""The statuses without which nothing is merged."""

PULL_REQUEST: dict[str, Json] = {
    # How many must approve, and who, is what nhi/approvals says: a removal of what expired needs nobody.
    "required_approving_review_count": 0,
    "dismiss_stale_reviews_on_push": True,
    # Of CODEOWNERS, which names what decides over all (workflows, modules, settings) and no identity. It is no gate:
    # beside a count of 0, GitHub was seen to merge without (https://github.com/rjwalters/loom/issues/4607). Security
    # has to approve of such a change because nhi/approvals says so.
    "require_code_owner_review": True,
    # Would ask for one approval of everything, also of what needs none; nhi/approvals counts no maker of a change.
    "require_last_push_approval": False,
    "required_review_thread_resolution": False,
}


def ruleset(settings: GitHubSettings) -> dict[str, Json]:
    """The ruleset. Without the number of the App, a status counts whoever set it."""
    source: dict[str, Json] = {} if settings.app_id is None else {"integration_id": settings.app_id}
    checks: list[Json] = [{"context": name, **source} for name in REQUIRED]
    statuses: dict[str, Json] = {
        # Not strict: every sweep would have to be brought up to date after every merge. The apply checks again.
        "strict_required_status_checks_policy": False,
        "do_not_enforce_on_create": False,
        "required_status_checks": checks,
    }
    return {
        "name": RULESET_NAME,
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": [],
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [
            {"type": "deletion"},
            {"type": "non_fast_forward"},
            {"type": "pull_request", "parameters": dict(PULL_REQUEST)},
            {"type": "required_status_checks", "parameters": statuses},
        ],
    }
