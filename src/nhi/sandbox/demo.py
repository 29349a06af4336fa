"""The main loop, from a bad request to a verified absence, with the real parts on this machine.

Real Git in a throw-away clone, the real Terraform and AWS provider, a loopback AWS, and the `nhi` commands as their
users run them. Only time is told and not waited for: `--as-of` to nhi, `aws:CurrentTime` to the policy evaluator.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from nhi.errors import OutsideError
from nhi.model.instant import format_instant
from nhi.model.settings import Stack
from nhi.sandbox.aws import LoopbackAws, loopback_aws
from nhi.sandbox.evaluator import Allowed, Denied, Evaluator, Question
from nhi.sandbox.live import live_role
from nhi.sandbox.person import Person

NAME = "demo-report-writer"
_LIFE = timedelta(days=30)
_COPIED = ("identities", "modules", "nhi.yaml")
_ACTION = "dynamodb:PutItem"
_SERVICE = "ecs-tasks.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, for a person."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What the loop is played with."""

    clone: Path
    """An empty folder; the throw-away copy is made there."""
    stack: Stack
    owner: str
    start: datetime
    environment: Mapping[str, str]
    """Of the programs that are started: PATH and the like."""
    evaluator: Evaluator
    tell: Callable[[Step], None]

    @property
    def expiry(self) -> datetime:
        """When the demo's identity expires: a day's first second."""
        return datetime.combine((self.start + _LIFE).date(), time(), UTC)


def play(stage: Stage, source: Path) -> None:
    """Play the loop on a copy of the repository `source`.

    Raises:
        OutsideError: a step did not do what it promises.
    """
    with loopback_aws(stage.environment) as aws:
        account = stage.stack.account
        stage.tell(Step("sandbox", (f"a throw-away clone, and an AWS on {aws.endpoint} as account {account}",)))
        applier = _person(stage, aws, "nhi-apply")
        _copy(stage, applier, source)
        _request(stage, applier)
        _apply(stage, applier, "applied")
        _verify(stage, aws, "present")
        _pass_the_expiry(stage, aws)
        before = _sweep(stage, applier)
        _apply(stage, applier, "removed")
        _verify(stage, aws, "absent")
        _prove(stage, aws, before)


def _person(stage: Stage, aws: LoopbackAws, role: str) -> Person:
    credentials = aws.credentials_for(stage.stack.account, role=role)
    dates = ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE")  # Git's times are a part of the proof
    own = {key: value for key, value in stage.environment.items() if not key.startswith("AWS_") and key not in dates}
    return Person(stage.clone, own | credentials, role)


def _copy(stage: Stage, person: Person, source: Path) -> None:
    """Copy what is declared; what expires before the demo ends is left out, since its removal is not this story."""
    for name in _COPIED:
        if (source / name).is_dir():
            shutil.copytree(source / name, stage.clone / name, symlinks=True)
        else:
            shutil.copyfile(source / name, stage.clone / name)
    (stage.clone / ".gitignore").write_text("/.nhi/\n", "utf-8")
    person.git("init", "--quiet", "--initial-branch", "main")
    person.commit("The declared state")
    looked = ("sweep", "--dry-run", "--as-of", format_instant(stage.expiry), "--max-removals", "100000")
    expired = [one["path"] for group in person.nhi_json(*looked)["removals"] for one in group["identities"]]
    if expired:
        person.git("rm", "--quiet", "--", *expired)
        person.commit("Leave out what expires meanwhile")


def _request(stage: Stage, person: Person) -> None:
    path = stage.clone / "identities" / stage.stack.name / f"{NAME}.yaml"
    at = ("--as-of", format_instant(stage.start))
    person.git("checkout", "--quiet", "-b", "request")
    path.write_text(_manifest(stage, complete=False), "utf-8")
    person.commit("Request a role, in a hurry")
    found = person.nhi_json("check", "--base", "main", *at, expected=1)["findings"]
    said = tuple(f"{one['code']} {one['rule']}: {one['path']}:{one['line']}" for one in found)
    stage.tell(Step("blocked", ("nhi check --base main: exit 1", *said)))
    path.write_text(_manifest(stage, complete=True), "utf-8")
    person.commit("Name the owner and the end")
    person.nhi_json("check", "--base", "main", *at)
    merged = person.merge("request")
    stage.tell(
        Step("mended", (f"owner {stage.owner}, expiry {format_instant(stage.expiry)}: exit 0, merged as {merged}",))
    )


def _apply(stage: Stage, person: Person, title: str) -> None:
    stack = ("--stack", stage.stack.name, "--quiet")
    planned = person.nhi("plan", *stack).splitlines()
    applied = person.nhi("apply", *stack).splitlines()
    again = person.nhi("plan", *stack).splitlines()[0]
    if not again.endswith("no changes"):
        raise OutsideError(f"the plan after the apply is not empty: {again}")
    mine = sum(line.startswith("  ") and f"nhi-{NAME}." in line for line in planned)
    stage.tell(Step(title, (f"{applied[-1]}; {mine} of them for {NAME}; planned again: no changes",)))


