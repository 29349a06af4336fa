"""The checkov adapter: the real program on what a plan can hold, and programs that only look like it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

import pytest
from tests.fixtures.killing import wait_until

from nhi.errors import MissingTool, OutsideError
from nhi.model.identity import Json
from nhi.scan.answer import MUST_FIND
from nhi.scan.checkov import ARGUMENTS, PROGRAM, Checkov, Limits
from nhi.scan.interface import ScanResult
from nhi.scan.prepare import PLANTED, prepare

REAL = Path(__file__).parents[2] / ".tools" / "checkov" / "bin" / "checkov"
FINE: list[dict[str, Json]] = [
    {"Sid": "Allow0", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::ledger/*"]}
]
OPEN: list[dict[str, Json]] = [{"Sid": "Allow0", "Effect": "Allow", "Action": ["s3:PutObject"], "Resource": ["*"]}]
DENY: dict[str, Json] = {
    "Sid": "Deny",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"a:b": "true"}},
}


def policy(statements: list[dict[str, Json]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [DENY, *statements]})


def resource(address: str, values: dict[str, Json], sensitive: Json = None) -> Json:
    kind, _, name = address.partition('["')[0].rpartition("module.")[2].partition(".")[2].partition(".")
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": name,
        "values": values,
        "sensitive_values": sensitive or {},
    }


def plan(*modules: tuple[str, list[Json]]) -> dict[str, Json]:
    """A plan of these modules: address → resources."""
    children: list[Json] = [{"address": address, "resources": resources} for address, resources in modules]
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {"root_module": {"child_modules": children}},
        "configuration": {"root_module": {}},
    }


ONE = plan(("module.nhi-a", [resource("module.nhi-a.aws_iam_role_policy.this", {"policy": policy(FINE)})]))

OPEN_PLAN = plan(("module.nhi-a", [resource("module.nhi-a.aws_iam_role_policy.this", {"policy": policy(OPEN)})]))


# --- the real program ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with configuration files of checkov's that switch it off."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in (".checkov.yaml", ".checkov.yml"):
        (folder / name).write_text("skip-check: [CKV_AWS*, CKV2_AWS*]\n")
    return folder


@pytest.fixture(scope="session")
def result(hostile: Path) -> ScanResult:
    """One scan of everything that a plan can hold, made in a hostile folder that is HOME as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(hostile)
        patch.setenv("HOME", str(hostile))
        patch.setenv("CKV_SKIP_CHECK", "CKV_AWS*,CKV2_AWS*")
        return _result()


def _result() -> ScanResult:
    role: dict[str, Json] = {
        "assume_role_policy": policy([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}}]),
        "tags": {"note": "#checkov:skip=CKV_AWS_61:because", "checkov": {"skip": [{"id": "CKV_AWS_61"}]}},
    }
    return Checkov(os.environ, REAL).scan(
        plan(
            ("module.nhi-a", [resource("module.nhi-a.aws_iam_role_policy.this", {"policy": policy(FINE)})]),
            (
                "module.nhi-b",
                [
                    resource('module.nhi-b.aws_iam_user_policy.this["x.y"]', {"policy": policy(FINE), "user": "b"}),
                    resource('module.nhi-b.aws_iam_user_policy.this["z"]', {"policy": policy(OPEN), "user": "b"}),
                ],
            ),
            (
                "module.nhi-c.module.inner[0]",
                [resource("module.nhi-c.module.inner[0].aws_iam_role_policy.this", {"policy": policy(OPEN)})],
            ),
            (
                "module.nhi-c.module.inner[1]",
                [resource("module.nhi-c.module.inner[1].aws_iam_role_policy.this", {"policy": policy(FINE)})],
            ),
            (
                "module.nhi-d",
                [resource("module.nhi-d.aws_iam_role_policy.this", {"policy": policy(FINE)}, {"policy": True})],
            ),
            ("module.nhi-e", [resource("module.nhi-e.aws_iam_role_policy.this", {"name": "nhi"})]),
            ("module.nhi-f", [resource("module.nhi-f.aws_iam_role.this", role)]),
            ("module.nhi-g", [resource("module.nhi-g.terraform_data.this", {"input": {"purpose": "x"}})]),
        )
    )


def checks(result: ScanResult, address: str, *, judged: bool = True) -> set[str]:
    return {one.check for one in result.not_passed if (one.address, one.judged) == (address, judged)}


