"""nhi.yaml and owners.yaml: read as strictly as manifests; what is wrong is named with path, line and column."""

import pytest
from tests.fixtures.manifests import OWNERS_TEXT, SETTINGS_TEXT, ground, place, source

from nhi.errors import ExitCode, InputError
from nhi.manifest.owners import read_owners
from nhi.manifest.settings import read_settings
from nhi.model.instant import parse_instant
from nhi.model.owners import Owners, Person, Team
from nhi.model.settings import CircuitBreaker, Lifetimes, LocalBackend, Quorum, S3Backend, Settings, Stack
from nhi.model.source import MAX_CONFIGURATION_BYTES, FileType

_OWNERS = "identities/owners.yaml"


def settings(text: str | bytes) -> Settings:
    """What an nhi.yaml with this text configures."""
    return read_settings(source(text, "nhi.yaml"))


def owners(text: str | bytes) -> Owners:
    """What an owners.yaml with this text declares."""
    return read_owners(source(text, _OWNERS))


def refusal(text: str | bytes) -> list[str]:
    """Why an nhi.yaml with this text is refused, line by line."""
    with pytest.raises(InputError) as refused:
        settings(text)
    assert refused.value.exit_code is ExitCode.INPUT
    assert refused.value.hint
    return refused.value.message.split("\n")


def owners_refusal(text: str) -> list[str]:
    """As `refusal`, of an owners.yaml."""
    with pytest.raises(InputError) as refused:
        owners(text)
    return refused.value.message.split("\n")


def with_backend(backend: str) -> str:
    """An nhi.yaml with one stack that has this backend."""
    return f'apiVersion: nhi/v1\nstacks:\n  prod: {{account: "111122223333", region: eu-west-1, backend: {backend}}}\n'


def test_absent_keys_have_safe_defaults() -> None:
    assert settings("apiVersion: nhi/v1\n") == Settings({}, Lifetimes(365, 365, 180, 1), CircuitBreaker(25, 10, 3))


def test_every_key_is_read() -> None:
    text = (
        f"{SETTINGS_TEXT}lifetimes: {{low: 1, standard: 2, high: 3, emergency: 4}}\n"
        "sweep: {circuit_breaker: {removals: 5, percent: 6, few: 7}}\n"
    )

    assert settings(text) == Settings(
        {"prod": Stack("prod", "111122223333", "eu-west-1"), "staging": Stack("staging", "444455556666", "eu-west-1")},
        Lifetimes(1, 2, 3, 4),
        CircuitBreaker(5, 6, 7),
    )


def test_a_state_in_a_file() -> None:
    assert settings(with_backend("{local: {path: state/prod.tfstate}}")).stacks["prod"].backend == LocalBackend(
        "state/prod.tfstate"
    )


def s3_with(more: str) -> str:
    return with_backend(f"{{s3: {{bucket: acme-state, key: nhi/prod, region: eu-west-1, {more}}}}}")


@pytest.mark.parametrize(
    "endpoint", ["https://s3.store.example", "https://s3.store.example:9000", "http://127.0.0.1:1"]
)
def test_a_state_in_a_store_that_speaks_s3(endpoint: str) -> None:
    backend = settings(s3_with(f'endpoint: "{endpoint}", use_path_style: true')).stacks["prod"].backend
    assert backend == S3Backend("acme-state", "nhi/prod", "eu-west-1", endpoint, use_path_style=True)


@pytest.mark.parametrize(
    "more",
    [
        'endpoint: "http://s3.store.example"',  # a state in clear on the way
        'endpoint: "https://s3.store.example@evil.example"',
        'endpoint: "https://s3.store.example/x?y"',
        "use_path_style: 1",
        "kms_key_id: alias/state",
        "access_key: AKIAEXAMPLE",
        "encrypt: false",
    ],
)
def test_a_state_is_never_in_clear_and_its_credentials_never_in_the_file(more: str) -> None:
    (problem,) = refusal(s3_with(more))
    assert more.partition(":")[0] in problem


def test_a_state_in_s3() -> None:
    backend = (
        settings(with_backend("{s3: {bucket: acme-state, key: nhi/prod, region: eu-west-1}}")).stacks["prod"].backend
    )

    assert backend == S3Backend("acme-state", "nhi/prod", "eu-west-1")


def test_a_stack_in_parts() -> None:
    text = 'apiVersion: nhi/v1\nstacks:\n  prod: {account: "111122223333", region: eu-west-1, parts: 64}\n'

    assert settings(text).stacks["prod"].parts == 64
    assert settings(text.replace(", parts: 64", "")).stacks["prod"].parts == 1


@pytest.mark.parametrize("parts", ["0", "65", "-1", "1.5", '"2"', "true"])
def test_parts_are_a_number_of_few(parts: str) -> None:
    text = f'apiVersion: nhi/v1\nstacks:\n  prod: {{account: "111122223333", region: eu-west-1, parts: {parts}}}\n'

    (problem,) = refusal(text)

    assert "stacks.prod.parts" in problem


