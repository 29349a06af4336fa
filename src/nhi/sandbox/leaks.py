"""A search for secrets in everything that a run left: files, archives within them, and outputs."""

import os
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote


def leaks(root: Path, outputs: Mapping[str, str], secrets: Collection[str]) -> dict[str, bool]:
    """Every file below `root` and every output: whether it holds one of the secrets, as it is or as a URL has it."""
    wanted = {form.encode() for secret in secrets for form in (secret, quote(secret, safe=""))}
    searched = {name: text.encode() for name, text in outputs.items()} | dict(_contents(root))
    return {name: any(secret in content for secret in wanted) for name, content in searched.items()}


def _contents(root: Path) -> Iterator[tuple[str, bytes]]:
    """Links are not followed: Terraform links its providers, and they are not ours."""
    for folder, _, names in os.walk(root):
        for file in (Path(folder, name) for name in names):
            if file.is_symlink():
                continue
            place = str(file.relative_to(root))
            yield place, file.read_bytes()
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as archive:
                    yield from ((f"{place}: {inner}", archive.read(inner)) for inner in archive.namelist())