def _verify(stage: Stage, aws: LoopbackAws, wanted: str) -> None:
    """By another role than the one that applied."""
    verifier = _person(stage, aws, "nhi-verify")
    name = f"{stage.stack.name}/{NAME}"
    answer = verifier.nhi_json("verify", name)["verified"][0]
    if answer["answer"] != wanted or not answer["holds"]:
        raise OutsideError(f"{name} is {answer['answer']}, not {wanted} as it should be")
    said = "present as declared: trust, permissions, expiry, tags, session length"
    if wanted == "absent":
        said = f"absent: NoSuchEntity, and nothing under /nhi/{stage.stack.name}/ carries its id"
    stage.tell(Step("verified", (f"{name}, read by nhi-verify: {said}",)))


def _pass_the_expiry(stage: Stage, aws: LoopbackAws) -> None:
    """The same call one second before the expiry and at it, on the policies that AWS holds; nobody removes anything."""
    role = live_role(aws.credentials_for(stage.stack.account, role="nhi-verify"), NAME)
    session = role.arn.replace(":iam:", ":sts:").replace(f":role/nhi/{stage.stack.name}/", ":assumed-role/") + "/demo"
    lines = []
    for at, expected in ((stage.expiry - timedelta(seconds=1), Allowed), (stage.expiry, Denied)):
        call = Question(session, _ACTION, _table(stage), at, identity_policies=role.inline)
        start = Question(_SERVICE, "sts:AssumeRole", role.arn, at, resource_policy=role.trust)
        verdicts = stage.evaluator.evaluate([call, start])
        if not all(isinstance(one, expected) for one in verdicts):
            raise OutsideError(f"at {format_instant(at)} the evaluator says {verdicts}, not {expected.__name__}")
        said = "allowed" if expected is Allowed else f"denied by {_reason(verdicts[0])}"
        anew = "allowed" if expected is Allowed else "denied"
        lines.append(f"{format_instant(at)}  a live session's {_ACTION} is {said}; a new session is {anew}")
    stage.tell(Step("expired", (*lines, "the role still exists: AWS itself ended the access, nobody had to act")))


def _sweep(stage: Stage, person: Person) -> str:
    """The commit that the removal was merged upon."""
    at = ("--as-of", format_instant(stage.expiry))
    groups = person.nhi_json("sweep", "--local", *at)["removals"]
    if len(groups) != 1 or len(groups[0]["identities"]) != 1:
        raise OutsideError(f"the sweep made {len(groups)} branches, not one with one removal")
    again = person.nhi_json("sweep", "--local", *at)
    if again["removals"]:
        raise OutsideError("the second sweep made something new")
    before = person.git("rev-parse", "main").strip()
    merged = person.merge(groups[0]["branch"])
    stage.tell(Step("swept", (f"branch {groups[0]['branch']}, merged as {merged}; a second sweep made nothing",)))
    return before


def _prove(stage: Stage, aws: LoopbackAws, before: str) -> None:
    """By the role that did not remove, from what Git and CloudTrail recorded meanwhile and two looks of its own."""
    verifier = _person(stage, aws, "nhi-verify")
    asked = ("verify", "--base", before, "--proof", "--again-after", "1")
    (proof,) = verifier.nhi_json(*asked)["removals"]
    removed, looks = proof["removed"], proof["looks"]
    stage.tell(
        Step(
            "proven",
            (
                f"{proof['identity']}, IAM's own id {proof['unique_id']}: four times, from four sources",
                f"{proof['due']}  due: merged before the expiry, which was only told here",
                f"{proof['merged']}  merged as {proof['merge_commit'][:7]}, says Git",
                f"{removed['at']}  {removed['action']} by {_role(removed['by'])}, says CloudTrail",
                *(f"{look['at']}  {look['answer']}, says {_role(look['by'])}" for look in looks),
            ),
        )
    )


def _role(actor: Mapping[str, str]) -> str:
    return actor["principal"].rpartition("/")[2]


def _reason(verdict: Allowed | Denied) -> str:
    match verdict:
        case Denied(reasons=(first, *_)):
            return first
        case _:
            return "no statement"


def _table(stage: Stage) -> str:
    return f"arn:aws:dynamodb:{stage.stack.region}:{stage.stack.account}:table/demo-reports"


def _manifest(stage: Stage, *, complete: bool) -> str:
    ownership = f"owner: {stage.owner}\nexpiry: {format_instant(stage.expiry)[:10]}\n" if complete else ""
    return f"""\
apiVersion: nhi/v1
kind: aws-service-role
name: {NAME}
purpose: >-
  Report writer stores the month's figures in the report table for the finance team.
{ownership}scope:
  trust:
    services: [{_SERVICE}]
  allow:
    - actions: [{_ACTION}]
      resources: ["{_table(stage)}"]
"""
