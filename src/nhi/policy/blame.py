"""How grave a violation is that nobody wrote: a day that passed, somebody who left, a limit that others tightened."""

from nhi.model.finding import Severity
from nhi.model.identity import Manifest
from nhi.policy.rule import Context


def where_edited(manifest: Manifest, context: Context) -> Severity:
    """An error on a manifest that the change adds or edits; elsewhere a warning, since it must not stop others.

    A warning also where the identity is suspended: cutting access never waits for anything to be mended.
    """
    return Severity.ERROR if context.edited and manifest.suspended is None else Severity.WARNING
