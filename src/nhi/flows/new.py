"""`nhi new`: the text of a new manifest, and where it belongs."""

from collections.abc import Mapping
from datetime import datetime

from nhi.errors import UsageError
from nhi.flows.ground import read_ground
from nhi.flows.judge import Judge
from nhi.manifest.draft import draft
from nhi.manifest.place import IDENTITIES, stack_and_name
from nhi.manifest.schema import name_schema, ready
from nhi.manifest.yamltext import examine
from nhi.model.finding import Finding, in_order
from nhi.model.identity import Json
from nhi.model.moment import Moment
from nhi.model.source import FileType, SourceFile
from nhi.policy.discovery import Rulebook
from nhi.repository.interface import Snapshot


def new_manifest(  # noqa: PLR0913  # what a manifest is made of
    snapshot: Snapshot,
    rules: Rulebook,
    now: datetime,
    *,
    kind: str,
    name: str,
    stack: str,
    given: Mapping[str, str],
    scope: str | None,
) -> tuple[str, str, tuple[Finding, ...]]:
    """The path and the text of a new manifest, and what `nhi check` will say about it.

    Raises:
        UsageError: there is no such kind or stack, the name is malformed or taken, or the scope is not YAML.
        InputError: the configuration is not valid.
    """
    ground, _ = read_ground(snapshot)
    if kind not in ground.catalog.kinds:
        raise UsageError(f"there is no kind {kind!r}", hint="kinds: " + ", ".join(ground.catalog.kinds))
    if stack not in ground.settings.stacks:
        raise UsageError(f"there is no stack {stack!r}", hint="stacks: " + ", ".join(ground.settings.stacks))
    path = _free_path(snapshot, stack, name)
    text = draft(ground.catalog.kinds[kind], name, given, _scope(scope), depth=path.count("/"))
    file = SourceFile(path, FileType.REGULAR, text.encode())
    verdict = Judge(ground, rules, Moment(now)).judge(file, edited=True)
    return path, text, in_order(list(verdict.findings))


def _free_path(snapshot: Snapshot, stack: str, name: str) -> str:
    form = name_schema()
    if not ready(form).fits(name):
        raise UsageError(f"{name!r} is not an identity's name", hint=str(form["description"]))
    wanted = f"{IDENTITIES}/{stack}/{name}.yaml"
    taken = [path for path in snapshot.paths(f"{IDENTITIES}/{stack}") if stack_and_name(path)[1].casefold() == name]
    if taken or snapshot.file(wanted) is not None:  # which also refuses a link on the way there
        raise UsageError(f"{(taken or [wanted])[0]} exists", hint="edit it, or choose another name")
    return wanted


def _scope(text: str | None) -> dict[str, Json] | None:
    if text is None:
        return None
    examined = examine(text.encode())
    if examined.problems:
        raise UsageError(
            f"--scope is not a YAML mapping: {examined.problems[0].message}",
            hint="write --scope '{trust: {...}, allow: [...]}'",
        )
    return examined.values
