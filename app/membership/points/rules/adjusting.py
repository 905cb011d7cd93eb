"""Who may adjust points by hand."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Adjustment:
    """Who adjusts points by hand and why (M06). `second_staff_id`: the other person who confirmed it.

    `own_customer_id`: the staff member's own card, if they have one.
    """

    reason: str
    evidence: str
    staff_id: int
    is_lead: bool
    own_customer_id: int | None = None
    second_staff_id: int | None = None


def objection_to(adjustment: Adjustment, *, customer_id: int, amount: int, limit: int) -> str | None:
    """What speaks against an adjustment: reason_missing, own_account, lead_needed, second_person_needed, or nothing."""
    if not adjustment.reason.strip() or not adjustment.evidence.strip():
        return "reason_missing"
    if adjustment.own_customer_id == customer_id:
        return "own_account"
    if not adjustment.is_lead:
        return "lead_needed"
    if abs(amount) > limit and adjustment.second_staff_id in (None, adjustment.staff_id):
        return "second_person_needed"
    return None
