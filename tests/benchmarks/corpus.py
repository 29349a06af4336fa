"""Repositories of many manifests for the benchmarks: 1,000 a stack, the roles that an AWS account holds by default."""

import shutil
import subprocess
from pathlib import Path

_A_STACK = 1000
_OWNERS = ("payments", "platform", "data", "security")
_WORDS = ("Settlement", "Refund", "Ledger", "Invoice", "Archive", "Search", "Catalogue", "Pricing")
_MANIFEST = """\
# yaml-language-server: $schema=../../.nhi/schema.json
apiVersion: nhi/v1
kind: aws-service-role
name: {name}
owner: {owner}
purpose: >-
  {word} worker number {number} books its records in its own table for the {owner} team.
expiry: 2027-{month:02d}-{day:02d}
used_by: [ecs:{owner}/worker-{number}]
ticket: OPS-{number}
justification: >-
  The records must be booked before 06:00 for the daily report of the {owner} team.
scope:
  trust:
    services: [ecs-tasks.amazonaws.com]
  allow:
    - actions: [dynamodb:PutItem, dynamodb:UpdateItem]
      resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/records-{number}"]
    - actions: [s3:GetObject]
      resources: ["arn:aws:s3:::inbox-{number}/*"]
"""


def manifest(number: int) -> tuple[str, str]:
    """Path and text of one manifest; no two are alike."""
    name = f"worker-{number:06d}"
    text = _MANIFEST.format(
        name=name,
        owner=_OWNERS[number % len(_OWNERS)],
        word=_WORDS[number // 7 % len(_WORDS)],
        number=number,
        month=1 + number % 6,
        day=1 + number // 6 % 28,
    )
    return f"identities/stack-{number // _A_STACK:03d}/{name}.yaml", text


def generate(folder: Path, source: Path, count: int) -> None:
    """Write and commit a repository of `count` manifests, with the modules and owners of `source`."""
    stacks = range((count + _A_STACK - 1) // _A_STACK)
    shutil.copytree(source / "modules", folder / "modules")
    settings = "".join(f'  stack-{one:03d}: {{account: "{100000000000 + one}", region: eu-west-1}}\n' for one in stacks)
    (folder / "nhi.yaml").write_text(f"apiVersion: nhi/v1\nstacks:\n{settings}", "utf-8")
    for one in stacks:
        (folder / "identities" / f"stack-{one:03d}").mkdir(parents=True)
    shutil.copy(source / "identities" / "owners.yaml", folder / "identities")
    for number in range(count):
        path, text = manifest(number)
        (folder / path).write_text(text, "utf-8")
    (folder / ".gitignore").write_text("/.nhi/\n", "utf-8")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "The declared state")


def git(folder: Path, *arguments: str) -> None:
    """Run git as a person with a name."""
    own = ("-c", "user.name=bench", "-c", "user.email=bench@acme.example", "-c", "gc.auto=0")
    subprocess.run(["git", "-C", str(folder), *own, *arguments], check=True, stdout=subprocess.DEVNULL)
