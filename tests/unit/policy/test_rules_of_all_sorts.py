"""What holds for every rule there is: about time, about other people's text, and about what cannot be read."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fixtures.policy import AS_OF, OWNERS, STACKS, change_of, sample, statement

from nhi.model.change import Change
from nhi.model.facts import Neighbour
from nhi.model.finding import Severity
from nhi.model.identity import AcceptedException, Hold, Manifest, Suspension
from nhi.model.moment import Moment
from nhi.model.settings import Settings
from nhi.model.source import ChangeType, PathChange
from nhi.policy.discovery import discover
from nhi.policy.engine import judge, judge_change, judge_stack
from nhi.policy.facts import facts_of
from nhi.policy.rule import ChangeContext, Context, Violation

BOOK = discover()
EXCEPTABLE = {entry.slug: entry.rule.may_be_excepted for entry in BOOK.entries}
_DAYS = st.integers(min_value=-800, max_value=800).map(lambda day: AS_OF + timedelta(days=day))
_TIMES = st.one_of(_DAYS, _DAYS.map(lambda time: time + timedelta(seconds=1)))
_OWNERS = st.sampled_from([*OWNERS.people, *OWNERS.teams, "nobody", None])
_TEXTS = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        ["\x1b]8;;\x07", "\u202e", "::error::\n", "${x}", "A" * 5_000, "tbd", "legal", "payments", "alice"]
    ),
)


def _context(as_of: datetime, *, edited: bool) -> Context:
    return Context(OWNERS, Settings(stacks=STACKS), Moment(as_of), edited, EXCEPTABLE)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    """Manifests in which anything may be wrong, mostly what depends on the time."""
    optional = st.none() | _TIMES
    dates = {key: draw(optional) for key in ("expiry", "certified")}
    accepted = st.builds(
        AcceptedException,
        rule=st.sampled_from(sorted(EXCEPTABLE)) | _TEXTS,
        reason=_TEXTS,
        compensating_control=_TEXTS,
        approver=_OWNERS.map(str) | _TEXTS,
        expiry=_TIMES,
    )
    credential = {
        "type": draw(st.sampled_from(["static-key", "certificate", "federated"]) | _TEXTS),
        "rotate_every": draw(st.integers(-1, 400)),
        "rotated": draw(_TIMES).isoformat(),
        "used_by_person": draw(st.none() | _TEXTS),
    }
    vendor = {"name": draw(_TEXTS), "contract_end": draw(_TIMES).isoformat()}
    scopes = [{"allow": [statement()]}, {"credential": credential}, {"vendor": vendor, "credential": credential}]
    return sample(
        **dates,
        owner=draw(_OWNERS | _TEXTS),
        purpose=draw(st.none() | _TEXTS),
        kind=draw(st.sampled_from(["service-role", "paper-account"]) | _TEXTS),
        used_by=tuple(draw(st.lists(_OWNERS.map(str) | _TEXTS, max_size=3))),
        scope=draw(st.sampled_from(scopes)),
        exceptions=tuple(draw(st.lists(accepted, max_size=3))),
        hold=draw(st.none() | st.builds(Hold, _TEXTS, _TEXTS, _TIMES)),
        suspended=draw(st.none() | st.builds(Suspension, _TIMES, _TEXTS)),
        unreadable=frozenset(draw(st.lists(st.sampled_from(["hold", "exceptions", "suspended", "owner"]), max_size=2))),
    )


def _errors(manifest: Manifest, as_of: datetime) -> set[tuple[str, object]]:
    found = judge(manifest, _context(as_of, edited=False), BOOK.of_manifests)
    return {(entry.slug, one.at) for entry, one in found if (one.severity or entry.rule.severity) is Severity.ERROR}


@settings(max_examples=200, deadline=None)
@given(manifests(), _TIMES, st.integers(min_value=0, max_value=1_500))
def test_a_day_that_passes_makes_no_error_where_no_change_touches(manifest: Manifest, now: datetime, days: int) -> None:
    assert _errors(manifest, now + timedelta(days=days)) <= _errors(manifest, now)


@settings(max_examples=200, deadline=None)
@given(manifest=manifests(), now=_TIMES, later=_TIMES, edited=st.booleans())
def test_a_verdict_holds_all_through_its_span(
    manifest: Manifest, now: datetime, later: datetime, *, edited: bool
) -> None:
    first, second = _context(now, edited=edited), _context(later, edited=edited)
    found = judge(manifest, first, BOOK.of_manifests)

    if first.now.since <= later < first.now.until:
        assert judge(manifest, second, BOOK.of_manifests) == found


@settings(max_examples=200, deadline=None)
@given(manifests(), manifests(), _TIMES, st.sampled_from([None, *OWNERS.people]), st.lists(_TEXTS, max_size=3))
def test_whatever_stands_in_manifests_every_finding_is_one_bounded_line(
    before: Manifest, after: Manifest, now: datetime, author: str | None, paths: list[str]
) -> None:
    given_now = _context(now, edited=True)
    changed = tuple(PathChange(path, ChangeType.EDITED) for path in [*paths, *(f"src/{path}" for path in paths)])
    changes = [change_of(before, after), change_of(None, after), change_of(before, None)]
    found: list[Violation] = [one for _, one in judge(after, given_now, BOOK.of_manifests)]
    for one in changes:
        change = Change((one,), changed, author, {}, frozenset({one.identity}))
        around = ChangeContext(given_now, given_now, change)
        found += [each for _, _, each in judge_change(change, around, BOOK.of_changes)]
    stack = [Neighbour(path, path, facts_of(one)) for path, one in (("a\x1b", before), ("b\n" * 999, after))]
    found += [each for _, _, each in judge_stack(stack, BOOK.of_stacks)]

    for violation in found:
        for text in (violation.message, violation.hint):
            assert text.isprintable()
            assert 3 < len(text) < 400
            assert not text.endswith(".")


@settings(max_examples=100, deadline=None)
@given(manifests(), _TIMES)
def test_suspending_never_waits_for_what_time_or_others_brought_about(manifest: Manifest, now: datetime) -> None:
    about_time = {"expired-exception", "overdue-rotation", "overdue-hold", "past-expiry", "departed-owner"}
    cut = sample(
        owner=manifest.owner,
        expiry=manifest.expiry,
        scope=manifest.scope,
        exceptions=manifest.exceptions,
        hold=manifest.hold,
        suspended=Suspension(now, "leak suspected"),
    )

    found = judge(cut, _context(now, edited=True), BOOK.of_manifests)

    for entry, one in found:
        if entry.slug in about_time:
            assert (one.severity or entry.rule.severity) is Severity.WARNING
