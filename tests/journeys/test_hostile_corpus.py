"""A corpus of bad manifests, through the whole `nhi check`: each is found fault with, soon, within bounds, by name.

The files are made here and not kept: a repository full of hostile files is a trap for every tool that reads it.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fixtures.manifests import AS_OF, GROUND, SETTINGS_TEXT, manifest, source, tree
from tests.fixtures.soon import soon

from nhi.flows.judge import Judge
from nhi.model.moment import Moment
from nhi.model.source import FileType, SourceFile
from nhi.policy.discovery import discover

_SECONDS = 1.0
"""Of the processor, for one file: the bound of the promise."""
_MEMORY = 1 << 30
_ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger"

_CODE = {
    "terraform": '${file("/etc/passwd")}',
    "terraform directive": "%{ for x in y }",
    "jinja": "{{ 7 * 7 }}",
    "jinja block": "{% include '/etc/passwd' %}",
    "shell": "$(touch PWNED); `id`",
    "actions": "::set-env name=X::y",
    "actions expression": "${{ secrets.TOKEN }}",
    "csv": "=cmd|' /C calc'!A0",
    "markdown": "[x](javascript:alert)",
    "html": "<script>alert(1)</script>",
    "path up": "../../../../etc/passwd",
    "path absolute": "/etc/passwd",
    "confusable": "p\u0430yments",
    "fullwidth": "\uff50ayments",
    "capitals": "PAYMENTS",
    "space": "pay ments",
    "long": "a" * 3000,
    "empty": "",
}
_HIDDEN = {
    "escape": "\x1b[31m",
    "nul": "\x00",
    "bell": "\x07",
    "delete": "\x7f",
    "c1": "\x85",
    "rtl override": "\u202e",
    "isolate": "\u2066",
    "zero width space": "\u200b",
    "zero width joiner": "\u200d",
    "bom inside": "\ufeff",
    "line separator": "\u2028",
    "soft hyphen": "\u00ad",
    "tag": "\U000e0041",
    "lone return": "\r x",
}
_STRICT = ("apiVersion", "kind", "name", "owner", "expiry")
"""Keys in which no such text can be right."""
_TEXTS = (*_STRICT, "purpose", "ticket", "justification")
_WRONG = {
    "number": "12",
    "float": "1.5",
    "boolean": "true",
    "nothing": "",
    "list": "[a]",
    "mapping": "{a: b}",
    "tag": "!!python/object:os.system x",
    "own tag": "!x y",
    "anchor": "&x y",
    "alias": "*x",
}
_DATES = """
2027-02-30 2027-13-01 2027-00-10 2027-1-1 27-01-01 2027-03-31T18:00:00 2027-03-31T25:00:00Z never tomorrow 20270331
2027-03-31T18:00:00+25:00 2027/03/31 31.03.2027 1e9 0000-01-01 +2027-03-31 2027-03-31Z 2027-W10-1 9999999999-01-01
"""
_TRUST = "trust: {services: [ecs.amazonaws.com]}"
_SCOPES = {
    "nothing": "{}",
    "a list": "[]",
    "a text": "all",
    "unknown key": f"{{{_TRUST}, allow: [], deny: []}}",
    "no actions": f'{{{_TRUST}, allow: [{{resources: ["{_ARN}"]}}]}}',
    "action is a number": f'{{{_TRUST}, allow: [{{actions: [1], resources: ["{_ARN}"]}}]}}',
    "every action": f'{{{_TRUST}, allow: [{{actions: ["*"], resources: ["{_ARN}"]}}]}}',
    "every resource": f'{{{_TRUST}, allow: [{{actions: [dynamodb:PutItem], resources: ["*"]}}]}}',
    "action in hcl": f'{{{_TRUST}, allow: [{{actions: ["${{x}}"], resources: ["{_ARN}"]}}]}}',
}
_WHOLE: dict[str, bytes] = {
    "empty": b"",
    "only a comment": b"# nothing\n",
    "only a marker": b"---\n",
    "not utf-8": b"\xff\xfe\x00a",
    "latin-1": "purpose: caf\u00e9\n".encode("latin-1"),
    "utf-16": "apiVersion: nhi/v1\n".encode("utf-16"),
    "list": b"- a\n",
    "scalar": b"a\n",
    "json with twins": b'{"name": "a", "name": "b"}',
    "two documents": manifest().encode() + b"---\n" + manifest().encode(),
    "merge key": b"<<: {a: b}\n" + manifest().encode(),
    "directive": b"%YAML 1.1\n%TAG ! tag:x,2000:\n---\n!a b\n",
    "bomb": b"a: &a [x]\n" + b"".join(b"b%d: [*a,*a,*a]\n" % one for one in range(200)),
    "brackets": b"[" * 60_000,
    "braces": b"{a: " * 15_000,
    "dashes": b"- " * 30_000,
    "question marks": b"? " * 30_000,
    "quotes": b'"' * 65_000,
    "backslashes": b'a: "' + b"\\" * 60_000,
    "one long line": b"purpose: " + b"x" * 10_000_000,
    "many keys": b"".join(b"k%d: 1\n" % one for one in range(6000)),
    "long key": b"k" * 2000 + b": 1\n",
    "complex key": b"? [a, b]\n: c\n",
    "tab": b"scope:\n\ttrust: x\n",
    "private key": b"# -----BEGIN RSA PRIVATE KEY-----\n" + manifest().encode(),
    "access key": manifest(ticket="AKIAIOSFODNN7EXAMPLE").encode(),
    "unclosed": b'purpose: "never ends\n',
    "bad indent": b"scope:\n  a: 1\n b: 2\n",
    "block as key": b"|\n a\n: b\n",
}


def _quoted(text: str) -> str:
    """YAML in double quotes that shows hidden characters as they are, so that the reader meets them raw."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def corpus() -> dict[str, bytes]:
    """What it is → the file."""
    found = {f"whole: {what}": data for what, data in _WHOLE.items()}
    found |= {
        f"{key}: {what}": manifest(**{key: _quoted(text)}).encode() for key in _STRICT for what, text in _CODE.items()
    }
    found |= {
        f"{key}: hidden {what}": manifest(**{key: _quoted(f"a{text}b")}).encode()
        for key in _TEXTS
        for what, text in _HIDDEN.items()
    }
    found |= {
        f"{key}: wrong {what}": manifest(**{key: text}).encode() for key in _STRICT for what, text in _WRONG.items()
    }
    found |= {f"date: {text}": manifest(expiry=text).encode() for text in _DATES.split()}
    found |= {f"scope: {what}": manifest(scope=text).encode() for what, text in _SCOPES.items()}
    found |= {f"without {key}": manifest([key]).encode() for key in (*_STRICT, "purpose", "scope")}
    return found