def test_a_configuration_file_that_would_switch_checkov_off_does_not(hostile: Path, result: ScanResult) -> None:
    plan_file = hostile / "plan.json"
    plan_file.write_text(json.dumps(prepare(OPEN_PLAN).document))

    unguarded = subprocess.run([REAL, *ARGUMENTS], cwd=hostile, capture_output=True, check=False)

    assert unguarded.returncode == 0, "the file is of no effect, so that this test shows nothing"
    assert result.not_passed


def test_every_resource_is_looked_at(result: ScanResult) -> None:
    assert result.resources == 9


def test_an_instance_of_for_each_is_judged_by_its_own_policy(result: ScanResult) -> None:
    assert checks(result, 'module.nhi-b.aws_iam_user_policy.this["x.y"]') == {"CKV_AWS_40"}
    assert checks(result, 'module.nhi-b.aws_iam_user_policy.this["z"]') == {"CKV_AWS_40", "CKV_AWS_290", "CKV_AWS_355"}


def test_an_instance_of_a_module_is_judged_by_its_own_policy(result: ScanResult) -> None:
    assert checks(result, "module.nhi-c.module.inner[0].aws_iam_role_policy.this") == {"CKV_AWS_290", "CKV_AWS_355"}
    assert checks(result, "module.nhi-c.module.inner[1].aws_iam_role_policy.this") == set()


def test_a_deny_does_not_hide_what_is_allowed(result: ScanResult) -> None:
    (found,) = [one for one in result.not_passed if one.check == "CKV_AWS_355" and "inner" in one.address]

    assert found.attribute == ("policy", "Allow0", "Action")


@pytest.mark.parametrize("name", ["d", "e"])
def test_a_policy_that_the_plan_does_not_tell_is_not_judged_and_never_passes(result: ScanResult, name: str) -> None:
    address = f"module.nhi-{name}.aws_iam_role_policy.this"

    assert checks(result, address) == set()
    assert checks(result, address, judged=False) >= MUST_FIND["aws_iam_role_policy"]


def test_a_text_in_the_plan_cannot_ask_for_a_check_to_be_skipped(result: ScanResult) -> None:
    (found,) = [one for one in result.not_passed if one.address.startswith("module.nhi-f.")]

    assert (found.check, found.attribute) == ("CKV_AWS_61", ("assume_role_policy",))


def test_what_is_planted_is_not_told_as_a_finding(result: ScanResult) -> None:
    assert not PLANTED.keys() & {one.address for one in result.not_passed}


# --- programs that only look like it ---------------------------------------------------------------------------------

