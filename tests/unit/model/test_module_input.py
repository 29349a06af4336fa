"""What every module of a kind receives."""

from dataclasses import replace

from nhi.model.identity import Identity, Suspension
from nhi.model.instant import parse_instant
from nhi.model.module_input import module_input
from nhi.model.settings import Stack

STACK = Stack("prod", "111122223333", "eu-west-1")
IDENTITY = Identity(
    path="identities/prod/ledger-writer.yaml",
    stack="prod",
    name="ledger-writer",
    kind="service-role",
    owner="payments",
    purpose="Books.",
    expiry=parse_instant("2027-03-31T18:00:00+02:00"),
    scope={"allow": []},
)


def test_a_module_receives_identity_and_scope_and_nothing_else() -> None:
    assert module_input(IDENTITY, STACK) == {
        "identity": {
            "name": "ledger-writer",
            "stack": "prod",
            "account": "111122223333",
            "owner": "payments",
            "purpose": "Books.",
            "expiry": "2027-03-31T16:00:00Z",
            "suspended": False,
            "tags": {
                "nhi:id": "prod/ledger-writer",
                "nhi:owner": "payments",
                "nhi:expiry": "2027-03-31T16:00:00Z",
            },
        },
        "scope": {"allow": []},
    }


def test_a_suspension_is_true_without_its_reason() -> None:
    suspended = replace(IDENTITY, suspended=Suspension(parse_instant("2026-11-01"), "INC-77"))

    given = module_input(suspended, STACK)["identity"]

    assert isinstance(given, dict)
    assert given["suspended"] is True
    assert "INC-77" not in str(given)
