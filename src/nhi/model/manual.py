"""What the manual says about a rule, or about a reason for which a file cannot be read."""

from dataclasses import dataclass

from nhi.model.finding import Severity


@dataclass(frozen=True, slots=True)
class ManualPage:
    """What `nhi explain` prints, and what `nhi rules` and other views list of it."""

    slug: str
    code: str
    severity: Severity
    title: str
    """What is wrong, in a sentence without its full stop."""
    what: str
    """What is reported, or why it is refused. Markdown."""
    references: tuple[str, ...]
    """Controls, such as "OWASP NHI1:2025"; none for a reason for which a file cannot be read."""
    text: str
    """The whole page. Markdown."""
