"""`nhi verify --proof`: who is asked what about each removal, and what the answers amount to."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import FILES, PAPER, PATH, manifest

from nhi.cloud.interface import Cloud, Inventories, Trails
from nhi.cloud.pace import Clock
from nhi.errors import ExitCode
from nhi.flows.removals import ProofReport, Witness, prove_removals
from nhi.model.application import Application, Outcome
from nhi.model.identity import Identity
from nhi.model.inventory import LiveIdentity, Quota
from nhi.model.kind import Kind
from nhi.model.plan import Action, PlanSummary, Principal, PrincipalType
from nhi.model.removal import Doubt, RemovalProof
from nhi.model.settings import Stack
from nhi.model.trail import Actor, Attribute, Search, Trail, TrailEvent
from nhi.model.verification import Absent, Answer, CouldNotTell, Present

MERGED: Final = datetime(2026, 11, 2, 8, tzinfo=UTC)
NOW: Final = MERGED + timedelta(hours=6)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ACCOUNT = "111122223333"
NAME = "ledger-writer"
ARN = f"arn:aws:iam::{ACCOUNT}:role/nhi/prod/{NAME}"
KEY = "ASIA" + "X" * 16
READER = "identities/staging/ledger-reader.yaml"
OTHER_ARN = f"arn:aws:iam::{ACCOUNT}:role/nhi/prod/other"
BY_NAME, BY_ARN = Search(Attribute.RESOURCE, NAME), Search(Attribute.RESOURCE, ARN)
BY_KEY, BY_USER = Search(Attribute.ACCESS_KEY, KEY), Search(Attribute.USER, NAME)


def actor(role: str, unique_id: str | None = None) -> Actor:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/run"
    return Actor(arn, f"arn:aws:iam::{ACCOUNT}:role/{role}", ACCOUNT, unique_id)


def event(action: str, at: datetime, unique_id: str | None = None, *resources: str) -> TrailEvent:
    return TrailEvent(f"{action}-{at:%d%H%M%S}", at, action, actor("nhi-apply"), (NAME, *resources), unique_id, None)


MADE = event("iam:CreateRole", MERGED - 30 * DAY, "AROA1")
DELETED = event("iam:DeleteRole", MERGED + MINUTE)
STANDS = LiveIdentity(
    PrincipalType.ROLE, NAME, "/nhi/prod/", ARN, "AROA1", f"prod/{NAME}", MADE.at, None, provided=False
)


@dataclass
class FakeAccount:
    """A cloud that says what the test says: nothing is left, and the record has one life."""

    answer: Answer = Absent()  # noqa: RUF009  # frozen
    recorded: dict[Search, list[TrailEvent]] = field(default_factory=lambda: {BY_NAME: [MADE, DELETED]})
    in_region: dict[Search, list[TrailEvent]] = field(default_factory=dict)
    live: tuple[LiveIdentity, ...] | CouldNotTell = ()
    who: Actor | CouldNotTell = field(default_factory=lambda: actor("nhi-verify"))
    unknown: dict[Search, CouldNotTell] = field(default_factory=dict)
    reaches: timedelta = 90 * DAY
    stands_still: bool = False
    passed: float = 0.0
    asked: list[str] = field(default_factory=list)

    def look(self) -> Cloud:
        self.asked.append("a new look")
        return self

    def present(self, identity: Identity, kind: Kind, stack: Stack) -> Answer:
        raise AssertionError((identity, kind, stack))

    def gone(self, name: str, stack: Stack) -> Answer:
        self.asked.append(f"{stack.account}: is {name} gone")
        return self.answer

    def inventory(self, stack: Stack) -> tuple[LiveIdentity, ...] | CouldNotTell:
        self.asked.append(f"{stack.account}: what stands")
        return self.live

    def quotas(self, stack: Stack) -> tuple[Quota, ...] | CouldNotTell:
        raise AssertionError(stack)

    def caller(self, stack: Stack) -> Actor | CouldNotTell:
        self.asked.append(f"{stack.account}: who am I")
        return self.who

    def trail(
        self, search: Search, since: datetime, until: datetime, stack: Stack, *, in_region: bool = False
    ) -> Trail | CouldNotTell:
        assert since <= until <= self.now()
        self.asked.append(f"{stack.account}: {search.by.value} {search.value} since {since:%m-%d %H:%M}")
        if search in self.unknown:
            return self.unknown[search]
        begin = max(since, self.now() - self.reaches)
        known = (self.in_region if in_region else self.recorded).get(search, [])
        found = [one for one in known if begin <= one.at <= until]
        return Trail(begin, until, tuple(sorted(found, key=lambda one: (one.at, one.id))))

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def pause(self, seconds: float) -> None:
        self.asked.append(f"pause {seconds:g}")
        self.passed += 0 if self.stands_still else seconds


@dataclass
class Stage:
    """A repository of which one manifest was just removed, and the cloud."""

    clone: Clone
    base: str
    cloud: FakeAccount = field(default_factory=FakeAccount)
    applied: list[Application] = field(default_factory=list)

    def report(self, *stacks: str) -> ProofReport:
        trails: Trails = self.cloud
        inventories: Inventories = self.cloud
        clock = Clock(self.cloud.now, lambda: self.cloud.passed, self.cloud.pause)
        witness = Witness(self.cloud.look, trails, inventories, clock, 60)
        head = self.clone.git("rev-parse", "HEAD")
        return prove_removals(witness, self.clone.repository, self.base, head, lambda _: self.applied, stacks=stacks)

    def proof(self) -> RemovalProof:
        (found,) = self.report().proofs
        return found


@pytest.fixture
def stage(git_repository: Callable[..., Clone]) -> Stage:
    clone = git_repository({**FILES, PATH: manifest()})
    base = clone.git("rev-parse", "HEAD")
    (clone.root / PATH).unlink()
    clone.commit("Remove")
    return Stage(clone, base)


def destroys(unique_id: str, began: datetime = MERGED + MINUTE, action: Action = Action.DESTROY) -> Application:
    principal = Principal(f"module.nhi-{NAME}.aws_iam_role.this", PrincipalType.ROLE, NAME, action, unique_id)
    intended = PlanSummary("prod", (), (principal,))
    return Application("prod", None, None, "", "", "", intended, began, began, Outcome.APPLIED, (), None)


def test_a_removal_that_all_agree_on_is_proven(stage: Stage) -> None:
    report = stage.report()

    (proof,) = report.proofs
    assert (proof.identity, proof.unique_id, proof.doubts) == (f"prod/{NAME}", "AROA1", ())
    assert (proof.due, proof.merged, proof.removed and proof.removed.at) == (MERGED, MERGED, DELETED.at)
    assert proof.merge_commit == stage.clone.git("rev-parse", "HEAD")
    assert proof.deadline == MERGED + 48 * HOUR
    assert [one.at for one in proof.looks] == [NOW, NOW + MINUTE]
    assert report.exit_code is ExitCode.CLEAN


def test_the_second_look_is_a_new_one_after_the_pause(stage: Stage) -> None:
    stage.proof()

    looks = [one for one in stage.cloud.asked if "since" not in one]
    once = ["a new look", f"{ACCOUNT}: what stands", f"{ACCOUNT}: who am I", f"{ACCOUNT}: is {NAME} gone"]
    assert looks == [*once, "pause 60", *once]


def test_each_account_is_listed_once_a_look_however_many_are_gone(stage: Stage) -> None:
    base = stage.clone.git("rev-parse", "HEAD~1")
    stage.clone.git("checkout", "--quiet", "-b", "many", base)
    names = [f"reader-{number}" for number in range(5)]
    for name in names:
        stage.clone.write(f"identities/prod/{name}.yaml", manifest(name=name))
    base = stage.clone.commit("Many")
    for name in names:
        (stage.clone.root / f"identities/prod/{name}.yaml").unlink()
    stage.clone.commit("None")

    assert len(replace(stage, base=base).report().proofs) == len(names)
    assert stage.cloud.asked.count(f"{ACCOUNT}: what stands") == 2


def test_where_nothing_was_removed_nobody_is_asked_and_nobody_waits(stage: Stage) -> None:
    stage.base = stage.clone.git("rev-parse", "HEAD")

    assert stage.report() == ProofReport((), ())
    assert stage.cloud.asked == ["a new look", "a new look"]


def test_of_a_system_without_an_api_only_people_can_tell(stage: Stage) -> None:
    path = "identities/prod/mainframe-reader.yaml"
    stage.clone.write(path, PAPER)
    stage.base = stage.clone.commit("Add")
    (stage.clone.root / path).unlink()
    stage.clone.commit("Remove")

    assert stage.report() == ProofReport((), ("prod/mainframe-reader",))


def test_stacks_choose(stage: Stage) -> None:
    stage.clone.write(READER, manifest(name="ledger-reader"))
    stage.clone.commit("Add")
    (stage.clone.root / READER).unlink()
    stage.clone.commit("Remove")

    assert [one.identity for one in stage.report().proofs] == [f"prod/{NAME}", "staging/ledger-reader"]
    assert [one.identity for one in stage.report("staging").proofs] == ["staging/ledger-reader"]


def test_of_a_stack_that_no_settings_name_it_is_told_that_nobody_knows_its_account(stage: Stage) -> None:
    stage.clone.write("identities/legacy/old.yaml", manifest(name="old"))
    stage.base = stage.clone.commit("Add")
    (stage.clone.root / "identities/legacy/old.yaml").unlink()
    stage.clone.commit("Remove")

    report = stage.report()

    (proof,) = report.proofs
    assert proof.unknown == ("legacy/old: no nhi.yaml that it stood under says the account of 'legacy'",)
    assert proof.looks == ()
    assert report.exit_code is ExitCode.OUTSIDE


# --- which identity ------------------------------------------------------------------------------------------------


def test_the_unique_id_is_the_one_that_the_apply_destroyed(stage: Stage) -> None:
    stage.applied = [destroys("AROA1")]
    stage.cloud.recorded = {BY_NAME: [DELETED]}

    assert (stage.proof().unique_id, stage.proof().doubts) == ("AROA1", ())


@pytest.mark.parametrize(
    "other",
    [
        destroys("AROA0", MERGED - DAY),
        destroys("AROA0", action=Action.UPDATE),
        replace(destroys("AROA0"), intended=PlanSummary("prod", ())),
    ],
    ids=["before the merge", "another action", "nothing"],
)
def test_of_no_other_apply_the_unique_id_is_taken(stage: Stage, other: Application) -> None:
    stage.applied = [other]

    assert (stage.proof().unique_id, stage.proof().doubts) == ("AROA1", ())


def test_what_was_made_again_by_hand_is_another_identity(stage: Stage) -> None:
    stage.cloud.recorded[BY_NAME].append(event("iam:CreateRole", MERGED + HOUR, "AROA2"))
    stage.cloud.answer, stage.cloud.live = Present(), (replace(STANDS, unique_id="AROA2", id=None),)

    proof = stage.proof()

    assert proof.doubts == (Doubt.ANOTHER_IDENTITY,)
    assert (proof.unique_id, [one.standing for one in proof.looks]) == ("AROA1", [("AROA2",), ("AROA2",)])


def test_a_user_that_was_made_again_elsewhere_is_another_identity(stage: Stage) -> None:
    user = replace(STANDS, type=PrincipalType.USER, path="/", unique_id="AIDA2", id=None)
    stage.cloud.answer, stage.cloud.live = Present(), (user,)

    assert stage.proof().doubts == (Doubt.ANOTHER_IDENTITY,)


def test_what_stands_still_is_still_there_and_not_removed(stage: Stage) -> None:
    stage.cloud.recorded[BY_NAME] = [MADE]
    stage.cloud.answer, stage.cloud.live = Present(), (STANDS,)

    assert stage.proof().doubts == (Doubt.LOOKED_ONCE, Doubt.NO_REMOVAL_EVENT, Doubt.STILL_THERE)


def test_what_stands_under_another_name_and_path_is_still_there(stage: Stage) -> None:
    renamed = replace(STANDS, type=PrincipalType.USER, name="harmless", path="/", id=None)
    stage.cloud.live = (renamed,)

    assert Doubt.STILL_THERE in stage.proof().doubts


@pytest.mark.parametrize(
    "other",
    [
        replace(STANDS, unique_id="AROA9", name="somebody", id=None),
        replace(STANDS, unique_id="AROA9", path="/", id=None),
        replace(STANDS, unique_id="AIDA9", type=PrincipalType.USER, path="/", id="staging/ledger-writer"),
    ],
    ids=["another name", "a role elsewhere", "a user of another identity"],
)
def test_what_is_somebody_elses_is_none_of_it(stage: Stage, other: LiveIdentity) -> None:
    stage.cloud.live = (other,)

    assert [one.standing for one in stage.proof().looks] == [(), ()]


def test_what_was_never_applied_has_no_trace_and_that_is_said(stage: Stage) -> None:
    stage.cloud.recorded = {}

    proof = stage.proof()

    assert proof.doubts == (Doubt.NOTHING_RECORDED,)
    assert (proof.unique_id, proof.removed) == (None, None)


# --- who looked ----------------------------------------------------------------------------------------------------


def test_who_removed_is_no_witness(stage: Stage) -> None:
    stage.cloud.who = actor("nhi-apply")

    assert stage.proof().doubts == (Doubt.SAME_CREDENTIAL,)


def test_a_witness_that_nobody_knows_is_none(stage: Stage) -> None:
    stage.cloud.who = CouldNotTell("sts is throttled")

    assert (stage.proof().doubts, stage.proof().unknown) == ((Doubt.COULD_NOT_TELL,), ("sts is throttled",))


@pytest.mark.parametrize("search", [BY_NAME, BY_ARN, BY_USER])
def test_a_record_that_cannot_be_read_is_unknown_and_its_reason_told(stage: Stage, search: Search) -> None:
    stage.cloud.unknown = {search: CouldNotTell("CloudTrail is throttled")}

    report = stage.report()

    (proof,) = report.proofs
    assert Doubt.COULD_NOT_TELL in proof.doubts
    assert proof.unknown == ("CloudTrail is throttled",)
    assert report.exit_code is ExitCode.OUTSIDE


def test_a_listing_that_cannot_be_had_is_no_look(stage: Stage) -> None:
    stage.cloud.live = CouldNotTell("denied")

    assert stage.proof().doubts == (Doubt.COULD_NOT_TELL, Doubt.LOOKED_ONCE)


def test_a_finding_is_a_finding(stage: Stage) -> None:
    stage.cloud.who = actor("nhi-apply")

    assert stage.report().exit_code is ExitCode.FINDINGS


# --- use -----------------------------------------------------------------------------------------------------------


def given(at: datetime) -> TrailEvent:
    """A session of the identity that a service was given."""
    service = Actor("ecs-tasks.amazonaws.com", None, "")
    return replace(event("sts:AssumeRole", at, None, ARN, KEY), actor=service)


def called(at: datetime, by: Actor) -> TrailEvent:
    return replace(event("s3:CreateBucket", at), actor=by, resources=("bucket",))


ITSELF = actor(NAME, "AROA1")


@pytest.mark.parametrize("in_region", [False, True])
def test_a_session_that_lived_on_is_found_by_its_key(stage: Stage, *, in_region: bool) -> None:
    trail = stage.cloud.in_region if in_region else stage.cloud.recorded
    trail[BY_ARN] = [given(MERGED - 11 * HOUR)]
    trail[BY_KEY] = [called(MERGED + HOUR, ITSELF)]

    proof = stage.proof()

    assert proof.doubts == (Doubt.USED_AFTER_REMOVAL,)
    assert proof.uses == (called(MERGED + HOUR, ITSELF),)


def test_use_between_due_and_removal_is_use_after_it_was_due(stage: Stage) -> None:
    stage.cloud.recorded[BY_ARN] = [given(MERGED - HOUR), given(MERGED + timedelta(seconds=30))]
    stage.cloud.recorded[BY_KEY] = [called(MERGED - MINUTE, ITSELF), called(DELETED.at, ITSELF)]

    proof = stage.proof()

    assert proof.doubts == (Doubt.USED_AFTER_DUE,)
    assert [one.at for one in proof.uses] == [MERGED + timedelta(seconds=30), DELETED.at]


def test_a_session_that_was_refused_is_none(stage: Stage) -> None:
    stage.cloud.recorded[BY_ARN] = [replace(given(MERGED + HOUR), error="AccessDenied")]

    assert stage.proof().doubts == ()


def test_use_before_it_was_due_is_what_it_was_made_for(stage: Stage) -> None:
    stage.cloud.recorded[BY_ARN] = [given(MERGED - HOUR)]
    stage.cloud.recorded[BY_KEY] = [called(MERGED - MINUTE, ITSELF)]

    assert stage.proof().doubts == ()


def test_what_was_removed_by_hand_before_it_was_due_is_searched_from_its_removal_on(stage: Stage) -> None:
    stage.cloud.recorded[BY_NAME] = [MADE, event("iam:DeleteRole", MERGED - 5 * HOUR)]
    stage.cloud.recorded[BY_ARN] = [given(MERGED - 6 * HOUR)]
    stage.cloud.recorded[BY_KEY] = [called(MERGED - 4 * HOUR, ITSELF)]

    assert stage.proof().doubts == (Doubt.USED_AFTER_REMOVAL,)


def test_the_use_of_what_was_made_later_under_its_name_is_not_its_own(stage: Stage) -> None:
    stage.cloud.recorded[BY_NAME] += [
        event("iam:CreateRole", MERGED + HOUR, "AROA2"),
        event("iam:DeleteRole", MERGED + 3 * HOUR),
    ]
    stage.cloud.recorded[BY_ARN] = [given(MERGED + 2 * HOUR)]
    stage.cloud.recorded[BY_KEY] = [called(MERGED + 2 * HOUR, actor(NAME, "AROA2"))]

    assert stage.proof().doubts == ()


def test_a_user_is_found_by_its_name_and_others_sessions_of_that_name_are_not_it(stage: Stage) -> None:
    stage.cloud.recorded[BY_USER] = [called(MERGED + HOUR, actor("batch", "AROA7"))]
    assert stage.proof().doubts == ()

    user = Actor(f"arn:aws:iam::{ACCOUNT}:user/nhi/prod/{NAME}", None, ACCOUNT, "AROA1")
    stage.cloud.recorded[BY_USER] = [called(MERGED + HOUR, user)]
    assert stage.proof().doubts == (Doubt.USED_AFTER_REMOVAL,)


def test_a_caller_without_an_id_is_known_by_its_name_until_something_else_has_it(stage: Stage) -> None:
    stage.cloud.recorded[BY_NAME].append(event("iam:CreateRole", MERGED + 2 * HOUR, "AROA2"))
    stage.cloud.recorded[BY_ARN] = [given(MERGED - HOUR)]
    stage.cloud.recorded[BY_KEY] = [called(MERGED + HOUR, actor(NAME)), called(MERGED + 3 * HOUR, actor(NAME))]

    assert [one.at for one in stage.proof().uses] == [MERGED + HOUR]


def test_more_keys_than_can_be_looked_for_are_not_overlooked(stage: Stage) -> None:
    keys = [f"ASIA{number:016}" for number in range(101)]
    stage.cloud.recorded[BY_ARN] = [replace(given(MERGED - HOUR), resources=(ARN, *keys))]

    proof = stage.proof()

    assert proof.doubts == (Doubt.COULD_NOT_TELL,)
    assert proof.unknown == (f"prod/{NAME}: it was given 101 keys, too many to look for",)


@pytest.mark.parametrize("at_work", ["a session", "a call"])
def test_what_was_made_too_long_ago_is_known_by_its_last_work(stage: Stage, at_work: str) -> None:
    stage.cloud.recorded = {BY_NAME: [DELETED]}
    if at_work == "a session":
        stage.cloud.recorded[BY_ARN] = [replace(given(MERGED - HOUR), unique_id="AROA1", expires=MERGED - MINUTE)]
    else:
        stage.cloud.recorded[BY_USER] = [called(MERGED - HOUR, ITSELF)]

    assert (stage.proof().unique_id, stage.proof().doubts) == ("AROA1", ())

    stage.cloud.live = (replace(STANDS, unique_id="AROA1", name="other", path="/", id=None),)
    assert Doubt.STILL_THERE in stage.proof().doubts


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {BY_ARN: [replace(event("sts:AssumeRole", MERGED - HOUR, "AROA1", ARN), error="AccessDenied")]},
        {BY_ARN: [event("sts:AssumeRole", MERGED + HOUR, "AROA2", ARN)]},
        {BY_ARN: [event("sts:AssumeRole", MERGED - hours * HOUR, f"AROA{hours}", ARN) for hours in (1, 2)]},
        {BY_USER: [called(MERGED - HOUR, Actor(f"arn:aws:iam::{ACCOUNT}:user/{NAME}", None, ACCOUNT, "AIDA9"))]},
        {BY_USER: [called(MERGED - HOUR, actor("batch", "AROA7"))]},
        {BY_USER: [called(MERGED - HOUR, replace(ITSELF, account="444455556666"))]},
        {BY_USER: [replace(event("sts:AssumeRole", MERGED - HOUR, "AROA8", OTHER_ARN), actor=actor("batch", "AROA7"))]},
    ],
    ids=[
        "nothing",
        "a refused session",
        "a session after its end",
        "two",
        "a user",
        "somebody else",
        "elsewhere",
        "a session of another role, opened by a session of its name",
    ],
)
def test_the_id_of_nothing_else_is_taken_for_its_own(stage: Stage, seen: dict[Search, list[TrailEvent]]) -> None:
    stage.cloud.recorded = {BY_NAME: [DELETED], **seen}

    assert stage.proof().unique_id is None
    assert Doubt.UNIQUE_ID_UNKNOWN in stage.proof().doubts


def test_a_busy_identity_is_proven_since_sessions_that_had_ended_are_not_looked_for(stage: Stage) -> None:
    keys = [f"ASIA{number:016}" for number in range(200)]
    ended = [
        replace(given(MERGED - 2 * HOUR), id=key, resources=(ARN, key), expires=MERGED - timedelta(seconds=1))
        for key in keys
    ]
    lives = replace(given(MERGED - HOUR), expires=MERGED)
    stage.cloud.recorded[BY_ARN] = [*ended, lives]
    stage.cloud.recorded[BY_KEY] = [called(MERGED, ITSELF)]

    proof = stage.proof()

    assert (proof.unknown, proof.doubts) == ((), (Doubt.USED_AFTER_DUE,))
    assert [one for one in stage.cloud.asked if "AccessKeyId" in one and KEY not in one] == []


@pytest.mark.parametrize(
    ("reaches", "doubts"),
    [(NOW - MERGED + 12 * HOUR, ()), (NOW - MERGED + 11 * HOUR, (Doubt.RECORD_TOO_SHORT,))],
)
def test_a_record_that_lacks_sessions_which_could_have_lived_on_is_too_short(
    stage: Stage, reaches: timedelta, doubts: tuple[Doubt, ...]
) -> None:
    stage.applied = [destroys("AROA1")]
    stage.cloud.reaches = reaches
    stage.cloud.stands_still = True

    assert stage.proof().doubts == doubts


def test_what_is_deleted_here_before_its_expiry_is_not_merged_and_has_no_late_use(stage: Stage) -> None:
    stage.clone.git("reset", "--quiet", "--soft", "HEAD~1")
    stage.clone.git("reset", "--quiet")

    assert stage.proof().doubts == (Doubt.NOT_MERGED,)


@pytest.mark.parametrize("expiry", ["0001-01-01", "9999-12-31T23:59:59Z"])
def test_no_expiry_of_the_calendar_stops_the_proof_of_the_others(stage: Stage, expiry: str) -> None:
    stage.clone.git("checkout", "--quiet", "HEAD~1")
    stage.clone.write(READER, manifest(name="ledger-reader", expiry=expiry))
    stage.base = stage.clone.commit("Add")
    (stage.clone.root / READER).unlink()
    (stage.clone.root / PATH).unlink()
    assert len(stage.report().proofs) == 2
    stage.clone.commit("Remove")
    assert len(stage.report().proofs) == 2


def test_a_user_of_its_name_is_not_taken_for_the_role_that_it_was(stage: Stage) -> None:
    namesake = (event("iam:CreateUser", MADE.at + DAY, "AIDA9"), event("iam:DeleteUser", MADE.at + 2 * DAY))
    stage.cloud.recorded[BY_NAME] = [MADE, *namesake, DELETED]

    proof = stage.proof()

    assert (proof.unique_id, proof.removed and proof.removed.action, proof.doubts) == ("AROA1", "iam:DeleteRole", ())


def test_what_is_deleted_here_only_and_stands_is_told_as_what_it_is(stage: Stage) -> None:
    stage.clone.git("reset", "--quiet", "--soft", "HEAD~1")
    stage.clone.git("reset", "--quiet")
    stage.cloud.recorded[BY_NAME] = [MADE]
    stage.cloud.answer, stage.cloud.live = Present(), (STANDS,)

    doubts = (Doubt.LOOKED_ONCE, Doubt.NO_REMOVAL_EVENT, Doubt.NOT_MERGED, Doubt.STILL_THERE)
    assert stage.proof().doubts == doubts
