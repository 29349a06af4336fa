"""The rules about holds, suspensions and what a whole change does, where examples cannot show it."""

import pytest
from tests.fixtures.policy import OWNERS, STACKS, change_of, change_violations, context, sample, violations

from nhi.model.change import Change, ManifestChange
from nhi.model.finding import Severity
from nhi.model.identity import Hold, Manifest, Suspension
from nhi.model.instant import parse_instant
from nhi.model.moment import Moment
from nhi.model.settings import Settings, Stack
from nhi.model.source import ChangeType, PathChange
from nhi.policy.control_plane import is_control_plane
from nhi.policy.discovery import discover
from nhi.policy.rule import Context, Violation

BOOK = discover()
RULES = {entry.slug: entry for entry in BOOK.of_changes}
AUTHORITY = next(entry for entry in BOOK.of_manifests if entry.slug == "unnamed-authority")
STALE = next(entry for entry in BOOK.of_manifests if entry.slug == "stale-suspension")
HOLD = Hold("legal", "matter 2026-14", parse_instant("2027-02-01"))
SUSPENDED = Suspension(parse_instant("2026-11-01T08:00:00Z"), "leak suspected\x1b[31m")
TWO_STACKS = Settings(stacks={**STACKS, "staging": Stack("staging", "444455556666", "eu-west-1")})


def _in(settings: Settings) -> Context:
    return Context(OWNERS, settings, Moment(parse_instant("2026-11-20")), edited=True)


def _in_stack(stack: str, **changes: object) -> Manifest:
    return sample(stack=stack, path=f"identities/{stack}/{changes.get('name', 'ledger-writer')}.yaml", **changes)


def _change(*manifests: ManifestChange, paths: tuple[str, ...] = ()) -> Change:
    ordered = tuple(sorted(manifests, key=lambda one: one.identity))
    return Change(ordered, tuple(PathChange(path, ChangeType.EDITED) for path in paths))


def _found(slug: str, change: Change, head: Context | None = None, base: Context | None = None) -> list[Violation]:
    return [violation for _, violation in change_violations(RULES[slug], change, head=head, base=base)]


def _removed(manifest: Manifest) -> ManifestChange:
    return change_of(manifest, None)


def _created(manifest: Manifest) -> ManifestChange:
    return change_of(None, manifest)


def test_a_hold_that_could_not_be_read_keeps_the_identity() -> None:
    unread = sample(unreadable=frozenset({"hold"}))

    (violation,) = _found("held-removal", _change(_removed(unread)))

    assert violation.message == "whether a hold keeps the identity could not be read, and the change removes it"


def test_a_removed_hold_names_who_has_to_end_it() -> None:
    (violation,) = _found("held-removal", _change(_removed(sample(hold=HOLD))))

    assert violation.message == "the hold of 'legal' keeps the identity, and the change removes it"
    assert "once 'legal' has ended the hold" in violation.hint


@pytest.mark.parametrize("slug", ["lifted-hold", "lifted-suspension"])
def test_what_cannot_be_read_after_the_change_is_not_lifted(slug: str) -> None:
    before = sample(hold=HOLD, suspended=SUSPENDED)
    unread = sample(unreadable=frozenset({"hold", "suspended"}))

    assert _found(slug, _change(change_of(before, unread))) == []


@pytest.mark.parametrize("slug", ["lifted-hold", "lifted-suspension", "repurposed-identity"])
def test_a_new_identity_and_a_removed_one_lift_nothing(slug: str) -> None:
    one = sample(hold=HOLD, suspended=SUSPENDED)

    assert _found(slug, _change(_created(one))) == []
    assert _found(slug, _change(_removed(one))) == []


def test_a_hold_that_is_handed_on_and_postponed_is_reported_for_both() -> None:
    later = Hold("payments", HOLD.reason, parse_instant("2028-02-01"))

    found = _found("lifted-hold", _change(change_of(sample(hold=HOLD), sample(hold=later))))

    assert [one.at for one in found] == [("hold", "authority"), ("hold", "review")]
    assert all("only if 'legal' says so" in one.hint for one in found)


def test_a_lifted_suspension_tells_since_when_and_why_access_was_cut() -> None:
    (violation,) = _found("lifted-suspension", _change(change_of(sample(suspended=SUSPENDED), sample())))

    assert violation.message == ("access comes back: it was cut on 2026-11-01T08:00:00Z for 'leak suspected\\x1b[31m'")
    assert violation.severity is Severity.ERROR


