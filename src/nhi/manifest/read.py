"""One file to one manifest: what it declares, and everything that is wrong with how it is written."""

import difflib
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from nhi.manifest import problems
from nhi.manifest.kinds import Catalog
from nhi.manifest.place import Place, place_of
from nhi.manifest.problems import Problem
from nhi.manifest.schema import Schema
from nhi.manifest.secrets import secret_in
from nhi.manifest.yamltext import Examined, Irregular, KeyPath, examine, plain_values, shown
from nhi.model.identity import AcceptedException, Hold, Json, Manifest, Suspension
from nhi.model.instant import ImpossibleDate, MissingZone, NotAnInstant, parse_instant
from nhi.model.source import MAX_MANIFEST_BYTES, FileType, SourceFile

_NO_MANIFEST = (problems.NOT_A_REGULAR_FILE, problems.OVERSIZED_FILE, problems.WRONG_EXTENSION)
"""What is not read as a manifest."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one file."""

    path: str
    stack: str | None
    """The stack's folder, where the file is in one; known to `nhi.yaml` or not."""
    name: str
    """The file's name without `.yaml`."""
    manifest: Manifest | None
    """None where the file could not be read as a mapping at all."""
    problems: tuple[Problem, ...]

    @property
    def identity(self) -> str | None:
        """`<stack>/<name>`, from the path; None for what is in no stack, or is no manifest at all."""
        if self.stack is None or any(one.kind is problems.WRONG_EXTENSION for one in self.problems):
            return None
        return f"{self.stack}/{self.name}"


def read(file: SourceFile, catalog: Catalog, stacks: Container[str]) -> Reading:
    """Read one file under identities/. Whatever stands in it, the answer is a Reading, never an exception."""
    place = place_of(file.path, stacks)
    refused = _refused_unread(file) or place.problem
    found = [] if refused is None else [refused]
    secret = secret_in(file.data)
    if secret is not None:  # and no more of its content: another finding could quote it
        return _reading(file, place, None, [*found, secret])
    if refused is not None and refused.kind in _NO_MANIFEST:
        return _reading(file, place, None, found)
    try:
        values = plain_values(file.data)
    except Irregular:
        examined = examine(file.data)
        if examined.values is None or examined.problems:
            return _reading(file, place, None, [*found, *examined.problems])
        values = examined.values
    builder = _Builder(file.data)
    manifest = builder.manifest(values, place, file.path, catalog)
    return _reading(file, place, manifest, [*found, *builder.problems])


def _reading(file: SourceFile, place: Place, manifest: Manifest | None, found: list[Problem]) -> Reading:
    return Reading(file.path, place.stack, place.name, manifest, tuple(found))


def _refused_unread(file: SourceFile) -> Problem | None:
    if file.type is not FileType.REGULAR:
        return Problem(
            problems.NOT_A_REGULAR_FILE, 1, 1, f"a {file.type.value} stands here", "put the file itself here"
        )
    if len(file.data) > MAX_MANIFEST_BYTES:
        limit = MAX_MANIFEST_BYTES // 1024
        return Problem(
            problems.OVERSIZED_FILE, 1, 1, f"the file is larger than {limit} KiB", problems.OVERSIZED_FILE.page
        )
    return None


