"""Setting two accounts apart: each becomes what it would be, had they never been one."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from app.kernel import policy, row_images
from app.kernel.database import Statement, db
from app.membership.points import queries
from app.membership.points.models import PointsAccount
from app.membership.points.operations import ledger, merging
from app.membership.points.queries import Kept
from app.membership.points.refusals import SpentTogether
from app.membership.points.rules import Draft, Lot, PointsPolicy, Retelling
from app.people.identity import PeopleSeparated, SeparationProposed

_OPEN_WINDOW = Statement(
    lambda: text("UPDATE points_merge SET parting = true WHERE merge_id = :merge_id AND customer_id = :customer_id")
)
_FORGET_USES = Statement(
    lambda: text(
        "DELETE FROM points_lot_use AS it USING unnest(CAST(:movement_ids AS bigint[]), CAST(:lot_ids AS bigint[]))"
        " AS gone (movement_id, lot_id) WHERE it.customer_id = :customer_id AND it.movement_id = gone.movement_id"
        " AND it.lot_id = gone.lot_id"
    )
)
_FORGET_LOTS = Statement(
    lambda: text("DELETE FROM points_lot WHERE customer_id = :customer_id AND id = ANY(CAST(:ids AS bigint[]))")
)
_SET_LOTS = Statement(
    lambda: text(
        """
        UPDATE points_lot AS it SET amount = told.amount, remaining = told.remaining, earned_at = told.earned_at
        FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:ids AS bigint[]), CAST(:amounts AS bigint[]),
                    CAST(:remaining AS bigint[]), CAST(:earned_at AS timestamptz[]))
             AS told (customer_id, id, amount, remaining, earned_at)
        WHERE it.customer_id = told.customer_id AND it.id = told.id
        """
    )
)
_FORGET = Statement(
    lambda: text("DELETE FROM points_merge WHERE merge_id = :merge_id AND customer_id = ANY(:customer_ids)")
)
_REVERSED = Statement(
    lambda: text(
        "UPDATE points_order AS it SET reversed = told.reversed"
        " FROM unnest(CAST(:order_ids AS bigint[]), CAST(:reversed AS bigint[])) AS told (order_id, reversed)"
        " WHERE it.order_id = told.order_id AND it.reversed <> told.reversed"
    )
)
# An account that was opened for the merge alone; who holds the rows of a survivor who went elsewhere keeps theirs.
_CLOSE_EMPTY = Statement(
    lambda: text(
        """
        DELETE FROM points_account AS account USING points_merge AS merged
        WHERE merged.merge_id = :merge_id AND account.customer_id = ANY(:customer_ids)
          AND account.customer_id IN (merged.survivor_id, merged.born_customer_id)
          AND NOT EXISTS (SELECT FROM row_image AS image WHERE image.merge_id = :merge_id
                          AND image.of_table = 'points_account' AND image.customer_id = account.customer_id)
          AND NOT EXISTS (SELECT FROM points_movement AS it WHERE it.customer_id = account.customer_id)
          AND NOT EXISTS (SELECT FROM points_order AS it WHERE it.customer_id = account.customer_id)
          AND NOT EXISTS (SELECT FROM points_earner AS it WHERE it.customer_id = account.customer_id)
        """
    )
)


def separate(facts: Sequence[PeopleSeparated]) -> None:
    """Give back what was born to the selves who leave, old and new alike; each side has what it would have had.

    Raises SpentTogether where a side has spent more than it ever had.
    """
    for fact in facts:
        _separate(fact)


def shortages(proposal: SeparationProposed) -> dict[int, int]:
    """How many points each side spent that were the other's and that it has not had itself since, by customer."""
    kept = queries.read_history(db.session(), proposal.from_id)
    return _tell_again(kept, proposal).short


def _separate(fact: PeopleSeparated) -> None:
    session = db.session()
    both = [fact.from_id, fact.to_id]
    merging.lock_there(both)
    kept = queries.read_history(session, fact.from_id)
    told = _tell_again(kept, fact)
    if short := told.short:
        raise SpentTogether(short={str(customer_id): points for customer_id, points in short.items()})
    drafts = [draft for side in both for draft in told.outstanding(side, merge_id=fact.merge_id, now=fact.at)]
    _OPEN_WINDOW.rows(session, merge_id=fact.merge_id, customer_id=fact.from_id)
    changed = _forget_uses(fact, kept, told)
    row_images.put_back(PointsAccount, of=[(fact.merge_id, fact.to_id)])
    queries.open_accounts(session, [fact.to_id])
    merging.hand_over([(fact.from_id, fact.to_id, fact.born_ids)])
    _write_lots(kept, told, changed)
    _REVERSED.rows(session, order_ids=list(told.reversed), reversed=list(told.reversed.values()))
    ledger.record(drafts, now=fact.at)
    merging.count_anew(both)
    _CLOSE_EMPTY.rows(session, merge_id=fact.merge_id, customer_ids=both)
    _FORGET.rows(session, merge_id=fact.merge_id, customer_ids=both)


def _tell_again(kept: Kept, parting: PeopleSeparated | SeparationProposed) -> Retelling:
    afterlife = dt.timedelta(days=policy.current(PointsPolicy).afterlife_days)
    return Retelling(
        kept.history,
        leaving=parting.born_ids,
        from_id=parting.from_id,
        to_id=parting.to_id,
        afterlife=afterlife,
    )


def _uses_of(draft: Draft) -> dict[int, int]:
    uses: dict[int, int] = {}
    for lot, amount in draft.uses:
        assert lot.id is not None  # noqa: S101  (every lot told of has a number)
        uses[lot.id] = uses.get(lot.id, 0) + amount
    return {lot_id: amount for lot_id, amount in uses.items() if amount}


def _forget_uses(fact: PeopleSeparated, kept: Kept, told: Retelling) -> list[tuple[int, Draft]]:
    """Take away the uses that come out otherwise, and the lots that would never have been; the movements concerned."""
    changed = [
        (number, draft)
        for number, draft in told.told.items()
        if _uses_of(draft) != kept.uses.get(number, {}) or any((lot.id or 0) >= told.fresh_ids for lot in draft.brings)
    ]
    gone = [(number, lot_id) for number, _ in changed for lot_id in kept.uses.get(number, {})]
    session = db.session()
    _FORGET_USES.rows(
        session,
        customer_id=fact.from_id,
        movement_ids=[number for number, _ in gone],
        lot_ids=[lot_id for _, lot_id in gone],
    )
    _FORGET_LOTS.rows(session, customer_id=fact.from_id, ids=sorted(kept.lots.keys() - told.lots.keys()))
    return changed


def _write_lots(kept: Kept, told: Retelling, changed: Sequence[tuple[int, Draft]]) -> None:
    """Write the lots as they would be, and which of them the changed movements used."""
    lots = [lot for lot in told.lots.values() if lot.id in kept.lots and _differs(lot, kept.lots[lot.id])]
    _SET_LOTS.rows(
        db.session(),
        ids=[lot.id for lot in lots],
        customer_ids=[told.side_of(lot.born_customer_id) for lot in lots],
        amounts=[lot.amount for lot in lots],
        remaining=[lot.remaining for lot in lots],
        earned_at=[lot.earned_at for lot in lots],
    )
    for _, draft in changed:
        draft.brings = [lot for lot in draft.brings if (lot.id or 0) >= told.fresh_ids]
    ledger.allot(changed)


def _differs(lot: Lot, row: dict[str, Any]) -> bool:
    return (lot.amount, lot.remaining, lot.earned_at) != (row["amount"], row["remaining"], row["earned_at"])
