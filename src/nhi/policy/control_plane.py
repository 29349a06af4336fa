"""What governs identities in a repository: whoever can change it can change what the gate allows."""

_FOLDERS = (".ci/", ".github/", "modules/", "scripts/", "src/")
_FILES = frozenset(
    {
        ".gitattributes",
        "codeowners",
        "docs/codeowners",
        "identities/owners.yaml",
        "nhi.yaml",
        "pyproject.toml",
    }
)
"""In lower case. `.gitattributes` hides changes from who reviews them. GitHub reads CODEOWNERS in any of three places:
https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""


def is_control_plane(path: str) -> bool:
    """Whether the file governs identities. Case does not count: some file systems do not tell it either."""
    folded = path.casefold()
    return folded in _FILES or folded.startswith(_FOLDERS)