def test_a_suspension_that_is_lifted_is_to_be_confirmed_and_then_to_be_approved() -> None:
    confirmed = sample(certified=parse_instant("2026-11-19"))

    (alone,) = _found("lifted-suspension", _change(change_of(sample(suspended=SUSPENDED), sample())))
    (told,) = _found("lifted-suspension", _change(change_of(sample(suspended=SUSPENDED), confirmed)))

    assert alone.hint.startswith("write `certified: YYYY-MM-DD`, the day since 2026-11-01 on which the owner confirmed")
    assert (told.hint, told.severity) == ("approve it only if that is over", Severity.WARNING)


def test_what_may_be_held_is_not_asked_to_be_removed() -> None:
    old = Suspension(parse_instant("2026-01-01"), "leak suspected")

    assert len(violations(STALE, sample(suspended=old))) == 1
    assert violations(STALE, sample(suspended=old, unreadable=frozenset({"hold"}))) == []


@pytest.mark.parametrize(
    "authority", ["", "  ", "TBD", "TODO: legal", "me", "The Owner", "PAYMENTS", "Alice", "@", "alice-acme"]
)
def test_a_hold_is_not_ordered_by_nobody_or_by_the_owner(authority: str) -> None:
    (violation,) = violations(AUTHORITY, sample(hold=Hold(authority, "matter", HOLD.review)))

    assert violation.at == ("hold", "authority")


@pytest.mark.parametrize(
    "authority", ["legal", "BaFin", "Data protection officer", "erin", "security", "суд", "法務部"]
)
def test_a_hold_is_ordered_by_whoever_else_is_named(authority: str) -> None:
    assert violations(AUTHORITY, sample(hold=Hold(authority, "matter", HOLD.review))) == []


def test_a_hostile_authority_is_quoted() -> None:
    evil = Hold("\x1b[31m\u202e::error::" + "." * 9_000, "matter", HOLD.review)

    for violation in violations(AUTHORITY, sample(hold=evil)):
        assert violation.message.isprintable()


def test_an_identity_that_moves_to_another_stack_is_reported_where_it_appears() -> None:
    change = _change(_removed(_in_stack("prod")), _created(_in_stack("staging")))

    found = change_violations(RULES["changed-in-place"], change, head=_in(TWO_STACKS), base=_in(TWO_STACKS))

    ((identity, violation),) = found
    assert identity == "staging/ledger-writer"
    assert violation.at == ("name",)
    assert violation.message == "the change removes 'prod/ledger-writer', and makes the same in another stack"


def test_a_stack_that_goes_with_its_identities_is_known_from_the_base() -> None:
    change = _change(_removed(_in_stack("staging")), _created(_in_stack("prod")))

    assert len(_found("changed-in-place", change, head=_in(Settings(stacks=STACKS)), base=_in(TWO_STACKS))) == 1


def test_where_the_base_cannot_be_read_the_stacks_of_the_head_are_known() -> None:
    change = _change(_removed(_in_stack("staging")), _created(_in_stack("prod")))

    assert len(_found("changed-in-place", change, head=_in(TWO_STACKS))) == 1


@pytest.mark.parametrize(
    "other",
    [
        change_of(_in_stack("prod", purpose="Something else of the same name runs there every night."), None),
        change_of(_in_stack("prod", name="ledger-reader"), None),
        change_of(_in_stack("prod", name="ledger-zebra"), None),
        change_of(_in_stack("prod", purpose=None), None),
        change_of(_in_stack("prod"), _in_stack("prod", expiry=parse_instant("2027-02-28"))),
        change_of(None, _in_stack("prod")),
    ],
    ids=[
        "another purpose",
        "an earlier name",
        "a later name",
        "no purpose",
        "it stays where it was",
        "it is new there too",
    ],
)
def test_what_only_looks_like_a_move_is_none(other: ManifestChange) -> None:
    change = _change(other, _created(_in_stack("staging")))

    assert _found("changed-in-place", change, head=_in(TWO_STACKS)) == []


@pytest.mark.parametrize("stack", ["prod", "staging"])
def test_what_is_alone_in_a_change_moved_from_nowhere(stack: str) -> None:
    assert _found("changed-in-place", _change(_created(_in_stack(stack))), head=_in(TWO_STACKS)) == []


def test_a_new_identity_without_a_purpose_is_compared_all_the_same() -> None:
    change = _change(_removed(_in_stack("prod")), _created(_in_stack("staging", purpose=None)))

    assert _found("changed-in-place", change, head=_in(TWO_STACKS)) == []


def test_a_kind_that_is_not_known_on_one_side_has_not_changed() -> None:
    for before, after in (("", "service-role"), ("service-role", "")):
        assert _found("changed-in-place", _change(change_of(sample(kind=before), sample(kind=after)))) == []


