"""What GitHub does about merging: rules, approvals, code owners, auto-merge. See `behaviours`."""

from nhi.sandbox.github.behaviours import Behaviour

_REST = "https://docs.github.com/rest/"
_DOCS = "https://docs.github.com/en/"
_RULES = (
    _DOCS + "repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/"
    "available-rules-for-rulesets"
)
_AUTO_MERGE = (
    _DOCS + "pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/"
    "automatically-merging-a-pull-request"
)
_OWNERS = (
    _DOCS + "repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners"
)
_MERGES = "tests/contract/test_sandbox_github_world_merges.py"
_AUTO = "tests/contract/test_sandbox_github_world_auto_merge.py"

MERGE_BEHAVIOURS = (
    Behaviour(
        "pulls/merge 409: another head",
        "SHA that pull request head must match to allow merge.",
        _REST + "pulls/pulls#merge-a-pull-request",
        f"{_MERGES}::test_a_merge_of_another_head_than_was_seen_is_409",
    ),
    Behaviour(
        "pulls/merge 405: it conflicts",
        "Method Not Allowed if merge cannot be performed",
        _REST + "pulls/pulls#merge-a-pull-request",
        f"{_MERGES}::test_what_conflicts_is_405",
    ),
    Behaviour(
        "pulls/merge 405: an approval is missing",
        "At least 1 approving review is required by reviewers with write access.",
        "the answer itself: https://github.com/Reviewable/Reviewable/issues/561",
        f"{_MERGES}::test_approvals_of_those_who_may_write_count",
    ),
    Behaviour(
        "pulls/merge 405: a required status check is missing",
        'Repository rule violations found... Required status check "<check>" is expected.',
        "the answer itself: https://github.com/akuity/kargo/issues/6397",
        f"{_MERGES}::test_a_required_check_that_nobody_set_blocks",
    ),
    Behaviour(
        "pulls/merge 405: several required status checks are missing",
        "2 of 2 required status checks have not succeeded: 1 expected and 1 pending.",
        "the answer itself, in the log of alphagov's merges of dependency updates: https://github.com/alphagov/frontend/pull/1658",
        f"{_MERGES}::test_of_several_missing_checks_only_the_number_is_told",
    ),
    Behaviour(
        "a required status check of an expected source",
        "If the status is set by any other person or integration, merging won't be allowed.",
        _RULES,
        f"{_MERGES}::test_a_required_check_of_another_source_does_not_count",
    ),
    Behaviour(
        "pulls/merge 405: a required status check of another source",
        'Required status check "Run CI" was not set by the expected GitHub app.',
        "the answer itself: https://github.com/kubernetes-sigs/prow/issues/915",
        f"{_MERGES}::test_a_status_of_another_source_hides_the_one_that_counted",
    ),
    Behaviour(
        "a review that requests changes blocks",
        "If someone chooses the **Request changes** option in a review, then that person must approve the pull request"
        " before the pull request can be merged. If a reviewer who requests changes on a pull request isn't"
        " available, anyone with write permissions for the repository can dismiss the blocking review.",
        _RULES,
        f"{_MERGES}::test_a_request_for_changes_blocks_until_it_is_dismissed",
    ),
    Behaviour(
        "stale approvals are dismissed",
        "If the diff changes from this state (…), the approving review is dismissed as stale, and the pull request"
        " cannot be merged until someone approves the work again.",
        _RULES,
        f"{_MERGES}::test_new_content_dismisses_stale_approvals_where_a_rule_says_so",
    ),
    Behaviour(
        "stale approvals are dismissed by a merge into the base too",
        "GitHub records the state of the diff at the point when a pull request is approved. (…) or because a related"
        " pull request is merged into the target branch",
        _RULES,
        f"{_MERGES}::test_an_approval_is_stale_too_when_the_base_takes_a_part_of_the_change",
    ),
    Behaviour(
        "require_last_push_approval",
        "Optionally, you can require an approval from someone other than the last person to push to a branch before a"
        " pull request can be merged.",
        _RULES,
        f"{_MERGES}::test_the_last_pusher_cannot_be_the_one_who_approves",
    ),
    Behaviour(
        "require_code_owner_review",
        "If you do, any pull request that modifies content with a code owner must be approved by that code owner before"
        " the pull request can be merged into the protected branch.",
        _RULES,
        f"{_MERGES}::test_a_code_owner_has_to_approve",
    ),
    Behaviour(
        "pulls/merge 405: a code owner is missing",
        "Waiting on code owner review from input-output-hk/consensus-superowners.",
        "the answer itself, as https://github.com/input-output-hk tells it of its own CODEOWNERS",
        f"{_MERGES}::test_a_code_owner_has_to_approve",
    ),
    Behaviour(
        "require_code_owner_review without a required review",
        "`require_code_owner_review` does **not** enforce at `required_approving_review_count: 0`.",
        "measured, since no document says it: https://github.com/rjwalters/loom/issues/4607",
        f"{_MERGES}::test_where_no_review_is_required_no_code_owners_is",
    ),
    Behaviour(
        "approvals of an App",
        "A GitHub App with `contents: read` can submit an APPROVE review, but it does NOT count toward the"
        ' "require approvals" branch protection rule.',
        "measured: https://github.com/fullsend-ai/fullsend/pull/2791",
        f"{_MERGES}::test_an_approval_of_an_app_counts_where_it_may_write",
    ),
    Behaviour(
        "CODEOWNERS of the base",
        "To use a CODEOWNERS file, the file must be on the base branch of the pull request.",
        _OWNERS,
        f"{_MERGES}::test_the_owners_are_those_of_the_base_and_not_of_the_change",
    ),
    Behaviour(
        "CODEOWNERS: the last match",
        "Order is important; the last matching pattern takes the most precedence.",
        _OWNERS,
        f"{_MERGES}::test_the_last_line_decides_also_where_it_names_nobody",
    ),
    Behaviour(
        "auto-merge is carried out when nothing is missing",
        "If you enable auto-merge for a pull request, the pull request will merge automatically when all required"
        " reviews are met and status checks have passed.",
        _AUTO_MERGE,
        f"{_AUTO}::test_what_waits_is_merged_as_soon_as_its_rules_are_met",
    ),
    Behaviour(
        "auto-merge is switched off by a push from outside",
        "After you enable auto-merge for a pull request, if someone who does not have write permissions to the"
        " repository pushes new changes to the head branch or switches the base branch of the pull request, auto-merge"
        " will be disabled.",
        _AUTO_MERGE,
        f"{_AUTO}::test_a_push_by_somebody_without_write_access_switches_it_off",
    ),
    Behaviour(
        "auto-merge may be switched off by",
        "People with write permissions to a repository and pull request authors can disable auto-merge for a pull"
        " request.",
        _AUTO_MERGE,
        f"{_AUTO}::test_it_is_switched_off_by_the_author_or_those_who_may_write",
    ),
    Behaviour(
        "enablePullRequestAutoMerge: the repository does not allow it",
        "Before you can use auto-merge with a pull request, auto-merge must be enabled for the repository.",
        _AUTO_MERGE,
        f"{_AUTO}::test_a_repository_that_does_not_allow_it_refuses",
    ),
    Behaviour(
        "enablePullRequestAutoMerge: nothing is missing",
        "Pull request Pull request is in clean status",
        "the answer itself: https://github.com/peter-evans/enable-pull-request-automerge/issues/343",
        f"{_AUTO}::test_what_lacks_nothing_is_refused_as_clean",
    ),
    Behaviour(
        "enablePullRequestAutoMerge: nothing that is required is missing",
        "Pull request Pull request is in unstable status",
        "the answer itself: https://github.com/peter-evans/enable-pull-request-automerge/issues/355",
        f"{_AUTO}::test_what_lacks_nothing_but_has_a_failed_status_is_refused_as_unstable",
    ),
    Behaviour(
        "enablePullRequestAutoMerge: a branch without rules",
        "Pull request Protected branch rules not configured for this branch",
        "the answer itself: https://github.com/iterative/cml/pull/955",
        f"{_AUTO}::test_a_branch_without_rules_refuses",
    ),
)
