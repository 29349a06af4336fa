"""What a change removes, held against the limits that stop its apply: before the merge it can still be made smaller."""

from collections import Counter

from nhi.errors import ExitCode
from nhi.flows.check_change import Proposal
from nhi.flows.gone import gone_in
from nhi.flows.ground import read_ground
from nhi.lifecycle.breaker import tripped_limits
from nhi.manifest.place import IDENTITIES, is_manifest_path, stack_and_name
from nhi.model.gate import Trouble


def bulk_removal(proposal: Proposal) -> Trouble | None:
    """Why `nhi apply` would apply nothing of a change once it is merged; None where its removals pass every limit.

    The limits are those of the merged settings, as for the apply: a change may raise them, and then asks for the
    approvals that settings need. Whose stack is in no settings is in no plan either, and counts nowhere.

    Raises:
        InputError: the merged settings are not valid.
    """
    ground, _ = read_ground(proposal.head)
    gone = (one.partition("/")[0] for one in gone_in(proposal.paths))
    removals = Counter(stack for stack in gone if stack in ground.settings.stacks)
    paths = proposal.head.paths(IDENTITIES) if removals else ()
    left = Counter(stack_and_name(path)[0] for path in paths if is_manifest_path(path))
    totals = {stack: number + left[stack] for stack, number in removals.items()}
    tripped = tripped_limits(removals, totals, ground.settings.circuit_breaker, None)
    if not tripped:
        return None
    return Trouble(
        "the removals",
        "\n".join(one.words for one in tripped),
        "`nhi apply` would stop here after the merge, in every stack of the change: make several pull requests of it,"
        " to be applied one after the other, or raise sweep.circuit_breaker in nhi.yaml, here or in one before this",
        ExitCode.FINDINGS,
    )
