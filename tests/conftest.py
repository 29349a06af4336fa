"""What all tests share; each module of tests/fixtures says what it gives."""

import signal

import pytest
from hypothesis import settings

pytest_plugins = [
    "tests.fixtures.aws",
    "tests.fixtures.contract_violations",
    "tests.fixtures.git",
    "tests.fixtures.github",
    "tests.fixtures.github_world",
    "tests.fixtures.modules",
    "tests.fixtures.scripted_http",
    "tests.fixtures.terraform",
    "tests.fixtures.github_story",
    "tests.fixtures.forges",  # after those that it imports: pytest rewrites what it registers first
]

# The machine decides how long an example takes; what hangs is caught by the bound on the whole run.
settings.register_profile("nhi", deadline=None, print_blob=True)
settings.load_profile("nhi")


# A shell that runs the tests in the background has its children ignore interrupts, and theirs too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--accept` rewrites golden files with what the code makes of them: read the difference before you commit."""
    parser.addoption("--accept", action="store_true", help="rewrite golden files")