_PREAMBLE = f"""\
#!{sys.executable}
import json, os, pathlib, subprocess, sys, time
must = json.loads({json.dumps({kind: sorted(found) for kind, found in MUST_FIND.items()})!r})
plan = json.loads(pathlib.Path("plan.json").read_text())
note = pathlib.Path(__file__).with_suffix(".json")
def every(module):
    yield from module["resources"]
    for child in module.get("child_modules", []):
        yield from every(child)
def record(check, address):
    result = {{"result": "x", "evaluated_keys": ["policy"]}}
    return {{"check_id": check, "check_name": "x", "resource": address, "check_result": result}}
answer = {{"check_type": "terraform_plan", "summary": {{"skipped": 0, "parsing_errors": 0}}}}
given = list(every(plan["planned_values"]["root_module"]))
told = {{"passed_checks": [], "failed_checks": [], "skipped_checks": [], "parsing_errors": []}}
for one in given:
    planted = one["address"].count(".") == 1
    for check in must.get(one["type"], []):
        told["failed_checks" if planted else "passed_checks"].append(record(check, one["address"]))
answer["results"] = told
def say():
    summary = answer["summary"]
    summary.setdefault("resource_count", len(given))
    summary.setdefault("passed", len(told["passed_checks"]))
    summary.setdefault("failed", len(told["failed_checks"]))
    print(json.dumps(answer))
    sys.exit(1)
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], Path]:
    """A program `checkov` that can give a whole answer with `say()`, and does what the test says."""

    def make(snippet: str) -> Path:
        path = tmp_path / "bin" / "checkov"
        path.parent.mkdir(exist_ok=True)
        path.write_text(_PREAMBLE + snippet)
        path.chmod(0o700)
        return path

    return make


def scan(path: Path, **changes: str) -> ScanResult:
    limits = Limits(seconds=20, answer_bytes=1_000_000)
    return Checkov({"PATH": os.environ["PATH"], PROGRAM: str(path), **changes}, limits=limits).scan(ONE)


def test_a_whole_answer_is_believed(program: Callable[[str], Path]) -> None:
    assert scan(program("say()")) == ScanResult(1, ())


@pytest.mark.parametrize(
    ("snippet", "words"),
    [
        ("sys.exit(0)", "exit code 0"),
        ("sys.stderr.write('Traceback\\nKeyError: x\\n'); sys.exit(2)", "exit code 2: KeyError: x"),
        ("os.kill(os.getpid(), 9)", "exit code -9"),
        ("sys.exit(1)", "not answer in JSON"),
        ("print('[' * 100000); sys.exit(1)", "not answer in JSON"),
        ("print(json.dumps(answer)[:-9]); sys.exit(1)", "not answer in JSON"),
        ("print('[]'); sys.exit(1)", "not an object"),
        ("print(json.dumps({'passed': 0, 'failed': 0, 'resource_count': 0})); sys.exit(1)", "not an object"),
        ("answer['check_type'] = 'terraform'; say()", "could not read the plan"),
        ("answer['summary']['parsing_errors'] = 1; say()", "could not read the plan"),
        ("told['parsing_errors'].append('plan.json'); say()", "could not read the plan"),
        ("answer['summary']['skipped'] = 1; say()", "skipped checks"),
        ("told['skipped_checks'].append(told['passed_checks'].pop()); say()", "skipped checks"),
        ("answer['summary']['failed'] = 99; say()", "does not list all"),
        ("del told['passed_checks']; print(json.dumps(answer)); sys.exit(1)", "passed_checks is not a list"),
        ("answer['summary']['resource_count'] = 0; say()", "0 resources of 6"),
        ("answer['summary']['resource_count'] = len(given) - 1; say()", "5 resources of 6"),
        ("told['failed_checks'].clear(); say()", "did not find what was planted"),
        ("told['failed_checks'].pop(); say()", "did not find what was planted"),
        (
            "told['failed_checks'].append(record('CKV_AWS_1', 'aws_iam_user.eve')); say()",
            "which the plan does not have",
        ),
        ("told['failed_checks'].append(record('rm -rf', given[0]['address'])); say()", "a check or a resource that is"),
        ("print('x' * 2_000_000); sys.exit(1)", "more than 1000000 bytes"),
    ],
)
def test_an_answer_that_does_not_show_that_it_looked_is_a_failure(
    program: Callable[[str], Path], snippet: str, words: str
) -> None:
    with pytest.raises(OutsideError) as caught:
        scan(program(snippet))

    assert words in caught.value.message
    assert caught.value.hint


def test_what_was_not_judged_is_told_as_unknown(program: Callable[[str], Path]) -> None:
    result = scan(program("told['passed_checks'] = told['passed_checks'][1:]; say()"))

    assert [(one.judged, one.attribute) for one in result.not_passed] == [(False, ("policy",))]


def test_a_program_that_hangs_is_ended_with_its_children(program: Callable[[str], Path], tmp_path: Path) -> None:
    path = program("""\
child = subprocess.Popen(["sleep", "600"])
note.write_text(json.dumps([os.getpid(), child.pid]))
time.sleep(600)
""")
    started = monotonic()

    with pytest.raises(OutsideError, match="took more than 1 seconds"):
        Checkov({"PATH": os.environ["PATH"], PROGRAM: str(path)}, limits=Limits(seconds=1)).scan(ONE)

    assert monotonic() - started < 20
    started_by_it = json.loads((tmp_path / "bin" / "checkov.json").read_text())
    wait_until("all of it has ended", lambda: not any(map(is_running, started_by_it)))


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    except OSError:
        return subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False).returncode == 0
    return state != "Z"


def test_an_interrupted_scan_ends_the_program_and_leaves_no_plan(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    path = program("""\
note.write_text(json.dumps([os.getpid(), str(pathlib.Path.cwd())]))
os.kill(os.getppid(), 2)
time.sleep(600)
""")
    scanning = f"from nhi.scan.checkov import Checkov; Checkov({{'NHI_CHECKOV': {str(path)!r}}}).scan({ONE!r})"

    done = subprocess.run([sys.executable, "-c", scanning], capture_output=True, timeout=60, check=False)

    assert b"KeyboardInterrupt" in done.stderr
    pid, folder = json.loads((tmp_path / "bin" / "checkov.json").read_text())
    assert not is_running(pid)
    assert not Path(folder).exists()


def test_a_child_that_is_left_behind_does_not_keep_the_scan(program: Callable[[str], Path]) -> None:
    started = monotonic()

    scan(program("subprocess.Popen(['sleep', '600'])\nsay()"))

    assert monotonic() - started < 15


def observed(program: Callable[[str], Path], **environment: str) -> dict[str, Json]:
    """What a program sees of the world when it is started as checkov."""
    path = program("""\
