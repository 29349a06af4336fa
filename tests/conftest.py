"""The fixtures that all tests share; each module of tests/fixtures says what it gives."""

pytest_plugins = [
    "tests.fixtures.aws",
    "tests.fixtures.git",
    "tests.fixtures.modules",
    "tests.fixtures.terraform",
]
