"""What the documents say is so: generated parts are fresh, paths exist, links lead somewhere, decisions are listed."""

import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from tests.fixtures.source import PACKAGE, ROOT, project_files

from nhi.manifest.schema import packaged
from nhi.manifest.settings import read_settings
from nhi.model.settings import Settings
from nhi.model.source import FileType, SourceFile

DOCUMENTS = [path for path in project_files() if path.endswith(".md")]
MADE = (".nhi/", ".venv/", ".tools/", "dist/")
"""Folders that exist only after something ran."""
NOT_PATHS = re.compile(
    r"nhi/(v1|[a-z-]+/v1|(sweep|renew|suspend|revoke|rotate)/.*|gate|approvals|emergency|notice|sweep)"
    r"|.*[ $(){}@\"'=,;|:\[\]].*|/.*|\.\w+"
)
"""Code in a document that holds a `/` or a `.` and is no path: formats, branches, statuses, labels, suffixes."""
SPEAKING_OF_SUBFOLDERS = {"modules/README.md"}
"""It says what is in the folder of each kind."""
INVENTED = {"identities/staging/payments/report-writer.yaml"}
"""Of the story that the README tells."""
FILE = re.compile(r"[\w.<>*…-]+\.(py|md|ya?ml|json|toml|tf|hcl|j2|mjs|txt)")


def prose(path: str) -> str:
    """A document without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", (ROOT / path).read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def named_paths(path: str) -> Iterator[str]:
    for code in re.findall(r"`([^`\n]+)`", prose(path)):
        is_path = ("/" in code or FILE.fullmatch(code)) and not NOT_PATHS.fullmatch(code) and code not in INVENTED
        if is_path and not code.startswith(MADE):
            yield code


def exists(name: str, document: str) -> bool:
    """Whether a path stands below the document's folder, the package or the repository; `<x>`, `*` and `…` are any.

    A file's bare name may stand anywhere: its document says in words which folder it means.
    """
    pattern = re.sub(r"<[^>]+>", "*", name).replace("…", "**")
    if "/" not in pattern:
        return (
            any(fnmatch(path.rsplit("/", 1)[-1], pattern) for path in project_files()) or (PACKAGE / pattern).exists()
        )
    here = (ROOT / document).parent
    folders = [here, PACKAGE, ROOT, *(here.glob("*/") if document in SPEAKING_OF_SUBFOLDERS else ())]
    return any(any(folder.glob(pattern.rstrip("/"))) for folder in folders)


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub gives to a document's headings."""
    heads = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.replace("`", "").lower()).replace(" ", "-") for head in heads}


def test_generated_parts_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/documentation.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_is_named_exists(document: str) -> None:
    assert [name for name in named_paths(document) if not exists(name, document)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document: str) -> None:
    here = ROOT / document
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        file, _, anchor = target.partition("#")
        if ":" in file:
            continue
        there = here.parent / file if file else here
        if not there.exists() or (anchor and there.suffix == ".md" and anchor not in anchors(there)):
            broken.append(target)

    assert broken == []


def test_a_path_that_does_not_exist_would_be_seen() -> None:
    assert not exists("src/nhi/cli/nothing.py", "README.md")
    assert not exists("modules/<kind>/nothing.json", "README.md")
    assert not exists("nothing.py", "README.md")
    assert exists("modules/<kind>/schema.json", "README.md")
    assert exists("cli/wiring.py", "src/nhi/README.md")


def test_every_decision_is_listed_and_has_its_parts() -> None:
    records = sorted((ROOT / ".github/decisions").glob("[0-9]*.md"))
    listing = (ROOT / ".github/decisions/README.md").read_text("utf-8")

    assert records
    assert [one.name for one in records if f"]({one.name})" not in listing] == []
    assert [int(one.name[:4]) for one in records] == list(range(1, len(records) + 1))


def settings_example() -> str:
    text = (PACKAGE / "manifest/README.md").read_text("utf-8")
    found = re.search(r"<!-- generated: settings-example -->\n```yaml\n(.*?)```\n<!-- end -->", text, re.DOTALL)
    assert found
    return found[1]


def test_the_commented_configuration_is_valid_and_says_the_defaults() -> None:
    settings = read_settings(SourceFile("nhi.yaml", FileType.REGULAR, settings_example().encode()))

    defaults = Settings()
    assert (settings.lifetimes, settings.circuit_breaker, settings.removal_hours) == (
        defaults.lifetimes,
        defaults.circuit_breaker,
        defaults.removal_hours,
    )


def test_the_other_backend_of_the_commented_configuration_is_valid_too() -> None:
    example = settings_example()
    other = re.sub(r"^( *)local:\n(\1  .*\n)+\1# or:\n", "", example, flags=re.MULTILINE)
    other = re.sub(r"^( {6})# ?", r"\1", other, flags=re.MULTILINE)

    assert other != example
    assert "s3" in repr(read_settings(SourceFile("nhi.yaml", FileType.REGULAR, other.encode()))).lower()


def _told(section: dict[str, Any]) -> dict[str, int]:
    """The default that the description of each whole number tells."""
    numbers = {name: one for name, one in section["properties"].items() if one.get("type") == "integer"}
    return {name: int(re.findall(r"Default (\d+)\.", one["description"])[0]) for name, one in numbers.items()}


def test_the_defaults_that_the_schema_tells_are_those_of_the_model() -> None:
    properties: Any = packaged("settings")["properties"]
    settings = Settings()
    sections: dict[str, tuple[Any, Any]] = {
        "lifetimes": (properties["lifetimes"], settings.lifetimes),
        "limits": (properties["limits"], settings.limits),
        "removal_hours": (properties["removal_hours"], settings.removal_hours),
        "sweep": (properties["sweep"]["properties"]["circuit_breaker"], settings.circuit_breaker),
    }

    assert {name: _told(section) for name, (section, _) in sections.items()} == {
        name: {key: getattr(model, key) for key in model.__slots__} for name, (_, model) in sections.items()
    }
