"""What looks like a secret is refused, and shown nowhere. What only names one is not."""

import base64
import json

import pytest
from tests.fixtures.manifests import AS_OF, NO_RULES, PATH, findings, manifest, place, places, tree

from nhi.flows.check import check
from nhi.manifest.secrets import find_secret
from nhi.output.findings_github import findings_github
from nhi.output.findings_json import findings_json
from nhi.output.findings_text import findings_text
from nhi.repository.worktree import WorkingTree

# Headers of packets: the tag in the old form and the new one, each length that it can have, the version.
PRIVATE_HEADERS = ("94 58 04", "95 03 98 04", "96 00 00 03 98 04", "c5 58 04", "c5 c2 98 04", "c5 ff 00 00 03 98 06")
PUBLIC_HEADERS = ("98 33 04", "99 01 0d 04", "9a 00 00 01 0d 04", "c6 33 04", "c6 c0 8d 04", "c6 ff 00 00 01 0d 06")


def openpgp(header: str) -> str:
    """A key as `gpg --export` has it, in base64. What follows the header is nothing that works."""
    return base64.b64encode(bytes.fromhex(header) + bytes(range(1, 91))).decode()


# Each is put together here, so that no scanner of this repository takes it for a real one.
SECRETS = {
    "an AWS access key id": "AKIA" + "IOSFODNN7EXAMPLE",
    "an AWS temporary key id": "ASIA" + "IOSFODNN7EXAMPLE",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----",
    "a private key without its kind": "-----BEGIN " + "PRIVATE KEY-----",
    "a private key of OpenPGP": "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----",
    **{f"an OpenPGP private key, {header}": openpgp(header) for header in PRIVATE_HEADERS},
    "a GitHub token": "ghp_" + "a1B2c3D4e5" * 4,
    "a GitHub token of an app": "ghs_" + "a1B2c3D4e5" * 4,
    "a GitHub token with fine grains": "github_pat_" + "11ABCDEFG0123456789_abcdefghij",
    "a GitLab token": "glpat-" + "a1B2c3D4e5F6g7H8i9J0",
    "a Slack token": "xoxb-" + "123456789012-abcdef",
    "a Stripe key": "sk_live_" + "a1B2c3D4e5F6g7H8",
    "a Google API key": "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
    "a password in an address": "postgres://ledger:" + "hunter2@db.acme.example/ledger",
    "a password in an address without a user": "redis://:" + "hunter2@cache.acme.example",
    "a secret": "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "a secret with a colon": "db_password: " + "a1B2c3D4e5F6g7H8",
    "a secret in JSON": 'apiKey":"' + 'a1B2c3D4e5F6g7H8"}',
    "a secret with digits in its name": "db2-token=" + "a1B2c3D4e5F6g7H8",
}
NO_SECRETS = {
    **{f"an OpenPGP public key, {header}": openpgp(header) for header in PUBLIC_HEADERS},
    "a long word in base64": base64.b64encode(b"x" + openpgp("94 58 04").encode()).decode(),
    "the ARN of a secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments/ledger-db-AbC123",
    "the ARN of a parameter": "arn:aws:ssm:eu-west-1:111122223333:parameter/payments/db-password",
    "the ARN of a key": "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "a secret's name with its type": "secret:payments/ledger-db-AbC123",
    "an action": "secretsmanager:GetSecretValue",
    "a key that names an ARN": "secret: arn:aws:secretsmanager:eu-west-1:111122223333:secret:payments/ledger-db-AbC123",
    "a role's unique id": "AROADBQP57FF2AEXAMPLE",
    "a hash": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "a UUID": "7d444840-9dc0-11d1-b245-5ffdce74fad2",
    "a long word": "settlementBatchWritesClearedTransactions2027ToTheLedger",
    "an address": "https://git.acme.example:8443/payments/ledger@main",
    "an address with a user": "ssh://git@git.acme.example:22/payments/ledger.git",
    "a key that is only named": "the access key: rotated by the vault every night",
    "a template": "password: ${vault.ledger}",
    "a sort key": "sort_key: ledger-2027-settlement-batch",
}


def with_comment(text: str) -> str:
    """A manifest with the text in a comment, after some letters that take two bytes."""
    return manifest() + f"# für den Übergang: {text}\n"


@pytest.mark.parametrize("name", SECRETS)
def test_it_is_one_finding_at_its_place(name: str) -> None:
    text = with_comment(SECRETS[name])

    assert places(text) == [("secret", *place(text, SECRETS[name]))]


@pytest.mark.parametrize("name", SECRETS)
def test_it_says_what_it_looks_like(name: str) -> None:
    [found] = findings(with_comment(SECRETS[name]))

    assert found.message.startswith("this looks like a")
    assert " ".join(name.split()[:2]) in found.message


@pytest.mark.parametrize("name", NO_SECRETS)
def test_what_only_names_one_is_fine(name: str) -> None:
    assert places(with_comment(NO_SECRETS[name])) == []


def test_a_secret_as_a_value_is_found_too() -> None:
    text = manifest(ticket=SECRETS["a GitHub token"])

    assert places(text) == [("secret", *place(text, "ghp_"))]


def test_nothing_else_is_said_of_a_file_with_a_secret() -> None:
    text = manifest(owner=SECRETS["a GitHub token"], expiry="soon", kind="unknown")

    assert [slug for slug, _, _ in places(text)] == ["secret"]


def test_a_file_of_a_wrong_extension_is_searched_too() -> None:
    found = places(SECRETS["a secret"], "identities/prod/credentials.txt")

    assert found == [("wrong-extension", 1, 1), ("secret", 1, 1)]


def test_an_oversized_file_is_searched_too() -> None:
    found = places(SECRETS["a secret"] + "\n" + "x" * 70_000)

    assert [slug for slug, _, _ in found] == ["oversized-file", "secret"]


def test_the_bytes_before_it_need_not_be_text() -> None:
    assert find_secret(b"\xff\xfe " + SECRETS["a GitHub token"].encode()) is not None


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("path", [PATH, "identities/prod/credentials.txt", "identities/nowhere/ledger-writer.yaml"])
def test_it_is_shown_in_no_format(tmp_path_factory: pytest.TempPathFactory, name: str, path: str) -> None:
    secret = SECRETS[name]
    one = tree(tmp_path_factory.mktemp("tree"), {path: f"{secret}\n", "identities/prod/more/ledger-writer.yaml": "x"})
    result = check(one.snapshot, NO_RULES, AS_OF)

    outputs = [
        findings_text(result.findings, lambda path, line: line_of(one.snapshot, path, line)).plain,
        findings_json(AS_OF, result.checked, result.findings),
        findings_github(result.findings),
    ]

    assert [output for output in outputs if secret.split(" = ")[-1][-12:] in output] == []
    assert "secret" in [found.rule for found in result.findings]


def line_of(snapshot: WorkingTree, path: str, line: int) -> str | None:
    """As the command line reads it."""
    file = snapshot.file(path)
    lines = [] if file is None else file.data.decode().split("\n")
    return lines[line - 1] if line <= len(lines) else None


def test_json_stays_json() -> None:
    found = findings(with_comment(SECRETS["a secret"]))

    assert json.loads(findings_json(AS_OF, 1, found))["findings"][0]["rule"] == "secret"
