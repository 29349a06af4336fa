"""What the loopback GitHub remembers: plain records, changed as the world goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from nhi.sandbox.github.commits import FileChange
from nhi.sandbox.github.git_store import Store

LEVELS = ("none", "read", "triage", "write", "maintain", "admin")
"""https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories/managing-repository-roles/repository-roles-for-an-organization"""


@dataclass(slots=True, eq=False)
class Account:
    """A person, an organization, or the bot that an App acts as. The number stays, the login can change."""

    id: int
    login: str
    kind: str = "User"
    """`User`, `Bot` or `Organization`."""
    name: str = ""
    emails: list[str] = field(default_factory=list)
    app_id: int | None = None
    """Of the App whose bot this is."""


@dataclass(slots=True, eq=False)
class App:
    """A GitHub App and its one installation."""

    id: int
    slug: str
    installation_id: int
    bot: Account
    permissions: dict[str, str]
    """What its installation was granted: `{"contents": "write"}`."""


@dataclass(slots=True, eq=False)
class Label:
    """A label of a repository; issues hold its name."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True, eq=False)
class Comment:
    """On an issue or a pull request."""

    id: int
    issue: int
    author: Account
    app_id: int | None
    body: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True, eq=False)
class Issue:
    """An issue; every pull request is one too."""

    id: int
    number: int
    title: str
    body: str | None
    author: Account
    app_id: int | None
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    state_reason: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[Account] = field(default_factory=list)
    closed_at: datetime | None = None
    closed_by: Account | None = None


@dataclass(slots=True, eq=False)
class Review:
    """One review of a pull request."""

    id: int
    author: Account | None
    state: str
    body: str
    commit: str
    submitted_at: datetime | None
    seen: list[FileChange] = field(default_factory=list)
    """What the pull request changed when it was reviewed."""


@dataclass(slots=True, eq=False)
class AutoMerge:
    """Who wants a pull request merged as soon as it may be, and how."""

    by: Account
    app_id: int | None
    method: str
    title: str | None
    message: str | None


@dataclass(slots=True, eq=False)
class Pull:
    """What a pull request is beside its issue."""

    id: int
    issue: Issue
    head_repository: "Repository | None"
    """None where the fork was deleted."""
    head_owner: str
    head_branch: str
    head: str
    """Commit id: follows the branch as long as the pull request is open."""
    base_branch: str
    base: str
    """Commit id of the base branch when it was last looked at; of a closed one, when it was closed."""
    draft: bool = False
    pushed_by: Account | None = None
    """Who pushed the head as it is."""
    reviews: list[Review] = field(default_factory=list)
    requested: list[Account] = field(default_factory=list)
    auto_merge: AutoMerge | None = None
    merged_at: datetime | None = None
    merged_by: Account | None = None
    merge_commit: str | None = None
    test_merge: tuple[str, str, str | None] | None = None
    """Base, head, and the commit that merging them made (None: conflicts), as last worked out."""
    compared: tuple[str, str, list[FileChange], int] | None = None
    """Base, head, what changed and in how many commits, as last worked out."""

    @property
    def number(self) -> int:
        """As people write it."""
        return self.issue.number

    @property
    def is_open(self) -> bool:
        """Neither merged nor closed."""
        return self.issue.state == "open"


@dataclass(slots=True, eq=False)
class Status:
    """What somebody said of a commit."""

    id: int
    context: str
    state: str
    description: str | None
    url: str | None
    creator: Account
    app_id: int | None
    created_at: datetime


@dataclass(slots=True, eq=False)
class Ruleset:
    """Rules for branches, as the API takes them."""

    id: int
    name: str
    target: str
    enforcement: str
    bypass_actors: list[dict[str, Any]]
    conditions: dict[str, Any]
    rules: list[dict[str, Any]]
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True, eq=False)
class Environment:
    """A deployment environment."""

    id: int
    name: str
    created_at: datetime
    policy: dict[str, bool] | None = None
    """`deployment_branch_policy`: None lets every branch deploy."""
    branches: list[str] = field(default_factory=list)
    """Patterns of the branches that may deploy, with custom policies."""
    reviewers: list[Account] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Activity:
    """A push, or what else moved a branch."""

    id: int
    before: str
    after: str
    ref: str
    at: datetime
    kind: str
    actor: Account


@dataclass(slots=True, eq=False)
class Settings:
    """Of a repository, as `repos/get` and the Actions endpoints tell them."""

    allow_auto_merge: bool = False
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    delete_branch_on_merge: bool = False
    archived: bool = False
    visibility: str = "private"
    code_scanning: bool = True
    actions_enabled: bool = True
    allowed_actions: str = "all"
    sha_pinning_required: bool = False
    workflow_permissions: str = "read"
    actions_may_approve: bool = False
    oidc_default: bool = True
    oidc_claims: list[str] = field(default_factory=list)
    oidc_immutable: bool = True
    """Repositories made since 2026-07-15 have the owner's and their own number in the subject."""


@dataclass(slots=True, eq=False)
class Repository:
    """A repository or a fork of one."""

    id: int
    owner: Account
    name: str
    store: Store
    created_at: datetime
    default_branch: str = "main"
    parent: "Repository | None" = None
    settings: Settings = field(default_factory=Settings)
    collaborators: dict[int, str] = field(default_factory=dict)
    """By the account's number; its level, one of LEVELS."""
    installed: dict[int, App] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    """By name in lower case: GitHub's labels ignore case."""
    issues: dict[int, Issue] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    statuses: dict[str, list[Status]] = field(default_factory=dict)
    """By commit, oldest first."""
    rulesets: dict[int, Ruleset] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    dispatches: list[Mapping[str, Any]] = field(default_factory=list)
    sarif: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"

    def tip(self, branch: str) -> str | None:
        """The commit of a branch."""
        return self.store.resolve(f"refs/heads/{branch}")