@pytest.mark.parametrize("backend", ["local: {path: KEY}", "s3: {bucket: acme-state, key: KEY, region: eu-west-1}"])
@pytest.mark.parametrize("order", [("prod", "other"), ("other", "prod")])
def test_a_part_of_a_stack_keeps_its_state_where_no_other_stack_does(backend: str, order: tuple[str, str]) -> None:
    stacks = {
        "prod": f"parts: 2, backend: {{{backend.replace('KEY', 'state/prod')}}}",
        "other": f"backend: {{{backend.replace('KEY', 'state/prod.part-02-of-02')}}}",
    }
    lines = [f'  {name}: {{account: "111122223333", region: eu-west-1, {stacks[name]}}}\n' for name in order]

    (problem,) = refusal("apiVersion: nhi/v1\nstacks:\n" + "".join(lines))

    assert problem.startswith("nhi.yaml:4:")
    assert f"'{order[0]}' keeps its state there" in problem


def test_no_file() -> None:
    with pytest.raises(InputError, match=r"^there is no nhi\.yaml$"):
        read_settings(None)


def test_a_link_instead_of_the_file() -> None:
    with pytest.raises(InputError, match=r"^nhi\.yaml is a symbolic link$"):
        read_settings(source(b"", "nhi.yaml", FileType.SYMLINK))


def test_a_file_that_is_too_large_is_never_read_in_part() -> None:
    text = OWNERS_TEXT + "#" * MAX_CONFIGURATION_BYTES

    assert owners_refusal(text) == ["identities/owners.yaml is larger than 4096 KiB"]


def test_thousands_of_people_fit_in_owners() -> None:
    people = "".join(f"  p{n}: {{github: p{n}, github_id: {n}, email: p{n}@acme.example}}\n" for n in range(1, 5001))

    assert len(owners(f"people:\n{people}").people) == 5000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"apiVersion: nhi/v1\n# \xff\n", "nhi.yaml:2:3: byte 0xff is not UTF-8"),
        ("", "nhi.yaml:1:1: the file is empty"),
        ("- a\n", "nhi.yaml:1:1: the file holds a list, not a mapping"),
        ("apiVersion: nhi/v1\napiVersion: nhi/v1\n", "nhi.yaml:2:1: 'apiVersion' stands twice, first in line 1"),
        ("apiVersion: &v nhi/v1\n", "nhi.yaml:1:13: '&v' is not allowed"),
        ("apiVersion: nhi/v1\nstakcs: {}\n", "nhi.yaml:2:1: unknown key 'stakcs' (did you mean 'stacks'?)"),
        (
            "apiVersion: nhi/v3\n",
            "nhi.yaml:1:13: apiVersion must be 'nhi/v1', not 'nhi/v3' (The version of this format: nhi/v1.)",
        ),
        ("stacks: {}\n", "nhi.yaml:1:1: the key 'apiVersion' is missing (The version of this format: nhi/v1.)"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str | bytes, message: str) -> None:
    assert refusal(text) == [message]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("{high: {security: 0}}", "a change of high risk needs at least 1"),
        ("{low: {owners: 0, security: 3}}", "a change of low risk needs at least 1"),
    ],
)
def test_fewer_approvals_than_the_defaults_are_refused(asked: str, words: str) -> None:
    (line,) = refusal(f"{SETTINGS_TEXT}approvals: {asked}\n")
    assert words in line


def test_more_approvals_than_the_defaults_are_asked_for() -> None:
    assert settings(f"{SETTINGS_TEXT}approvals: {{low: {{security: 2}}}}\n").approvals.low == Quorum(1, 2)


def test_an_account_without_quotes_is_told_to_use_them() -> None:
    text = SETTINGS_TEXT.replace('"111122223333"', "111122223333")

    assert refusal(text) == [
        'nhi.yaml:3:19: stacks.prod.account must be text, not a number (put it in quotes: "111122223333")'
    ]


def test_an_account_with_a_line_end_at_its_end() -> None:
    [line] = refusal(SETTINGS_TEXT.replace('"111122223333"', '"111122223333\\n"'))

    assert line.startswith("nhi.yaml:3:19: stacks.prod.account is not in the form that is asked for")


def test_a_stack_of_a_strange_name_is_named_at_its_key() -> None:
    [line] = refusal(SETTINGS_TEXT.replace("prod:", "Prod 1:"))

    assert line.startswith("nhi.yaml:3:3: the key 'Prod 1' is not in the form that is asked for (A stack's name:")


def test_every_error_is_named_at_once() -> None:
    text = SETTINGS_TEXT.replace("eu-west-1", "Europe")

    assert [line.split(": ")[0] for line in refusal(text)] == ["nhi.yaml:3:43", "nhi.yaml:4:46"]


def test_a_state_of_two_kinds() -> None:
    found = refusal(with_backend("{local: {path: a}, s3: {bucket: bbb, key: c, region: eu-west-1}}"))

    assert len(found) == 1
    assert found[0].startswith("nhi.yaml:3:")


