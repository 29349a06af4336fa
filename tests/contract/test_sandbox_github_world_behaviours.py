import ast

import pytest
from tests.fixtures.source import ROOT

from nhi.sandbox.github.behaviours import BEHAVIOURS, Behaviour
from nhi.sandbox.github.merge_behaviours import MERGE_BEHAVIOURS

EVERY = (*BEHAVIOURS, *MERGE_BEHAVIOURS)


def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("behaviour", EVERY, ids=lambda one: one.what)
def test_a_behaviour_names_the_test_that_shows_it(behaviour: Behaviour) -> None:
    path, _, name = behaviour.test.partition("::")

    assert name.startswith("test_")
    assert name in names_in(path)


def test_a_behaviour_is_said_once_and_by_somebody() -> None:
    assert len({one.what for one in EVERY}) == len(EVERY)
    assert [one.what for one in EVERY if not one.sentence or "http" not in one.source] == []
