"""The core is pure: who may print, read the environment, ask the time, exit, touch a file, throw dice."""

import re
from dataclasses import dataclass

import pytest
from tests.fixtures.source import Module, modules, parsed


@dataclass(frozen=True)
class Power:
    """Something that a pure function cannot do."""

    names: re.Pattern[str]
    """What a module mentions that has it."""
    held_by: dict[str, str]
    """Files, and rooms with a `/`: why they have it."""

    def used_in(self, module: Module) -> bool:
        return any(self.names.fullmatch(name) for name in module.uses())


WORLD = "a world of its own, started by the demo and the tests"
POWERS = {
    "prints": Power(
        re.compile(r"builtins\.(print|input)|sys\.(stdout|stderr|stdin)"),
        {"cli/": "the command line speaks", "sandbox/aws_server.py": "tells its port to the process that started it"},
    ),
    "reads the environment": Power(
        re.compile(r"os\.(environb?|getenvb?|putenv|unsetenv)"),
        {"cli/wiring.py": "reads it once; everybody else is handed a mapping"},
    ),
    "asks what time it is": Power(
        re.compile(
            r"datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today"
            r"|time\.(time|time_ns|localtime|gmtime|ctime|asctime|strftime|clock_gettime)"
        ),
        {
            "cli/moment.py": "the clock, read once a run",
            "sandbox/aws_frontend.py": "the loopback cloud has a clock, as AWS does",
            "sandbox/github/tokens.py": "an App's JWT is dated by the machine of whoever made it",
        },
    ),
    "measures how long something takes": Power(
        re.compile(r"time\.(monotonic|perf_counter|process_time)(_ns)?"),
        {
            "cli/commands/demo.py": "shows the times of its steps",
            "cli/progress.py": "shows how long each stack takes",
            "cli/wiring.py": "hands a clock to what must wait between two questions",
            "repository/conversation.py": "git is bounded in time",
            "scan/checkov.py": "checkov is bounded in time",
            "terraform/hearing.py": "terraform is bounded in time",
            "terraform/interrupts.py": "terraform is bounded in time",
            "terraform/lock.py": "waiting for another run is bounded in time",
        },
    ),
    "sleeps": Power(
        re.compile(r"time\.sleep"), {"cli/wiring.py": "hands a clock to what must wait between two questions"}
    ),
    "ends the program": Power(
        re.compile(r"sys\.exit|os\._exit|os\.abort|builtins\.(exit|quit|SystemExit)"),
        {"cli/main.py": "turns a command's answer into an exit code"},
    ),
    "touches files": Power(
        re.compile(
            r"builtins\.open|(pathlib\.(Posix)?Path|shutil|tempfile|glob|fcntl|mmap|importlib\.resources)(\.\w+)*"
            r"|os\.(open|remove|rename|replace|link|symlink|mkdir|makedirs|rmdir|unlink|walk|scandir|listdir|stat|lstat)"
        ),
        {
            "cli/": "finds the repository, writes what the user asked to have written",
            "manifest/schema.py": "reads the schemas of its own package",
            "policy/iam/data.py": "reads the IAM data of its own package",
            "repository/changes.py": "compares the working tree with what git knows",
            "repository/git.py": "an adapter",
            "repository/merge.py": "is told where the clone lies",
            "repository/remote.py": "an adapter",
            "repository/remote_clone.py": "makes a clone of its own, and takes it away",
            "repository/start.py": "is told where the clone lies",
            "repository/git_version.py": "names the folder that git is started in",
            "repository/verdicts.py": "an adapter",
            "repository/worktree.py": "an adapter",
            "scaffold/packaged.py": "reads what `nhi init` copies, of its own package",
            "scan/checkov.py": "an adapter",
            "sandbox/": WORLD,
            "terraform/durable.py": "keeps the record of an apply through a kill",
            "terraform/in_parts.py": "stands before an adapter, and keeps each part's own files apart",
            "terraform/interface.py": "has paths in its signatures",
            "terraform/local_state.py": "mends a local state that a kill cut off",
            "terraform/lock.py": "keeps two runs out of one folder",
            "terraform/process.py": "an adapter",
            "terraform/roots.py": "finds the parts of a root",
            "terraform/workspace.py": "the folder that Terraform works in",
        },
    ),
    "uses the network": Power(
        re.compile(r"(socket|ssl|http\.client|urllib\.request|asyncio|urllib3)(\.\w+)*"),
        {
            "cloud/aws.py": "asks AWS",
            "forge/credentials.py": "names the errors of the network that GitHub is asked through",
            "sandbox/aws.py": WORLD,
            "sandbox/github/": WORLD,
        },
    ),
    "throws dice": Power(
        re.compile(r"(random|secrets|uuid)\.\w+"),
        {"repository/remote.py": "a name that no configuration of git can know", "sandbox/": WORLD},
    ),
}


def held(place: str, module: Module) -> bool:
    return module.path == place or (place.endswith("/") and module.path.startswith(place))


@pytest.mark.parametrize("name", POWERS)
def test_nothing_else_in_the_package(name: str) -> None:
    power = POWERS[name]
    using = [
        one.path for one in modules() if power.used_in(one) and not any(held(place, one) for place in power.held_by)
    ]

    assert using == [], f"{name}: hand it in as an argument, or say here why not"


@pytest.mark.parametrize("name", POWERS)
def test_no_place_holds_a_power_that_it_does_not_use(name: str) -> None:
    power = POWERS[name]
    idle = [place for place in power.held_by if not any(held(place, one) and power.used_in(one) for one in modules())]

    assert idle == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prints", "print(1)"),
        ("prints", "import sys as system\nsystem.stdout.write('')"),
        ("reads the environment", "from os import environ\nenviron['HOME']"),
        ("asks what time it is", "from datetime import datetime as d\nask = lambda: d.now()"),
        ("asks what time it is", "import time\ntime.time()"),
        ("ends the program", "raise SystemExit"),
        ("touches files", "def read(path):\n    with open(path) as file:\n        return file.read()"),
        ("touches files", "from pathlib import Path\nPath('x')"),
        ("uses the network", "from http.client import HTTPConnection\nHTTPConnection('x')"),
        ("throws dice", "from uuid import uuid4\nuuid4()"),
    ],
)
def test_a_power_is_seen_under_whatever_name_it_is_used(name: str, text: str) -> None:
    assert POWERS[name].used_in(parsed("x.py", text))
