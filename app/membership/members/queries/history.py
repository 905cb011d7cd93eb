"""The tiers members had, and what moved their growth."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select, text

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
