import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.lifecycle.sweep import BRANCHES, SweepPlan, plan_sweep
from nhi.model.declared import DeclaredIdentity, DeclaredState, UnreadableFile
from nhi.model.identity import Hold, Identity
from nhi.model.moment import Moment
from nhi.model.settings import CircuitBreaker

NOW = datetime(2027, 3, 31, tzinfo=UTC)
PAST, FUTURE = NOW - timedelta(days=1), NOW + timedelta(days=1)
OPEN = CircuitBreaker(removals=10**6, percent=100, few=10**6)
HOLD = Hold("legal", "matter 2026-14", FUTURE)


def declared(
    identity: str,
    *,
    owner: str = "payments",
    expiry: datetime = PAST,
    hold: Hold | None = None,
    content: str = "",
) -> DeclaredIdentity:
    stack, name = identity.split("/")
    path = f"identities/{stack}/{name}.yaml"
    return DeclaredIdentity(
        Identity(path, stack, name, "manual", owner, "purpose", expiry, {}, hold=hold),
        sha256(f"{identity}{content}".encode()).hexdigest(),
    )


def state(*identities: DeclaredIdentity, unreadable: tuple[UnreadableFile, ...] = ()) -> DeclaredState:
    return DeclaredState(identities, unreadable)


def plan(declared_state: DeclaredState, branches: tuple[str, ...] = (), breaker: CircuitBreaker = OPEN) -> SweepPlan:
    return plan_sweep(declared_state, branches, Moment(NOW), breaker)


def removed(found: SweepPlan) -> list[str]:
    return [one.identity.id for group in found.removals for one in group.identities]


def names(found: SweepPlan) -> tuple[str, ...]:
    return tuple(group.branch for group in found.removals)


IDENTITIES = st.builds(
    lambda stack, name, owner, expiry, hold, content: declared(
        f"{stack}/{name}", owner=owner, expiry=expiry, hold=hold, content=content
    ),
    st.sampled_from(["dev", "prod", "test"]),
    st.text("abc", min_size=1, max_size=3),
    st.sampled_from(["payments", "security", "../x"]),
    st.sampled_from([PAST, NOW, FUTURE]),
    st.sampled_from([None, HOLD]),
    st.sampled_from(["", "edited"]),
)
UNREADABLE = st.lists(
    st.builds(UnreadableFile, st.text(max_size=5), st.sampled_from(["dev", "prod", "test", None]), st.just("reason")),
    max_size=3,
).map(tuple)
STATES = st.builds(
    DeclaredState,
    st.lists(IDENTITIES, max_size=12, unique_by=lambda one: one.identity.id).map(tuple),
    st.one_of(st.just(()), UNREADABLE),
)


def test_expired_identities_are_removed_by_stack_and_owner() -> None:
    found = plan(
        state(
            declared("prod/b"),
            declared("prod/a"),
            declared("prod/c", owner="security"),
            declared("dev/d"),
            declared("prod/e", expiry=FUTURE),
        )
    )
    assert [(group.stack, group.owner, group.paths) for group in found.removals] == [
        ("dev", "payments", ("identities/dev/d.yaml",)),
        ("prod", "payments", ("identities/prod/a.yaml", "identities/prod/b.yaml")),
        ("prod", "security", ("identities/prod/c.yaml",)),
    ]


def test_a_branch_is_named_after_stack_owner_and_content() -> None:
    (group,) = plan(state(declared("prod/a"))).removals
    listed = f"{declared('prod/a').sha256} 'identities/prod/a.yaml'\n"
    assert group.branch == f"nhi/sweep/prod/payments/{sha256(listed.encode()).hexdigest()[:16]}"
    assert group.message.endswith(f"Sweep-Digest: sha256:{sha256(listed.encode()).hexdigest()}\n")


@pytest.mark.parametrize(
    "other",
    [
        declared("prod/a", content="edited"),
        declared("prod/b"),
        replace(declared("prod/a"), identity=replace(declared("prod/a").identity, path="identities/prod/x/a.yaml")),
    ],
)
def test_another_content_is_another_branch(other: DeclaredIdentity) -> None:
    assert names(plan(state(other))) != names(plan(state(declared("prod/a"))))


def test_a_path_cannot_look_like_two() -> None:
    one, two = declared("prod/a"), declared("prod/b")
    forged = f"{one.identity.path}'\n{two.sha256} '{two.identity.path}"
    both = replace(one, identity=replace(one.identity, path=forged))
    assert names(plan(state(both))) != names(plan(state(one, two)))


def test_a_branch_that_is_there_is_not_made_again() -> None:
    first = plan(state(declared("prod/a"), declared("dev/b")))
    again = plan(state(declared("prod/a"), declared("dev/b")), names(first))
    assert again.removals == ()
    assert again.already == first.removals
    assert again.superseded == ()


def test_a_branch_of_an_older_content_is_superseded_and_named() -> None:
    older = names(plan(state(declared("prod/a"))))
    found = plan(state(declared("prod/a"), declared("prod/b")), older)
    assert len(found.removals) == 1
    assert found.superseded == older


def test_a_branch_of_what_was_renewed_is_superseded() -> None:
    older = names(plan(state(declared("prod/a"))))
    found = plan(state(declared("prod/a", expiry=FUTURE)), older)
    assert (found.removals, found.superseded) == ((), older)


