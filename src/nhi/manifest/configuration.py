"""The repository's own configuration files: read as strictly as manifests, but nothing works without them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from nhi.errors import InputError
from nhi.manifest.schema import ready
from nhi.manifest.secrets import secret_in
from nhi.manifest.yamltext import Examined, Irregular, KeyPath, examine, plain_values, shown
from nhi.model.identity import Json
from nhi.model.instant import NotAnInstant, parse_instant
from nhi.model.source import FileType, SourceFile, most_bytes

_MOST_ERRORS = 50


class Configuration:
    """A configuration file's values, and the errors found in them so far."""

    def __init__(self, path: str, data: bytes, values: dict[str, Json]) -> None:
        self._path = path
        self._data = data
        self._examined: Examined | None = None
        self._errors: list[tuple[int, int, str]] = []
        self.values: dict[str, Any] = values

    def error(self, at: KeyPath, message: str, *, at_key: bool = False) -> None:
        """Note an error at a value, or at its key; `stop_on_errors` raises all of them at once."""
        if self._examined is None:
            self._examined = examine(self._data)
        line, column = self._examined.locate_key(at) if at_key else self._examined.locate(at)
        self._errors.append((line, column, message))

    def instant(self, text: str | None, at: KeyPath) -> datetime | None:
        """Parse an optional date, and note an error where it is none."""
        if text is None:
            return None
        try:
            return parse_instant(text)
        except NotAnInstant:
            self.error(at, f"{shown(text)} is not a date that exists, or a timestamp with a zone")
            return None

    def stop_on_errors(self) -> None:
        """Raise what was noted.

        Raises:
            InputError: something was.
        """
        if self._errors:
            ordered = [f"{self._path}:{line}:{column}: {message}" for line, column, message in sorted(self._errors)]
            more = len(ordered) - _MOST_ERRORS
            shown_errors = ordered[:_MOST_ERRORS] + ([f"and {more} more"] if more > 0 else [])
            raise InputError("\n".join(shown_errors), hint=f"mend {self._path}: without it nothing can be checked")


def read_configuration(file: SourceFile | None, path: str, schema: Mapping[str, Json], what: str) -> Configuration:
    """Read a configuration file against its schema.

    Raises:
        InputError: it is not there, not a regular file, too large, not YAML or does not fit.
    """
    if file is None:
        raise InputError(f"there is no {path}", hint=f"it holds {what}; `nhi init` writes one, or see README.md")
    if file.type is not FileType.REGULAR:
        raise InputError(f"{path} is a {file.type.value}", hint="put the file itself there")
    if len(file.data) > most_bytes(path):
        raise InputError(f"{path} is larger than {most_bytes(path) // 1024} KiB", hint="nothing needs that much")
    secret = secret_in(file.data)
    if secret is not None:  # before anything is quoted from it
        raise InputError(f"{path}:{secret.line}:{secret.column}: {secret.message}", hint=secret.hint)
    values = _values(path, file.data)
    source = Configuration(path, file.data, values)
    if not ready(schema).fits(values):
        from nhi.manifest.mismatches import mismatches  # noqa: PLC0415  # slow to load, and rarely needed

        for mismatch in mismatches(schema, values):
            hint = f" ({mismatch.hint})" if mismatch.hint else ""
            source.error(mismatch.path, mismatch.message + hint, at_key=mismatch.at_key)
    source.stop_on_errors()
    return source


def _values(path: str, data: bytes) -> dict[str, Json]:
    try:
        return plain_values(data)
    except Irregular:
        examined = examine(data)
    if examined.values is None or examined.problems:
        lines = [f"{path}:{one.line}:{one.column}: {one.message}" for one in examined.problems]
        raise InputError("\n".join(lines), hint=f"mend {path}: without it nothing can be checked")
    return examined.values