class _Builder:
    """Builds one manifest, and collects what is wrong on the way. Positions are only looked up for what is wrong."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._examined: Examined | None = None
        self._unreadable: set[str] = set()
        self.problems: list[Problem] = []

    def manifest(self, values: dict[str, Json], place: Place, path: str, catalog: Catalog) -> Manifest:
        """The manifest that the values declare; what is wrong with them is in `problems`."""
        self._check_shape(values, catalog)
        values = {key: value for key, value in values.items() if key not in self._unreadable}
        name = cast("str", values.get("name", place.name))
        if name != place.name:
            self._report(
                problems.NAME_MISMATCH,
                ("name",),
                f"the name {shown(name)} is not the file's name",
                f"write {shown(place.name)}, or rename the file to {shown(name + '.yaml')}",
            )
        known: dict[str, Any] = values
        expiry = self._instant(values, "expiry")
        certified = self._instant(values, "certified")
        exceptions, suspended, hold = self._exceptions(values), self._suspension(values), self._hold(values)
        return Manifest(
            path=path,
            stack=place.stack or "",
            name=place.name,
            kind=known.get("kind", ""),
            owner=known.get("owner"),
            purpose=known.get("purpose"),
            expiry=expiry,
            scope=known.get("scope"),
            used_by=tuple(known.get("used_by", ())),
            ticket=known.get("ticket"),
            justification=known.get("justification"),
            exceptions=exceptions,
            suspended=suspended,
            hold=hold,
            certified=certified,
            unreadable=frozenset(self._unreadable),
        )

    def _check_shape(self, values: dict[str, Json], catalog: Catalog) -> None:
        kind = values.get("kind")
        schema = catalog.schemas.get(kind) if isinstance(kind, str) else None
        if schema is None:
            if isinstance(kind, str):
                close = difflib.get_close_matches(kind[:64], catalog.kinds, n=1)
                hint = f"did you mean {close[0]!r}?" if close else "kinds: " + (", ".join(catalog.kinds) or "none yet")
                self._report(problems.UNKNOWN_KIND, ("kind",), f"{shown(kind)} is not a kind", hint)
            self._unreadable.update({"kind", "scope"})
            schema = catalog.envelope
        if not schema.fits(values):
            self._explain(schema, values)

    def _explain(self, schema: Schema, values: dict[str, Json]) -> None:
        # jsonschema takes 25 ms to load, a fifth of a check's start, and only a file that does not fit needs it.
        from nhi.manifest.mismatches import mismatches  # noqa: PLC0415  # as said above

        for mismatch in mismatches(schema.document, values):
            if mismatch.path == ("kind",) and any(one.kind is problems.UNKNOWN_KIND for one in self.problems):
                continue
            self._report(mismatch.kind, mismatch.path, mismatch.message, mismatch.hint, at_key=mismatch.at_key)
            if mismatch.kind is problems.UNKNOWN_KEY and len(mismatch.path) == 1 and mismatch.meant is not None:
                self._unreadable.add(mismatch.meant)

    def _instant(self, values: dict[str, Json], *path: str) -> datetime | None:
        text: Any = values
        for key in path:
            text = text.get(key)
            if text is None:
                return None
        return self._parse(text, path)

    def _parse(self, text: str, path: KeyPath) -> datetime | None:
        try:
            return parse_instant(text)
        except ImpossibleDate:
            self._report(problems.IMPOSSIBLE_DATE, path, f"no calendar has {shown(text)}", "write a date that exists")
        except MissingZone:
            self._report(
                problems.ZONELESS_TIME,
                path,
                f"{shown(text)} does not say its zone",
                f"write {shown(text + 'Z')} for UTC, or an offset",
            )
        except NotAnInstant:
            self._report(
                problems.INVALID_VALUE,
                path,
                f"{shown(text)} is neither a date nor a timestamp",
                "write a date (2027-03-31: access ends at 00:00:00 UTC of it) or 2027-03-31T18:00:00Z",
            )
        return None

    def _exceptions(self, values: dict[str, Json]) -> tuple[AcceptedException, ...]:
        result = []
        for index, one in enumerate(cast("list[dict[str, str]]", values.get("exceptions", []))):
            expiry = self._parse(one["expiry"], ("exceptions", index, "expiry"))
            if expiry is not None:
                result.append(
                    AcceptedException(one["rule"], one["reason"], one["compensating_control"], one["approver"], expiry)
                )
        return tuple(result)

    def _suspension(self, values: dict[str, Json]) -> Suspension | None:
        since = self._instant(values, "suspended", "since")
        if since is None:
            return None
        return Suspension(since, cast("dict[str, str]", values["suspended"])["reason"])

    def _hold(self, values: dict[str, Json]) -> Hold | None:
        review = self._instant(values, "hold", "review")
        if review is None:
            return None
        hold = cast("dict[str, str]", values["hold"])
        return Hold(hold["authority"], hold["reason"], review)

    def _report(
        self, kind: problems.ProblemKind, path: KeyPath, message: str, hint: str, *, at_key: bool = False
    ) -> None:
        if self._examined is None:
            self._examined = examine(self._data)
        line, column = self._examined.locate_key(path) if at_key else self._examined.locate(path)
        self.problems.append(Problem(kind, line, column, message, hint))
        if path:
            self._unreadable.add(str(path[0]))
