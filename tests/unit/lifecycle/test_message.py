from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from nhi.lifecycle.message import plain, removal_message
from nhi.model.identity import Identity

EXPIRY = datetime(2027, 3, 31, tzinfo=UTC)


def identity(name: str = "ledger-writer", path: str = "identities/prod/ledger-writer.yaml") -> Identity:
    return Identity(path, "prod", name, "manual", "payments", "purpose", EXPIRY, {})


def test_the_message_lists_each_identity_with_expiry_and_path() -> None:
    second = identity("report-reader", "identities/prod/report-reader.yaml")
    assert removal_message("prod", "payments", [identity(), second], "d" * 64) == (
        "prod: remove 2 expired identities of payments\n\n"
        "- prod/ledger-writer\n  expired 2027-03-31T00:00:00Z\n  identities/prod/ledger-writer.yaml\n"
        "- prod/report-reader\n  expired 2027-03-31T00:00:00Z\n  identities/prod/report-reader.yaml\n\n"
        f"Sweep-Digest: sha256:{'d' * 64}\n"
    )


def test_one_identity_is_one() -> None:
    assert removal_message("prod", "payments", [identity()], "d").startswith("prod: remove 1 expired identity of pay")


def test_hidden_and_steering_characters_do_not_reach_a_message() -> None:
    assert plain("a\x1b[31m\n\u202eb\u200b\u2028\udcff\x00\x85c d") == "a?[31m??b?????c d"
    assert plain("größe 日本 e\u0301 → ok") == "größe 日本 e\u0301 → ok"


@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_can_add_a_line_or_steer(stack: str, owner: str, name: str, path: str) -> None:
    message = removal_message(stack, owner, [identity(name, path)], "d" * 64)
    subject, empty, listed, expired, where, blank, digest, end = message.split("\n")
    assert message.splitlines() == message.split("\n")[:-1]
    assert len(subject) <= 72
    assert (empty, blank, end) == ("", "", "")
    assert listed.startswith("- prod/")
    assert expired == "  expired 2027-03-31T00:00:00Z"
    assert where.startswith("  ")
    assert digest == f"Sweep-Digest: sha256:{'d' * 64}"
    assert message.replace("\n", "").isprintable()
    assert len(message.encode()) < 5000
