"""Prove that no rule can be emptied without a test that fails. Used by scripts/mutants.

For each rule, the function that its RULE names loses its body in a copy of `src/`, and the tests of rule files run on
that copy. A run that fails a test is what we want; one that passes, or that breaks in another way, is reported.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_RULES = Path("nhi", "policy", "rules")
_TESTS = "tests/unit/policy/test_rule_files.py"
_A_TEST_FAILED = 1
_SECONDS = 120
_WORKERS = 2


def emptied(source: str) -> str:
    """The rule's text with the body of its check replaced by one that finds nothing.

    Raises:
        ValueError: no function of the file is the check of its RULE.
    """
    tree = ast.parse(source)
    names = [
        word.value.id
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg == "check" and isinstance(word.value, ast.Name)
    ]
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            node.body = ast.parse("return iter(())").body
            return ast.unparse(tree)
    raise ValueError("no function is the check of RULE")


def survives(rule: str) -> str | None:
    """None where a test noticed that the rule is empty; else what happened."""
    with tempfile.TemporaryDirectory(prefix="nhi-mutant-") as folder:
        shutil.copytree(_ROOT / "src", Path(folder, "src"))
        file = Path(folder, "src", _RULES, f"{rule}.py")
        file.write_text(emptied(file.read_text("utf-8")), "utf-8")
        slug = rule.replace("_", "-")
        tested = subprocess.run(  # noqa: S603  # pytest, on our own copy
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", _TESTS, "-k", slug],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(Path(folder, "src")), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    if tested.returncode == _A_TEST_FAILED:
        return None
    return f"{slug}: pytest ended with {tested.returncode}, not with a failed test: {tested.stdout[-300:]}"


def main() -> int:
    """Try every rule; 1 where one survives."""
    rules = sorted(path.stem for path in (_ROOT / "src" / _RULES).glob("*.py") if path.stem != "__init__")
    with ThreadPoolExecutor(_WORKERS) as workers:
        survivors = [said for said in workers.map(survives, rules) if said is not None]
    for said in survivors:
        sys.stdout.write(f"survived: {said}\n")
    sys.stdout.write(f"mutants: {len(rules) - len(survivors)} of {len(rules)} rules are missed when they are empty\n")
    return 1 if survivors or not rules else 0


if __name__ == "__main__":
    sys.exit(main())
