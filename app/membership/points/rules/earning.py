"""What the brand sets, and what an order earns by it.

Points are integers, money is fen, rates and factors are percent.
"""

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

STANDARD = 100


@dataclass(frozen=True)
class PointsPolicy:
    """The brand's settings. `book_value_fen` is the worth of 100 points (M07)."""

    return_days: int = 7
    life_months: int = 12
    afterlife_days: int = 30
    hold_minutes: int = 30
    lead_limit: int = 500
    notice_days: int = 30
    book_value_fen: int = 100


@dataclass(frozen=True)
class Campaign:
    """A factor (percent) for a time, for all stores and products or for those named; empty means all."""

    name: str
    factor: int
    starts_at: dt.datetime
    ends_before: dt.datetime
    store_ids: tuple[int, ...] = ()
    product_codes: tuple[str, ...] = ()

    def fits(self, *, at: dt.datetime, store_id: int | None, product_code: str | None) -> bool:
        """Whether a line bought there and then earns by this factor."""
        return (
            self.starts_at <= at < self.ends_before
            and (not self.store_ids or store_id in self.store_ids)
            and (not self.product_codes or product_code in self.product_codes)
        )


@dataclass(frozen=True)
class EarningRules:
    """One version of the rules: points a yuan, the campaigns, and what other deeds give (积分来源)."""

    points_per_yuan: int = 1
    campaigns: tuple[Campaign, ...] = ()
    sources: Mapping[str, int] = field(default_factory=dict)
    version: int | None = None


@dataclass(frozen=True)
class Earned:
    """What an order earns and why. `factor` is the best campaign's, in percent, None where lines differ."""

    points: int
    rate: int
    factor: int | None
    campaign: str | None


def points_for_order(
    rules: EarningRules,
    *,
    base_fen: int,
    lines: Sequence[tuple[str, int]],
    rate: int,
    store_id: int | None,
    at: dt.datetime,
) -> Earned:
    """Base × tier rate × the one best campaign factor of each line, rounded down once (M01).

    `lines` are (product code, base in fen); what they leave of `base_fen` earns by the factors open to every product.
    """
    shares = [*lines, (None, base_fen - sum(share for _, share in lines))]
    best = [_best(rules, store_id=store_id, code=code, at=at) for code, share in shares if share]
    weighed = sum(share * factor for (_, share), (factor, _) in zip([s for s in shares if s[1]], best, strict=True))
    points = max(weighed, 0) * rate * rules.points_per_yuan // (100 * STANDARD * STANDARD)
    factors = {factor for factor, _ in best} or {STANDARD}
    names = {name for _, name in best if name}
    return Earned(
        points=points,
        rate=rate,
        factor=factors.pop() if len(factors) == 1 else None,
        campaign="、".join(sorted(names)) or None,
    )


def _best(rules: EarningRules, *, store_id: int | None, code: str | None, at: dt.datetime) -> tuple[int, str | None]:
    fitting = [
        (campaign.factor, campaign.name)
        for campaign in rules.campaigns
        if campaign.factor > STANDARD and campaign.fits(at=at, store_id=store_id, product_code=code)
    ]
    return max(fitting, default=(STANDARD, None))


def takes_away(former: EarningRules, coming: EarningRules, *, after: dt.datetime) -> bool:
    """Whether a change gives somebody less than before: that is announced ahead, more may come at once (M07)."""
    promised = {campaign for campaign in former.campaigns if campaign.ends_before > after}
    return (
        coming.points_per_yuan < former.points_per_yuan
        or any(coming.sources.get(deed, 0) < points for deed, points in former.sources.items())
        or not promised <= set(coming.campaigns)
    )


def months_later(moment: dt.datetime, months: int) -> dt.datetime:
    """The first moment after the month that lies `months` later, in the moment's own zone (M04: to the month's end)."""
    count = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    end = dt.datetime.combine(dt.date(year, month + 1, last) + dt.timedelta(days=1), dt.time(), moment.tzinfo)
    return end.astimezone(dt.UTC)
