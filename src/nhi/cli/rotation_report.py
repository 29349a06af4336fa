"""The report of rotations against a forge, for people and as JSON."""

import json

from nhi.cli.request_report import failed, failed_json, obstacles, settled_json
from nhi.flows.rotate_forge import RotationRequests
from nhi.output.plain import counted, json_text, one_line
from nhi.output.rotation import rotation_json, rotation_text


def requests_text(found: RotationRequests) -> str:
    """The report of the steps, then their pull requests; the last line counts."""
    lines = []
    for refused, number in found.refused:
        lines.append(f"REFUSED  {refused.branch} (#{number}): a person closed it without merging it")
    for stale, number in found.withdrawn:
        lines.append(f"closed   {stale.branch} (#{number}): {one_line(stale.reason)}")
    for step, one in found.settled:
        number_words = "" if one.number is None else f" (#{one.number})"
        done = ", ".join(write.value for write in one.writes) or "as it was"
        lines.append(f"pull     {step.branch}{number_words}: {done}")
        lines += obstacles(one)
    for missed in found.failed:
        lines += failed(missed)
    what = "would be open" if found.report.dry_run else "open"
    lines.append(f"{counted(len(found.settled), 'pull request')} of {one_line(found.repository)} {what}")
    return rotation_text(found.report) + "\n".join(lines) + "\n"


def requests_json(found: RotationRequests) -> str:
    """The format `nhi/rotation/v1`, with the pull requests."""
    document: dict[str, object] = json.loads(rotation_json(found.report))
    document["repository"] = found.repository
    document["pull_requests"] = [{"branch": step.branch, **settled_json(one)} for step, one in found.settled]
    document["refused"] = [{"branch": step.branch, "number": number} for step, number in found.refused]
    document["withdrawn"] = [
        {"branch": stale.branch, "number": number, "reason": stale.reason, "instead": stale.instead}
        for stale, number in found.withdrawn
    ]
    document["failed"] = [failed_json(one) for one in found.failed]
    return json_text(document)
