"""Points that move without a purchase: by hand (M06), and what an old card brings along (C08)."""

import datetime as dt
from collections.abc import Sequence

from app.kernel import carrier, policy
from app.kernel.database import db
from app.kernel.errors import Refusal
from app.membership.members import OldCardBound
from app.membership.points import queries
from app.membership.points.operations import ledger, moves
from app.membership.points.operations.moves import Taking, Why
from app.membership.points.queries import Movement
from app.membership.points.refusals import LeadNeeded, OwnAccount, ReasonMissing, SecondPersonNeeded
from app.membership.points.rules import Adjustment, Draft, Lot, PointsPolicy, objection_to

_REFUSALS: dict[str, type[Refusal]] = {
    "reason_missing": ReasonMissing,
    "own_account": OwnAccount,
    "lead_needed": LeadNeeded,
    "second_person_needed": SecondPersonNeeded,
}


def adjust(*, customer_id: int, amount: int, cause: str, adjustment: Adjustment, now: dt.datetime) -> Movement:
    """Add points by hand, or with a negative amount take some, with reason and evidence (M06).

    Raises ReasonMissing, OwnAccount, LeadNeeded, SecondPersonNeeded, NotEnoughPoints, CauseReused.
    """
    limit = policy.current(PointsPolicy).lead_limit
    if objection := objection_to(adjustment, customer_id=customer_id, amount=amount, limit=limit):
        raise _REFUSALS[objection](limit=limit)
    details = {
        "evidence": adjustment.evidence,
        "staff_id": adjustment.staff_id,
        "second_staff_id": adjustment.second_staff_id,
    }
    why = Why(adjustment.reason, details=details)
    if amount < 0:
        taking = Taking("adjust_down", "issued")
        return moves.take(customer_id=customer_id, amount=-amount, cause=cause, why=why, now=now, taking=taking)
    return moves.earn(customer_id=customer_id, amount=amount, cause=cause, why=why, now=now, kind="adjust_up")


def credit_opening_lots(bound: Sequence[OldCardBound], *, now: dt.datetime) -> list[Movement]:
    """Take over the lots of old cards with the ends they had, each card once; what has ended already stays behind."""
    session = db.session()
    locked = queries.lock_accounts(session, {fact.customer_id for fact in bound})
    drafts: dict[tuple[int, str], Draft] = {}
    for fact in bound:
        cause = f"old_card:{fact.old_card_number}"
        if queries.find_movement(session, customer_id=fact.customer_id, cause=cause):
            continue
        lots = [
            Lot(None, lot.points, lot.points, earned_at=fact.at, expires_at=lot.expires_at)
            for lot in fact.lots
            if lot.points > 0 and lot.expires_at > now
        ]
        total = sum(lot.amount for lot in lots)
        if total and (fact.customer_id, cause) not in drafts:
            born = carrier.born(fact.customer_id)
            draft = Draft(fact.customer_id, born, cause, "opening", total, {"card_tail": fact.old_card_number[-4:]})
            locked.accounts[fact.customer_id].credit(draft, lots)
            drafts[fact.customer_id, cause] = draft
    return ledger.write(list(drafts.values()), now=now)
