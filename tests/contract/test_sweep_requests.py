"""A sweep against a forge and a real remote: what it opens, keeps, closes and leaves alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import manifest
from tests.fixtures.memory_forge import MemoryForge
from tests.fixtures.sweeps import ENDED, LATER, NOW, Stage, declare, stage, titles

from nhi.errors import UsageError
from nhi.flows.pull_requests import Write
from nhi.lifecycle.removal_requests import OCCUPIED, WITHDRAWN
from nhi.model.forge import SWEEP_LABEL, PullState
from nhi.model.instant import parse_instant
from nhi.model.settings import Stack
from nhi.model.usage import LastUse, Used

LEDGER = "identities/prod/ledger.yaml"


@pytest.fixture
def world(git_repository: Callable[..., Clone]) -> Stage:
    """Two ended identities of payments and one of security in prod; one that lives; one that ended in staging."""
    return stage(
        git_repository,
        declare("prod/ledger", "prod/refunds", "staging/ledger")
        | declare("prod/audit", owner="security")
        | declare("prod/billing", expiry=LATER),
    )


class Uses:
    """Everything was used once."""

    def last_use(self, name: str, stack: Stack) -> LastUse:
        return Used(parse_instant("2027-01-02T03:04:05Z"), f"{stack.name}-{name}", None)

    def key_uses(self, user: str, stack: Stack) -> Mapping[str, LastUse]:
        raise AssertionError(user, stack)

    def access_key_use(self, key_id: str, stack: Stack) -> LastUse:
        raise AssertionError(key_id, stack)


def written(forge: MemoryForge) -> int:
    """How many calls so far wrote something."""
    reading = ("open_pull_requests", "closed_pull_requests", "comments", "issues", "pull_request")
    return len(forge.calls) - forge.called(*reading)


def quiet(world: Stage, *, notices: bool = False) -> None:
    """A sweep that writes nothing."""
    before, branches = written(world.forge), world.branches()
    world.sweep(notices=notices)
    assert (written(world.forge), world.branches()) == (before, branches)


def test_each_stack_and_owner_gets_one_pull_request_that_merges_by_itself(world: Stage) -> None:
    report = world.sweep(notices=False)
    assert report.clean
    assert titles(world.pulls) == [
        "prod: remove 2 expired identities of payments",
        "prod: remove 1 expired identity of security",
        "staging: remove 1 expired identity of payments",
    ]
    assert all(pull.auto_merge and pull.labels == {SWEEP_LABEL} for pull in world.pulls)
    assert world.branches() == {pull.head_branch: pull.head for pull in world.pulls}
    first = world.pulls[0]
    changed = world.clone.git("diff", "--name-status", "main", first.head)
    assert changed == "D\tidentities/prod/ledger.yaml\nD\tidentities/prod/refunds.yaml"
    assert world.clone.repository.branches("nhi/") == {}


def test_a_pull_request_costs_three_calls_and_the_run_a_constant(world: Stage) -> None:
    world.sweep(notices=False)
    forge = world.forge
    assert forge.called("open_pull_request", "label", "merge_when_allowed") == len(forge.calls) - 2 == 9


def test_a_second_sweep_writes_nothing(world: Stage) -> None:
    world.sweep()
    quiet(world, notices=True)


def test_the_body_says_what_goes_and_why(world: Stage) -> None:
    commit = world.change(declare("prod/ledger", expiry="2027-03-30"), message="Another end")
    world.change({LEDGER: declare("prod/ledger", expiry="2027-03-30")[LEDGER] + "# a word\n"})

    world.sweep(notices=False, uses=Uses())
    body = world.pulls[0].body.splitlines()
    assert body[0] == f"<!-- nhi:sweep {world.pulls[0].head_branch.rpartition('/')[2]} -->"
    assert (
        f"| `prod/ledger` | 2027-03-30T00:00:00Z | {commit[:12]}, 2026-11-02 | 2027-01-02T03:04:05Z, prod-ledger "
        "| role `ledger` |"
    ) in body
    assert "`nhi renew prod/ledger --until DATE`" in world.pulls[0].body


def test_the_base_is_the_remotes_branch_and_not_what_is_checked_out(world: Stage) -> None:
    world.clone.git("checkout", "--quiet", "--detach")
    world.clone.write(LEDGER, "nonsense")
    world.clone.git("commit", "--quiet", "--all", "--message", "Not pushed")
    report = world.sweep(notices=False)
    assert len(report.settled) == 3
    assert report.base == world.clone.git("rev-parse", "main")


def test_what_may_not_merge_by_itself_goes_to_people(world: Stage) -> None:
    world.forge.auto_merge_refusal = "Auto merge is not allowed for this repository"
    report = world.sweep(notices=False)
    assert [world.forge.requested[pull.number] for pull in world.pulls] == [
        {"alice-acme", "carol-acme"},
        {"carol-acme"},
        {"alice-acme", "carol-acme"},
    ]
    assert all("the reviewers are asked to" in pull.body and SWEEP_LABEL in pull.labels for pull in world.pulls)
    assert report.settled[0][1].refusal == "Auto merge is not allowed for this repository"
    assert world.forge.called("merge_when_allowed") == 2
    before = written(world.forge)
    world.sweep(notices=False)
    assert written(world.forge) - before == world.forge.called("merge_when_allowed") - 2 == 2


def test_a_repository_that_begins_to_allow_it_merges_what_waits_for_people(world: Stage) -> None:
    world.forge.auto_merge_refusal = "no"
    world.sweep(notices=False)
    world.forge.auto_merge_refusal = ""
    world.sweep(notices=False)
    assert all(pull.auto_merge and "merges by itself as soon as" in pull.body for pull in world.pulls)


def test_settings_can_leave_every_merge_to_people(git_repository: Callable[..., Clone]) -> None:
    files = declare("prod/ledger")
    world = stage(git_repository, files)
    settings = (world.clone.root / "nhi.yaml").read_text() + "sweep: {auto_merge: false}\n"
    world.change({"nhi.yaml": settings})
    world.sweep(notices=False)
    assert world.forge.called("merge_when_allowed") == 0
    assert world.forge.requested[world.pulls[0].number] == {"alice-acme", "carol-acme"}
    quiet(world)


def test_what_merges_at_once_leaves_no_branch(git_repository: Callable[..., Clone]) -> None:
    world = stage(git_repository, declare("prod/ledger"), met=True)
    report = world.sweep(notices=False)
    assert Write.MERGED in report.settled[0][1].writes
    assert world.branches() == {}


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(world: Stage) -> None:
    report = world.sweep(dry_run=True)
    assert (written(world.forge), world.branches()) == (0, {})
    assert [one.writes for _, one in report.settled] == [(Write.OPENED, Write.LABELLED, Write.AUTO_MERGE)] * 3
    real = world.sweep()
    assert [one.writes for _, one in real.settled] == [one.writes for _, one in report.settled]


def test_a_branch_without_its_pull_request_gets_one(world: Stage) -> None:
    world.sweep(notices=False)
    first = world.pulls[0]
    del world.forge.pulls[first.number]
    world.sweep(notices=False)
    assert sorted(pull.head for pull in world.pulls) == sorted(world.branches().values())
    assert first.head in {pull.head for pull in world.pulls}


def test_a_renewed_identity_takes_its_pull_request_back(world: Stage) -> None:
    world.sweep(notices=False)
    first = world.pulls[0]
    world.change(declare("prod/ledger", "prod/refunds", expiry=LATER))
    report = world.sweep(notices=False)
    assert world.forge.pulls[first.number].state is PullState.CLOSED
    (comment,) = world.forge.comments(first.number, WITHDRAWN)
    assert "`identities/prod/ledger.yaml`: not due: it ends on `2027-12-31T00:00:00Z`" in comment.body
    assert first.head_branch not in world.branches()
    assert [(one.branch, one.number) for one in report.withdrawn] == [(first.head_branch, first.number)]
    assert report.clean
    quiet(world)


def test_a_hold_takes_only_its_own_identity_out(world: Stage) -> None:
    world.sweep(notices=False)
    first = world.pulls[0]
    hold = "{authority: legal, reason: A matter in court, review: 2027-09-30}"
    world.change(declare("prod/ledger", hold=hold))
    world.sweep(notices=False)
    new = world.pulls[-1]
    assert new.title == "prod: remove 1 expired identity of payments"
    (comment,) = world.forge.comments(first.number, WITHDRAWN)
    assert "`identities/prod/ledger.yaml`: held by legal\n" in comment.body
    assert f"`identities/prod/refunds.yaml`: due together with others; #{new.number} removes it" in comment.body


def test_what_became_due_beside_it_is_asked_for_together(world: Stage) -> None:
    world.sweep(notices=False)
    first = world.pulls[0]
    world.change(declare("prod/search"))
    world.sweep(notices=False, max_removals=10)
    assert world.pulls[2].title.startswith("staging")
    assert world.pulls[-1].title == "prod: remove 3 expired identities of payments"
    assert world.forge.pulls[first.number].state is PullState.CLOSED
    assert len(world.branches()) == 3


def test_what_a_person_refused_is_not_asked_again(world: Stage) -> None:
    world.sweep(notices=False)
    first = world.pulls[0]
    world.forge.close_pull_request(first.number)
    report = world.sweep(notices=False)
    assert [(group.branch, pull.number) for group, pull in report.plan.refused] == [(first.head_branch, first.number)]
    assert not report.clean
    assert len(world.pulls) == 3
    again = world.sweep(notices=False, reopen=True)
    assert again.clean
    assert (world.pulls[-1].head_branch, world.pulls[-1].state) == (first.head_branch, PullState.OPEN)


def test_what_the_sweep_itself_closed_is_no_refusal(world: Stage) -> None:
    world.sweep(notices=False)
    before = (world.clone.root / LEDGER).read_text()
    world.change(declare("prod/ledger", hold="{authority: legal, reason: A matter in court, review: 2027-09-30}"))
    world.sweep(notices=False)
    world.change({LEDGER: before})
    report = world.sweep(notices=False)
    assert report.clean
    assert world.pulls[-1].head_branch == world.pulls[0].head_branch
    assert world.pulls[-1].state is PullState.OPEN


def test_a_branch_that_somebody_pushed_to_is_left_alone_and_says_so(world: Stage) -> None:
    world.sweep(notices=False)
    first = world.pulls[0]
    world.push_to(first.head_branch)
    pushed = world.branches()
    report = world.sweep(notices=False)
    assert [(one.branch, one.number) for one in report.occupied] == [(first.head_branch, first.number)]
    assert not report.clean
    assert world.branches() == pushed
    (comment,) = world.forge.comments(first.number, OCCUPIED)
    assert "needs the approvals of any other change" in comment.body
    world.change(declare("prod/ledger", "prod/refunds", expiry=LATER))
    report = world.sweep(notices=False)
    assert [(one.branch, one.number) for one in report.occupied] == [(first.head_branch, first.number)]
    assert world.forge.pulls[first.number].state is PullState.OPEN
    assert world.branches() == pushed


def test_a_file_whose_name_is_no_text_on_a_branch_stops_nothing_else(world: Stage) -> None:
    world.sweep()
    first = world.pulls[0]
    world.push_odd_name_to(first.head_branch)
    world.change(declare("prod/ledger", "prod/refunds", expiry=LATER) | declare("prod/late", expiry="2027-04-10"))
    report = world.sweep()
    assert [(one.branch, one.number) for one in report.occupied] == [(first.head_branch, first.number)]
    assert world.forge.pulls[first.number].state is PullState.OPEN
    assert first.head_branch in world.branches()
    assert [one.endings for one in report.notices] == [1]


def test_nothing_of_a_blocked_stack_is_opened_or_closed(world: Stage) -> None:
    world.sweep(notices=False)
    world.change({**declare("prod/ledger", expiry=LATER), "identities/prod/odd.yaml": "kind: [\n"})
    world.change(declare("prod/search"))
    before = world.branches()
    report = world.sweep(notices=False)
    assert [one.stack for one in report.plan.blocked] == ["prod"]
    assert not report.clean
    assert world.branches() == before
    assert all(pull.state is PullState.OPEN for pull in world.pulls)


def test_merged_removals_leave_nothing_behind(world: Stage) -> None:
    world.sweep(notices=False)
    for pull in world.pulls:
        world.merge(pull)
    report = world.sweep(notices=False)
    assert report.clean
    assert world.branches() == {}
    assert len(world.pulls) == 3


def test_a_removal_that_was_merged_and_undone_is_named(world: Stage) -> None:
    world.sweep(notices=False)
    world.merge(world.pulls[0])
    world.clone.git("revert", "--no-edit", "--mainline", "1", "HEAD")
    world.clone.git("push", "--quiet", str(world.bare), "main")
    report = world.sweep(notices=False)
    assert "declared again" in report.occupied[0].reason
    assert not report.clean


def test_what_is_open_counts_for_the_breaker(git_repository: Callable[..., Clone]) -> None:
    world = stage(git_repository, declare(*(f"prod/worker-{number}" for number in range(3))))
    assert world.sweep(notices=False).clean
    world.change(declare("prod/other", owner="security"))
    report = world.sweep(notices=False)
    assert [one.words for one in report.plan.tripped] == [
        "prod: 4 of 4 identities: 1 more than circuit_breaker.percent allows (3)"
    ]
    assert len(world.pulls) == 1
    assert not world.sweep(notices=False, max_removals=3).clean
    assert world.sweep(notices=False, max_removals=4).clean
    assert len(world.pulls) == 2
    assert world.sweep(notices=False).clean


def test_a_tripped_breaker_leaves_open_what_waits_for_its_successor(git_repository: Callable[..., Clone]) -> None:
    world = stage(git_repository, declare(*(f"prod/worker-{number}" for number in range(3))))
    world.sweep(notices=False)
    world.change(declare("prod/other"))
    report = world.sweep(notices=False)
    assert report.plan.tripped
    assert [one.number for one in report.left] == [world.pulls[0].number]
    assert world.pulls[0].state is PullState.OPEN


def test_a_tripped_breaker_still_closes_what_is_wrong(git_repository: Callable[..., Clone]) -> None:
    world = stage(git_repository, declare("prod/ledger", "prod/refunds"))
    world.sweep(notices=False)
    many = declare(*(f"prod/worker-{number}" for number in range(4)), owner="security")
    world.change(many | declare("prod/ledger", "prod/refunds", expiry=LATER))
    report = world.sweep(notices=False)
    assert report.plan.tripped
    assert world.pulls[0].state is PullState.CLOSED


def test_a_negative_limit_is_refused(world: Stage) -> None:
    with pytest.raises(UsageError):
        world.sweep(max_removals=-1)


def test_a_pull_request_of_somebody_elses_is_not_touched(world: Stage) -> None:
    owner = world.forge.accounts["alice-acme"]
    fork = world.forge.add_pull("nhi/sweep/prod/payments/0123456789abcdef", author=owner, own_branch=False)
    other = world.forge.add_pull("nhi/sweep/mine", author=owner, head="1" * 40)
    world.sweep(at=NOW, notices=False)
    assert world.forge.pulls[fork.number] == fork
    assert world.forge.pulls[other.number] == other


def test_text_that_was_edited_by_hand_is_brought_back(world: Stage) -> None:
    world.sweep(notices=False)
    first = world.pulls[0]
    world.forge.alter_pull(first.number, body=first.body.replace("\n", "\r\n"))
    quiet(world)
    world.forge.alter_pull(first.number, body="mine")
    report = world.sweep(notices=False)
    assert report.settled[0][1].writes == (Write.EDITED,)
    assert world.forge.pulls[first.number].body == first.body
    assert ENDED in first.body


def test_what_another_run_pushed_first_is_taken_as_it_is(world: Stage) -> None:
    other = world.copy(world.clone.root.parent / "other")
    other.sweep(NOW.replace(hour=1), notices=False)
    theirs = other.branches()

    @contextmanager
    def meanwhile(call: str) -> Iterator[None]:
        if call == "push":
            refs = [f"{commit}:refs/heads/{name}" for name, commit in theirs.items()]
            other.clone.git("push", "--quiet", str(world.bare), *refs)
        yield

    report = world.sweep_with(meanwhile)
    assert report.clean
    assert world.branches() == theirs
    assert all(pull.auto_merge for pull in world.pulls)


def test_what_somebody_pushed_first_under_that_name_is_left_alone(world: Stage) -> None:
    branch = world.sweep(dry_run=True).plan.new[0].branch
    other = world.copy(world.clone.root.parent / "other")
    other.clone.write("mine.txt", "mine")
    mine = other.clone.commit("Mine")

    @contextmanager
    def meanwhile(call: str) -> Iterator[None]:
        if call == "push":
            other.clone.git("push", "--quiet", str(world.bare), f"{mine}:refs/heads/{branch}")
        yield

    report = world.sweep_with(meanwhile)
    assert [(one.branch, one.number) for one in report.occupied] == [(branch, None)]
    assert world.branches()[branch] == mine
    assert len(world.pulls) == 2


def test_what_goes_is_said_also_of_paper_and_of_a_kind_that_does_not_render(world: Stage) -> None:
    world.change(
        {
            "identities/staging/paper.yaml": manifest(
                kind="paper-account", name="paper", scope="{system: mainframe}", expiry=ENDED
            ),
            "modules/service-role/expected.json.j2": "{{ nothing.at.all }}",
        }
    )
    world.sweep(notices=False)
    body = world.pulls[-1].body
    assert "nothing by itself: people remove it, on a system without an API" in body
    assert "could not tell: `modules/service-role/expected.json.j2`" in body


def test_a_shallow_clone_does_not_know_who_wrote_an_end(world: Stage, tmp_path: Path) -> None:
    world.change(declare("prod/ledger", expiry="2027-03-30"))
    world.clone.git("clone", "--quiet", "--depth=1", f"file://{world.bare}", str(tmp_path / "shallow"))
    shallow = Clone(tmp_path / "shallow", world.clone.environment)
    replace(world, clone=shallow, remote=replace(world.remote, root=shallow.root)).sweep(notices=False)
    assert "| not in this clone's history |" in world.pulls[0].body


def test_nobody_to_ask_is_no_failure(git_repository: Callable[..., Clone]) -> None:
    world = stage(git_repository, declare("prod/ledger", owner="bob"))
    world.change(
        {
            "nhi.yaml": (world.clone.root / "nhi.yaml").read_text()
            + "sweep: {auto_merge: false}\nsecurity_team: gone\n",
        }
    )
    report = world.sweep(notices=False)
    assert report.settled[0][1].asked == ()
    assert world.pulls[0].labels == {SWEEP_LABEL}


def test_three_hundred_identities_cost_three_calls_a_pull_request(git_repository: Callable[..., Clone]) -> None:
    living = declare(*(f"prod/lives-{number:03d}" for number in range(270)), expiry=LATER)
    ended = {
        path: text
        for number in range(30)
        for path, text in declare(
            f"{('prod', 'staging')[number % 2]}/ended-{number:02d}", owner=("payments", "security", "alice")[number % 3]
        ).items()
    }
    world = stage(git_repository, living | ended)
    report = world.sweep(max_removals=30)
    assert sum(len(group.identities) for group, _ in report.settled) == 30
    assert len(world.pulls) == 6
    assert len(world.forge.calls) <= 3 * len(world.pulls) + 3
