"""Versions of the earning rules: announced ahead, never edited (M07)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from app.kernel import policy
from app.kernel.database import db
from app.membership.points.models import PointsRules
from app.membership.points.refusals import AnnouncedTooLate
from app.membership.points.rules import Campaign, EarningRules, PointsPolicy, takes_away

# 积分来源 of the stock programme: what deeds other than buying give.
STOCK = EarningRules(
    points_per_yuan=1,
    sources={
        "sign_in": 1,
        "sign_in_seven_days": 10,
        "profile": 50,
        "survey": 30,
        "review": 20,
        "referral_first_order": 100,
    },
)
_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Version = tuple[dt.datetime, EarningRules]


def ship_stock(*, now: dt.datetime) -> None:
    """Put the built-in rules in as the first version, once; they hold for orders of any time."""
    if not list_versions():
        _add(STOCK, valid_from=_BEGINNING, now=now, built_in=True)


def announce_rules(*, rules: EarningRules, valid_from: dt.datetime, now: dt.datetime) -> int:
    """Make a new version of the rules; its number.

    What takes something away is announced 30 days ahead, other changes from now on at the earliest; raises
    AnnouncedTooLate with `earliest`.
    """
    notice = dt.timedelta(days=policy.current(PointsPolicy).notice_days)
    former = version_at(list_versions(), at=valid_from)
    earliest = now + notice if takes_away(former, rules, after=valid_from) else now
    if valid_from < earliest:
        raise AnnouncedTooLate(earliest=earliest.isoformat())
    return _add(rules, valid_from=valid_from, now=now, built_in=False)


def list_versions() -> list[Version]:
    """All versions with the moment from which they hold, the oldest first."""
    rows = db.session.execute(select(PointsRules).order_by(PointsRules.valid_from, PointsRules.version)).scalars()
    return [(row.valid_from, _read(row.rules, version=row.version)) for row in rows]


def version_at(versions: Sequence[Version], *, at: dt.datetime) -> EarningRules:
    """The version in force at a moment; plain rules without a version before the first."""
    held = [rules for valid_from, rules in versions if valid_from <= at]
    return held[-1] if held else EarningRules()


def _add(rules: EarningRules, *, valid_from: dt.datetime, now: dt.datetime, built_in: bool) -> int:
    values = {"valid_from": valid_from, "announced_at": now, "built_in": built_in, "rules": _text(rules)}
    return int(db.session.execute(insert(PointsRules).values(values).returning(PointsRules.version)).scalar_one())


def _text(rules: EarningRules) -> dict[str, Any]:
    return {
        "points_per_yuan": rules.points_per_yuan,
        "sources": dict(rules.sources),
        "campaigns": [
            {
                "name": campaign.name,
                "factor": campaign.factor,
                "starts_at": campaign.starts_at.isoformat(),
                "ends_before": campaign.ends_before.isoformat(),
                "store_ids": list(campaign.store_ids),
                "product_codes": list(campaign.product_codes),
            }
            for campaign in rules.campaigns
        ],
    }


def _read(stored: dict[str, Any], *, version: int) -> EarningRules:
    campaigns = tuple(
        Campaign(
            name=one["name"],
            factor=one["factor"],
            starts_at=dt.datetime.fromisoformat(one["starts_at"]),
            ends_before=dt.datetime.fromisoformat(one["ends_before"]),
            store_ids=tuple(one["store_ids"]),
            product_codes=tuple(one["product_codes"]),
        )
        for one in stored["campaigns"]
    )
    return EarningRules(stored["points_per_yuan"], campaigns, stored["sources"], version)
