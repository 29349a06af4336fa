"""The world of the loopback GitHub: people, Apps, repositories, and a clock that a test can set.

Nothing in here speaks HTTP. `operations/` answers calls with it, `pushing` knows what a push does, `people` does what
people do on the web.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from nhi.errors import InputError
from nhi.sandbox.github.call import Caller, Refusal
from nhi.sandbox.github.git_store import Store
from nhi.sandbox.github.things import LEVELS, Account, App, Label, Pull, Repository, Settings
from nhi.sandbox.github.tokens import ACTIONS_APP, Tokens

START = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
GHOST = Account(10137, "ghost")
"""In whose name stands what an account wrote that is gone:
https://docs.github.com/en/account-and-profile/concepts/account-management#deleting-your-personal-account"""
_WEB_FLOW = Account(19864447, "web-flow", "User", "GitHub", ["noreply@github.com"])
"""The committer of what GitHub commits itself: https://api.github.com/users/web-flow"""
_ACTIONS_BOT_ID = 41898282
_DEFAULT_LABELS = ("bug", "documentation", "duplicate", "enhancement", "help wanted", "invalid", "question", "wontfix")
_ALL_PERMISSIONS = {
    "actions": "write",
    "administration": "write",
    "checks": "write",
    "contents": "write",
    "environments": "write",
    "issues": "write",
    "members": "read",
    "metadata": "read",
    "pull_requests": "write",
    "security_events": "write",
    "statuses": "write",
    "workflows": "write",
}
_NEVER_OF_ACTIONS = ("administration", "environments", "members", "workflows")
"""What `permissions:` of a workflow cannot ask for: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions"""


