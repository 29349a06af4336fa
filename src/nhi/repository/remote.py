"""The repository on a forge, reached through git over HTTPS. No branch, reference or configuration here is touched.

What git may not do: follow a redirect, ask a person or a credential helper, run a hook, fetch tags or submodules, or
send the credentials anywhere but to this one address. They are handed over in git's environment, so that they stand
neither on a command line nor in a file, and no error quotes them. What comes in is checked as `git fsck` does.
"""

import base64
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from nhi.errors import InputError, OutsideError
from nhi.repository.conversation import Conversation
from nhi.repository.paths import printable
from nhi.repository.remote_failure import remote_failure
from nhi.repository.start import Git

_FULL_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAME = re.compile(r"HEAD|refs/[!-~]{1,1000}")
_NEVER_IN_NAMES = re.compile(r"[~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|[/.]$")
"""https://git-scm.com/docs/git-check-ref-format. Ours are of ASCII alone."""
_RESULT = re.compile(r"([ +*!=-])\t([^\t]*):([^\t:]+)\t(.*)")
"""https://git-scm.com/docs/git-push#_output: a flag, from and to, a summary and the reason."""
_HEADS = "refs/heads/"
_HERE = "<address>"
"""Where git is told the address: by a name of the moment, which no configuration can know and lead elsewhere."""
_AT_ONCE = 500
"""How many branches one git command is given: far from what any system's command line takes."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NETWORK = (
    *("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
)
"""What git is told of our environment beside: the way to the network, and whom to trust there."""
_SLOW_BYTES, _SLOW_SECONDS = "1000", "30"
"""Fewer bytes a second, for so long, are a connection that has died."""
_FETCH = (
    *("--no-write-fetch-head", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"),
    *("--no-show-forced-updates", "--refmap=", "--quiet", "--stdin"),
)
_PUSH = (
    *("--porcelain", "--no-verify", "--no-recurse-submodules", "--no-signed", "--no-follow-tags"),
    *("--no-force-if-includes", "--no-thin"),
)
_ALWAYS = {
    "advice.graftFileDeprecated": "false",
    "core.askPass": "",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    "fetch.prune": "false",
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.version": "2",
    "push.gpgSign": "false",
    "push.negotiate": "false",
    "transfer.fsckObjects": "true",
}


@dataclass(frozen=True, slots=True)
class GitRemote:
    """The repository at an address, as a clone reaches it."""

    root: Path
    """A folder of the clone, whose objects are sent and received."""
    url: str
    """`https://host/owner/name.git`."""
    token: Callable[[], str] = field(repr=False)
    """The token of an account or an installation, asked for before each call; "" for none."""
    environment: Mapping[str, str] = field(repr=False)
    """As the program found it; only what git needs is handed on."""
    patience: float = 600.0
    """Seconds that we wait for one git command, all in all."""
    may_be_a_path: bool = False
    """Whether the address may be a folder of this machine: for tests."""

    def fetch(self, references: Sequence[str]) -> dict[str, str]:
        """Bring what references name into the clone's objects: reference → commit id."""
        wanted = list(dict.fromkeys(references))
        names = [one for one in wanted if not _FULL_ID.fullmatch(one)]
        found = self._listed(map(_checked, names)) if names else {}
        for name in names:
            if name not in found:
                raise InputError(
                    f"{self.url} has no {name}", hint="it may have been deleted or renamed; look at the repository"
                )
        ids = {one: found.get(one, one) for one in wanted}
        if ids:
            request = "".join(f"{one}\n" for one in sorted(set(ids.values()))).encode()
            self._start("fetch", *_FETCH, "--", _HERE, request=request).output()
        return self._commits(ids)

    def branches(self, prefix: str) -> dict[str, str]:
        """The remote's branches whose name starts so: name → commit id, sorted by name."""
        listed = self._listing("--heads", "--", _HERE)
        found = {name.removeprefix(_HEADS): one for name, one in listed.items()}
        return {name: found[name] for name in sorted(found) if name.startswith(prefix)}

    def push(self, branches: Mapping[str, str]) -> dict[str, str]:
        """Make new branches in one go. Returns those that are not as wanted → why."""
        refused = self._push(
            {name: f"{_id(commit)}:" for name, commit in branches.items()}, dict.fromkeys(branches, "")
        )
        if not refused:
            return {}
        there = self.branches("")
        return {
            name: "it is there already, with another commit" if name in there else reason
            for name, reason in refused.items()
            if there.get(name) != branches[name]
        }

    def delete(self, branches: Mapping[str, str]) -> dict[str, str]:
        """Delete branches that still have these commits. Returns those that are still there → why."""
        there = self.branches("") if branches else {}
        moved = {name for name, commit in branches.items() if there.get(name, commit) != _id(commit)}
        going = {name: branches[name] for name in branches if name in there and name not in moved}
        refused = self._push(dict.fromkeys(going, ":"), going)
        if refused:
            left = self.branches("")
            refused = {name: reason for name, reason in refused.items() if name in left}
        return dict.fromkeys(sorted(moved), "it has another commit by now") | refused

    def _push(self, sources: Mapping[str, str], leases: Mapping[str, str]) -> dict[str, str]:
        """Push, each branch only if it is what its lease says ("" for absent). Returns what was refused → why."""
        refused: dict[str, str] = {}
        names = sorted(sources)
        for start in range(0, len(names), _AT_ONCE):
            some = {name: _checked(_HEADS + name) for name in names[start : start + _AT_ONCE]}
            held = [f"--force-with-lease={reference}:{leases[name]}" for name, reference in some.items()]
            updates = [sources[name] + reference for name, reference in some.items()]
            said = self._text(self._start("push", *_PUSH, *held, "--", _HERE, *updates, answers=(0, 1)))
            results = {one[3]: (one[1], one[4]) for one in map(_RESULT.fullmatch, said.split("\n")) if one}
            for name, reference in some.items():
                if reference not in results:
                    raise OutsideError(
                        f"{self.url} did not say what became of the branch {name}",
                        hint="run the command again: what is done already is left as it is",
                    )
                flag, summary = results[reference]
                if flag == "!":
                    refused[name] = printable(summary)
        return refused

    def _listed(self, names: Iterable[str]) -> dict[str, str]:
        wanted = list(names)
        heads = ("--heads",) if all(name.startswith(_HEADS) for name in wanted) else ()
        return self._listing(*heads, "--", _HERE, *wanted)

    def _listing(self, *arguments: str) -> dict[str, str]:
        lines = self._text(self._start("ls-remote", "--quiet", *arguments)).split("\n")
        pairs = (line.split("\t", 1) for line in lines if line)
        return {name: _id(one) for one, name in pairs}

    def _commits(self, ids: Mapping[str, str]) -> dict[str, str]:
        """What was fetched, as commits: a tag names one, a file does not."""
        if not ids:
            return {}
        request = "".join(f"{one}^{{commit}}\n" for one in ids.values()).encode()
        git = Git(self.root, self.environment, self.patience)
        lines = git("cat-file", "--batch-check=%(objectname) %(objecttype)", request=request).output().decode()
        found = dict(zip(ids, (line.split(" ") for line in lines.splitlines()), strict=True))
        for reference, (_, kind) in found.items():
            if kind != "commit":
                raise InputError(f"{reference} of {self.url} is no commit", hint="name a branch, a tag or a commit")
        return {reference: one for reference, (one, _) in found.items()}

    def _text(self, conversation: Conversation) -> str:
        return conversation.output().decode(errors="backslashreplace")

    def _start(self, *arguments: str, request: bytes = b"", answers: tuple[int, ...] = (0,)) -> Conversation:
        protocol = _protocol(self.url, may_be_a_path=self.may_be_a_path)
        token, alias = self.token(), f"nhi-{secrets.token_hex(16)}:"
        special = {name: self.environment[name] for name in _NETWORK if name in self.environment}
        special |= {"GIT_ALLOW_PROTOCOL": protocol, "GIT_ASKPASS": ""}
        settings = [*_ALWAYS.items(), (f"url.{self.url}.insteadOf", alias), (f"url.{self.url}.pushInsteadOf", alias)]
        if protocol != "file":
            settings += _settings(self.url, token)
        special |= _configuration(settings)
        git = Git(
            self.root,
            self.environment,
            self.patience,
            special,
            failed=lambda failed: remote_failure(failed, self.url, (token, _basic(token))),
            has_helpers=True,
        )
        told = (alias if one is _HERE else one for one in arguments)
        return git(*told, request=request, answers=answers)


