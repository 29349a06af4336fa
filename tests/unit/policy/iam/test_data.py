"""The data files themselves: what a person who takes newer ones should not be able to break unseen."""

import json
import re
from pathlib import Path

import pytest

from nhi.policy.iam import data
from nhi.policy.iam.actions import AccessLevel, actions_matching, known_action, service
from nhi.policy.iam.escalation import known_paths
from nhi.policy.iam.sensitive import Concern

FOLDER = Path(data.__file__).parent
ACTIONS = (FOLDER / "actions.txt").read_text("utf-8")
SERVICES = [found for prefix in data.index().blocks if (found := service(prefix)) is not None]


def test_every_service_stands_once_and_in_order() -> None:
    prefixes = re.findall(r"^\[([^\]]+)\]", ACTIONS, re.MULTILINE)

    assert prefixes == sorted(set(prefixes))
    assert len(prefixes) > 450


def test_every_line_says_what_it_is() -> None:
    line = r"# .+|\[[a-z0-9-]+\] .+|= [^ ]+ arn:[^ ].*|[LRTWP] [^ ]+ [A-Za-z][A-Za-z0-9-]*( [A-Za-z][A-Za-z0-9-]*)*"

    assert [one for one in ACTIONS.splitlines() if not re.fullmatch(line, one)] == []


def test_every_name_is_in_order_so_that_differences_are_small() -> None:
    names = [one.split(" ")[2:] for one in ACTIONS.splitlines() if one[:2] in {"L ", "R ", "T ", "W ", "P "}]

    assert [one for one in names if one != sorted(one)] == []


def test_no_action_stands_twice() -> None:
    folded = [one.lower() for one in actions_matching("*")]

    assert len(folded) == len(set(folded)) > 22_000


def test_every_access_level_is_in_use() -> None:
    assert {one.level for each in SERVICES for one in each.actions.values()} == set(AccessLevel)


def test_every_resource_type_of_an_action_has_an_arn() -> None:
    without = {
        (each.prefix, kind)
        for each in SERVICES
        for one in each.actions.values()
        for kind in one.resources
        if kind not in each.resources
    }

    assert without == set()


@pytest.mark.parametrize("path", known_paths(), ids=lambda path: "+".join(path.actions))
def test_every_step_of_a_path_is_an_action_of_today(path: object) -> None:
    actions = getattr(path, "actions", ())

    assert [one for one in actions if not known_action(one)] == []


def test_every_path_names_who_knows_it() -> None:
    known = re.compile(r"(cloudsplaining|prowler|pathfinding\.cloud) \S+")

    assert [one.actions for one in known_paths() if not one.sources or not all(map(known.fullmatch, one.sources))] == []


def test_no_path_stands_twice() -> None:
    assert len({one.steps for one in known_paths()}) == len(known_paths()) > 100


@pytest.mark.parametrize("concern", list(Concern))
def test_every_sensitive_action_is_an_action_of_today(concern: Concern) -> None:
    actions = data.document("sensitive")[concern]["actions"]

    assert actions == sorted(actions)
    assert [one for one in actions if not known_action(one)] == []


def test_the_notice_names_every_source_with_its_version() -> None:
    notice = (FOLDER / "NOTICE").read_text("utf-8")
    scripts = Path(__file__).parents[4] / "scripts"
    named = re.findall(r'"(\w+)": Source\("([^"]+)"', (scripts / "iam_data.py").read_text("utf-8"))
    moto = re.findall(r"(moto) ([0-9.]+)", json.loads((FOLDER / "managed_policies.json").read_text("utf-8"))["source"])

    assert len(named) == 4
    assert [one for one in [*named, *moto] if " ".join(one) not in notice] == []
    assert [one for one in ACTIONS.splitlines()[1:3] if " ".join(one.split()[2:4]).rstrip(",") not in notice] == []