@dataclass(slots=True, eq=False)
class World:
    """All there is. The server answers one call at a time."""

    folder: Path
    """Where the bare repositories lie."""
    environment: Mapping[str, str]
    """Of the processes that are started (git): PATH and the like."""
    clock: datetime = START
    accounts: dict[int, Account] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)
    """By full name in lower case."""
    members: dict[int, str] = field(default_factory=dict)
    """By the number of an account: its level in every new repository that is no fork."""
    teams: dict[str, set[int]] = field(default_factory=dict)
    """`acme/security` → the numbers of its members."""
    tokens: Tokens = field(default_factory=Tokens)
    ids: Iterator[int] = field(default_factory=lambda: count(2_000_000_001))

    def tick(self) -> datetime:
        """The time of something that is written now; a second later than what was written before."""
        self.clock += timedelta(seconds=1)
        return self.clock

    def person(
        self,
        login: str,
        *,
        id: int,  # noqa: A002  # GitHub's word
        email: str = "",
        permission: str | None = None,
        name: str = "",
    ) -> Account:
        """Somebody with an account; with a permission, a collaborator of every repository that is there or comes."""
        if id in self.accounts or self.account(login) is not None:
            raise InputError(f"the loopback GitHub has an account {login} or {id} already")
        email = email or f"{login}@people.example"
        one = Account(id, login, "User", name or login, [email])
        self.accounts[id] = one
        if permission is not None:
            self.members[id] = permission
            for repository in self.repositories.values():
                self.collaborator(repository.full_name, login, permission)
        return one

    def account(self, login: str) -> Account | None:
        """Whose login this is now."""
        return next((one for one in self.accounts.values() if one.login.lower() == login.lower()), None)

    def account_of_email(self, email: str) -> Account | None:
        """Whose address this is. `ID+login@users.noreply.github.com` is known by its number.

        https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
        """
        local, _, domain = email.lower().partition("@")
        if domain == "users.noreply.github.com":
            number, plus, _ = local.partition("+")
            if plus:
                return self.accounts.get(int(number)) if number.isdecimal() else None
            return self.account(local)
        known = (_WEB_FLOW, *self.accounts.values())
        return next((one for one in known if email.lower() in map(str.lower, one.emails)), None)

    def app(self, slug: str, *, id: int, permissions: Mapping[str, str] | None = None) -> App:  # noqa: A002  # GitHub's word
        """An App, installed on every repository that is there, with these permissions (else all that there are)."""
        bot = Account(_ACTIONS_BOT_ID if id == ACTIONS_APP else 100_000_000 + id, f"{slug}[bot]", "Bot", app_id=id)
        self.accounts[bot.id] = bot
        app = App(id, slug, 50_000_000 + id, bot, {**(permissions or _ALL_PERMISSIONS), "metadata": "read"})
        self.apps[id] = app
        for repository in self.repositories.values():
            repository.installed[id] = app
        return app

    def repository(self, full_name: str, *, settings: Settings | None = None, branch: str = "main") -> Repository:
        """A new repository without a commit. Its owner is an organization; every App there is, is installed on it."""
        owner_login, _, name = full_name.partition("/")
        owner = self.account(owner_login)
        if owner is None:
            owner = Account(next(self.ids), owner_login, "Organization")
            self.accounts[owner.id] = owner
        if ACTIONS_APP not in self.apps:
            granted = {key: value for key, value in _ALL_PERMISSIONS.items() if key not in _NEVER_OF_ACTIONS}
            self.app("github-actions", id=ACTIONS_APP, permissions=granted)
        one = self._made(owner, name, branch, settings or Settings())
        one.labels = {each: Label(next(self.ids), each) for each in _DEFAULT_LABELS}
        one.installed = dict(self.apps)
        one.collaborators = dict(self.members)
        return one

    def fork(self, full_name: str, login: str) -> Repository:
        """A person's fork of a repository, with its branches."""
        parent, owner = self.found(full_name), self.account(login)
        if owner is None:
            raise InputError(f"the loopback GitHub has no account {login}")
        settings = Settings(visibility=parent.settings.visibility)
        fork = self._made(owner, parent.name, parent.default_branch, settings, parent)
        fork.collaborators[owner.id] = "admin"
        fork.store.fetch(parent.store, "refs/heads/*", "refs/heads/*")
        return fork

    def delete_repository(self, full_name: str) -> None:
        """A repository is gone; pull requests out of it stay, from an unknown repository."""
        gone = self.repositories.pop(full_name.lower())
        for repository in self.repositories.values():
            for pull in repository.pulls.values():
                if pull.head_repository is gone:
                    pull.head_repository = None

    def collaborator(self, full_name: str, login: str, permission: str | None) -> None:
        """Give somebody a level in a repository, or (None) take it away."""
        account, repository = self.account(login), self.found(full_name)
        if account is None or permission not in {None, *LEVELS}:
            raise InputError(f"the loopback GitHub has no account {login}, or no permission {permission}")
        if permission is None:
            repository.collaborators.pop(account.id, None)
        else:
            repository.collaborators[account.id] = permission

    def rename(self, old: str, new: str) -> None:
        """A login changes; its number stays, and the old login is free for others.

        https://docs.github.com/en/account-and-profile/concepts/username-changes
        """
        account = self.account(old)
        if account is None or self.account(new) is not None:
            raise InputError(f"{old} cannot be renamed to {new} on the loopback GitHub")
        owned = {key: one for key, one in self.repositories.items() if one.owner is account}
        account.login = new
        for key, one in owned.items():
            self.repositories[one.full_name.lower()] = self.repositories.pop(key)

    def remove_account(self, login: str) -> None:
        """An account is gone with its forks: what it wrote stands in the name of `ghost` from now on."""
        gone = self.account(login)
        if gone is None:
            raise InputError(f"the loopback GitHub has no account {login}")
        for one in [each for each in self.repositories.values() if each.owner is gone]:
            self.delete_repository(one.full_name)
        del self.accounts[gone.id]
        self.members.pop(gone.id, None)
        for repository in self.repositories.values():
            repository.collaborators.pop(gone.id, None)
        for members in self.teams.values():
            members.discard(gone.id)

    def team(self, name: str, *logins: str) -> None:
        """A team (`acme/security`) has these members now."""
        found = [self.account(login) for login in logins]
        self.teams[name.lower()] = {one.id for one in found if one is not None}

    def found(self, full_name: str) -> Repository:
        """A repository.

        Raises:
            Refusal: 404.
        """
        one = self.repositories.get(full_name.lower())
        if one is None:
            raise Refusal(404, "Not Found")
        return one

    def pull_of_node(self, node_id: str) -> tuple[Repository, Pull]:
        """The pull request that a handle of GraphQL names.

        Raises:
            Refusal: 404.
        """
        prefix, _, number = node_id.partition("_")
        for repository in self.repositories.values() if prefix == "PR" and number.isdecimal() else ():
            for pull in repository.pulls.values():
                if pull.id == int(number):
                    return repository, pull
        raise Refusal(404, f"Could not resolve to a node with the global id of '{node_id}'")

    def actor(self, caller: Caller) -> Account:
        """Whom what a caller writes is attributed to.

        Raises:
            Refusal: 401 where there is nobody of that login.
        """
        account = self.account(caller.login)
        if account is None:
            raise Refusal(401, "Bad credentials")
        return account

    def _made(
        self, owner: Account, name: str, branch: str, settings: Settings, parent: Repository | None = None
    ) -> Repository:
        full_name = f"{owner.login}/{name}"
        if full_name.lower() in self.repositories:
            raise InputError(f"the loopback GitHub has a repository {full_name} already")
        number = next(self.ids)
        store = Store(self.folder / f"{number}.git", self.environment)
        store.create(branch)
        one = Repository(number, owner, name, store, self.tick(), branch, parent, settings)
        self.repositories[full_name.lower()] = one
        return one
