"""Everything that happened on an account, for who must tell it again."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.database import Statement, in_one_trip
from app.membership.points.rules import History, Joined, Lot, Purchase, Step

_STEPS = Statement(
    lambda: text(
        "SELECT id, born_customer_id, cause, kind, amount, at, gives_back, explain FROM points_movement"
        " WHERE customer_id = :customer_id ORDER BY id"
    )
)
_USES = Statement(
    lambda: text("SELECT movement_id, lot_id, amount FROM points_lot_use WHERE customer_id = :customer_id")
)
_LOTS = Statement(
    lambda: text(
        """
        SELECT lot.id, lot.movement_id, lot.born_customer_id, lot.amount, lot.remaining, lot.state, lot.earned_at,
               lot.opens_at, lot.expires_at, lot.order_id,
               lot.state = 'pending' OR EXISTS (
                   SELECT FROM points_movement AS opened
                   WHERE opened.customer_id = lot.customer_id AND opened.cause = 'lot:' || lot.id || '\\:open'
               ) AS pending_first
        FROM points_lot AS lot WHERE lot.customer_id = :customer_id ORDER BY lot.id
        """
    )
)
_JOINED = Statement(
    lambda: text(
        "SELECT merge_id, survivor_id, born_customer_id AS gone_id, last_movement_id AS after_id, merged_at AS at"
        " FROM points_merge WHERE customer_id = :customer_id"
    )
)
_PURCHASES = Statement(
    lambda: text(
        "SELECT order_id, born_customer_id, number, earned, base_fen, refunded_fen, lot_id FROM points_order"
        " WHERE customer_id = :customer_id AND earned IS NOT NULL AND base_fen IS NOT NULL"
    )
)
_SUMS = Statement(
    lambda: text(
        "SELECT born_customer_id, pot, sum(amount)::bigint AS amount FROM points_entry WHERE customer_id = :customer_id"
        " GROUP BY 1, 2"
    )
)


@dataclass(frozen=True)
class Kept:
    """A history, and the lots and uses as the tables have them, to see what telling it again changes."""

    history: History
    lots: dict[int, dict[str, Any]]
    uses: dict[int, dict[int, int]]


def read_history(session: Session, customer_id: int) -> Kept:
    """All of one customer's movements in order, with the lots they brought as they were at first; one round trip."""
    asked = {"customer_id": customer_id}
    steps, used, lots, joined, purchases, sums = in_one_trip(
        session, *((one, asked) for one in (_STEPS, _USES, _LOTS, _JOINED, _PURCHASES, _SUMS))
    )
    uses: dict[int, dict[int, int]] = defaultdict(dict)
    for row in used:
        uses[row["movement_id"]][row["lot_id"]] = row["amount"]
    brings: dict[int, list[Lot]] = defaultdict(list)
    for row in lots:
        brings[row["movement_id"]].append(_at_first(row))
    history = History(
        steps=[Step(**row, uses=uses.get(row["id"], {}), brings=brings.get(row["id"], [])) for row in steps],
        joined=[Joined(**row) for row in joined],
        purchases={row["order_id"]: Purchase(**row) for row in purchases},
        sums={(row["born_customer_id"], row["pot"]): row["amount"] for row in sums},
    )
    return Kept(history, {row["id"]: row for row in lots}, dict(uses))


def _at_first(row: dict[str, Any]) -> Lot:
    return Lot(
        id=row["id"],
        amount=row["amount"],
        remaining=row["amount"],
        earned_at=row["earned_at"],
        expires_at=row["expires_at"],
        state="pending" if row["pending_first"] else "open",
        opens_at=row["opens_at"],
        order_id=row["order_id"],
        born_customer_id=row["born_customer_id"],
    )
