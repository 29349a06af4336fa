"""Stacks, listed: for people, as JSON, and as a matrix for GitHub Actions."""

import json
from collections.abc import Mapping, Sequence

from nhi.errors import InputError
from nhi.model.settings import Stack
from nhi.output.plain import json_text

MATRIX_JOBS = 256
"""The most jobs that a matrix may make: https://docs.github.com/en/actions/reference/limits."""


def stacks_text(stacks: Sequence[Stack], reasons: Mapping[str, Sequence[str]]) -> str:
    """One line each: name, account, region, and why it is listed where that is known."""
    width = max((len(one.name) for one in stacks), default=0)
    lines = []
    for one in stacks:
        why = f"  {', '.join(reasons[one.name])}" if one.name in reasons else ""
        lines.append(f"{one.name:{width}}  {one.account}  {one.region}{why}\n")
    return "".join(lines) or "no stack\n"


def stacks_json(stacks: Sequence[Stack], reasons: Mapping[str, Sequence[str]]) -> str:
    """The format `nhi/stacks/v1`: `because` has new, settings, manifests, kind; it is empty where all are listed."""
    listed = [
        {
            "stack": one.name,
            "account": one.account,
            "region": one.region,
            "environment": one.environment,
            "because": list(reasons.get(one.name, ())),
        }
        for one in stacks
    ]
    return json_text({"schema": "nhi/stacks/v1", "stacks": listed})


def stacks_matrix(stacks: Sequence[Stack]) -> str:
    """One line for `fromJSON` in `strategy.matrix` of a workflow.

    Raises:
        InputError: there are more stacks than a matrix can have jobs.
    """
    if len(stacks) > MATRIX_JOBS:
        raise InputError(
            f"{len(stacks)} stacks: a matrix of GitHub Actions has at most {MATRIX_JOBS} jobs",
            hint="split the change, or take --format json and let each job plan several stacks (`nhi plan --stack …`)",
        )
    include = [{"stack": one.name, "account": one.account, "region": one.region} for one in stacks]
    return json.dumps({"include": include}, separators=(",", ":"))
