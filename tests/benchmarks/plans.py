"""What a Terraform plan costs: our module blocks against the habit, `for_each` over `yamldecode`, at growing sizes.

Ours twice: the stack in one piece, as it is by default, and in parts (`stacks.NAME.parts` in nhi.yaml), as a stack of
2,000 is meant to be. The same identities, the same module of a kind, the same Terraform and provider, one after the
other in one run, nothing applied yet, in the environment that `nhi plan` gives to Terraform. Machines are noisy, so
what counts are ratios. A figure that falls short is reported, nothing else.
"""

import argparse
import os
import shutil
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from tests.benchmarks.bench import Figure, best, nhi, report
from tests.benchmarks.corpus import generate, git

from nhi.sandbox.aws import loopback_aws
from nhi.terraform.environment import seen_by_terraform
from nhi.terraform.roots import roots_in

_SOURCE = Path(__file__).resolve().parents[2]
_STACK = "stack-000"
_KIND = "aws-service-role"
_SIZES = (100, 500, 1000, 2000)
_PARTS = 8
_HABIT = """\
locals {
  stack     = "stack-000"
  manifests = {
    for file in fileset("${path.module}/manifests", "*.yaml") :
    trimsuffix(file, ".yaml") => yamldecode(file("${path.module}/manifests/${file}"))
  }
}

module "nhi" {
  source   = "./modules/aws-service-role"
  for_each = local.manifests

  identity = {
    name      = each.value.name
    stack     = local.stack
    account   = "100000000000"
    owner     = each.value.owner
    purpose   = each.value.purpose
    expiry    = each.value.expiry
    suspended = false
    tags = {
      "nhi:id"     = "${local.stack}/${each.value.name}"
      "nhi:owner"  = each.value.owner
      "nhi:expiry" = each.value.expiry
    }
  }

  scope = each.value.scope
}
"""


def repository(folder: Path, count: int, parts: int = 1) -> None:
    """`count` identities in one stack of so many parts."""
    generate(folder, _SOURCE, count)
    one = folder / "identities" / _STACK
    for path in sorted((folder / "identities").glob("stack-*/*.yaml")):
        if path.parent != one:
            path.rename(one / path.name)
    settings = (folder / "nhi.yaml").read_text("utf-8")
    divided = settings.replace(f"{_STACK}: {{", f"{_STACK}: {{parts: {parts}, ", 1)
    (folder / "nhi.yaml").write_text(divided, "utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "One stack")


def ours(folder: Path) -> Path:
    """The root that `nhi render` writes."""
    root = folder / "ours"
    best(nhi("render", "--stack", _STACK, "--out", str(root)), folder, 1)
    return root


def habit(folder: Path, rendered: Path) -> Path:
    """The same with one module call over the files themselves."""
    root = folder / "habit"
    shutil.copytree(rendered / "modules", root / "modules")
    shutil.copytree(folder / "identities" / _STACK, root / "manifests")
    shutil.copy(rendered / "main.tf", root / "main.tf")
    (root / "identities.tf").write_text(_HABIT, "utf-8")
    return root


def planned(root: Path, times: int) -> float:
    """Seconds of `terraform plan` on an empty state; of parts, one after the other, as `nhi plan` plans them."""
    roots = roots_in(root)
    for one in roots:
        best(["terraform", "init", "-input=false"], one, 1)
    command = ["terraform", "plan", "-input=false", "-out=plan.tfplan"]
    return sum(best(command, one, times).seconds for one in roots)


def growth(seconds: dict[int, float]) -> float:
    """What one more identity costs at the large end, against the small end."""
    sizes = sorted(seconds)
    cost = [(seconds[b] - seconds[a]) / (b - a) for a, b in pairwise(sizes)]
    return cost[-1] / cost[0]


def main() -> None:
    """Measure and print; `--json FILE` also writes the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=_SIZES)
    options.add_argument("--times", type=int, default=2)
    options.add_argument("--parts", type=int, default=_PARTS)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    seconds: dict[str, dict[int, float]] = {"one piece": {}, "parts": {}, "habit": {}}
    with tempfile.TemporaryDirectory(prefix="nhi-bench-") as folder, loopback_aws(os.environ) as aws:
        environment = seen_by_terraform(os.environ | aws.credentials_for("100000000000"))
        os.environ.clear()
        os.environ.update(environment)
        for count in sorted(given.sizes):
            place, divided = Path(folder) / str(count), Path(folder) / f"{count}-in-parts"
            for one, parts in ((place, 1), (divided, given.parts)):
                one.mkdir()
                repository(one, count, parts)
            root = ours(place)
            seconds["one piece"][count] = planned(root, given.times)
            seconds["parts"][count] = planned(ours(divided), given.times)
            seconds["habit"][count] = planned(habit(place, root), given.times)
            taken = ", ".join(f"{name} {found[count]:.1f} s" for name, found in seconds.items())
            sys.stdout.write(f"{count:>7} identities: {taken}\n")
            sys.stdout.flush()
            shutil.rmtree(place)
            shutil.rmtree(divided)
    largest = max(given.sizes)
    report([one for how in ("one piece", "parts") for one in _figures(how, seconds, largest)], given.json)


def _figures(how: str, seconds: dict[str, dict[int, float]], largest: int) -> list[Figure]:
    ratio = seconds[how][largest] / seconds["habit"][largest]
    return [
        Figure(f"{how}: plan / for_each over yamldecode", largest, ratio, 0.75, "x"),
        Figure(f"{how}: one more, large end / small end", largest, growth(seconds[how]), 1.25, "x"),
    ]


if __name__ == "__main__":
    main()
