"""The tiers members had, and what moved their growth."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, text

from app.kernel.database import Statement, db
from app.membership.members.models import GrowthEntry, TierPeriod

# (id, level, since, valid_until)
Period = tuple[int, int, dt.datetime, dt.datetime]

_RUNNING = Statement(
    lambda: text(
        "SELECT period.customer_id, period.id, period.level, period.since, period.valid_until"
        " FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:anchors AS timestamptz[])) AS asked (customer_id, anchor)"
        " JOIN tier_period AS period ON period.customer_id = asked.customer_id AND period.since >= asked.anchor"
        " WHERE period.source = 'earned' AND period.voided_at IS NULL ORDER BY period.customer_id, period.since"
    )
)


def running_periods(anchors: Mapping[int, dt.datetime]) -> dict[int, list[Period]]:
    """Each member's earned periods since the beginning of their counting year."""
    found: dict[int, list[Period]] = {}
    for row in _RUNNING.rows(db.session(), customer_ids=list(anchors), anchors=list(anchors.values())):
        found.setdefault(row["customer_id"], []).append((row["id"], row["level"], row["since"], row["valid_until"]))
    return found


def list_periods(customer_id: int) -> list[TierPeriod]:
    """The tiers a member had, oldest first, without voided ones."""
    rows = select(TierPeriod).where(TierPeriod.customer_id == customer_id, TierPeriod.voided_at.is_(None))
    return list(db.session.scalars(rows.order_by(TierPeriod.since, TierPeriod.id)))


def list_growth(customer_id: int) -> list[GrowthEntry]:
    """All growth entries of a member, oldest first."""
    rows = select(GrowthEntry).where(GrowthEntry.customer_id == customer_id)
    return list(db.session.scalars(rows.order_by(GrowthEntry.counts_at, GrowthEntry.id)))


@dataclass(frozen=True)
class BookedOrder:
    """Growth of an order: from when it counts, what it brought, and how much of that refunds took back."""

    counts_at: dt.datetime
    brought: int
    taken: int


_BOOKED = Statement(
    lambda: text(
        "SELECT customer_id, order_id, max(counts_at) FILTER (WHERE why = 'order') AS counts_at,"
        " coalesce(sum(amount) FILTER (WHERE why = 'order'), 0)::bigint AS brought,"
        " coalesce(-sum(amount) FILTER (WHERE why = 'refund'), 0)::bigint AS taken FROM growth_entry"
        " WHERE customer_id = ANY(:customer_ids) AND order_id = ANY(:order_ids) GROUP BY customer_id, order_id"
    )
)


def booked_orders(customer_ids: Iterable[int], order_ids: Iterable[int]) -> dict[tuple[int, int], BookedOrder]:
    """What these orders brought these members so far, by (customer, order)."""
    rows = _BOOKED.rows(db.session(), customer_ids=list(customer_ids), order_ids=list(order_ids))
    return {
        (row["customer_id"], row["order_id"]): BookedOrder(row["counts_at"], row["brought"], row["taken"])
        for row in rows
    }


def has_cause(customer_id: int, cause: str) -> bool:
    """Whether growth was moved for this cause."""
    known = select(GrowthEntry.id).where(GrowthEntry.customer_id == customer_id, GrowthEntry.cause == cause)
    return db.session.execute(known).first() is not None


def task_growth_since(customer_id: int, moment: dt.datetime) -> int:
    """Growth by tasks since a moment."""
    total = select(func.coalesce(func.sum(GrowthEntry.amount), 0)).where(
        GrowthEntry.customer_id == customer_id, GrowthEntry.why == "task", GrowthEntry.happened_at >= moment
    )
    return int(db.session.execute(total).scalar_one())
