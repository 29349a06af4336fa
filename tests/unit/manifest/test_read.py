"""What a manifest in order declares, field by field, and what is known of one that is not."""

import pytest
from tests.fixtures.manifests import CATALOG, GROUND, PATH, manifest, source

from nhi.manifest.read import Reading, read
from nhi.model.identity import AcceptedException, Hold, Manifest, Suspension, complete
from nhi.model.instant import parse_instant


def reading(text: str, path: str = PATH) -> Reading:
    """What becomes of a file with this text."""
    return read(source(text, path), CATALOG, GROUND.settings.stacks)


def declared(text: str) -> Manifest:
    """The manifest of a text that can be read as one."""
    found = reading(text).manifest
    assert found is not None
    return found


def test_the_four_are_read() -> None:
    found = declared(manifest())

    assert (found.owner, found.expiry) == ("payments", parse_instant("2027-03-31"))
    assert found.purpose == "Settlement batch writes cleared transactions to the ledger table."
    assert found.scope is not None
    assert found.scope["trust"] == {"services": ["ecs-tasks.amazonaws.com"]}


def test_the_id_comes_from_the_path() -> None:
    found = declared(manifest())

    assert (found.id, found.stack, found.name, found.path) == ("prod/ledger-writer", "prod", "ledger-writer", PATH)


def test_an_expiry_with_an_offset_is_kept_in_utc() -> None:
    assert declared(manifest(expiry="2027-03-31T18:00:00+02:00")).expiry == parse_instant("2027-03-31T16:00:00Z")


def test_what_is_optional_is_absent() -> None:
    found = declared(manifest())

    assert (found.used_by, found.ticket, found.justification, found.exceptions) == ((), None, None, ())
    assert (found.suspended, found.hold, found.certified, found.unreadable) == (None, None, None, frozenset())


def test_what_is_optional_is_read() -> None:
    found = declared(
        manifest(used_by="[ecs:payments/settlement]", ticket="PAY-1", justification="Booked.", certified="2026-09-30")
    )

    assert (found.used_by, found.ticket, found.justification) == (("ecs:payments/settlement",), "PAY-1", "Booked.")
    assert found.certified == parse_instant("2026-09-30")


def test_a_suspension_is_read() -> None:
    found = declared(manifest(suspended="{since: 2026-11-01T08:00:00Z, reason: 'leak suspected, INC-77'}"))

    assert found.suspended == Suspension(parse_instant("2026-11-01T08:00:00Z"), "leak suspected, INC-77")


def test_a_hold_is_read() -> None:
    found = declared(manifest(hold="{authority: legal, reason: matter 14, review: 2027-02-01}"))

    assert found.hold == Hold("legal", "matter 14", parse_instant("2027-02-01"))


def test_an_exception_is_read() -> None:
    found = declared(
        manifest(
            exceptions="[{rule: wildcard-action, reason: r, compensating_control: c, approver: security, "
            "expiry: 2027-01-31}]"
        )
    )

    assert found.exceptions == (
        AcceptedException("wildcard-action", "r", "c", "security", parse_instant("2027-01-31")),
    )


def test_a_complete_manifest_declares_an_identity() -> None:
    identity = complete(declared(manifest()))

    assert identity is not None
    assert (identity.id, identity.kind, identity.owner) == ("prod/ledger-writer", "service-role", "payments")


@pytest.mark.parametrize("key", ["owner", "purpose", "expiry", "scope"])
def test_without_one_of_the_four_nothing_is_declared(key: str) -> None:
    assert complete(declared(manifest([key]))) is None


@pytest.mark.parametrize("key", ["owner", "purpose", "expiry", "scope"])
def test_an_absent_key_is_not_an_unreadable_one(key: str) -> None:
    assert declared(manifest([key])).unreadable == frozenset()


@pytest.mark.parametrize(
    ("key", "text"),
    [("owner", "[a]"), ("expiry", "soon"), ("scope", "{trust: 1}"), ("hold", "{authority: legal}"), ("certified", "x")],
)
def test_an_unreadable_key_is_unknown_and_not_absent(key: str, text: str) -> None:
    found = declared(manifest(**{key: text}))

    assert getattr(found, key) is None
    assert found.unreadable == {key}
    assert complete(found) is None


def test_a_misspelt_key_makes_the_one_that_was_meant_unknown() -> None:
    found = declared(manifest().replace("expiry:", "exipry:"))

    assert {"expiry", "exipry"} <= found.unreadable


def test_a_hold_that_cannot_be_read_is_never_no_hold() -> None:
    found = declared(manifest(hold="{authority: legal, reason: r, review: someday}"))

    assert "hold" in found.unreadable
    assert complete(found) is None


def test_one_exception_that_cannot_be_read_leaves_the_others() -> None:
    one = "rule: wildcard-action, reason: r, compensating_control: c, approver: security"

    found = declared(manifest(exceptions=f"[{{{one}, expiry: 2027-01-31}}, {{{one}, expiry: 2027-02-31}}]"))

    assert len(found.exceptions) == 1
    assert found.unreadable == {"exceptions"}


def test_of_an_unknown_kind_the_scope_is_unknown_too() -> None:
    assert {"kind", "scope"} <= declared(manifest(kind="unheard-of")).unreadable


def test_a_file_that_is_no_mapping_declares_nothing() -> None:
    found = reading("- a\n")

    assert found.manifest is None
    assert (found.stack, found.name, found.identity) == ("prod", "ledger-writer", "prod/ledger-writer")


def test_a_manifest_in_no_stack_has_no_identity() -> None:
    assert reading(manifest(), "identities/ledger-writer.yaml").identity is None


def test_the_place_is_a_problem_beside_those_of_the_content() -> None:
    found = reading(manifest(owner="[a]"), "identities/nowhere/ledger-writer.yaml")

    assert [one.kind.slug for one in found.problems] == ["unknown-stack", "wrong-type"]
