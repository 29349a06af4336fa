"""The identity that a person names, in one commit."""

import difflib
from dataclasses import dataclass
from hashlib import sha256

from nhi.errors import InputError
from nhi.flows.ground import read_ground
from nhi.manifest.ground import Ground
from nhi.manifest.place import IDENTITIES, is_manifest_path, stack_and_name
from nhi.manifest.read import read
from nhi.model.declared import DeclaredIdentity
from nhi.model.identity import Identity, complete
from nhi.output.plain import one_line
from nhi.repository.interface import Repository


@dataclass(frozen=True, slots=True)
class Found:
    """The identity of a name, in the commit that a change is based upon."""

    base: str
    """Full commit id."""
    ground: Ground
    declared: DeclaredIdentity
    data: bytes
    """The manifest as it is."""

    @property
    def identity(self) -> Identity:
        """What the manifest declares."""
        return self.declared.identity


def find(repository: Repository, base: str, name: str) -> Found:
    """The identity of a name (`<stack>/<name>`, or the name alone where one stack has it) in a commit.

    Raises:
        InputError: there is none or more than one, or its manifest cannot be read in full.
    """
    snapshot = repository.snapshot(base)
    ground, _ = read_ground(snapshot)
    path = _path_of(name, [path for path in snapshot.paths(IDENTITIES) if is_manifest_path(path)])
    file = snapshot.file(path)
    reading = None if file is None else read(file, ground.catalog, ground.settings.stacks)
    hint = f"mend it first: nhi check {path}"
    if file is None or reading is None or reading.problems or reading.manifest is None:
        problem = reading.problems[0] if reading and reading.problems else None
        where = "" if problem is None else f", line {problem.line}: {problem.message}"
        raise InputError(f"{path} cannot be read in full{where}", hint=hint)
    identity = complete(reading.manifest)
    if identity is None:
        raise InputError(f"{path} misses owner, purpose, expiry or scope", hint=hint)
    return Found(base, ground, DeclaredIdentity(identity, sha256(file.data).hexdigest()), file.data)


def _path_of(name: str, paths: list[str]) -> str:
    stack, slash, own = name.rpartition("/")
    places = {path: stack_and_name(path) for path in paths}
    hits = [
        path for path, (folder, stem) in places.items() if stem == own and folder and (not slash or folder == stack)
    ]
    if len(hits) == 1:
        return hits[0]
    if not hits:
        known = [f"{folder}/{stem}" if slash else stem for folder, stem in places.values() if folder]
        close = difflib.get_close_matches(name, known, n=3)
        hint = f"did you mean {' or '.join(close)}?" if close else "nhi inventory lists the identities"
        raise InputError(f"there is no identity {one_line(name, 200)}", hint=hint)
    stacks = sorted({str(places[path][0]) for path in hits})
    if len(stacks) < len(hits):
        raise InputError(
            f"{one_line(name, 200)} stands more than once: {', '.join(hits[:5])}", hint="remove one of the two first"
        )
    raise InputError(
        f"more than one identity is called {one_line(name, 200)}",
        hint="say which: " + " or ".join(f"{one}/{own}" for one in stacks[:5]),
    )
