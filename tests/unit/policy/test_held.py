"""Which reviews count, why the others do not, and which requirements they meet."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fixtures.policy import AS_OF

from nhi.model.approval import Approval, Requirement
from nhi.model.forge import Account, CommitMakers, Makers, Permission, Review, ReviewState
from nhi.model.moment import Moment
from nhi.model.owners import Owners, Person
from nhi.policy.held import Content, Electorate, Weighed, assign, sort_out, standing, weigh
from nhi.policy.makers import KnownMakers, known_makers

NAMES = ("alice", "bob", "carol", "dave", "erin", "frank")
LEFT = {"bob": datetime(2026, 10, 31, tzinfo=UTC)}
PEOPLE = {
    name: Person(name, f"{name}-acme", 1001 + number, f"{name}@acme.example", LEFT.get(name))
    for number, name in enumerate(NAMES)
}
OWNERS = Owners(PEOPLE, {})
PAYMENTS = Requirement("payments", 1, ("alice", "carol", "dave"), ("x",))
SECURITY = Requirement("security", 1, ("dave", "erin", "frank"), ("x",))
HEAD, OLD = "a" * 40, "b" * 40
APPROVED, REQUESTED, DISMISSED = ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED, ReviewState.DISMISSED
NOBODY = KnownMakers({}, {}, ())
STRANGER = Account(6666, "mallory")


def account(name: str) -> Account:
    return Account(PEOPLE[name].github_id, PEOPLE[name].github)


def review(
    number: int,
    who: Account | None,
    state: ReviewState = APPROVED,
    commit: str | None = HEAD,
    minutes: int | None = None,
) -> Review:
    return Review(number, who, state, commit, AS_OF + timedelta(minutes=number if minutes is None else minutes))


def electorate(
    author: str = "alice", makers: KnownMakers = NOBODY, requirements: tuple[Requirement, ...] = (PAYMENTS, SECURITY)
) -> Electorate:
    return Electorate(account(author), makers, requirements, OWNERS, Moment(AS_OF))


def weighed(
    reviews: list[Review],
    asked: Electorate | None = None,
    permissions: dict[int, Permission] | None = None,
    contents: dict[str, Content] | None = None,
) -> Weighed:
    found = sort_out(reviews, asked or electorate())
    writers = {one.id: Permission.WRITE for one in found.accounts}
    return weigh(
        found, {**writers, **(permissions or {})}, {HEAD: Content.SAME, OLD: Content.OTHER, **(contents or {})}
    )


def approvers(*arguments: object) -> list[str]:
    return [one.person for one in weighed(*arguments).approvals]  # type: ignore[arg-type]  # handed on


def reason(of: Weighed) -> str:
    [one] = of.set_aside
    assert of.approvals == ()
    return one.reason


def test_an_approval_of_somebody_who_is_asked_counts() -> None:
    [one] = weighed([review(7, account("carol"))]).approvals

    assert one == Approval("carol", account("carol"), 7, HEAD, AS_OF + timedelta(minutes=7))


def test_the_author_never_counts() -> None:
    asked = electorate("carol", requirements=(PAYMENTS,))

    assert reason(weighed([review(1, account("carol"))], asked)) == "asks for the change"


def test_a_renamed_login_is_the_same_person() -> None:
    assert approvers([review(1, replace(account("carol"), login="carol-new"))]) == ["carol"]


def test_a_login_that_somebody_else_took_over_is_not() -> None:
    taken = Account(9999, PEOPLE["carol"].github)

    assert reason(weighed([review(1, taken)])) == "is nobody of identities/owners.yaml"


def test_a_program_never_counts() -> None:
    assert reason(weighed([review(1, replace(account("carol"), is_bot=True))])) == "is a program"


def test_who_left_does_not_count() -> None:
    both = replace(PAYMENTS, candidates=("bob", "carol"))

    assert reason(weighed([review(1, account("bob"))], electorate(requirements=(both,)))) == "'bob' left on 2026-10-31"


def test_who_is_not_asked_does_not_count() -> None:
    asked = electorate(requirements=(PAYMENTS,))

    assert reason(weighed([review(1, account("frank"))], asked)) == "is not one of those who are asked"


def test_an_account_that_is_gone_does_not_count() -> None:
    assert reason(weighed([review(1, None)])) == "the account is gone"


@pytest.mark.parametrize(
    "makers", [KnownMakers({1003: HEAD}, {}, ()), KnownMakers({}, {"carol": HEAD}, ())], ids=["account", "person"]
)
def test_who_made_a_commit_does_not_count(makers: KnownMakers) -> None:
    assert reason(weighed([review(1, account("carol"))], electorate(makers=makers))).startswith("made a commit of it")


@pytest.mark.parametrize("permission", [Permission.NONE, Permission.READ, Permission.TRIAGE])
def test_who_may_not_write_now_does_not_count(permission: Permission) -> None:
    found = weighed([review(1, account("carol"))], permissions={1003: permission})

    assert reason(found) == "may not write to this repository now"


def test_an_unknown_permission_is_none() -> None:
    found = sort_out([review(1, account("carol"))], electorate())

    assert weigh(found, {}, {HEAD: Content.SAME}).approvals == ()


@pytest.mark.parametrize("content", [Content.OTHER, Content.GONE, Content.MOVED_BASE])
def test_an_approval_of_another_content_does_not_count(content: Content) -> None:
    assert reason(weighed([review(1, account("carol"), commit=OLD)], contents={OLD: content})) == content.value


def test_an_approval_of_a_commit_that_nobody_compared_does_not_count() -> None:
    assert reason(weighed([review(1, account("carol"), commit="c" * 40)])) == Content.GONE.value
    assert reason(weighed([review(1, account("carol"), commit=None)])) == Content.GONE.value


def test_a_dismissed_approval_does_not_count() -> None:
    assert reason(weighed([review(1, account("carol"), DISMISSED)])) == "was dismissed"


def test_a_comment_changes_nothing() -> None:
    assert approvers([review(1, account("carol")), review(2, account("carol"), ReviewState.COMMENTED)]) == ["carol"]


def test_what_was_never_submitted_is_nothing() -> None:
    pending = Review(3, account("carol"), ReviewState.PENDING, HEAD, None)

    assert standing([pending]) == ()


def test_a_request_for_changes_takes_the_approval_back_and_blocks() -> None:
    found = weighed([review(1, account("carol")), review(2, account("carol"), REQUESTED)])

    assert (found.approvals, [one.review for one in found.objections]) == ((), [2])


def test_it_does_not_come_back_when_that_is_dismissed() -> None:
    assert approvers([review(1, account("carol")), review(2, account("carol"), DISMISSED)]) == []


def test_an_approval_replaces_the_request() -> None:
    found = weighed([review(1, account("carol"), REQUESTED), review(2, account("carol"))])

    assert ([one.person for one in found.approvals], found.objections) == (["carol"], ())


def test_what_was_submitted_last_decides_and_not_what_was_begun_last() -> None:
    begun_first = review(1, account("carol"), REQUESTED, minutes=50)

    assert approvers([begun_first, review(2, account("carol"), minutes=40)]) == []


def test_an_old_request_for_changes_goes_on_blocking() -> None:
    assert len(weighed([review(1, account("frank"), REQUESTED, commit=OLD)]).objections) == 1


def test_a_request_of_somebody_whom_nobody_knows_blocks_where_he_may_write() -> None:
    assert len(weighed([review(1, STRANGER, REQUESTED)]).objections) == 1


def test_a_request_of_who_may_not_write_is_listed_only() -> None:
    found = weighed([review(1, STRANGER, REQUESTED)], permissions={STRANGER.id: Permission.READ})

    assert found.objections == ()
    assert "may not write" in reason(found)


def given_by(*names: str) -> list[Approval]:
    return [Approval(name, account(name), number, HEAD, AS_OF) for number, name in enumerate(names)]


def met(requirements: tuple[Requirement, ...], *names: str) -> dict[str, tuple[str, ...]]:
    held = assign(requirements, given_by(*names), "security")
    return {one.requirement.who: tuple(approval.person for approval in one.approvals) for one in held if one.met}


def test_one_person_is_not_both_owner_and_security() -> None:
    assert met((PAYMENTS, SECURITY), "dave") == {"payments": ("dave",)}


def test_who_could_be_either_is_where_he_is_needed() -> None:
    assert met((PAYMENTS, SECURITY), "carol", "dave") == {"payments": ("carol",), "security": ("dave",)}
    assert met((PAYMENTS, SECURITY), "dave", "erin") == {"payments": ("dave",), "security": ("erin",)}


def test_of_several_who_could_be_either_security_gets_whom_the_owners_can_spare() -> None:
    reporting = Requirement("reporting", 1, ("dave",), ("x",))
    both = replace(SECURITY, candidates=("carol", "dave"))

    assert met((PAYMENTS, reporting, both), "carol", "dave") == {
        "payments": ("dave",),
        "reporting": ("dave",),
        "security": ("carol",),
    }


def test_where_the_owners_can_spare_one_of_two_security_gets_one() -> None:
    two = replace(SECURITY, count=2, candidates=("carol", "dave"))
    held = assign((PAYMENTS, two), given_by("carol", "dave"), "security")

    assert [[approval.person for approval in one.approvals] for one in held] == [["dave"], ["carol"]]


def test_one_review_is_enough_for_two_owners() -> None:
    reporting = Requirement("reporting", 1, ("carol", "frank"), ("x",))

    assert met((PAYMENTS, reporting), "carol") == {"payments": ("carol",), "reporting": ("carol",)}


def test_a_requirement_that_cannot_be_met_anyway_keeps_nobody_from_security() -> None:
    three = replace(PAYMENTS, count=3)

    assert met((three, SECURITY), "dave") == {"security": ("dave",)}


def test_a_part_of_what_security_needs_is_shown() -> None:
    two = replace(SECURITY, count=2)
    held = assign((PAYMENTS, two), given_by("carol", "dave"), "security")

    assert [len(one.approvals) for one in held] == [1, 1]


teams = st.lists(st.sampled_from(NAMES), unique=True, max_size=6).map(lambda names: tuple(sorted(names)))
requirement = st.builds(
    Requirement, st.sampled_from(("payments", "reporting", "data")), st.integers(1, 2), teams, st.just(("x",))
)
required = st.tuples(
    st.lists(requirement, max_size=3, unique_by=lambda one: one.who),
    st.builds(Requirement, st.just("security"), st.integers(1, 2), teams, st.just(("x",))),
).map(lambda parts: (*parts[0], parts[1]))
accounts = st.sampled_from([*map(account, NAMES), STRANGER, replace(account("carol"), is_bot=True)])
reviews = st.lists(
    st.builds(
        lambda who, state, commit: (who, state, commit),
        accounts,
        st.sampled_from([APPROVED, REQUESTED, DISMISSED, ReviewState.COMMENTED]),
        st.sampled_from([HEAD, OLD]),
    ),
    max_size=12,
).map(lambda facts: [review(number, *fact) for number, fact in enumerate(facts, start=1)])


def satisfied(found: list[Review], requirements: tuple[Requirement, ...], author: str = "alice") -> bool:
    without = tuple(replace(one, candidates=tuple(set(one.candidates) - {author})) for one in requirements)
    of = weighed(found, electorate(author, requirements=without))
    return not of.objections and all(one.met for one in assign(without, of.approvals, "security"))


@given(reviews, required, st.sampled_from(NAMES))
def test_the_author_counts_for_nothing_whatever_else_there_is(
    found: list[Review], requirements: tuple[Requirement, ...], author: str
) -> None:
    of = weighed(found, electorate(author, requirements=requirements))

    assert author not in [one.person for one in of.approvals]


@given(
    reviews,
    required,
    st.sampled_from([STRANGER, account("alice"), account("bob"), replace(account("erin"), is_bot=True)]),
)
def test_another_approval_of_who_is_not_entitled_never_satisfies(
    found: list[Review], requirements: tuple[Requirement, ...], who: Account
) -> None:
    if not satisfied([one for one in found if one.author is None or one.author.id != who.id], requirements):
        others = [one for one in found if one.author is None or one.author.id != who.id]
        assert not satisfied([*others, review(99, who)], requirements)


@given(reviews, required)
def test_another_approval_of_the_content_never_unmeets(
    found: list[Review], requirements: tuple[Requirement, ...]
) -> None:
    if satisfied(found, requirements):
        assert satisfied([*found, review(99, account("erin"))], requirements)


@given(reviews, required, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(
    found: list[Review], requirements: tuple[Requirement, ...], shuffled: object
) -> None:
    mixed = list(found)
    shuffled.shuffle(mixed)  # type: ignore[attr-defined]  # a random.Random

    assert weighed(mixed, electorate(requirements=requirements)) == weighed(
        found, electorate(requirements=requirements)
    )


@given(required, st.lists(st.sampled_from(NAMES), unique=True))
def test_nobody_is_counted_for_owner_and_security_and_as_many_as_can_be_are_met(
    requirements: tuple[Requirement, ...], names: list[str]
) -> None:
    held = assign(requirements, given_by(*names), "security")
    *owners, security = held
    by_owner = {one.person for held_one in owners for one in held_one.approvals}
    by_security = {one.person for one in security.approvals}

    assert not by_owner & by_security
    assert sum(one.met for one in held) == _most_met(requirements, frozenset(names))


def _most_met(requirements: tuple[Requirement, ...], names: frozenset[str]) -> int:
    """By trying every part of them for security."""
    *owners, security = requirements
    parts: list[frozenset[str]] = [frozenset()]
    for name in names:
        parts += [part | {name} for part in parts]
    return max(
        (len(part.intersection(security.candidates)) >= security.count)
        + sum(len((names - part).intersection(one.candidates)) >= one.count for one in owners)
        for part in parts
    )


def makers(*commits: tuple[Account | None, str], complete: bool = True) -> KnownMakers:
    return known_makers(
        Makers(tuple(CommitMakers(HEAD, who, who, mail, mail) for who, mail in commits), complete), OWNERS
    )


@pytest.mark.parametrize("mail", ["carol@acme.example", "CAROL@Acme.Example", "carol-acme@users.noreply.github.com"])
def test_a_maker_is_known_by_his_address(mail: str) -> None:
    found = makers((None, mail))

    assert (set(found.people), found.doubts) == ({"carol"}, ())


def test_a_maker_is_known_by_the_number_in_a_private_address() -> None:
    found = makers((None, "1003+whatever@users.noreply.github.com"))

    assert (set(found.accounts), set(found.people), found.doubts) == ({1003}, {"carol"}, ())


def test_both_the_account_and_the_address_count() -> None:
    found = makers((STRANGER, "carol@acme.example"))

    assert (set(found.accounts), set(found.people)) == ({STRANGER.id}, {"carol"})


@pytest.mark.parametrize(
    "mail",
    [
        "who@elsewhere.example",
        "",
        "gone@users.noreply.github.com",
        "x1003+carol@users.noreply.github.com",
        "99999+carol@users.noreply.github.com",
        "noreply@github.com",
    ],
)
def test_a_maker_whom_nobody_can_name_is_a_doubt_that_says_what_to_do(mail: str) -> None:
    (*_, doubt) = makers((None, mail)).doubts

    assert "nobody knows who made commit aaaaaaaaaaaa" in doubt
    assert "make the commit again" in doubt


def test_our_own_commits_and_githubs_merges_are_nobodys() -> None:
    ours = "nhi@localhost.example"
    merged = CommitMakers(
        OLD, account("carol"), Account(19864447, "web-flow"), "carol@acme.example", "noreply@github.com"
    )

    assert makers_of(merged) == KnownMakers({1003: OLD}, {"carol": OLD}, ())
    assert makers_of(CommitMakers(HEAD, None, None, ours, ours)) == NOBODY


def makers_of(*commits: CommitMakers) -> KnownMakers:
    return known_makers(Makers(commits, complete=True), OWNERS)


OURS = CommitMakers(HEAD, None, None, "nhi@localhost.example", "nhi@localhost.example")
BY_ALICE = CommitMakers(OLD, account("alice"), account("alice"), "alice@acme.example", "alice@acme.example")


def test_what_says_that_it_is_ours_beside_commits_of_others_hides_somebody() -> None:
    doubts = makers_of(BY_ALICE, OURS).doubts

    assert len(doubts) == 2
    assert "is nhi's, and other commits of the pull request are not" in doubts[0]


@pytest.mark.parametrize("side", ["author", "committer"])
def test_what_is_ours_is_ours_on_both_sides(side: str) -> None:
    half = replace(BY_ALICE, **{side: None, f"{side}_email": "nhi@localhost.example"})  # type: ignore[arg-type]  # by name

    assert len(makers_of(half).doubts) == 1


def test_githubs_address_without_githubs_account_is_nobody_known() -> None:
    assert len(makers_of(replace(BY_ALICE, committer=None, committer_email="noreply@github.com")).doubts) == 1


def test_a_workflow_hides_who_pushed_it() -> None:
    actions = Account(41898282, "github-actions[bot]", is_bot=True)
    mail = "41898282+github-actions[bot]@users.noreply.github.com"

    assert len(makers((actions, mail)).doubts) == 2


def test_who_is_named_as_a_co_author_made_it_too() -> None:
    shared = replace(BY_ALICE, co_authors=("Carol@acme.example", "1004+d@users.noreply.github.com"))
    found = makers_of(shared)

    assert (set(found.accounts), set(found.people)) == ({1001, 1004}, {"alice", "carol", "dave"})


def test_a_co_author_whom_nobody_knows_stands_in_nobodys_way() -> None:
    assert makers_of(replace(BY_ALICE, co_authors=("assistant@elsewhere.example",))).doubts == ()


def test_everybody_of_a_shared_mailbox_made_it() -> None:
    both = {name: replace(PEOPLE[name], email="team@acme.example") for name in ("carol", "dave")}
    found = known_makers(
        Makers((replace(BY_ALICE, author=None, author_email="team@acme.example"),), complete=True), Owners(both, {})
    )

    assert set(found.people) == {"carol", "dave"}


def test_github_as_the_author_hides_one() -> None:
    flow = Account(19864447, "web-flow")

    assert len(makers((flow, "noreply@github.com")).doubts) == 1


def test_a_list_of_commits_that_is_not_complete_is_a_doubt() -> None:
    [doubt] = makers((account("carol"), "carol@acme.example"), complete=False).doubts

    assert "lists only 1 of the commits" in doubt


def test_many_doubts_are_bounded() -> None:
    assert len(makers(*((None, f"{number}@elsewhere.example") for number in range(200))).doubts) == 6
