"""Why a file could not be read as a manifest: one finding each, never a traceback.

These findings come before any rule. Each has a slug and a code as a rule has, and a page for `nhi explain`.
"""

from dataclasses import dataclass

from nhi.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One way in which a file cannot be read."""

    code: str
    slug: str
    title: str
    page: str
    """Why it is refused, and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One place in one file. Lines and columns count from 1."""

    kind: ProblemKind
    line: int
    column: int
    message: str
    hint: str

    def finding(self, path: str, identity: str | None) -> Finding:
        """The problem as a finding. What cannot be read always blocks."""
        return Finding(
            rule=self.kind.slug,
            code=self.kind.code,
            severity=Severity.ERROR,
            identity=identity,
            path=path,
            line=self.line,
            column=self.column,
            message=self.message,
            hint=self.hint,
        )


NOT_UTF8 = ProblemKind(
    "NHI901",
    "not-utf-8",
    "The file is not UTF-8",
    "Another encoding could read as other text elsewhere. Save it as UTF-8.",
)
OVERSIZED_FILE = ProblemKind(
    "NHI902",
    "oversized-file",
    "The file is larger than 64 KiB",
    "A manifest of one identity never needs as much; a large file is refused unread. Split it, or remove what is not "
    "part of the identity.",
)
NOT_A_REGULAR_FILE = ProblemKind(
    "NHI903",
    "not-a-regular-file",
    "A symbolic link or special file stands where a manifest is expected",
    "A link could point to a file that nobody reviewed. Replace it by the file itself.",
)
WRONG_EXTENSION = ProblemKind(
    "NHI904",
    "wrong-extension",
    "The file is not a manifest and nothing else that belongs under identities/",
    "Manifests end in `.yaml`. A file that looks like one but is never read would be an identity that nobody governs.",
)
EMPTY_FILE = ProblemKind(
    "NHI905",
    "empty-file",
    "The file declares nothing",
    "Write the manifest (`nhi new` starts one), or delete the file.",
)
CONTROL_CHARACTER = ProblemKind(
    "NHI906",
    "control-character",
    "The file holds a character that a reviewer cannot see",
    "Control characters, direction marks and unusual line ends make a file read differently than it looks "
    "(CVE-2021-42574, 'Trojan Source'). Delete the character.",
)
SYNTAX_ERROR = ProblemKind(
    "NHI907",
    "syntax-error",
    "The file is not YAML",
    "Mend the place that is named; indentation and quotes are the usual causes.",
)
TAB_INDENTATION = ProblemKind(
    "NHI908",
    "tab-indentation",
    "A tab is used as indentation",
    "YAML indents with spaces. Replace the tab by two spaces.",
)
SEVERAL_DOCUMENTS = ProblemKind(
    "NHI909",
    "several-documents",
    "The file holds more than one document",
    "One identity a file: history, ownership and removal all follow the file. "
    "Move the second document to a file of its own.",
)
DUPLICATE_KEY = ProblemKind(
    "NHI910",
    "duplicate-key",
    "A key stands twice in the same mapping",
    "Which of the two counts differs from tool to tool, so one could be approved and the other applied. Keep one.",
)
CUSTOM_TAG = ProblemKind(
    "NHI911",
    "custom-tag",
    "A YAML tag is used",
    "Tags can ask a reader to build objects. Write the plain value, quoted if need be.",
)
ALIAS = ProblemKind(
    "NHI912",
    "alias",
    "A YAML anchor or alias is used",
    "Aliases can grow a small file into gigabytes and hide what a line really says. Write the value out.",
)
TOO_COMPLEX = ProblemKind(
    "NHI913", "too-complex", "The file nests too deeply", "No manifest needs more than 32 levels. Write it flatter."
)
NOT_A_MAPPING = ProblemKind(
    "NHI914",
    "not-a-mapping",
    "The file is not a mapping of keys to values",
    "Start with `apiVersion: nhi/v1`; `nhi new` writes a whole manifest.",
)
UNKNOWN_KEY = ProblemKind(
    "NHI915",
    "unknown-key",
    "A key is not one that the format has",
    "A misspelt key would silently mean nothing: `exipry` would mean 'never expires'. Correct or delete it.",
)
MISSING_KEY = ProblemKind("NHI916", "missing-key", "A key that the format requires is missing", "Add it.")
WRONG_TYPE = ProblemKind(
    "NHI917",
    "wrong-type",
    "A value has the wrong type",
    "Write it in the form that is named. Numbers that are names belong in quotes.",
)
INVALID_VALUE = ProblemKind(
    "NHI918",
    "invalid-value",
    "A value is not in the form that the format asks for",
    "Write it in the form that is named.",
)
UNKNOWN_KIND = ProblemKind(
    "NHI919",
    "unknown-kind",
    "The kind is not a folder of modules/",
    "`nhi kinds` lists the kinds. A new kind is a new folder of modules/.",
)
IMPOSSIBLE_DATE = ProblemKind(
    "NHI920",
    "impossible-date",
    "No calendar has this date",
    "A date that cannot be read must not read as 'never'. Correct it.",
)
ZONELESS_TIME = ProblemKind(
    "NHI921",
    "zoneless-time",
    "A time does not say its zone",
    "Access ends at a second; without a zone, that second is a guess. End it with `Z` (UTC) or an offset.",
)
NAME_MISMATCH = ProblemKind(
    "NHI922",
    "name-mismatch",
    "The name is not the file's name",
    "A reviewer finds an identity by its file. Make the two the same.",
)
DUPLICATE_NAME = ProblemKind(
    "NHI923",
    "duplicate-name",
    "Two manifests of a stack have the same name",
    "AWS compares names without regard to case, so one would overwrite the other. Rename one.",
)
OUTSIDE_STACK = ProblemKind(
    "NHI924", "outside-stack", "The manifest is not in a stack's folder", "Move it to `identities/<stack>/`."
)
UNKNOWN_STACK = ProblemKind(
    "NHI925",
    "unknown-stack",
    "The folder is not a stack of nhi.yaml",
    "Its identities would never be applied. Add the stack to `nhi.yaml`, or move the file.",
)
SECRET = ProblemKind(
    "NHI926",
    "secret",
    "Something looks like a secret",
    "A secret in Git is leaked: it stays in the history and in every clone. Revoke it first, then remove it here.",
)

ALL: tuple[ProblemKind, ...] = (
    NOT_UTF8,
    OVERSIZED_FILE,
    NOT_A_REGULAR_FILE,
    WRONG_EXTENSION,
    EMPTY_FILE,
    CONTROL_CHARACTER,
    SYNTAX_ERROR,
    TAB_INDENTATION,
    SEVERAL_DOCUMENTS,
    DUPLICATE_KEY,
    CUSTOM_TAG,
    ALIAS,
    TOO_COMPLEX,
    NOT_A_MAPPING,
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    INVALID_VALUE,
    UNKNOWN_KIND,
    IMPOSSIBLE_DATE,
    ZONELESS_TIME,
    NAME_MISMATCH,
    DUPLICATE_NAME,
    OUTSIDE_STACK,
    UNKNOWN_STACK,
    SECRET,
)
