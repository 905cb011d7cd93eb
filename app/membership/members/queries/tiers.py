"""The brand's tiers, kept in process: four rows that hardly ever change."""

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ClauseElement, text

from app.kernel import policy
from app.kernel.database import Statement, db, reading
from app.membership.members.models import Tier
from app.membership.members.refusals import TierUnknown
from app.membership.members.rules import joining, tiers

LOOK_EVERY_SECONDS = 5.0
_seen: tuple[float, list["TierView"]] = (float("-inf"), [])


@dataclass(frozen=True)
class TierView:
    """A tier as others see it. `rate_percent`: what points are multiplied with."""

    level: int
    code: str
    name: str
    threshold: int
    keep: int
    rate_percent: int
    benefits: tuple[str, ...]
    built_in: bool


def list_tiers() -> list[TierView]:
    """The brand's tiers, level 0 first; a change is seen within seconds. A brand that set none up has the stock ones."""
    global _seen
    looked_at, found = _seen
    if time.monotonic() - looked_at > LOOK_EVERY_SECONDS:
        with reading() as connection:
            rows = connection.execute(Tier.__table__.select().order_by(Tier.level)).mappings().all()
        found = [TierView(**{**row, "benefits": tuple(row["benefits"])}) for row in rows] or _stock()
        _seen = (time.monotonic(), found)
    return found


def forget_tiers() -> None:
    """Drop what this process has cached."""
    global _seen
    _seen = (float("-inf"), [])


def _stock() -> list[TierView]:
    return [
        TierView(
            level=plan.level,
            code=plan.code,
            name=plan.name,
            threshold=plan.threshold,
            keep=plan.keep,
            rate_percent=plan.rate_percent,
            benefits=plan.benefits,
            built_in=True,
        )
        for plan in joining.STOCK_TIERS
    ]


def ladder() -> tiers.Ladder:
    """The tiers as the rules see them."""
    lines = tuple(tiers.TierLine(tier.level, tier.threshold, tier.keep) for tier in list_tiers())
    return tiers.Ladder(lines, dt.timedelta(days=policy.current(joining.MembersPolicy).validity_days))


def level_of(code: str) -> int:
    """The level of a tier by its code. Raises TierUnknown."""
    for tier in list_tiers():
        if tier.code == code:
            return tier.level
    raise TierUnknown(tier=code[:40])


def _rates() -> ClauseElement:
    return text(
        "SELECT asked.place, member.earns_since > asked.moment AS too_early,"
        " (SELECT max(period.level) FROM tier_period AS period"
        "  WHERE period.customer_id = asked.customer_id AND period.since < asked.moment AND period.voided_at IS NULL"
        "  AND (period.ended_at IS NULL OR period.ended_at >= asked.moment)) AS level"
        " FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:moments AS timestamptz[]))"
        " WITH ORDINALITY AS asked (customer_id, moment, place)"
        " LEFT JOIN member ON member.customer_id = asked.customer_id ORDER BY asked.place"
    )


_RATES = Statement(_rates)


def rates_at(pairs: Sequence[tuple[int, dt.datetime]]) -> list[int]:
    """The rate in percent with which each customer's payment at a moment earns, in order: of the tier just before it (M01).

    100 where the customer was no member yet; 0 where orders of that time earn nothing any more (O04, O05).
    """
    if not pairs:
        return []
    customer_ids, moments = zip(*pairs, strict=True)
    rates = {tier.level: tier.rate_percent for tier in list_tiers()}
    rows = _RATES.rows(db.session(), customer_ids=list(customer_ids), moments=list(moments))
    return [0 if row["too_early"] else 100 if row["level"] is None else rates[row["level"]] for row in rows]
