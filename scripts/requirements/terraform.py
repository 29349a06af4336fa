"""Download a pinned Terraform release, check its SHA-256, and unpack the binary. Used by scripts/setup."""

import hashlib
import io
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

_MOST_BYTES = 200 * 1024 * 1024
_SECONDS = 60
_REFUSED = 4


def main(version: str, platform: str, expected: str, folder: str) -> int:
    """Put the binary into the folder; 4 where it cannot be had or is not the pinned one."""
    url = f"https://releases.hashicorp.com/terraform/{version}/terraform_{version}_{platform}.zip"
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            archive = answer.read(_MOST_BYTES)
    except (urllib.error.URLError, TimeoutError) as error:
        sys.stderr.write(f"setup: {url} could not be downloaded: {error}\n")
        sys.stderr.write(f"setup: install Terraform {version} or newer, and run scripts/setup again\n")
        return _REFUSED
    actual = hashlib.sha256(archive).hexdigest()
    if actual != expected:
        sys.stderr.write(f"setup: {url} has the SHA-256 {actual}, not the pinned {expected}: refused\n")
        return _REFUSED
    target = Path(folder) / "terraform"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(zipfile.ZipFile(io.BytesIO(archive)).read("terraform"))
    target.chmod(0o755)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
