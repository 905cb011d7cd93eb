"""What points decide, without a database: what an order earns, when points end, which lots a change touches.

Points are integers, money is fen, rates and factors are percent.
"""

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kernel.money import proportion

# The pots of the double entry. A member's are the first four; `owed` runs into minus while something is owed.
POTS = ("member", "pending", "held", "owed", "issued", "redeemed", "expired")
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


def to_take_back(*, earned: int, expired: int, refunded_fen: int, base_fen: int) -> int:
    """How much of an order's points its refunds take back in all: in proportion, everything once nothing is left.

    What has ended unspent is gone already and is not asked for again.
    """
    return min(proportion(earned, refunded_fen, base_fen), earned - expired) if refunded_fen > 0 else 0


@dataclass
class Lot:
    """A lot as a change sees it; `id` is None until it is written."""

    id: int | None
    amount: int
    remaining: int
    earned_at: dt.datetime
    expires_at: dt.datetime
    state: str = "open"
    opens_at: dt.datetime | None = None
    order_id: int | None = None
    expired: int = 0


@dataclass
class Draft:
    """A movement about to be written: what it does to the pots and to the lots."""

    customer_id: int
    cause: str
    kind: str
    amount: int
    explain: Mapping[str, Any]
    rule_version: int | None = None
    gives_back: int | None = None
    pots: dict[str, int] = field(default_factory=dict)
    uses: list[tuple[Lot, int]] = field(default_factory=list)
    born: list[Lot] = field(default_factory=list)
    opened: list[Lot] = field(default_factory=list)

    def move(self, *, source: str, target: str, amount: int) -> None:
        """Move points from pot to pot."""
        if amount:
            self.pots[source] = self.pots.get(source, 0) - amount
            self.pots[target] = self.pots.get(target, 0) + amount

    def use(self, lot: Lot, amount: int) -> None:
        """Take points of a lot, or with a minus give some back to it."""
        if amount:
            lot.remaining -= amount
            self.uses.append((lot, amount))


@dataclass
class Account:
    """A locked account with the lots that still hold something, and what a series of changes makes of it."""

    customer_id: int
    owed: int
    lots: list[Lot] = field(default_factory=list)

    def open_lots(self) -> list[Lot]:
        """Open lots with something left, the first to end first."""
        found = [lot for lot in self.lots if lot.state == "open" and lot.remaining]
        return sorted(found, key=lambda lot: (lot.expires_at, lot.id or 0))

    def credit(self, draft: Draft, lots: Iterable[Lot], *, source: str = "issued") -> None:
        """Add lots: pending ones wait, open ones pay what is owed first (M03)."""
        for lot in lots:
            self.lots.append(lot)
            draft.born.append(lot)
            if lot.state == "pending":
                draft.move(source=source, target="pending", amount=lot.amount)
            else:
                self._settle(draft, lot, source=source)

    def open(self, draft: Draft, lot: Lot) -> None:
        """Make a pending lot spendable; what is owed is paid first."""
        lot.state = "open"
        draft.opened.append(lot)
        self._settle(draft, lot, source="pending")

    def _settle(self, draft: Draft, lot: Lot, *, source: str) -> None:
        coming = lot.remaining
        paid = min(self.owed, coming)
        self.owed -= paid
        draft.use(lot, paid)
        draft.move(source=source, target="owed", amount=paid)
        draft.move(source=source, target="member", amount=coming - paid)

    def take_back(self, draft: Draft, lot: Lot | None, amount: int) -> None:
        """Take points back to where they were issued: from their own lot, then from others, the rest is owed (M03)."""
        if lot is not None:
            taken = min(lot.remaining, amount)
            draft.use(lot, taken)
            draft.move(source="pending" if lot.state == "pending" else "member", target="issued", amount=taken)
            amount -= taken
        amount -= self._take(draft, amount, target="issued")
        self.owed += amount
        draft.move(source="owed", target="issued", amount=amount)

    def _take(self, draft: Draft, amount: int, *, target: str) -> int:
        wanted = amount
        for lot in self.open_lots():
            taken = min(lot.remaining, wanted)
            draft.use(lot, taken)
            draft.move(source="member", target=target, amount=taken)
            wanted -= taken
        return amount - wanted

    def expire(self, draft: Draft, lot: Lot) -> None:
        """End what is left of a lot."""
        draft.move(source="member", target="expired", amount=lot.remaining)
        draft.use(lot, lot.remaining)

    def give_back(
        self, draft: Draft, used: Sequence[tuple[Lot, int]], *, source: str, now: dt.datetime, afterlife: dt.timedelta
    ) -> None:
        """Return points to the lots they came from, paying what is owed first.

        A lot that has ended is not opened again: its points live on for `afterlife` in a lot of their own (M04).
        """
        for lot, amount in used:
            paid = min(self.owed, amount)
            self.owed -= paid
            draft.move(source=source, target="owed", amount=paid)
            draft.move(source=source, target="member", amount=amount - paid)
            left = amount - paid
            if left and lot.expires_at <= now:
                heir = Lot(None, left, left, earned_at=lot.earned_at, expires_at=now + afterlife)
                self.lots.append(heir)
                draft.born.append(heir)
            else:
                draft.use(lot, -left)


def part_to_give_back(used: Sequence[tuple[Lot, int]], *, given: int, amount: int) -> list[tuple[Lot, int]]:
    """Which lots the next `amount` returns to, after `given` has returned: the last to end comes back first."""
    part, skip = [], given
    for lot, taken in sorted(used, key=lambda one: (one[0].expires_at, one[0].id or 0), reverse=True):
        passed = min(skip, taken)
        skip -= passed
        back = min(taken - passed, amount)
        amount -= back
        if back:
            part.append((lot, back))
    return part


def opening(account: Account, lot: Lot, *, order_number: str | None) -> Draft:
    """A pending lot becomes spendable."""
    draft = Draft(account.customer_id, f"lot:{lot.id}:open", "open", lot.remaining, {"order_number": order_number})
    account.open(draft, lot)
    return draft


def ending(account: Account, lot: Lot) -> Draft:
    """What is left of a lot ends."""
    draft = Draft(account.customer_id, f"lot:{lot.id}:expire", "expire", lot.remaining, {})
    account.expire(draft, lot)
    return draft


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


_WORDS = {
    "open": "待生效积分到账",
    "expire": "积分到期清零",
    "settle": "预留的积分已使用",
    "release": "预留的积分退回",
}


def words_for(kind: str, explain: Mapping[str, Any]) -> str:
    """One movement in Chinese, as its member reads it."""
    if kind == "order":
        return _words_of_order(explain)
    if kind == "refund":
        return f"订单退款扣回：已退 {_yuan(explain['refunded_fen'])}（实付 {_yuan(explain['base_fen'])}）"
    if kind == "opening":
        return f"旧卡积分转入（卡号尾号 {explain['card_tail']}）"
    if kind in ("adjust_up", "adjust_down"):
        return f"人工调整：{explain['words']}"
    if kind == "hold":
        return f"积分预留：{explain['words']}"
    return str(explain.get("words") or _WORDS[kind])


def _words_of_order(explain: Mapping[str, Any]) -> str:
    words = f"消费得分：实付 {_yuan(explain['base_fen'])}"
    if explain["rate"] != STANDARD:
        words += f" × 等级 {_times(explain['rate'])} 倍"
    if explain["campaign"]:
        factor = f" {_times(explain['factor'])} 倍" if explain["factor"] else "（部分商品加倍）"
        words += f" × {explain['campaign']}{factor}"
    return words


def _yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02}"


def _times(percent: int) -> str:
    return f"{percent / STANDARD:g}"
