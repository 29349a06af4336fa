"""Who may import whom: the contracts of pyproject.toml, one door for each vendor, and nothing hidden in a function."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fixtures.source import ROOT, Module, modules

DOORS = {
    "boto3": ("cloud/aws.py", "sandbox/"),
    "botocore": ("cloud/aws.py", "sandbox/"),
    "click": ("cli/",),
    "cryptography": ("sandbox/github/oidc.py", "sandbox/github/server.py", "sandbox/github/tokens.py"),
    "github": ("forge/github.py",),
    "graphql": ("sandbox/github/graphql.py",),
    "jinja2": ("cloud/expectation.py", "terraform/render.py"),
    "jsonschema": ("manifest/",),
    "jsonschema_rs": ("manifest/", "sandbox/github/schemas.py"),
    "jwt": ("forge/github.py", "sandbox/github/oidc.py", "sandbox/github/tokens.py"),
    "moto": ("sandbox/aws_server.py",),
    "python_terraform": ("terraform/process.py",),
    "rich": ("cli/terminal.py", "output/findings_text.py"),
    "werkzeug": ("sandbox/",),
    "yaml": ("manifest/draft.py", "manifest/layout.py", "manifest/yamltext.py"),
}
"""Each package that is not our own, and the only places that import it. A new one has to be given its door here."""

STARTERS = re.compile(
    r"subprocess\.(run|Popen|call|check_call|check_output|getoutput|getstatusoutput)"
    r"|os\.(system|popen|fork|forkpty|exec\w+|spawn\w+|posix_spawnp?)"
    r"|asyncio\.create_subprocess_\w+|multiprocessing\..+|pty\.spawn"
)
STARTING = ("repository/start.py", "scan/checkov.py", "terraform/process.py", "sandbox/")

LAZY = {
    "cli/": "only what a call needs is loaded: the rest takes longer than most commands do",
    "policy/discovery.py": "the files of policy/rules/ are the registry of rules",
}

LATE = {
    "manifest/configuration.py": "jsonschema takes long to load, and is needed only to say why something does not fit",
    "manifest/read.py": "as manifest/configuration.py",
}
"""The files that import within a function, and why."""

HOLDALLS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "core", "shared", "tools"}


def within(module: Module, places: tuple[str, ...]) -> bool:
    return any(module.path == place or (place.endswith("/") and module.path.startswith(place)) for place in places)


def foreign(module: Module) -> set[str]:
    tops = {name.split(".")[0] for name in module.imports()}
    return {top for top in tops if top not in sys.stdlib_module_names and top != "nhi"}


def test_every_contract_of_pyproject_is_kept() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", done.stdout), done.stdout


def test_the_model_and_the_errors_need_the_standard_library_alone() -> None:
    assert {one.path: foreign(one) for one in modules() if one.room in ("model", "errors") and foreign(one)} == {}


def test_a_foreign_package_is_imported_through_its_door_alone() -> None:
    strays = [
        f"{one.path} imports {package}"
        for one in modules()
        for package in sorted(foreign(one))
        if not within(one, DOORS.get(package, ()))
    ]

    assert strays == []


@pytest.mark.parametrize("package", DOORS)
def test_no_door_stands_open_for_nobody(package: str) -> None:
    unused = [
        place
        for place in DOORS[package]
        if not any(within(one, (place,)) and package in foreign(one) for one in modules())
    ]

    assert unused == []


def test_programs_are_started_in_one_file_each() -> None:
    starting = {one.path for one in modules() if any(STARTERS.fullmatch(name) for name in one.calls())}

    assert {path for path in starting if not path.startswith("sandbox/")} == {
        "repository/start.py",
        "scan/checkov.py",
        "terraform/process.py",
    }


def test_every_import_stands_at_the_top_of_its_file_but_the_ones_that_say_why() -> None:
    late = set()
    for one in modules():
        top = set(map(id, one.tree.body))
        nodes = (node for node in ast.walk(one.tree) if isinstance(node, ast.Import | ast.ImportFrom))
        late |= {one.path for node in nodes if id(node) not in top}

    assert late == LATE.keys()


def test_modules_are_loaded_by_name_only_where_there_is_a_reason_to() -> None:
    loading = [
        one for one in modules() if "importlib.import_module" in one.calls() or "builtins.__import__" in one.calls()
    ]

    assert [one.path for one in loading if not within(one, tuple(LAZY))] == []
    assert [place for place in LAZY if not any(within(one, (place,)) for one in loading)] == []


def test_an_adapter_is_named_in_wiring_alone() -> None:
    adapters = re.compile(
        r"nhi\.(cloud\.(aws\w*|access_keys)|forge\.(github\w*|git_token)|scan\.checkov|terraform\.process|repository\.(git|remote|worktree|verdicts))"
    )
    naming = [
        f"{one.path}:{node.lineno}"
        for one in modules()
        for node in ast.walk(one.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and adapters.fullmatch(node.value)
        if one.path not in ("cli/wiring.py", "cli/wiring_forge.py")
    ]

    assert naming == []


def test_no_module_is_a_holdall() -> None:
    assert [one.path for one in modules() if HOLDALLS & set(one.path.removesuffix(".py").split("/"))] == []
