"""Files that are there whole, or as they were before, whatever happens to this process or this machine."""

import os
import tempfile
from pathlib import Path


def write_durably(file: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step that lasts."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    whole = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(text.encode())
            opened.flush()
            os.fsync(opened.fileno())
        whole.replace(file)
    finally:
        whole.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
