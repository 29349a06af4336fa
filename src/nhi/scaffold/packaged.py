"""The files that `nhi init` copies: from the wheel, which carries them, or from a checkout, where they stand.

There is one copy of each: `pyproject.toml` has the wheel built with those of the repository (`force-include`).
"""

from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import nhi

COPIED: Mapping[str, str] = {
    "modules": "modules",
    ".github/nhi": ".github/nhi",
    **{
        f".github/workflows/{name}.yml": f".github/workflows/{name}.yml"
        for name in ("apply", "approvals", "gate", "nightly", "record", "review", "revoke")
    },
    **{
        f".github/nhi/requirements/{name}": f"scripts/requirements/{name}"
        for name in ("build.txt", "checkov.txt", "run.txt", "terraform.py")
    },
}
"""Place in a new repository → place in this one; a folder with all that is in it."""

_LEFT_OUT = frozenset({"tests", "__pycache__", ".terraform", ".terraform.lock.hcl"})
"""The tests of the kinds are about this program's own repository, as is what stands in _LEFT_OUT_PATHS."""
_LEFT_OUT_PATHS = frozenset({"modules/README.md"})


def copied_files() -> Iterator[tuple[str, bytes]]:
    """Path in a new repository, and content."""
    carried = resources.files("nhi.scaffold").joinpath("files")
    checkout = Path(nhi.__file__).parents[2]
    for place, origin in COPIED.items():
        source = carried.joinpath(place) if carried.is_dir() else checkout / origin
        for path, content in _below(source, place):
            if path not in _LEFT_OUT_PATHS:
                yield path, content


def template(name: str) -> str:
    """The text of a template; `$name` in it stands for what is filled in."""
    return resources.files("nhi.scaffold").joinpath("templates", name).read_text("utf-8")


def _below(source: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    if source.is_file():
        yield path, source.read_bytes()
        return
    for one in sorted(source.iterdir(), key=lambda entry: entry.name):
        if one.name not in _LEFT_OUT:
            yield from _below(one, f"{path}/{one.name}")
