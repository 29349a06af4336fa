"""What may never stand in a tracked file: a machine's paths, a package index, a check that is switched off unsaid."""

import io
import re
import tokenize

import pytest
from tests.fixtures.source import ROOT, project_files, text_of

# Put together from pieces, so that this file does not hold what it looks for.
MACHINE = re.compile(
    "|".join("/" + folder for folder in (r"work/\w", r"root/\w", r"home/\w", r"Users/\w", r"opt/\w", r"tmp/\w"))
)
INDEX = re.compile(
    "|".join(
        ("--(extra-)?index" + "-url", "--find" + "-links", "index" + "-url *=", r"/simp" + "le/", '"resol' + 'ved":')
    )
)

LOCKED = re.compile(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+( ; [^\\\n]+)?( \\\n +--hash=sha256:[0-9a-f]{64})+")

SWITCHED_OFF = re.compile(r"noqa|type: ignore|pragma: no (cover|branch)|pylint:|nosec")
CODES = r"(ruff: )?noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*|type: ignore\[[a-z, -]+\]|pragma: no (cover|branch)"
WITH_REASON = re.compile(rf"#\s*({CODES})\s+(#|-)\s*\w.*")
SAYS_ITSELF = re.compile(r"#\s*type: ignore\[import-untyped\]")

TEXTS = {path: text for path in project_files() if (text := text_of(path)) is not None}
PYTHON = [path for path in TEXTS if path.endswith(".py")]


def places(pattern: re.Pattern[str], path: str) -> list[str]:
    lines = enumerate(TEXTS[path].splitlines(), start=1)
    return [f"{path}:{number}: {line.strip()[:100]}" for number, line in lines if pattern.search(line)]


def test_no_file_holds_a_path_of_the_machine_that_it_was_written_on() -> None:
    assert "\n".join(place for path in TEXTS for place in places(MACHINE, path)) == ""


def test_no_file_names_a_package_index() -> None:
    assert "\n".join(place for path in TEXTS for place in places(INDEX, path)) == ""


@pytest.mark.parametrize("path", [path for path in TEXTS if re.fullmatch(r"scripts/requirements/[a-z]+\.txt", path)])
def test_every_requirement_is_a_version_with_its_hashes(path: str) -> None:
    entries = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", TEXTS[path], flags=re.MULTILINE).strip())

    assert [one for one in entries if not LOCKED.fullmatch(one)] == []


def test_the_patterns_see_what_they_are_for() -> None:
    assert MACHINE.search("see /" + "work/main/x")
    assert MACHINE.search("/" + "opt/mirror")
    assert not MACHINE.search("for folder in /opt/*; do")
    assert INDEX.search("--index" + "-url x")
    assert not LOCKED.fullmatch("a==1")
    assert not LOCKED.fullmatch("git+https://a.example/a --hash=sha256:" + 64 * "0")
    assert not WITH_REASON.fullmatch("# no" + "qa: S603")
    assert WITH_REASON.fullmatch("# no" + "qa: S603 - a list, no shell")


def comments(path: str) -> list[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(TEXTS[path]).readline)
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def test_every_check_that_is_switched_off_says_why() -> None:
    silent = [
        f"{path}:{line}: {text}"
        for path in PYTHON
        for line, text in comments(path)
        if SWITCHED_OFF.search(text) and not WITH_REASON.fullmatch(text) and not SAYS_ITSELF.fullmatch(text)
    ]

    assert "\n".join(silent) == ""


def test_every_rule_that_ruff_ignores_has_a_reason() -> None:
    lists = re.findall(r"^(?:ignore|\"[^\"]+\") = \[\n(.*?)^\]", TEXTS["pyproject.toml"], re.DOTALL | re.MULTILINE)
    ignored = [line for one in lists for line in one.splitlines() if re.match(r' +"[A-Z]+\d*"', line)]

    assert ignored
    assert [line for line in ignored if not re.search(r'# ["\w]', line)] == []


def test_no_test_is_skipped_or_expected_to_fail_but_what_needs_github_itself() -> None:
    silent = re.compile(r"pytest\.(skip|xfail|importorskip)|mark\.(skip|skipif|xfail)|unittest\.skip")
    own = "tests/architecture/test_project_files.py"

    assert [
        place
        for path in PYTHON
        if path.startswith("tests/") and not path.startswith("tests/live/") and path != own
        for place in places(silent, path)
    ] == []


def test_every_script_can_be_run() -> None:
    scripts = [ROOT / path for path in TEXTS if re.fullmatch(r"scripts/[a-z]+|\.ci/run", path)]
    programs = [one for one in scripts if one.read_text("utf-8").startswith("#!")]

    assert {one.name for one in programs} >= {"setup", "demo", "test", "check", "docs", "bench", "run"}
    assert [one.name for one in programs if not one.stat().st_mode & 0o100] == []
