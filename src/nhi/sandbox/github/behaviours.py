"""What GitHub does beyond the shapes of its description, in whose words, and which test shows that this world does it.

The description guards shapes, parameters and status codes. When an answer is a 405, a 409 or a 422 is our reading of
these sentences; the live suite (`NHI_LIVE_GITHUB`) puts the same to github.com.
"""

from dataclasses import dataclass

_REST = "https://docs.github.com/rest/"
_DOCS = "https://docs.github.com/en/"
_RULES = (
    _DOCS + "repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/"
    "available-rules-for-rulesets"
)
_PULLS = "tests/contract/test_sandbox_github_world_pulls.py"
_TALK = "tests/contract/test_sandbox_github_world_talk.py"
_SETTINGS = "tests/contract/test_sandbox_github_world_settings.py"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that GitHub does."""

    what: str
    """The operation and its answer, or what happens."""
    sentence: str
    """GitHub's own: of its documentation, or the words of the answer itself."""
    source: str
    """Where it says so."""
    test: str
    """`file::name` of the test that shows it."""


BEHAVIOURS = (
    Behaviour(
        "pulls/list-files: 3,000 at most",
        "Responses include a maximum of 3000 files.",
        _REST + "pulls/pulls#list-pull-requests-files",
        f"{_PULLS}::test_only_3000_files_are_listed",
    ),
    Behaviour(
        "pulls/list-commits: 250 at most",
        "Lists a maximum of 250 commits for a pull request.",
        _REST + "pulls/pulls#list-commits-on-a-pull-request",
        f"{_PULLS}::test_only_250_commits_are_listed",
    ),
    Behaviour(
        "pulls/list: a head without a user filters nothing",
        "Filter pulls by head user or head organization and branch name in the format of `user:ref-name` or"
        " `organization:ref-name`.",
        _REST + "pulls/pulls#list-pull-requests",
        f"{_PULLS}::test_the_list_is_filtered_by_a_head_of_user_and_branch_alone",
    ),
    Behaviour(
        "pulls/create 422: one is open already",
        "A pull request already exists for {owner}:{branch}.",
        "the answer itself: https://github.com/peter-evans/create-pull-request/issues",
        f"{_PULLS}::test_a_second_pull_request_of_a_branch_is_refused",
    ),
    Behaviour(
        "pulls/create 422: nothing to merge",
        "No commits between {base} and {head}",
        "the answer itself: https://github.com/peter-evans/create-pull-request/issues/2105",
        f"{_PULLS}::test_a_branch_without_commits_of_its_own_is_refused",
    ),
    Behaviour(
        "pulls/get: head.repo of a deleted fork",
        "If a pull request is created against a fork and the fork deleted, it is possible for `pull-request.head.repo`"
        " to be `null`.",
        "https://github.com/github/rest-api-description/issues/161",
        f"{_PULLS}::test_a_deleted_fork_leaves_the_pull_request_open_from_nowhere",
    ),
    Behaviour(
        "pulls/get: merge_commit_sha and refs/pull/N/merge",
        "Before merging a pull request, the `merge_commit_sha` attribute holds the SHA of the _test_ merge commit.",
        _REST + "pulls/pulls#get-a-pull-request",
        f"{_PULLS}::test_the_merge_reference_is_what_merging_makes",
    ),
    Behaviour(
        "pulls/create: mergeable is null",
        "If the value is `null`, then GitHub has started a background job to compute the mergeability.",
        _REST + "pulls/pulls#get-a-pull-request",
        f"{_PULLS}::test_whether_it_merges_is_not_known_at_once",
    ),
    Behaviour(
        "a deleted account is `ghost`",
        "Issues and pull requests you've created and comments you've made in repositories owned by other users will"
        " not be deleted. Your resources and comments will become associated with the ghost user.",
        _DOCS + "account-and-profile/concepts/account-management",
        f"{_PULLS}::test_a_deleted_account_is_the_ghost",
    ),
    Behaviour(
        "a push to the base with the head in it merges the pull request",
        "Pull requests are also merged automatically when the head branch is directly or indirectly merged into the"
        " base branch externally.",
        _DOCS + "pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/"
        "about-pull-request-merges#indirect-merges",
        f"{_PULLS}::test_a_head_that_reaches_the_base_by_a_push_is_merged",
    ),
    Behaviour(
        "repos/list-pull-requests-associated-with-commit",
        "Lists the merged pull request that introduced the commit to the repository. If the commit is not present in"
        " the default branch, it will return merged and open pull requests associated with the commit.",
        _REST + "commits/commits#list-pull-requests-associated-with-a-commit",
        f"{_PULLS}::test_the_pull_request_of_a_merged_commit_is_the_one_that_brought_it",
    ),
    Behaviour(
        "pulls/create-review 422: one's own",
        "Can not approve your own pull request",
        "the answer itself: https://github.com/hubtty/hubtty/issues/33",
        f"{_TALK}::test_nobody_approves_their_own_pull_request",
    ),
    Behaviour(
        "pulls/create-review without an event",
        "Pull request reviews created in the `PENDING` state are not submitted and therefore do not include the"
        " `submitted_at` property in the response.",
        _REST + "pulls/reviews#create-a-review-for-a-pull-request",
        f"{_TALK}::test_a_review_that_was_not_submitted_is_its_authors_alone",
    ),
    Behaviour(
        "pulls/request-reviewers 422: no collaborator",
        "Reviews may only be requested from collaborators.",
        "the answer itself: https://github.com/peter-evans/create-pull-request/issues/4138",
        f"{_TALK}::test_reviews_are_asked_of_collaborators_all_or_none",
    ),
    Behaviour(
        "repos/create-commit-status 422: too many",
        "Note: there is a limit of 1000 statuses per `sha` and `context` within a repository. Attempts to create more"
        " than 1000 statuses will result in a validation error.",
        _REST + "commits/statuses#create-a-commit-status",
        f"{_TALK}::test_a_context_has_1000_statuses_at_most",
    ),
    Behaviour(
        "repos/create-commit-status 422: too long",
        "description is too long (maximum is 140 characters)",
        "the answer itself: https://github.com/zalando/zappr/issues/378",
        f"{_TALK}::test_a_status_says_140_characters_at_most",
    ),
    Behaviour(
        "repos/create-commit-status 422: a character of four bytes",
        "description doesn't accept 4-byte Unicode",
        "the answer itself: https://github.com/ouzi-dev/commit-status-updater/issues/526",
        f"{_TALK}::test_a_status_says_nothing_of_four_bytes",
    ),
    Behaviour(
        "repos/list-commit-statuses-for-ref and the combined state",
        "Statuses are returned in reverse chronological order. The first status in the list will be the latest one.",
        _REST + "commits/statuses#list-commit-statuses-for-a-reference",
        f"{_TALK}::test_the_newest_status_of_each_context_makes_the_combined_one",
    ),
    Behaviour(
        "issues/create-comment 422: too long",
        "Body is too long (maximum is 65536 characters)",
        "the answer itself: https://github.com/reg-viz/reg-actions/issues/123",
        f"{_TALK}::test_a_comment_is_65536_characters_at_most",
    ),
    Behaviour(
        "issues/list-for-repo lists pull requests",
        "GitHub's REST API considers every pull request an issue, but not every issue is a pull request.",
        _REST + "issues/issues#list-repository-issues",
        f"{_TALK}::test_pull_requests_are_issues_too",
    ),
    Behaviour(
        "issues/create: labels and assignees of a reader",
        "Only users with push access can set labels for new issues. Labels are silently dropped otherwise.",
        _REST + "issues/issues#create-an-issue",
        f"{_TALK}::test_labels_of_somebody_who_may_not_set_them_are_left_out_in_silence",
    ),
    Behaviour(
        "issues/check-user-can-be-assigned",
        "If the `assignee` can be assigned to issues in the repository, a `204` header with no content is returned."
        " Otherwise a `404` status code is returned.",
        _REST + "issues/assignees#check-if-a-user-can-be-assigned",
        f"{_TALK}::test_it_can_be_asked_who_may_be_assigned",
    ),
    Behaviour(
        "pulls/create 403: Actions may not",
        "GitHub Actions is not permitted to create or approve pull requests.",
        "the answer itself: https://github.com/danielroe/uppt/issues/11",
        f"{_TALK}::test_actions_approve_and_open_nothing_unless_the_repository_allows_it",
    ),
    Behaviour(
        "pulls/create-review 422: Actions may not",
        "GitHub Actions is not permitted to approve pull requests.",
        "the answer itself: https://github.com/cpp-linter/cpp-linter/pull/51",
        f"{_TALK}::test_actions_approve_and_open_nothing_unless_the_repository_allows_it",
    ),
    Behaviour(
        "repos/get-collaborator-permission-level",
        "The `permission` attribute provides the legacy base roles of `admin`, `write`, `read`, and `none`, where the"
        " `maintain` role is mapped to `write` and the `triage` role is mapped to `read`.",
        _REST + "collaborators/collaborators#get-repository-permissions-for-a-user",
        f"{_SETTINGS}::test_a_permission_is_one_of_four_words_and_a_role_of_all",
    ),
    Behaviour(
        "repos/get-branch-rules",
        "The branch does not need to exist; rules that would apply to a branch with that name will be returned. (…)"
        ' Rules in rulesets with "evaluate" or "disabled" enforcement statuses are not returned.',
        _REST + "repos/rules#get-rules-for-a-branch",
        f"{_SETTINGS}::test_rules_are_made_and_changed_by_administrators_alone",
    ),
    Behaviour(
        "repos/get-repo-ruleset: bypass_actors",
        "To prevent leaking sensitive information, the `bypass_actors` property is only returned if the user making the"
        " API request has write access to the ruleset.",
        _REST + "repos/rules#get-a-repository-ruleset",
        f"{_SETTINGS}::test_rules_are_told_for_a_branch_and_bypass_actors_to_administrators_alone",
    ),
    Behaviour(
        "a push to a branch that wants pull requests",
        "collaborators can only push changes to a branch via a pull request that is approved by the required number of"
        " reviewers with write permissions",
        _RULES,
        f"{_SETTINGS}::test_a_push_is_held_to_the_rules",
    ),
    Behaviour(
        "a rule against deletion",
        "If selected, only users with bypass permissions can delete branches or tags whose name matches the pattern"
        " you specify.",
        _RULES,
        f"{_SETTINGS}::test_a_rule_against_deletion_holds_for_the_api_too",
    ),
    Behaviour(
        "repos/create-dispatch-event 422: too many properties",
        "The maximum number of top-level properties is 10.",
        _REST + "repos/repos#create-a-repository-dispatch-event",
        f"{_SETTINGS}::test_a_dispatch_has_ten_properties_at_most_and_starts_a_workflow",
    ),
    Behaviour(
        "code-scanning/upload-sarif",
        "You must compress the SARIF-formatted analysis data that you want to upload, using `gzip`, and then encode it"
        " as a Base64 format string.",
        _REST + "code-scanning/code-scanning#upload-an-analysis-as-sarif-data",
        f"{_SETTINGS}::test_findings_are_taken_where_code_scanning_is_on",
    ),
    Behaviour(
        "repos/list-activities",
        "Lists a detailed history of changes to a repository, such as pushes, merges, force pushes, and branch changes,"
        " and associates these changes with commits and users.",
        _REST + "repos/repos#list-repository-activities",
        f"{_SETTINGS}::test_who_pushed_what_is_told",
    ),
)
"""Of pull requests, issues, statuses, settings and pushes. Those of merging are in `merge_behaviours`."""
