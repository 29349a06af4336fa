"""What people (and Apps) do in one repository: on the web and with git. Only for the demo and the tests.

Everything goes through the operations and the rules for pushes, as it does for a client: who may not, cannot here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nhi.errors import OutsideError
from nhi.sandbox.github import commits, moving, pushing
from nhi.sandbox.github.call import Answer, Call, Caller, Refusal
from nhi.sandbox.github.git_store import NO_COMMIT, File, Refused, Signature, Update
from nhi.sandbox.github.operations import operations, resolvers
from nhi.sandbox.github.shapes import node
from nhi.sandbox.github.things import Repository
from nhi.sandbox.github.world import World

ORIGIN = "https://github.example"
Content = str | bytes | File | None


@dataclass(frozen=True, slots=True)
class Site:
    """One repository, for whoever acts in it."""

    world: World
    full_name: str
    origin: str = ORIGIN
    answered: Callable[[Call, Answer], None] = lambda _, __: None
    """Is told of each answer: a test looks at it there."""

    @property
    def repository(self) -> Repository:
        """As it is now."""
        return self.world.found(self.full_name)

    def caller(self, login: str, permissions: Mapping[str, str] | None = None) -> Caller:
        """Somebody's credentials; of a bot those of its App, narrowed to these permissions.

        Raises:
            OutsideError: there is nobody of that login.
        """
        account = self.world.account(login)
        if account is None:
            raise OutsideError(f"the loopback GitHub has no account {login}")
        return Caller(login, account.app_id, permissions=permissions)

    def call(
        self,
        who: str | Caller,
        operation: str,
        body: Any = None,  # noqa: ANN401  # any JSON value
        *,
        query: Mapping[str, str] | None = None,
        **path: object,
    ) -> Any:  # noqa: ANN401  # any JSON value
        """Call an operation in this repository. Returns the body of the answer.

        Raises:
            Refusal: GitHub does not do it.
        """
        owner, _, name = self.full_name.partition("/")
        parameters = {"owner": owner, "repo": name, **{key: str(value) for key, value in path.items()}}
        caller = who if isinstance(who, Caller) else self.caller(who)
        call = Call(operation, parameters, query or {}, body, caller, self.origin)
        try:
            answer = operations(self.world)[operation](call)
        except Refusal as refusal:
            told = {"message": refusal.message} | ({} if refusal.errors is None else {"errors": refusal.errors})
            self.answered(call, Answer(refusal.status, told))
            raise
        self.answered(call, answer)
        return answer.body

    def push(  # noqa: PLR0913  # what a push consists of
        self,
        login: str,
        branch: str,
        files: Mapping[str, Content],
        *,
        start: str = "",
        message: str = "A change",
        author: Signature | None = None,
    ) -> str:
        """Commit files (None deletes one) on top of a branch, or (`start`) of another commit, and push it. The commit.

        With a `start` that the branch's history lacks, it is a forced push.

        Raises:
            OutsideError: GitHub does not take the push; its words.
        """
        repository, store = self.repository, self.repository.store
        reference = f"refs/heads/{branch}"
        old = store.resolve(reference)
        base = store.resolve(start) if start else old or repository.tip(repository.default_branch)
        before = None if base is None else commits.commit(store, base)
        wanted = {path: _file(content) for path, content in files.items()}
        tree = store.tree_with(None if before is None else before.tree, wanted)
        self.world.tick()
        by = author or self.signature(login)
        parents = [] if base is None else [base]
        new = commits.make(store, commits.Draft(tree, parents, message, by, by))
        self.push_commit(login, branch, new)
        return new

    def push_commit(self, login: str, branch: str, commit: str) -> None:
        """Let a branch name a commit that is there already; all zeros delete it.

        Raises:
            OutsideError: GitHub does not take the push; its words.
        """
        repository, caller = self.repository, self.caller(login)
        reference = f"refs/heads/{branch}"
        old = repository.store.resolve(reference) or NO_COMMIT
        update = Update(reference, old, commit)
        if not pushing.may_write(self.world, repository, caller):
            raise OutsideError(f"Permission to {self.full_name}.git denied to {login}.")
        refused = pushing.may_push(self.world, repository, caller, update)
        if refused:
            raise OutsideError(refused)
        try:
            if commit == NO_COMMIT:
                repository.store.delete(reference, old)
            else:
                repository.store.update(reference, commit, old)
        except Refused as cause:
            raise OutsideError(f"{branch} was not pushed: {cause}") from cause
        pushing.pushed(self.world, repository, caller, update)

    def delete_branch(self, login: str, branch: str) -> None:
        """Somebody deletes a branch."""
        self.push_commit(login, branch, NO_COMMIT)

    def signature(self, login: str) -> Signature:
        """How somebody's own git writes them into commits: with their first address."""
        account = self.world.actor(self.caller(login))
        if not account.emails:
            return moving.signature(self.world, account)
        return Signature(account.name or login, account.emails[0], self.world.clock)

    def open_pull(  # noqa: PLR0913  # what a pull request consists of
        self, login: str, head: str, title: str, *, body: str = "", base: str = "main", draft: bool = False
    ) -> int:
        """Open a pull request; its number. `head` is a branch, of a fork `login:branch`."""
        wanted = {"head": head, "base": base, "title": title, "body": body, "draft": draft}
        number: int = self.call(login, "pulls/create", wanted)["number"]
        return number

    def review(self, number: int, login: str, event: str, text: str = "", *, commit: str | None = None) -> int:
        """`APPROVE`, `REQUEST_CHANGES` or `COMMENT` a pull request: its head, or an older commit. The review's id."""
        wanted = {"event": event, "body": text} | ({} if commit is None else {"commit_id": commit})
        made: int = self.call(login, "pulls/create-review", wanted, pull_number=number)["id"]
        return made

    def approve(self, number: int, login: str, *, commit: str | None = None) -> int:
        """Approve a pull request."""
        return self.review(number, login, "APPROVE", commit=commit)

    def request_changes(self, number: int, login: str, text: str = "Not so.") -> int:
        """Request changes of a pull request."""
        return self.review(number, login, "REQUEST_CHANGES", text)

    def dismiss(self, number: int, review: int, login: str, message: str = "It does not count.") -> None:
        """Dismiss a review."""
        self.call(login, "pulls/dismiss-review", {"message": message}, pull_number=number, review_id=review)

    def merge(self, number: int, login: str, method: str = "merge") -> str:
        """Merge a pull request by the button; the commit."""
        made: str = self.call(login, "pulls/merge", {"merge_method": method}, pull_number=number)["sha"]
        return made

    def close(self, number: int, login: str) -> None:
        """Close an issue, or a pull request without merging it."""
        self.call(login, "issues/update", {"state": "closed"}, issue_number=number)

    def label(self, number: int, login: str, *names: str) -> None:
        """Add labels."""
        self.call(login, "issues/add-labels", {"labels": list(names)}, issue_number=number)

    def unlabel(self, number: int, login: str, name: str) -> None:
        """Take a label away."""
        self.call(login, "issues/remove-label", issue_number=number, name=name)

    def comment(self, number: int, login: str, text: str) -> int:
        """Comment on an issue or a pull request; the comment's id."""
        made: int = self.call(login, "issues/create-comment", {"body": text}, issue_number=number)["id"]
        return made

    def say(self, commit: str, login: str, context: str, state: str, description: str = "") -> None:
        """Set a commit status."""
        wanted = {"context": context, "state": state, "description": description}
        self.call(login, "repos/create-commit-status", wanted, sha=commit)

    def protect(self, login: str, rules: Sequence[Mapping[str, Any]], **more: Any) -> int:  # noqa: ANN401  # any JSON value
        """Have rules for the default branch; the ruleset's id."""
        conditions = {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}}
        name = f"rules {len(self.repository.rulesets) + 1}"
        wanted = {"name": name, "enforcement": "active", "conditions": conditions, "rules": list(rules), **more}
        made: int = self.call(login, "repos/create-repo-ruleset", wanted)["id"]
        return made

    def merge_when_allowed(self, number: int, login: str, **more: str) -> Any:  # noqa: ANN401  # any JSON value
        """Have a pull request merged as soon as its rules allow it."""
        pull = self.repository.pulls[number]
        wanted = {"pullRequestId": node("PR", pull.id), **more}
        return resolvers(self.world)["Mutation.enablePullRequestAutoMerge"](self.caller(login), wanted)

    def pull(self, number: int, login: str) -> Any:  # noqa: ANN401  # any JSON value
        """A pull request as somebody sees it now."""
        return self.call(login, "pulls/get", pull_number=number)


def _file(content: Content) -> File | None:
    match content:
        case str():
            return File(content.encode())
        case bytes():
            return File(content)
        case _:
            return content
