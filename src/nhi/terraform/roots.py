"""Where a stack's roots are below the one that its workspace has, and the files that each part has of its own."""

from pathlib import Path

_PARTS = "part-*-of-*"


def roots_in(root: Path) -> list[Path]:
    """The folders that Terraform works in, in the order of the parts; the root itself where it is in one piece."""
    return sorted(file.parent for file in root.glob(f"{_PARTS}/main.tf")) or [root]


def parts_below(root: Path) -> list[Path]:
    """The folders of parts, also of those that the stack had once."""
    return sorted(place for place in root.glob(_PARTS) if place.is_dir())


def of_part(file: Path, part: str) -> Path:
    """A part's own file beside that of the whole stack."""
    return file.with_name(f"{file.name}.{part}")


def of_all_parts(file: Path) -> list[Path]:
    """The file, and those of parts beside it, as far as they are there."""
    return sorted(place for place in (file, *file.parent.glob(f"{file.name}.{_PARTS}")) if place.exists())