here = pathlib.Path.cwd()
note.write_text(json.dumps({
    "environment": dict(os.environ), "folder": str(here), "arguments": sys.argv[1:], "plan": plan,
    "modes": [oct(one.stat().st_mode & 0o777) for one in (here, here / "plan.json")],
    "files": sorted(os.listdir(here)),
}))
say()
""")
    scan(path, **environment)
    seen: dict[str, Json] = json.loads(path.with_suffix(".json").read_text())
    return seen


def test_the_program_sees_next_to_nothing_of_the_environment(program: Callable[[str], Path]) -> None:
    of_checkov = ("BC_API_KEY", "PRISMA_API_URL", "CKV_SKIP_CHECK", "CHECKOV_NO_OUTPUT", "LOG_LEVEL")
    others = ("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PYTHONPATH", "HTTPS_PROXY", "_ARGCOMPLETE", "HOME")
    hostile = dict.fromkeys((*of_checkov, *others), "x")

    seen = observed(program, **hostile, LANG="C.UTF-8")
    environment = seen["environment"]

    assert isinstance(environment, dict)
    assert {name for name, value in environment.items() if value == "x"} == set()
    assert environment["HOME"] == environment["TMPDIR"] == seen["folder"]
    assert environment["HTTPS_PROXY"] == environment["http_proxy"] == "http://127.0.0.1:9"
    assert not hostile.keys() & environment.keys() - {"HOME", "HTTPS_PROXY", "LOG_LEVEL"}


def test_the_plan_lies_in_a_private_folder_alone_and_is_gone_afterwards(program: Callable[[str], Path]) -> None:
    seen = observed(program)

    assert seen["modes"] == ["0o700", "0o600"]
    assert seen["files"] == ["plan.json"]
    assert not Path(str(seen["folder"])).exists()


def test_the_folder_is_gone_after_a_failure_too(program: Callable[[str], Path], tmp_path: Path) -> None:
    path = program("note.write_text(json.dumps(os.getcwd())); sys.exit(2)")

    with pytest.raises(OutsideError):
        scan(path)

    assert not Path(json.loads((tmp_path / "bin" / "checkov.json").read_text())).exists()


def test_the_program_is_told_not_to_call_out_and_to_scan_the_plan_alone(program: Callable[[str], Path]) -> None:
    arguments = observed(program)["arguments"]

    assert isinstance(arguments, list)
    assert "--skip-download" in arguments
    assert arguments[-2:] == ["--file", "plan.json"]


# --- where it is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("environment", [{"PATH": ""}, {}, {PROGRAM: "/nowhere/checkov", "PATH": "/usr/bin"}])
def test_without_checkov_the_line_that_installs_it_is_told(environment: Mapping[str, str]) -> None:
    with pytest.raises(MissingTool) as caught:
        Checkov(environment).scan(ONE)

    assert "scripts/setup" in caught.value.hint


def test_what_the_environment_names_goes_before_the_path_and_the_path_before_the_fallback(
    program: Callable[[str], Path], tmp_path: Path
) -> None:
    right, wrong = program("say()"), tmp_path / "wrong" / "checkov"
    wrong.parent.mkdir()
    wrong.write_text("#!/bin/sh\nexit 3\n")
    wrong.chmod(0o700)

    Checkov({"PATH": f"{wrong.parent}:/bin", PROGRAM: str(right)}, wrong).scan(ONE)
    Checkov({"PATH": f"{right.parent}:/bin"}, wrong).scan(ONE)
    Checkov({"PATH": "/bin"}, right).scan(ONE)


def test_a_program_that_is_named_and_not_there_is_not_replaced_by_another(program: Callable[[str], Path]) -> None:
    with pytest.raises(MissingTool, match="no-such"):
        Checkov({"PATH": os.environ["PATH"], PROGRAM: "no-such"}, program("say()")).scan(ONE)


def test_a_plan_that_is_none_is_a_failure_before_anything_is_started(program: Callable[[str], Path]) -> None:
    with pytest.raises(OutsideError, match="cannot be scanned"):
        Checkov({PROGRAM: str(program("sys.exit(9)"))}).scan({"format_version": "1.2"})