def _protocol(url: str, *, may_be_a_path: bool) -> str:
    """How git reaches an address.

    Raises:
        InputError: it is none that credentials may be sent to.
    """
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0) and len(parts.path) > 1
    except ValueError:
        named = False
    plain = named and url.isascii() and url.isprintable() and not set(" @?#\\") & set(url)
    if plain and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        return parts.scheme
    if may_be_a_path and url.startswith("/"):
        return "file"
    raise InputError(
        f"{printable(url)}: not an address that this program talks to", hint="https://<host>/<owner>/<name>.git"
    )


def _settings(url: str, token: str) -> list[tuple[str, str]]:
    """Git's configuration for a remote. What stands for this very address goes before what stands for less of it."""
    here = {
        "extraHeader": "",  # forgets those that the user's or the clone's own configuration adds
        "followRedirects": "false",
        "lowSpeedLimit": _SLOW_BYTES,
        "lowSpeedTime": _SLOW_SECONDS,
        "sslVerify": "true",
        "cookieFile": "",
    }
    settings = [*((f"http.{url}.{name}", value) for name, value in here.items()), (f"credential.{url}.helper", "")]
    if token:
        settings.append((f"http.{url}.extraHeader", f"Authorization: Basic {_basic(token)}"))
    return settings


def _configuration(settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Settings as variables: https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT."""
    told = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        told |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return told


def _basic(token: str) -> str:
    """A token as GitHub takes it from git, of whichever sort it is.

    https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
    """
    if not token.isascii() or not token.isprintable():
        raise InputError("the token for git holds what no header can", hint="set it anew, without line breaks")
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _checked(name: str) -> str:
    """The name of a reference, if git takes it for nothing else."""
    if not _NAME.fullmatch(name) or _NEVER_IN_NAMES.search(name):
        raise InputError(
            f"{printable(name[:1000])}: not the name of a reference",
            hint="such as refs/heads/main, or a full commit id",
        )
    return name


def _id(text: str) -> str:
    if not _FULL_ID.fullmatch(text):
        raise InputError(f"{printable(text[:100])}: not a full commit id", hint="git rev-parse prints it")
    return text
