"""Coupons of people who became one, or two again: rows go over whole, what is counted of them is counted anew."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, text

from app.kernel.database import Base, db
from app.kernel.facts import Objection
from app.kernel.re_pointing import Move, re_point
from app.membership.coupons.models import CouponRow, HoldingRow, UseRow
from app.people import identity

TABLES: tuple[type[Base], ...] = (CouponRow, UseRow)

# The codes follow the coupons that have just gone over: by their own key, for a code is not looked for by its owner.
_MOVE_CODES = text(
    "UPDATE coupon_code SET customer_id = coupon.customer_id FROM coupon"
    " JOIN unnest(CAST(:targets AS bigint[]), CAST(:born AS bigint[])) AS move (target, born)"
    " ON coupon.customer_id = move.target AND coupon.born_customer_id = move.born"
    " WHERE coupon_code.code = coupon.code"
)
_COUNT_AGAIN = text(
    "INSERT INTO coupon_holding (customer_id, template_id, taken)"
    " SELECT customer_id, template_id, count(*) FILTER (WHERE state <> 'void') FROM coupon"
    " WHERE customer_id = ANY(:people) AND taken GROUP BY customer_id, template_id"
)
_OVER_LIMIT = text(
    "SELECT move.merge_id, template.id AS template_id, held.taken, template.per_customer,"
    " count(*) AS brought FROM unnest(CAST(:merges AS bigint[]), CAST(:targets AS bigint[]), CAST(:born AS bigint[]))"
    " AS move (merge_id, target, born)"
    " JOIN coupon ON coupon.customer_id = move.target AND coupon.born_customer_id = move.born"
    " AND coupon.taken AND coupon.state <> 'void'"
    " JOIN coupon_holding AS held ON held.customer_id = move.target AND held.template_id = coupon.template_id"
    " JOIN coupon_template AS template ON template.id = coupon.template_id"
    " WHERE held.taken > template.per_customer"
    " GROUP BY move.merge_id, template.id, held.taken, template.per_customer ORDER BY move.merge_id, template.id"
)
_SPENT_TOGETHER = text(
    "SELECT coupon_id, cause AS used_for FROM coupon_use WHERE customer_id = :holder AND given_back_at IS NULL"
    " AND (born_customer_id = ANY(:born)) <> (carried_by = ANY(:born))"
    " UNION ALL SELECT id, 'order:' || locked_for FROM coupon WHERE customer_id = :holder AND state = 'locked'"
    " AND (born_customer_id = ANY(:born)) <> (locked_by = ANY(:born)) ORDER BY 1"
)


def merge(facts: Sequence[identity.PeopleMerged]) -> None:
    """Everything of who is gone is the survivor's. Nothing is taken away: what the two have beyond a limit is noted."""
    _go_over([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])
    came = [(fact.merge_id, fact.survivor_id, born) for fact in facts for born in fact.born_ids]
    given = {"merges": [one[0] for one in came], "targets": [one[1] for one in came], "born": [one[2] for one in came]}
    for row in db.session.execute(_OVER_LIMIT, given).all():
        data = {"template_id": row.template_id, "taken": row.taken, "limit": row.per_customer, "brought": row.brought}
        identity.merging.note(merge_id=row.merge_id, code="coupon.over_limit", data=data)


def separate(facts: Sequence[identity.PeopleSeparated]) -> None:
    """Coupons go back to whom they were born to, those taken since among them."""
    _go_over([(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])


def list_spent_together(*, holder_id: int, born_ids: Collection[int]) -> list[Objection]:
    """What of one side is kept for or was used in an order of the other: `coupon.used_together`, with coupon and order."""
    rows = db.session.execute(_SPENT_TOGETHER, {"holder": holder_id, "born": list(born_ids)})
    return [Objection("coupon.used_together", {"coupon_id": row.coupon_id, "used_for": row.used_for}) for row in rows]


def _go_over(moves: Sequence[Move]) -> None:
    db.session.flush()
    for row in [row for row in db.session if isinstance(row, TABLES)]:
        db.session.expunge(row)  # its key is another one from now on
    db.session.execute(text("SET CONSTRAINTS fk_coupon_use_customer_id_coupon_id DEFERRED"))
    # Coupons first: whoever is about to use one has locked it, and the rows of that use are there once we go on.
    for table in TABLES:
        re_point(table, moves)
    flat = [(target, born) for _, target, selves in moves for born in selves]
    db.session.execute(_MOVE_CODES, {"targets": [to for to, _ in flat], "born": [born for _, born in flat]})
    people = {who for source, target, _ in moves for who in (source, target)}
    db.session.execute(delete(HoldingRow).where(HoldingRow.customer_id.in_(people)))
    db.session.execute(_COUNT_AGAIN, {"people": sorted(people)})
