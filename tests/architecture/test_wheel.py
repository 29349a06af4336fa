"""What users install: the wheel holds everything that the program reads of itself, and nothing of the repository."""

import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.fixtures.source import project_files

from nhi.flows.init import Wanted, new_repository
from nhi.scaffold.packaged import COPIED

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    tracked = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    expected = {path.removeprefix("src/") for path in tracked.splitlines() if (ROOT / path).is_file()}
    assert expected <= set(wheel.namelist())
    assert {"nhi/manifest/schemas/envelope.json", "nhi/terraform/templates/main.tf.j2", "nhi/py.typed"} <= expected


def test_the_wheel_holds_nothing_but_the_package(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in wheel.namelist()} == {"nhi", "nhi_control_plane-0.1.0.dist-info"}


def test_the_wheel_carries_what_a_new_repository_starts_from(wheel: zipfile.ZipFile) -> None:
    for place, origin in COPIED.items():
        path = ROOT / origin
        files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file() and tracked(one)]
        assert files
        for file in files:
            inside = place if path.is_file() else f"{place}/{file.relative_to(path).as_posix()}"
            assert wheel.read(f"nhi/scaffold/files/{inside}") == file.read_bytes()


def test_a_new_repository_from_the_wheel_is_that_from_the_checkout(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "wheel")
    run = "import sys; sys.path.insert(0, sys.argv[1]); sys.argv[1:] = ['init', sys.argv[2]]\n"
    run += "import nhi.cli.main as m; m.main()"
    command = [sys.executable, "-P", "-c", run, str(tmp_path / "wheel"), str(tmp_path / "from-wheel")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")

    made = tmp_path / "from-wheel"
    paths = {one.relative_to(made).as_posix(): one for one in made.rglob("*") if one.is_file()}
    expected = {one.path: one for one in new_repository(Wanted(version("nhi-control-plane")))}
    assert paths.keys() == expected.keys()
    assert [path for path, one in paths.items() if one.read_bytes() != expected[path].data] == []
    assert {path for path, one in paths.items() if one.stat().st_mode & 0o100} == {
        path for path, one in expected.items() if one.is_executable
    }


def tracked(file: Path) -> bool:
    return file.relative_to(ROOT).as_posix() in project_files()


def test_the_program_runs_from_the_wheel_alone(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    run = "import sys; sys.path.insert(0, sys.argv[1]); sys.argv[1:] = ['rules']; import nhi.cli.main as m; m.main()"
    command = [sys.executable, "-P", "-c", run, str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "missing-owner" in done.stdout
