"""Write the parts of the documentation that come from the code; with --check, say which are stale and exit 1.

In any README, what stands between `<!-- generated: NAME -->` and `<!-- end -->` is written by the function of that name
in PARTS. One file, the rules' index, is written as a whole.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from nhi.cli.app import application, command_names
from nhi.errors import ExitCode, NhiError
from nhi.manifest import problems
from nhi.manifest.schema import packaged
from nhi.model.settings import Settings
from nhi.policy.discovery import discover
from nhi.policy.pages import index

ROOT = Path(__file__).parents[1]
_SEARCHED = ("*.md", ".github/**/*.md", "identities/**/*.md", "modules/**/*.md", "src/**/*.md", "tests/**/*.md")
_PART = re.compile(r"(?P<head><!-- generated: (?P<name>[a-z-]+) -->\n)(?P<text>.*?)(?P<end><!-- end -->)", re.DOTALL)
_MARKER = re.compile(r"^<!-- (generated: .*|end) -->$", re.MULTILINE)
_CODE = re.compile(r"(`[^`]*`)")
_SPECIAL = re.compile(r"[<*_]")
_WIDTH = 100


class Unwritable(Exception):
    """A part cannot be written; the message says why and where."""


def commands(_: Path) -> str:
    """Every command in a table, and below it every option."""
    listed = sorted(application(command_names()).commands.items())
    rows = [[f"`nhi {name}`", " ".join((command.help or "").split())] for name, command in listed]
    details = "\n".join(_options(f"nhi {name}", command) for name, command in listed)
    return (
        f"{table(['command', 'does'], rows)}\nEach takes `--help`. `nhi --version` prints the version.\n\n"
        f"<details><summary>Every option</summary>\n\n{details}\n</details>\n"
    )


def _options(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    rows = []
    for option in command.params:
        if isinstance(option, click.Option):
            written, help_text = option.get_help_record(context) or ("", "")
            if not help_text:
                raise Unwritable(f"{name}: the option {option.name} has no help")
            rows.append([f"`{written}`", " ".join(help_text.split())])
    usage = command.get_usage(context).removeprefix("Usage: ")
    return f"**`{' '.join(usage.split())}`**\n\n{table(['option', ''], rows) if rows else ''}"


def exit_codes(_: Path) -> str:
    """Every exit code; the errors' own docstrings say what theirs mean."""
    words = {kind.exit_code: kind.__doc__ or "" for kind in NhiError.__subclasses__()}
    words |= {
        ExitCode.CLEAN: "Clean: nothing to say, or what was asked for is done.",
        ExitCode.FINDINGS: "Findings, blocked, or not as declared: the answer is no.",
    }
    return table(["code", "means"], [[str(code.value), words[code]] for code in ExitCode])


def reading_problems(_: Path) -> str:
    """Every reason for which a file is refused."""
    rows = [[one.code, f"`{one.slug}`", f"{one.title}. {one.page}"] for one in problems.ALL]
    return table(["code", "finding", "what, and what to do"], rows)


def kinds(readme: Path) -> str:
    """Every folder beside this README that is a kind."""
    rows = []
    for schema in sorted(readme.parent.glob("*/schema.json")):
        document = json.loads(schema.read_text("utf-8"))
        name, first = schema.parent.name, re.split(r"(?<=[.:]) ", document["description"])[0]
        asked = "asks the cloud" if (schema.parent / "expected.json.j2").is_file() else "needs people's attestation"
        rows.append([f"[{name}]({name}/README.md)", document["title"], first.rstrip(":.") + ".", asked])
    return table(["kind", "is", "for", "`nhi verify`"], rows)


def inputs(readme: Path) -> str:
    """Every key of the schema that stands beside this README."""
    return keys(json.loads((readme.parent / "schema.json").read_text("utf-8")))


def keys(schema: Mapping[str, Any]) -> str:
    """Every key of a JSON Schema, however deep."""
    return table(["key", "type", "required", "what"], list(_rows(schema, "")))


def _rows(schema: Mapping[str, Any], prefix: str) -> Iterator[list[str]]:
    for name, one in schema.get("properties", {}).items():
        required = "yes" if name in schema.get("required", ()) else "no"
        if "description" not in one:
            raise Unwritable(f"the schema says nothing about {prefix}{name}")
        yield [f"`{prefix}{name}`", _type(one), required, one["description"]]
        yield from _rows(one, f"{prefix}{name}.")
        for inner, mark in ((one.get("items"), "[]"), (one.get("additionalProperties"), ".<name>")):
            if isinstance(inner, dict):
                yield from _rows(inner, f"{prefix}{name}{mark}.")


def _type(schema: Mapping[str, Any]) -> str:
    match schema:
        case {"const": value}:
            return f"`{value}`"
        case {"type": "array", "items": items}:
            least, most = schema.get("minItems", 0), schema.get("maxItems")
            count = f" of {least} to {most}" if most else ""
            return f"list{count}: {_type(items)}"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"whole number, {least} to {most}"
        case {"type": str(name)}:
            return {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "mapping"}[name]
        case _:
            raise Unwritable(f"a schema has a type that the documentation has no word for: {schema}")


def manifest_keys(_: Path) -> str:
    """Every key of a manifest."""
    return keys(packaged("envelope"))


def owners_keys(_: Path) -> str:
    """Every key of identities/owners.yaml."""
    return keys(packaged("owners"))


