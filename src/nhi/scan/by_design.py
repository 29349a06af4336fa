"""Checks that a resource of ours never passes, whatever a manifest says: what it is for, and what covers the risk.

What is here is listed by `nhi scan --all` only. A test scans every kind and refuses an entry that nothing fails.
"""

from dataclasses import dataclass

from nhi.scan.interface import NotPassed


@dataclass(frozen=True, slots=True)
class ByDesign:
    """One check that one type of resource does not pass."""

    check: str
    type: str
    """Of the resource, as Terraform names it."""
    reason: str
    """Why no manifest can mend it."""
    cover: str
    """What bounds the risk instead."""


BY_DESIGN: tuple[ByDesign, ...] = (
    ByDesign(
        "CKV_AWS_273",
        "aws_iam_user",
        "an IAM user is what the identity is: what asked for it cannot federate",
        "the rule static-credential blocks it without an accepted exception",
    ),
    ByDesign(
        "CKV_AWS_40",
        "aws_iam_user_policy",
        "a policy of its own ends with its one identity; a group's would outlive it",
        "the policy is the manifest's scope, and every rule about scopes judges it",
    ),
    ByDesign(
        "CKV2_AWS_57",
        "aws_secretsmanager_secret",
        "the key is rotated by a change in Git that people approve, and not by a function in the account",
        "the rules unrotated-credential and overdue-rotation see to it that it is",
    ),
    ByDesign(
        "CKV_AWS_149",
        "aws_secretsmanager_secret",
        "a KMS key of one's own is no part of an identity",
        "what it holds is encrypted to the OpenPGP key of whoever fetches it, before it gets there",
    ),
)


def by_design(found: NotPassed) -> ByDesign | None:
    """What is known of a check that is not passed; None where it is a finding."""
    for known in BY_DESIGN:
        if found.judged and (known.check, known.type) == (found.check, found.type):
            return known
    return None
