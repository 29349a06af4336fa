"""What rules about renewals have in common: was the expiry pushed out, and did somebody certify the identity?"""

from datetime import datetime, timedelta

from nhi.model.change import ManifestChange
from nhi.model.moment import Moment
from nhi.policy.rule import ChangeContext, Context
from nhi.policy.written_day import has_come

FRESH_DAYS = 90
"""A certification is good for this long: reviews of access are due each quarter in common practice."""


def judged_by(context: ChangeContext) -> Context:
    """What a change is judged by: the base, so that no change loosens its own limits; the head where that is unread."""
    return context.before or context.after


def pushed_out(change: ManifestChange) -> tuple[datetime, datetime] | None:
    """The expiry before and after, where it moves later; None otherwise, or where either is not known."""
    before = None if change.before is None else change.before.expiry
    after = None if change.after is None else change.after.expiry
    if before is None or after is None or after <= before:
        return None
    return before, after


def is_fresh(certified: datetime | None, now: Moment) -> bool:
    """Whether a certification was made, and not longer ago than one is good for."""
    if certified is None or not has_come(certified, now):
        return False
    try:
        return not now.reached(certified + timedelta(days=FRESH_DAYS))
    except OverflowError:
        return True


def certified_anew(change: ManifestChange, now: Moment) -> datetime | None:
    """The fresh certification that the change itself brings, or None."""
    before = None if change.before is None else change.before.certified
    after = None if change.after is None else change.after.certified
    if after is None or (before is not None and after <= before):
        return None
    return after if is_fresh(after, now) else None