def settings_example(_: Path) -> str:
    """An nhi.yaml with every key; where a key has a default, its value is that."""
    schema = packaged("settings")
    settings = asdict(Settings())
    plain = {name: settings[name] for name in ("lifetimes", "limits", "removal_hours", "approvals", "security_team")}
    defaults = {**plain, "sweep": {"circuit_breaker": settings["circuit_breaker"]}}
    lines = [*_comment(schema, ""), "", *_mapping(schema, defaults, "")]
    return "```yaml\n" + "\n".join(lines) + "\n```\n"


_NAMED = {"stacks": "production"}
"""Names for keys that the user chooses."""
_SHOWN = {
    "bucket": "acme-terraform-state",
    "key": "nhi/production.tfstate",
    "path": "state/production.tfstate",
    "region": "eu-west-1",
}
"""Values for keys that have neither a default nor an example in the schema."""


def _mapping(schema: Mapping[str, Any], defaults: Mapping[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for name, one in schema["properties"].items():
        lines += [*_comment(one, indent), *_entry(name, one, defaults.get(name), indent)]
    return lines


def _entry(name: str, one: Mapping[str, Any], default: object, indent: str) -> list[str]:
    inner = default if isinstance(default, dict) else {}
    deeper = indent + "  "
    match one:
        case {"properties": _}:
            return [f"{indent}{name}:", *_mapping(one, inner, deeper)]
        case {"additionalProperties": dict(values)}:
            return [f"{indent}{name}:", f"{deeper}{_NAMED[name]}:", *_mapping(values, {}, deeper + "  ")]
        case {"oneOf": [first, *others]}:
            lines = [f"{deeper}# {line}" for other in others for line in ["or:", *_mapping(other, {}, "")]]
            return [f"{indent}{name}:", *_mapping(first, {}, deeper), *lines]
        case _:
            return [f"{indent}{name}: {_value(name, one, default)}"]


def _value(name: str, one: Mapping[str, Any], default: object) -> str:
    known = [one.get("const"), default, *one.get("examples", ()), _SHOWN.get(name)]
    value = next((value for value in known if value is not None), None)
    if value is None:
        raise Unwritable(f"nhi.yaml: {name} has neither a default nor an example")
    quoted = isinstance(value, (bool, list)) or (isinstance(value, str) and value.isdigit())
    return json.dumps(value) if quoted else str(value)


def _comment(schema: Mapping[str, Any], indent: str) -> list[str]:
    return [f"{indent}# {line}" for line in wrap(schema.get("description", ""), _WIDTH)]


def decisions(readme: Path) -> str:
    """Every decision record beside this README."""
    rows = []
    for record in sorted(readme.parent.glob("[0-9]*.md")):
        title = re.sub(r"^# \d+[.:] ", "", record.read_text("utf-8").split("\n", 1)[0])
        rows.append([f"[{record.stem[:4]}]({record.name})", title])
    return table(["record", "decision"], rows)


PARTS: Mapping[str, Callable[[Path], str]] = {
    "commands": commands,
    "decisions": decisions,
    "exit-codes": exit_codes,
    "inputs": inputs,
    "kinds": kinds,
    "manifest-keys": manifest_keys,
    "owners-keys": owners_keys,
    "reading-problems": reading_problems,
    "settings-example": settings_example,
}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table. Cells are Markdown; what our texts never mean as Markdown (`<`, `*`, `_`) stands for itself."""
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _cell(text: str) -> str:
    parts = (part if part.startswith("`") else _SPECIAL.sub(r"\\\g<0>", part) for part in _CODE.split(text))
    return "".join(parts).replace("|", "\\|")


def written(path: Path, text: str, used: set[str]) -> str:
    """A README's text with all its parts as the code has them now."""

    def part(match: re.Match[str]) -> str:
        name = match["name"]
        if name not in PARTS:
            raise Unwritable(f"{path.relative_to(ROOT)}: nothing is generated under the name {name!r}")
        used.add(name)
        return f"{match['head']}{PARTS[name](path)}{match['end']}"

    if len(_MARKER.findall(text)) != 2 * len(_PART.findall(text)):
        raise Unwritable(f"{path.relative_to(ROOT)}: a `generated` marker has no `end`, or the other way round")
    return _PART.sub(part, text)


def documents() -> dict[Path, tuple[str, str]]:
    """Every file with generated parts: its text as it stands, and as it should be."""
    used: set[str] = set()
    found = {}
    for path in sorted({path for pattern in _SEARCHED for path in ROOT.glob(pattern)}):
        text = path.read_text("utf-8")
        found[path] = (text, written(path, text, used))
    missing = sorted(PARTS.keys() - used)
    if missing:
        raise Unwritable(f"no README has a place for: {', '.join(missing)}")
    rules = ROOT / "src/nhi/policy/rules/README.md"
    found[rules] = (rules.read_text("utf-8") if rules.is_file() else "", index(discover().entries))
    return found


def main(arguments: Sequence[str]) -> int:
    """Write, or check. The exit code."""
    if list(arguments) not in ([], ["--check"]):
        sys.stderr.write("usage: scripts/docs [--check]\n")
        return 2
    try:
        stale = {path: new for path, (old, new) in documents().items() if old != new}
    except Unwritable as cause:
        sys.stderr.write(f"docs: {cause}\n")
        return 1
    for path, new in stale.items():
        if arguments:
            sys.stderr.write(f"docs: {path.relative_to(ROOT)} is not what the code says; write it with: scripts/docs\n")
        else:
            path.write_text(new, "utf-8")
            sys.stdout.write(f"docs: wrote {path.relative_to(ROOT)}\n")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