def test_a_branch_that_no_sweep_makes_is_not_ours_to_judge() -> None:
    foreign = ("main", "nhi/sweep/prod", "nhi/sweep/prod/payments/notes", "nhi/sweep/a/b/c/0123456789abcdef")
    assert plan(state(), foreign).superseded == ()


def test_of_a_blocked_stack_no_branch_is_called_superseded() -> None:
    older = (*names(plan(state(declared("dev/a")))), *names(plan(state(declared("prod/a")))))
    blocked = (UnreadableFile("identities/prod/x.yaml", "prod", "not UTF-8"),)
    assert plan(state(unreadable=blocked), older).superseded == older[:1]


def test_what_cannot_be_read_blocks_its_stack_and_no_other() -> None:
    unreadable = UnreadableFile("identities/prod/x.yaml", "prod", "line 3: a tab")
    found = plan(state(declared("prod/a"), declared("dev/b"), unreadable=(unreadable,)))
    assert removed(found) == ["dev/b"]
    assert [(one.stack, one.files) for one in found.blocked] == [("prod", (unreadable,))]


def test_what_belongs_to_no_stack_blocks_every_stack() -> None:
    unreadable = UnreadableFile("identities/x.yaml", None, "the manifest is not in a stack's folder")
    older = names(plan(state(declared("prod/z"))))
    found = plan(state(declared("prod/a"), declared("dev/b"), unreadable=(unreadable,)), older)
    assert (found.removals, found.already, found.superseded) == ((), (), ())
    assert [(one.stack, one.files) for one in found.blocked] == [(None, (unreadable,))]


def test_a_held_identity_is_told_even_in_a_blocked_stack() -> None:
    unreadable = UnreadableFile("identities/prod/x.yaml", "prod", "not UTF-8")
    found = plan(state(declared("prod/a", hold=HOLD), unreadable=(unreadable,)))
    assert [one.declared.identity.id for one in found.held] == ["prod/a"]


@pytest.mark.parametrize(("count", "tripped"), [(25, 0), (26, 1)])
def test_the_breaker_counts_what_this_run_removes(count: int, tripped: int) -> None:
    due = [declared(f"prod/i{number}") for number in range(count)]
    kept = [declared(f"prod/k{number}", expiry=FUTURE) for number in range(500)]
    found = plan(state(*due, *kept), breaker=CircuitBreaker())
    assert len(found.tripped) == tripped
    assert len(removed(found)) == count


def test_the_breaker_does_not_count_what_a_hold_or_a_block_keeps() -> None:
    held = [declared(f"prod/h{number}", hold=HOLD) for number in range(30)]
    blocked = [declared(f"dev/b{number}") for number in range(30)]
    unreadable = UnreadableFile("identities/dev/x.yaml", "dev", "not UTF-8")
    assert plan(state(*held, *blocked, unreadable=(unreadable,)), breaker=CircuitBreaker()).tripped == ()


def test_the_breaker_does_not_count_what_an_earlier_run_made() -> None:
    due = state(*[declared(f"prod/i{number}") for number in range(60)])
    allowed = plan_sweep(due, (), Moment(NOW), CircuitBreaker(), max_removals=60)
    assert allowed.tripped == ()
    assert plan(due, names(allowed), CircuitBreaker()).tripped == ()


@given(st.text(min_size=0, max_size=300), st.text(min_size=0, max_size=300))
def test_no_stack_and_no_owner_breaks_a_branchs_name(stack: str, owner: str) -> None:
    one = declared("prod/a", owner=owner)
    (group,) = plan(state(replace(one, identity=replace(one.identity, stack=stack)))).removals
    assert re.fullmatch(r"nhi/sweep/[A-Za-z0-9_%-]{1,66}/[A-Za-z0-9_%-]{1,66}/[0-9a-f]{16}", group.branch)


@given(st.lists(st.one_of(st.text(), st.text("%25a/.", min_size=15, max_size=40)), min_size=2, max_size=6, unique=True))
def test_two_owners_never_share_a_branch(owners: list[str]) -> None:
    due = [declared("prod/a", owner=owner) for owner in owners]
    parts = {names(plan(state(one)))[0].split("/")[3] for one in due}
    assert len(parts) == len(owners)


@given(STATES, st.randoms())
def test_the_order_of_what_is_declared_changes_nothing(declared_state: DeclaredState, random: Random) -> None:
    identities, unreadable = list(declared_state.identities), list(declared_state.unreadable)
    random.shuffle(identities)
    random.shuffle(unreadable)
    assert plan(DeclaredState(tuple(identities), tuple(unreadable))) == plan(declared_state)


@given(STATES)
def test_twice_the_same_makes_nothing_new(declared_state: DeclaredState) -> None:
    first = plan(declared_state)
    again = plan(declared_state, names(first))
    assert again == replace(first, removals=(), already=first.removals)


@given(STATES)
def test_what_is_removed_is_expired_readable_and_free(declared_state: DeclaredState) -> None:
    found = plan(declared_state)
    blocked = {one.stack for one in declared_state.unreadable}
    due = {
        one.identity.id
        for one in declared_state.identities
        if one.identity.expiry <= NOW
        and one.identity.hold is None
        and None not in blocked
        and one.identity.stack not in blocked
    }
    assert sorted(removed(found)) == sorted(due)
    assert {one.stack for one in found.blocked} == blocked


@given(STATES)
def test_every_branch_is_one_of_a_sweep(declared_state: DeclaredState) -> None:
    found = names(plan(declared_state))
    assert all(name.startswith(BRANCHES) for name in found)
    assert len(set(found)) == len(found)
