"""Write `managed_policies.json` of `nhi.policy.iam`: which of AWS's managed policies make an administrator.

    .venv/bin/python scripts/iam_policies.py

Run by hand after scripts/iam_data.py, in the environment of scripts/setup: the documents are those that moto carries,
and what they allow is decided by `nhi.policy.iam` itself.
"""

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

from nhi.policy.iam.escalation import PathKind, escalation_paths
from nhi.policy.iam.resources import Breadth
from nhi.policy.iam.sensitive import Concern, concerning
from nhi.policy.iam.statement import Statement

OUT = Path(__file__).parents[1] / "src/nhi/policy/iam/managed_policies.json"
ADMINISTRATION = {PathKind.PERMISSIONS, PathKind.PASS_ROLE}
MANY = 20
"""So many actions that change identities or the organisation are an administrator's."""


def documents() -> dict[str, Any]:
    """Every managed policy that moto knows, by name. Its module is read, not run: it is 5 MB of text."""
    module = Path(str(distribution("moto").locate_file("moto/iam/aws_managed_policies.py")))
    (assigned,) = (one for one in ast.parse(module.read_text("utf-8")).body if isinstance(one, ast.Assign))
    found: dict[str, Any] = json.loads(ast.literal_eval(assigned.value))
    return found


def administers(allowing: Sequence[Mapping[str, Any]]) -> str | None:
    """How statements of AWS's own form make an administrator of who has them."""
    unconditional = [one for one in allowing if one["Effect"] == "Allow" and not one.get("Condition")]
    on_all = [one for one in unconditional if "*" in as_list(one.get("Resource", ()))]
    if any("*" in as_list(one.get("Action", ())) for one in on_all):
        return "every action"
    if any("NotAction" in one for one in on_all):
        return "every action but a few"
    statements = [
        Statement(tuple(as_list(one["Action"])), tuple(as_list(one["Resource"])))
        for one in unconditional
        if "Action" in one and "Resource" in one
    ]
    paths = [one.path for one in escalation_paths(statements) if one.reach is Breadth.EVERY]
    widest = next((" + ".join(one.actions) for one in paths if one.kind in ADMINISTRATION), None)
    patterns = {one for each in on_all for one in as_list(each.get("Action", ()))}
    changes = {name for one in patterns for name in concerning(one, Concern.IDENTITIES)}
    return widest or (f"{len(changes)} changes of identities or accounts" if len(changes) >= MANY else None)


def as_list(value: Any) -> Sequence[Any]:  # noqa: ANN401 - any JSON
    """AWS writes one where it could write a list."""
    return value if isinstance(value, list | tuple) else [value]


def main() -> int:
    """Write the file. The exit code."""
    kept = documents()
    lines = []
    for name, one in sorted(kept.items()):
        reason = administers(as_list(one["Document"]["Statement"]))
        # Those below this path can only be given to AWS's own service-linked roles.
        if reason and not one["Path"].startswith("/aws-service-role/"):
            entry = {"arn": f"arn:aws:iam::aws:policy{one['Path']}{name}", "reason": reason}
            lines.append(f"{json.dumps(name)}: {json.dumps(entry)}")
    date = max(one["UpdateDate"] for one in kept.values())[:10]
    source = f"the documents of {len(kept)} managed policies that moto {version('moto')} carries (Apache-2.0)"
    head = f'"source": {json.dumps(source)},\n"date": "{date}",\n"policies": '
    OUT.write_text("{\n" + head + "{\n" + ",\n".join(lines) + "\n}\n}\n", "utf-8")
    sys.stdout.write(f"iam_policies: wrote {OUT.name}, {len(lines)} policies\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
