"""Rotations against a forge and a real remote: each step is a pull request that people approve."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from tests.fixtures.git import Clone
from tests.fixtures.manifests import FILES, manifest
from tests.fixtures.sweeps import Dead, Stage, mortal, normal_form, stage, stand_in

from nhi.cli.rotation_report import requests_json, requests_text
from nhi.errors import ExitCode, OutsideError
from nhi.flows.pull_requests import Write
from nhi.flows.rotate import RotateOrder
from nhi.flows.rotate_forge import ROTATE_LABEL, RotationRequests, rotate_forge
from nhi.flows.sweep_world import Workplace
from nhi.forge.interface import Forge
from nhi.lifecycle.removal_requests import WITHDRAWN
from nhi.model.forge import PullState
from nhi.model.identity import Json
from nhi.model.instant import parse_instant
from nhi.model.rotation import LiveKey
from nhi.model.settings import Stack
from nhi.model.usage import NoUseSeen, Used
from nhi.model.verification import CouldNotTell

NOW = parse_instant("2026-11-20T02:00:00Z")
PREVIOUS: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"rotated": {"type": "string"}, "active": {"type": "boolean"}},
}
CREDENTIAL: Json = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"rotate_every": {"type": "integer"}, "rotated": {"type": "string"}, "previous": PREVIOUS},
}
KIND: Json = {
    "title": "A key",
    "description": "A user with a key.",
    "type": "object",
    "additionalProperties": False,
    "properties": {"credential": CREDENTIAL},
}
SCOPE = "\n  credential:\n    rotate_every: 90\n    rotated: 2026-08-20"


class Keys:
    """Nobody is asked: a new key needs no look at the old one."""

    def access_keys(self, name: str, stack: Stack) -> tuple[LiveKey, ...] | CouldNotTell:
        raise AssertionError(name, stack)


class Known:
    """The cloud has these keys."""

    def __init__(self, keys: tuple[LiveKey, ...] | CouldNotTell) -> None:
        self._keys = keys

    def access_keys(self, name: str, stack: Stack) -> tuple[LiveKey, ...] | CouldNotTell:
        assert (name, stack.name) == ("one", "prod")
        return self._keys


@pytest.fixture
def world(git_repository: Callable[..., Clone]) -> Stage:
    """Two keys that are due for a successor."""
    module = {"modules/some-key/schema.json": json.dumps(KIND), "modules/some-key/main.tf": "# some-key\n"}
    files = {
        f"identities/prod/{name}.yaml": manifest(kind="some-key", name=name, scope=SCOPE) for name in ("one", "two")
    }
    return stage(git_repository, {**FILES, **module, **files})


def place(world: Stage) -> Workplace:
    return Workplace(world.clone.repository, world.remote, world.forge, "main")


def run(world: Stage, *, dry_run: bool = False, days: int = 0) -> RotationRequests:
    return rotate_forge(place(world), Keys(), RotateOrder(NOW + timedelta(days=days), dry_run))


def test_each_step_is_a_pull_request_that_people_are_asked_for(world: Stage) -> None:
    found = run(world)
    assert found.exit_code is ExitCode.CLEAN
    assert [pull.title for pull in world.pulls] == [
        "prod/one: make a new key beside the old one",
        "prod/two: make a new key beside the old one",
    ]
    for pull in world.pulls:
        assert pull.labels == {ROTATE_LABEL}
        assert world.forge.requested[pull.number] == {"alice-acme", "carol-acme"}
        assert not pull.auto_merge
    assert world.forge.called("merge_when_allowed") == 0
    assert world.clone.repository.branches("nhi/") == {}
    assert "rotated: 2026-11-20" in world.clone.git("show", f"{world.pulls[0].head}:identities/prod/one.yaml")


def test_the_next_night_writes_nothing(world: Stage) -> None:
    run(world)
    before = normal_form(world)
    found = run(world, days=1)
    assert [one.writes for _, one in found.settled] == [(), ()]
    assert normal_form(world) == before


def test_a_dry_run_says_the_same_and_writes_nothing(world: Stage) -> None:
    looked = run(world, dry_run=True)
    assert (world.pulls, world.branches()) == ([], {})
    writes = {(Write.OPENED, Write.REVIEWERS, Write.LABELLED)}
    assert {tuple(sorted(one.writes)) for _, one in looked.settled} == {tuple(sorted(one)) for one in writes}
    assert [tuple(sorted(one.writes)) for _, one in run(world).settled] == [
        tuple(sorted(one.writes)) for _, one in looked.settled
    ]


def test_a_step_that_a_person_refused_is_not_asked_for_again(world: Stage) -> None:
    run(world)
    first = world.pulls[0]
    world.forge.close_pull_request(first.number)
    found = run(world, days=1)
    assert [number for _, number in found.refused] == [first.number]
    assert found.exit_code is ExitCode.FINDINGS
    assert [pull.state for pull in world.pulls] == [PullState.CLOSED, PullState.OPEN]


def edit(world: Stage, name: str = "one", scope: str = SCOPE, **changed: str) -> None:
    """Another manifest, whose step is another branch."""
    text = manifest(kind="some-key", name=name, scope=scope, **changed)
    world.change({f"identities/prod/{name}.yaml": text})


def said_on(world: Stage, number: int) -> list[str]:
    return [one.comment.body for one in world.forge.posted.values() if one.thread == number]


def test_a_step_that_was_superseded_is_closed_for_the_next_one(world: Stage) -> None:
    run(world)
    first, other = world.pulls
    edit(world, expiry="2027-06-30")
    found = run(world, days=1)
    third = world.pulls[2]
    assert [pull.state for pull in world.pulls] == [PullState.CLOSED, PullState.OPEN, PullState.OPEN]
    assert [(one.branch, one.instead, number) for one, number in found.withdrawn] == [
        (first.head_branch, third.head_branch, first.number)
    ]
    (body,) = said_on(world, first.number)
    assert body.startswith(WITHDRAWN)
    assert f"the next step is another by now: make a new key beside the old one. #{third.number} asks for" in body
    assert f"closed   {first.head_branch} (#{first.number}): the next step is another" in requests_text(found)
    assert json.loads(requests_json(found))["withdrawn"][0]["instead"] == third.head_branch
    assert first.head_branch in world.branches()
    assert run(world, days=1).withdrawn == ()
    assert other == world.pulls[1]


@pytest.mark.parametrize(
    ("scope", "changed", "words"),
    [
        (
            SCOPE,
            {"suspended": "{since: 2026-11-01, reason: Under suspicion}"},
            "it is suspended: its keys open nothing",
        ),
        (SCOPE.replace("08-20", "11-19"), {}, "the next step is due on `2027-02-10T00:00:00Z`: make a new key"),
        ("{}", {}, "no key of this identity is to be rotated any more"),
    ],
    ids=["suspended", "rotated by hand", "no key any more"],
)
def test_a_step_that_is_not_due_any_more_is_closed_and_asked_for_again_when_it_is(
    world: Stage, scope: str, changed: dict[str, str], words: str
) -> None:
    run(world)
    first = world.pulls[0]
    edit(world, scope=scope, **changed)
    found = run(world, days=1)
    assert [(one.branch, number, one.instead) for one, number in found.withdrawn] == [
        (first.head_branch, first.number, None)
    ]
    assert words in said_on(world, first.number)[0]
    edit(world)
    assert run(world, days=1).refused == ()
    assert [pull.state for pull in world.pulls] == [PullState.CLOSED, PullState.OPEN, PullState.OPEN]
    assert world.pulls[2].head_branch == first.head_branch


def test_a_dry_run_closes_nothing_and_says_what_it_would_close(world: Stage) -> None:
    run(world)
    edit(world, expiry="2027-06-30")
    before = normal_form(world)
    assert [number for _, number in run(world, dry_run=True, days=1).withdrawn] == [world.pulls[0].number]
    assert normal_form(world) == before


def test_what_somebody_pushed_to_is_not_closed(world: Stage) -> None:
    run(world)
    world.push_to(world.pulls[0].head_branch)
    edit(world, expiry="2027-06-30")
    assert run(world, days=1).withdrawn == ()
    assert world.pulls[0].state is PullState.OPEN


def test_what_could_not_be_asked_for_anew_keeps_what_was_asked_for_before(world: Stage) -> None:
    run(world)
    edit(world, expiry="2027-06-30")

    @contextmanager
    def around(name: str) -> Iterator[None]:
        if name == "open_pull_request":
            raise OutsideError("no")
        yield

    broken = replace(place(world), forge=cast("Forge", stand_in(world.forge, around)))
    found = rotate_forge(broken, Keys(), RotateOrder(NOW, dry_run=False))
    assert ([one.what.split("/")[3] for one in found.failed], found.withdrawn) == (["one"], ())
    assert world.pulls[0].state is PullState.OPEN
    assert [number for _, number in run(world, days=1).withdrawn] == [world.pulls[0].number]


def test_a_key_in_use_closes_its_pull_request_and_one_of_which_the_cloud_cannot_tell_does_not(world: Stage) -> None:
    edit(world, scope=f"{SCOPE.replace('08-20', '11-01')}\n    previous: {{rotated: 2026-08-20, active: true}}")
    old = LiveKey("AKIAOLD", parse_instant("2026-08-20"), active=True, last_use=NoUseSeen())
    new = LiveKey("AKIANEW", parse_instant("2026-11-01"), active=True, last_use=NoUseSeen())
    order = RotateOrder(NOW, dry_run=False)
    rotate_forge(place(world), Known((old, new)), order)
    (retire,) = [pull for pull in world.pulls if "switch the old key off" in pull.title]
    assert rotate_forge(place(world), Known(CouldNotTell("throttled")), order).withdrawn == ()
    in_use = replace(old, last_use=Used(NOW, "s3", "eu-west-1"))
    found = rotate_forge(place(world), Known((in_use, new)), order)
    assert [number for _, number in found.withdrawn] == [retire.number]
    assert "the old key AKIAOLD is in use" in said_on(world, retire.number)[0]


def test_the_report_names_the_pull_requests(world: Stage) -> None:
    first = run(world)
    said = requests_text(first).splitlines()
    assert (
        f"pull     {world.pulls[0].head_branch} (#{world.pulls[0].number}): opened, reviewers asked, labelled" in said
    )
    assert said[-1] == "2 pull requests of acme/iam open"
    world.forge.close_pull_request(world.pulls[0].number)
    again = run(world, days=1)
    assert f"REFUSED  {world.pulls[0].head_branch} (#{world.pulls[0].number}): a person closed it" in requests_text(
        again
    )
    document = json.loads(requests_json(again))
    assert [one["number"] for one in document["pull_requests"]] == [world.pulls[1].number]
    assert [one["number"] for one in document["refused"]] == [world.pulls[0].number]


def test_a_step_that_cannot_be_asked_for_is_said_and_hides_no_other(world: Stage) -> None:
    hook = world.bare / "hooks" / "update"
    hook.write_text("#!/bin/sh\ncase $1 in */one/*) exit 1 ;; esac\n")
    hook.chmod(0o755)
    found = run(world)
    assert [pull.title for pull in world.pulls] == ["prod/two: make a new key beside the old one"]
    (failed,) = found.failed
    assert (failed.what.split("/")[3], "hook declined" in failed.message) == ("one", True)
    assert found.exit_code is ExitCode.OUTSIDE
    assert f"FAILED   {failed.what}: it was not pushed" in requests_text(found)
    assert json.loads(requests_json(found))["failed"][0]["what"] == failed.what


def test_a_pull_request_that_cannot_be_opened_hides_no_other(world: Stage) -> None:
    calls = iter("ab")

    @contextmanager
    def around(name: str) -> Iterator[None]:
        if name == "open_pull_request" and next(calls) == "a":
            raise OutsideError("no")
        yield

    broken = replace(place(world), forge=cast("Forge", stand_in(world.forge, around)))
    found = rotate_forge(broken, Keys(), RotateOrder(NOW, dry_run=False))
    assert (len(found.failed), len(found.settled), found.exit_code) == (1, 1, ExitCode.OUTSIDE)
    assert [pull.title for pull in world.pulls] == ["prod/two: make a new key beside the old one"]
    assert run(world).exit_code is ExitCode.CLEAN
    assert len(world.pulls) == 2


@pytest.mark.parametrize("night", ["first", "second"])
def test_killed_after_any_call_and_run_again_it_ends_as_undisturbed(
    world: Stage, tmp_path_factory: pytest.TempPathFactory, night: str
) -> None:
    if night == "second":
        run(world)
        edit(world, expiry="2027-06-30")
    undisturbed = world.copy(tmp_path_factory.mktemp("undisturbed"))
    run(undisturbed)
    wanted, calls = normal_form(undisturbed), 0
    while True:
        again = world.copy(tmp_path_factory.mktemp("again"))
        around = mortal(calls, [])
        dying = replace(place(again), forge=stand_in(again.forge, around), remote=stand_in(again.remote, around))  # type: ignore[arg-type]  # stands for both
        try:
            rotate_forge(dying, Keys(), RotateOrder(NOW, dry_run=False))
        except Dead:
            run(again)
        else:
            break
        assert normal_form(again) == wanted, f"killed after {calls} calls"
        calls += 1
    assert calls > 6