def test_a_large_move_between_many_stacks_is_answered_quickly() -> None:
    stacks = {f"stack-{n:02}": Stack(f"stack-{n:02}", "111122223333", "eu-west-1") for n in range(50)}
    names = [f"role-{n:04}" for n in range(1_000)]
    change = _change(
        *(_removed(_in_stack("stack-00", name=name)) for name in names),
        *(_created(_in_stack("stack-49", name=name)) for name in names),
    )

    assert len(_found("changed-in-place", change, head=_in(Settings(stacks=stacks)))) == 1_000


def test_a_mixed_change_is_reported_once_at_the_first_identity_that_stands() -> None:
    change = _change(
        _removed(sample(name="a-gone")),
        _created(sample(name="b-new")),
        _created(sample(name="c-new")),
        paths=("src/nhi/cli/app.py", "nhi.yaml", "README.md", "modules/x/main.tf"),
    )

    ((identity, violation),) = change_violations(RULES["mixed-change"], change)

    assert identity == "prod/b-new"
    assert violation.at == ()
    assert violation.message == "the change also touches what governs identities: 'modules/x/main.tf' and 2 more"


def test_a_mixed_change_that_only_removes_is_reported_once_at_the_first() -> None:
    change = _change(*(_removed(sample(name=f"role-{n}")) for n in range(5)), paths=("nhi.yaml",))

    assert [identity for identity, _ in change_violations(RULES["mixed-change"], change)] == ["prod/role-0"]


def test_a_change_of_what_governs_identities_alone_is_not_mixed() -> None:
    assert change_violations(RULES["mixed-change"], _change(paths=("nhi.yaml", "src/nhi/cli/app.py"))) == []


@pytest.mark.parametrize(
    "path",
    [
        "nhi.yaml",
        "NHI.yaml",
        "identities/owners.yaml",
        ".gitattributes",
        "CODEOWNERS",
        "docs/CODEOWNERS",
        ".github/CODEOWNERS",
        ".github/workflows/gate.yml",
        ".GitHub/workflows/gate.yml",
        ".ci/run",
        "modules/aws/main.tf",
        "scripts/check",
        "src/nhi/policy/rules/reused_name.py",
        "pyproject.toml",
    ],
)
def test_what_governs_identities_is_the_control_plane(path: str) -> None:
    assert is_control_plane(path)


@pytest.mark.parametrize(
    "path",
    [
        "identities/prod/owners.yaml",
        "identities/prod/src/role.yaml",
        "identities/README.md",
        "README.md",
        "docs/nhi.yaml",
        "srcs/a",
        "my-modules/a",
        "",
    ],
)
def test_what_does_not_govern_them_is_not(path: str) -> None:
    assert not is_control_plane(path)


def test_a_hostile_path_is_quoted() -> None:
    change = _change(_created(sample()), paths=("src/\x1b[31m\r\n::error::\u202e.py",))

    (violation,) = _found("mixed-change", change)

    assert violation.message.isprintable()


def test_a_name_that_was_given_up_is_named_in_full() -> None:
    change = Change((_created(sample()),), (), removed_before=frozenset({"prod/ledger-writer"}))

    (violation,) = _found("reused-name", change, head=context())

    assert violation.message == "'prod/ledger-writer' was there before, and was removed"


def test_a_purpose_that_is_gone_is_not_another() -> None:
    assert _found("repurposed-identity", _change(change_of(sample(), sample(purpose=None)))) == []


def test_a_purpose_of_before_is_quoted_and_cut() -> None:
    before = sample(purpose="export survey\u202e answers into warehouse tables " * 20)

    (violation,) = _found("repurposed-identity", _change(change_of(before, sample())))

    assert violation.message.startswith("it was for something else before: 'export survey\\u202e answers into")
    assert len(violation.message) < 120


@pytest.mark.parametrize(
    ("before", "after", "is_another"),
    [
        ("wakes lamps rings bells", "keeps bees grows corn", True),
        ("wakes lamps rings", "keeps bees grows corn", False),
        ("wakes lamps rings bells", "keeps bees grows", False),
        ("wakes lamps rings bells moves doors", "wakes lamps grows corn keeps bees", False),
        ("wakes lamps rings bells moves doors", "wakes pumps grows corn keeps bees", True),
        ("the old and wise man wakes lamps and rings bells", "the old and sly man keeps bees and grows corn", True),
    ],
    ids=["nothing in common", "short before", "short after", "a third in common", "less than a third", "little words"],
)
def test_a_purpose_is_another_when_hardly_a_longer_word_stays(before: str, after: str, *, is_another: bool) -> None:
    found = _found("repurposed-identity", _change(change_of(sample(purpose=before), sample(purpose=after))))

    assert bool(found) is is_another