def test_a_state_of_no_kind() -> None:
    assert len(refusal(with_backend("{}"))) == 1


def test_a_state_that_is_a_list_is_one_error() -> None:
    [line] = refusal(with_backend("[]"))

    assert "stacks.prod.backend must be a mapping, not a list" in line


@pytest.mark.parametrize("path", ["a/../../b", "a/.."])
def test_a_state_outside_of_the_repository(path: str) -> None:
    text = with_backend(f"{{local: {{path: {path}}}}}")

    line, column = place(text, "{path")

    assert refusal(text) == [f"nhi.yaml:{line}:{column}: {path!r} leads out of its folder"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{local: {path: state/a}}", "{local: {path: state/./a}}"),
        (
            "{s3: {bucket: acme-state, key: nhi, region: eu-west-1}}",
            "{s3: {bucket: acme-state, key: nhi, region: eu-west-2}}",
        ),
    ],
)
def test_two_stacks_with_one_state(one: str, other: str) -> None:
    text = with_backend(one) + with_backend(other).split("\n")[2].replace("prod", "staging") + "\n"

    [line] = refusal(text)

    assert "'prod' keeps its state there" in line


def test_two_stacks_with_states_of_their_own() -> None:
    text = with_backend("{local: {path: a}}") + '  staging: {account: "444455556666", region: eu-west-1}\n'

    assert len(settings(text).stacks) == 2


def test_a_secret_in_the_configuration_is_refused_and_not_shown() -> None:
    token = "ghp_" + "a1B2c3D4e5" * 4

    text = OWNERS_TEXT.replace("alice-acme", token)

    line, column = place(text, token)

    assert owners_refusal(text) == [f"identities/owners.yaml:{line}:{column}: this looks like a GitHub token"]


def test_people_and_teams_are_read() -> None:
    declared = owners(OWNERS_TEXT)

    assert declared.people["bob"] == Person("bob", "bob-acme", 1002, "bob@acme.example", parse_instant("2026-10-31"))
    assert declared.teams["payments"] == Team("payments", "alice", "carol", ("alice", "carol"))
    assert declared.teams["security"].deputy is None


def test_an_owner_is_a_person_a_team_or_nobody() -> None:
    declared = owners(OWNERS_TEXT)

    assert declared.find("alice") is declared.people["alice"]
    assert declared.find("payments") is declared.teams["payments"]
    assert declared.find("mallory") is None


@pytest.mark.parametrize(
    ("found", "instead", "at", "message"),
    [
        ("[alice, carol]", "[alice, mallory]", "mallory", "'mallory' is not one of the people"),
        ("accountable: alice", "accountable: mallory", "mallory", "'mallory' is not one of the people"),
        ("deputy: carol", "deputy: mallory", "mallory", "'mallory' is not one of the people"),
        (
            "security: {",
            "alice: {",
            "{accountable: carol",
            "'alice' is a person and a team: an owner must be one of them",
        ),
        ("2026-10-31", "2026-10-32", "2026", "'2026-10-32' is not a date that exists, or a timestamp with a zone"),
        (
            "10-31}",
            "10-31T10:00:00}",
            "2026",
            "'2026-10-31T10:00:00' is not a date that exists, or a timestamp with a zone",
        ),
        ("id: 1003", "id: 1001", "1001, email: carol", "'alice' has the same github_id: one account is one person"),
        ("carol-acme", "Alice-ACME", "Alice-ACME", "'alice' has the same github: one account is one person"),
    ],
)
def test_what_is_wrong_with_an_owner_is_named_with_its_place(found: str, instead: str, at: str, message: str) -> None:
    assert found in OWNERS_TEXT
    text = OWNERS_TEXT.replace(found, instead, 1)

    line, column = place(text, at)

    assert owners_refusal(text) == [f"identities/owners.yaml:{line}:{column}: {message}"]


def test_a_person_without_an_address() -> None:
    [line] = owners_refusal(OWNERS_TEXT.replace(", email: carol@acme.example", ""))

    assert "the key 'email' is missing in people.carol" in line


def test_a_team_of_nobody() -> None:
    [line] = owners_refusal(OWNERS_TEXT.replace("members: [carol]", "members: []"))

    assert "teams.security.members is too short: at least 1" in line


def test_a_thousand_errors_are_not_a_thousand_lines() -> None:
    members = ", ".join(f"m{number}" for number in range(1000))

    lines = owners_refusal(OWNERS_TEXT.replace("members: [carol]", f"members: [{members}]"))

    assert (len(lines), lines[-1]) == (51, "and 950 more")


def test_the_ground_is_all_three() -> None:
    read = ground()

    assert sorted(read.settings.stacks) == ["prod", "staging"]
    assert sorted(read.owners.teams) == ["payments", "security"]
    assert sorted(read.catalog.kinds) == ["paper-account", "service-role"]
