"""What a coupon is and how long it lasts (K01 to K04, K06). Money in fen, times in UTC, days of the brand (Asia/Shanghai)."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

BRAND_ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
KINDS = ("cash", "discount", "exchange", "freight")
# How many takes may be between their glance and their update at once, at the very most: the web's connections.
UNDER_WAY = 100
LEVELS = ("product", "order", "freight")
STATES = ("draft", "open", "taking_stopped", "use_stopped")


@dataclass(frozen=True)
class Scope:
    """Where it counts. An empty list means everywhere; products and tags widen each other."""

    products: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stores: tuple[int, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Validity:
    """Either a fixed period, or `days` from the taking day, which is day 0 (K04)."""

    days: int | None = None
    starts_at: dt.datetime | None = None
    ends_before: dt.datetime | None = None


@dataclass(frozen=True)
class Coverage:
    """How it goes with others (K02): the level of which one may be used, and whether it goes with 会员价 and 积分抵现."""

    level: str
    with_member_price: bool = True
    with_points: bool = True


@dataclass(frozen=True)
class Terms:
    """What a coupon promises.

    cash: `value_fen` off. discount: `percent` of the price is paid (88 = 8.8 折), at most `cap_fen` off. exchange: one piece
    in scope for nothing. freight: freight off, at most `value_fen` (0 = all of it). `threshold_fen` looks at the lines in
    scope after 满减 (K01). `price_fen`: the price it is judged against where there is no threshold (K06).
    """

    name: str
    kind: str
    coverage: Coverage
    validity: Validity
    value_fen: int = 0
    percent: int | None = None
    cap_fen: int | None = None
    threshold_fen: int = 0
    scope: Scope = Scope()
    extends_days: int = 0
    words: str = ""

    @property
    def in_short(self) -> str:
        """What the coupon does, in a few Chinese words."""
        above = f"满{yuan(self.threshold_fen)[1:]}" if self.threshold_fen else ""
        if self.kind == "cash":
            return f"{above or '无门槛'}减{yuan(self.value_fen)[1:]}"
        if self.kind == "discount":
            cap = f"封顶{yuan(self.cap_fen)}" if self.cap_fen is not None else ""
            return f"{above and above + '打'}{(self.percent or 0) / 10:g}折{cap}"
        if self.kind == "exchange":
            return f"{above}兑换"
        return f"{above}包邮" + (f"最多减{yuan(self.value_fen)}" if self.value_fen else "")


@dataclass(frozen=True)
class Template:
    """Coupons of one sort. `total` and `budget_fen` None: as many as there are people.

    `taken` and `promised_fen` are counted for limited templates only: an unlimited one has no counter that everybody waits
    for. `why_not` says, for a certain customer, why it cannot be taken now.
    """

    id: int
    terms: Terms
    state: str
    public: bool
    occasion: str | None
    per_customer: int
    take_from: dt.datetime | None
    take_before: dt.datetime | None
    from_pool: bool
    total: int | None
    budget_fen: int | None
    taken: int
    promised_fen: int
    built_in: bool = False
    approved_by: tuple[int, ...] = ()
    alarmed_at: dt.datetime | None = None
    mine: int = 0
    why_not: str | None = None

    @property
    def left(self) -> int | None:
        """How many may still be taken, None for no limit."""
        if self.total is None and self.budget_fen is None:
            return None
        room = [] if self.total is None else [self.total - self.taken]
        worth = worth_of(self.terms)
        if self.budget_fen is not None and worth:
            room.append((self.budget_fen - self.promised_fen) // worth)
        return max(min(room, default=0), 0) if room else None


@dataclass(frozen=True)
class Coupon:
    """One person's coupon. `state`: usable, locked, redeemed, expired, void."""

    id: int
    customer_id: int
    template_id: int
    code: str
    state: str
    taken_at: dt.datetime
    starts_at: dt.datetime
    ends_before: dt.datetime
    terms: Terms
    locked_until: dt.datetime | None = None
    redeemed_at: dt.datetime | None = None
    redeemed_store_id: int | None = None
    repeated: bool = False

    def shown_state(self, now: dt.datetime) -> str:
        """The state a person sees: an ended coupon is expired at once, not only when the nightly job has been there (K04)."""
        if self.state == "usable" and self.ends_before <= now:
            return "expired"
        if self.state == "usable" and self.starts_at > now:
            return "waiting"
        return self.state


