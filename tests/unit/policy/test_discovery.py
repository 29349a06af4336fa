import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from nhi.errors import NhiError
from nhi.policy.discovery import discover, sorted_by_code

GOOD = '''"""A manual."""
from nhi.model.finding import Severity
from nhi.policy.rule import Rule
RULE = Rule(code="NHI777", severity=Severity.ERROR, references=(), check=lambda manifest, context: iter(()))
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], ModuleType]]:
    """A package of rules that is made for one test."""

    def make(files: dict[str, str]) -> ModuleType:
        folder = tmp_path / "made_up_rules"
        folder.mkdir()
        for name, text in {"__init__.py": "", **files}.items():
            (folder / name).write_text(text, encoding="utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        return importlib.import_module("made_up_rules")

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] == "made_up_rules"]:
        del sys.modules[name]


def test_rules_are_found_in_the_order_of_their_codes_and_the_first_eleven_keep_theirs() -> None:
    found = [(entry.rule.code, entry.slug) for entry in discover().entries]

    assert found == sorted(found)
    assert set(found) >= {
        ("NHI001", "missing-owner"),
        ("NHI002", "unknown-owner"),
        ("NHI003", "departed-owner"),
        ("NHI101", "missing-purpose"),
        ("NHI102", "vague-purpose"),
        ("NHI201", "missing-expiry"),
        ("NHI202", "past-expiry"),
        ("NHI203", "overlong-lifetime"),
        ("NHI301", "missing-scope"),
        ("NHI302", "wildcard-action"),
        ("NHI303", "wildcard-resource"),
    }


def test_what_the_mission_asks_for_cannot_be_excepted() -> None:
    unexceptable = {entry.slug for entry in discover().entries if not entry.rule.may_be_excepted}

    assert unexceptable >= {"missing-owner", "unknown-owner", "missing-purpose", "missing-expiry", "missing-scope"}


def test_a_new_file_is_a_new_rule(package: Callable[[dict[str, str]], ModuleType]) -> None:
    found = discover(package({"lonely_star.py": GOOD}))

    assert [(entry.slug, entry.rule.code, entry.manual) for entry in found.entries] == [
        ("lonely-star", "NHI777", "A manual.")
    ]


def test_a_rule_that_cannot_be_imported_fails_the_run(package: Callable[[dict[str, str]], ModuleType]) -> None:
    with pytest.raises(ZeroDivisionError):
        discover(package({"good.py": GOOD, "broken.py": "1 / 0"}))


def test_a_file_without_a_rule_fails_the_run(package: Callable[[dict[str, str]], ModuleType]) -> None:
    with pytest.raises(NhiError, match=r"made_up_rules\.empty defines no RULE"):
        discover(package({"good.py": GOOD, "empty.py": '"""A manual."""'}))


def test_a_rule_without_a_manual_fails_the_run(package: Callable[[dict[str, str]], ModuleType]) -> None:
    with pytest.raises(NhiError, match="has no docstring"):
        discover(package({"silent.py": GOOD.removeprefix('"""A manual."""')}))


def test_two_rules_with_one_code_fail_the_run(package: Callable[[dict[str, str]], ModuleType]) -> None:
    with pytest.raises(NhiError, match="the rules first and second both have the code NHI777"):
        discover(package({"first.py": GOOD, "second.py": GOOD}))


@pytest.mark.parametrize("code", ["NHI1", "NHI1000", "nhi101", "", "NHI10x", "NHI101\n"])
def test_a_malformed_code_fails_the_run(code: str) -> None:
    entry = discover().entries[0]

    with pytest.raises(NhiError, match="has the code"):
        sorted_by_code([replace(entry, rule=replace(entry.rule, code=code))])
