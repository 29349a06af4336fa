"""What a wish means for a manifest, and which branch it has."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.lifecycle.proposals import Refused, Settled, decide, written_expiry
from nhi.model.declared import DeclaredIdentity
from nhi.model.edit import SetKey
from nhi.model.identity import Hold, Identity, Suspension
from nhi.model.instant import parse_instant
from nhi.model.proposal import Draft, Verb, Wish

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
IDENTITY = Identity(
    path="identities/prod/ledger-writer.yaml",
    stack="prod",
    name="ledger-writer",
    kind="service-role",
    owner="payments",
    purpose="Settlement",
    expiry=parse_instant("2027-03-31"),
    scope={},
)
DECLARED = DeclaredIdentity(IDENTITY, "ab" * 32)
RENEW = Wish(Verb.RENEW, "longer", parse_instant("2027-06-30"))
SUSPEND = Wish(Verb.SUSPEND, "INC-77")
REVOKE = Wish(Verb.REVOKE, "gone")
WISHES = (RENEW, SUSPEND, REVOKE)


def draft(wish: Wish, declared: DeclaredIdentity = DECLARED, since: datetime = NOW) -> Draft:
    found = decide(declared, wish, since)
    assert isinstance(found, Draft), found
    return found


def test_each_wish_has_its_edit() -> None:
    assert [draft(wish).edits for wish in WISHES] == [
        (SetKey(("expiry",), "2027-06-30"),),
        (SetKey(("suspended",), {"since": "2026-11-20T08:00:00Z", "reason": "INC-77"}),),
        (),
    ]


def test_branches_say_what_they_are_for() -> None:
    names = [draft(wish).branch.rpartition("/") for wish in WISHES]
    assert [folder for folder, _, _ in names] == [f"nhi/{wish.verb}/prod/ledger-writer" for wish in WISHES]
    assert {len(digest) for _, _, digest in names} == {16}


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.verb.value)
def test_the_same_wish_has_the_same_branch_whenever_it_is_made(wish: Wish) -> None:
    assert draft(wish, since=NOW + timedelta(days=3)).branch == draft(wish).branch


def test_another_wish_or_another_manifest_has_another_branch() -> None:
    other = replace(DECLARED, sha256="cd" * 32)
    branches = [draft(wish, one).branch for wish in WISHES for one in (DECLARED, other)]
    branches.append(draft(replace(RENEW, until=parse_instant("2027-07-01"))).branch)
    branches.append(draft(replace(SUSPEND, reason="INC-78")).branch)
    assert len(set(branches)) == len(branches)


def test_why_a_renewal_is_asked_for_makes_no_second_one() -> None:
    assert draft(replace(RENEW, reason="another")).branch == draft(RENEW).branch


def test_what_is_so_already_is_settled() -> None:
    suspended = replace(IDENTITY, suspended=Suspension(NOW, "INC-1"))
    same = replace(RENEW, until=IDENTITY.expiry)
    assert decide(DECLARED, same, NOW) == Settled("prod/ledger-writer expires on 2027-03-31T00:00:00Z already")
    assert decide(replace(DECLARED, identity=suspended), SUSPEND, NOW) == Settled(
        "prod/ledger-writer is suspended since 2026-11-20T08:00:00Z already: INC-1"
    )


def test_what_is_held_is_not_revoked_and_may_be_suspended_and_renewed() -> None:
    held = replace(DECLARED, identity=replace(IDENTITY, hold=Hold("legal", "matter 14", NOW)))
    refused = decide(held, REVOKE, NOW)
    assert isinstance(refused, Refused)
    assert "nhi suspend prod/ledger-writer" in refused.hint
    assert [isinstance(decide(held, wish, NOW), Draft) for wish in (RENEW, SUSPEND)] == [True, True]


def test_a_shorter_life_is_called_so() -> None:
    assert draft(RENEW).title == "prod/ledger-writer: renew until 2027-06-30"
    assert draft(replace(RENEW, until=parse_instant("2026-12-31"))).title == (
        "prod/ledger-writer: end earlier, on 2026-12-31"
    )


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2999, 1, 1)))  # noqa: DTZ001  # made aware below
def test_a_written_expiry_is_read_back_as_it_was_meant(naive: datetime) -> None:
    until = naive.replace(microsecond=0, tzinfo=UTC)
    assert parse_instant(written_expiry(Wish(Verb.RENEW, "", until))) == until


@given(st.text(max_size=200))
def test_no_reason_starts_a_line_of_the_commit_or_steers_a_terminal(reason: str) -> None:
    for wish in (replace(REVOKE, reason=reason), replace(SUSPEND, reason=reason)):
        found = draft(wish)
        own = [line for line in found.message.split("\n") if line.startswith(("Reason: ", "Proposal-Digest: "))]
        assert len(own) == (2 if reason else 1)
        assert all(line.isprintable() for line in found.message.split("\n"))
        assert len(found.title) <= 72
