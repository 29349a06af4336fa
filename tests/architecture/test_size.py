"""Where to stop and think: a module of 300 lines, a function of 50. The list of what is larger only shrinks."""

import ast
import statistics

from tests.fixtures.source import ROOT, modules

MODULE_LINES = 300
FUNCTION_LINES = 50
MEDIAN_MODULE = 120
LARGER_MODULES: dict[str, str] = {}
"""Path → why it is not cut in two."""
LONGER_FUNCTIONS: dict[str, str] = {}
"""`path:name` → why it is not cut in two."""


def lengths() -> dict[str, int]:
    return {one.path: len(one.text.splitlines()) for one in modules()}


def functions() -> dict[str, int]:
    return {
        f"{one.path}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for one in modules()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_no_module_is_too_large_but_the_ones_that_say_why() -> None:
    assert {path for path, lines in lengths().items() if lines > MODULE_LINES} == LARGER_MODULES.keys()


def test_no_function_is_too_long_but_the_ones_that_say_why() -> None:
    assert {name for name, lines in functions().items() if lines > FUNCTION_LINES} == LONGER_FUNCTIONS.keys()


def test_the_median_module_can_be_read_in_one_go() -> None:
    written = [lines for path, lines in lengths().items() if not path.endswith("__init__.py")]

    assert statistics.median(written) <= MEDIAN_MODULE


def test_scripts_are_held_to_the_same() -> None:
    large = [
        path.name
        for path in (ROOT / "scripts").rglob("*.py")
        if len(path.read_text("utf-8").splitlines()) > MODULE_LINES
    ]

    assert large == []