CORPUS = corpus()
JUDGE = Judge(GROUND, discover(), Moment(AS_OF))


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(CORPUS) >= 200
    assert len(set(CORPUS.values())) == len(CORPUS)


@pytest.mark.parametrize("what", CORPUS)
def test_each_is_refused_soon_and_without_a_traceback(what: str) -> None:
    data = CORPUS[what][: 64 * 1024 + 1]  # as a snapshot gives it

    found = soon(lambda: JUDGE.judge(source(data), edited=True).findings, _SECONDS)

    assert any(one.blocks for one in found)
    assert all(one.message.isprintable() and len(one.message) < 1000 for one in found)


@pytest.mark.parametrize("file_type", [FileType.SYMLINK, FileType.OTHER])
def test_what_is_no_file_is_refused(file_type: FileType) -> None:
    found = JUDGE.judge(SourceFile("identities/prod/ledger-writer.yaml", file_type, b""), edited=True).findings

    assert [one.rule for one in found] == ["not-a-regular-file"]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The whole corpus in one repository, checked by a process of its own with bounded memory and time."""
    root = tmp_path_factory.mktemp("corpus")
    files = {f"identities/prod/bad-{number:04d}.yaml": data for number, data in enumerate(CORPUS.values())}
    tree(root / "repository", dict(files))
    (root / "repository" / "identities/prod/link.yaml").symlink_to("/etc/passwd")
    os.mkfifo(root / "repository" / "identities/prod/pipe.yaml")
    return subprocess.run(
        [sys.executable, "-m", "nhi", "check", "--as-of", "2026-11-20", "--format", "json"],
        cwd=root / "repository",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
    )


def test_the_whole_corpus_at_once_is_refused_file_by_file(checked: subprocess.CompletedProcess[str]) -> None:
    assert (checked.returncode, checked.stderr) == (1, "")
    document = json.loads(checked.stdout)
    blamed = {one["path"] for one in document["findings"] if one["severity"] == "error"}

    assert document["checked"] == len(CORPUS) + 2
    assert len(blamed) == len(CORPUS) + 2


def test_nothing_of_the_corpus_was_carried_out(checked: subprocess.CompletedProcess[str]) -> None:
    assert checked.returncode == 1
    assert not Path("PWNED").exists()
    assert "root:" not in checked.stdout
    assert "AKIAIOSFODNN7EXAMPLE" not in checked.stdout
    assert SETTINGS_TEXT not in checked.stdout