@dataclass(frozen=True)
class Period:
    """From a moment to before another."""

    starts_at: dt.datetime
    ends_before: dt.datetime


def end_of_day_after(moment: dt.datetime, days: int) -> dt.datetime:
    """The end of the brand's day `days` after the day of `moment`: 23:59:59 is the last second (K04)."""
    day = moment.astimezone(BRAND_ZONE).date() + dt.timedelta(days=days + 1)
    return dt.datetime.combine(day, dt.time(), BRAND_ZONE).astimezone(dt.UTC)


def period_of(validity: Validity, taken_at: dt.datetime) -> Period:
    """When a coupon taken now may be used: N days count from the taking day as day 0 (K04)."""
    if validity.ends_before is not None:
        return Period(validity.starts_at or taken_at, validity.ends_before)
    return Period(taken_at, end_of_day_after(taken_at, validity.days or 0))


def new_end_after_return(ends_before: dt.datetime, extends_days: int, now: dt.datetime) -> dt.datetime:
    """The end of a coupon given back by a full refund: its old end; past, `extends_days` more from today if any (K03)."""
    if ends_before > now or not extends_days:
        return ends_before
    return end_of_day_after(now, extends_days)


def worth_of(terms: Terms) -> int:
    """What one coupon can cost the brand at most, in fen, against its budget (K06)."""
    return (terms.cap_fen or 0) if terms.kind == "discount" else terms.value_fen


def needs_two_people(terms: Terms, percent_of_price: int) -> bool:
    """K06: worth over ⟨50 %⟩ of the least price it is used for; no threshold means the price may be as small as itself."""
    if terms.kind == "discount":
        return 100 - (terms.percent or 0) > percent_of_price
    if terms.kind == "freight":
        return False
    return terms.kind == "exchange" or terms.value_fen * 100 > terms.threshold_fen * percent_of_price


def faults_of(terms: Terms) -> dict[str, str]:
    """What is wrong with terms before they are saved: field → Chinese words."""
    levels = {"exchange": ("product",), "freight": ("freight",)}.get(terms.kind, ("product", "order"))
    discount = terms.kind == "discount"
    checks = {
        "kind": (terms.kind in KINDS, "券种无效"),
        "level": (terms.coverage.level in levels, "这种券不能放在这一级"),
        "value_fen": (terms.value_fen > 0 or terms.kind != "cash", "现金券要写面额"),
        "percent": ((terms.percent is not None and 1 <= terms.percent <= 99) == discount, "折扣写 1 到 99，其他券不写"),
        "cap_fen": (discount or terms.cap_fen is None, "只有折扣券有封顶"),
        "scope": (terms.kind != "exchange" or bool(terms.scope.products or terms.scope.tags), "兑换券要写能换什么"),
        "validity": (_validity_stands(terms.validity), "有效期写天数，或写起止时间"),
    }
    return {name: words for name, (stands, words) in checks.items() if not stands}


def _validity_stands(validity: Validity) -> bool:
    if validity.days is not None:
        return validity.days >= 0 and validity.starts_at is None and validity.ends_before is None
    if validity.ends_before is None:
        return False
    return validity.starts_at is None or validity.starts_at < validity.ends_before


def why_not_taken(template: Template, now: dt.datetime) -> str | None:
    """Why this template gives nothing now, None when it may be taken: not_open, not_yet, over, sold_out, limit_reached."""
    end = template.terms.validity.ends_before
    checks = (
        ("not_open", template.state != "open"),
        ("not_yet", template.take_from is not None and now < template.take_from),
        (
            "over",
            (template.take_before is not None and now >= template.take_before) or (end is not None and now >= end),
        ),
        ("limit_reached", template.mine >= template.per_customer),
        ("sold_out", template.left == 0),
    )
    return next((code for code, stands in checks if stands), None)


def alarm_is_near(template: Template, percent: int) -> bool:
    """Whether the next take, or one of those under way at the same time, may be the one that has to alarm (K06)."""
    if template.alarmed_at is not None:
        return False
    taken, promised = template.taken + UNDER_WAY, template.promised_fen + UNDER_WAY * worth_of(template.terms)
    near = template.total is not None and taken * 100 >= template.total * percent
    return near or (template.budget_fen is not None and promised * 100 >= template.budget_fen * percent)


def yuan(fen: int) -> str:
    """¥ and the sum, without needless zeros."""
    return f"¥{fen // 100}" if fen % 100 == 0 else f"¥{fen / 100:.2f}"
