"""Which coupons a basket should use, and why not the others (K01 to K03). Money in fen.

The basket comes with its lines after 会员价/活动价 and 满减; then the product-level coupon, then the order-level one on what is
left, then freight, each at most once. Thresholds look at the lines in scope as the basket came.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.membership.coupons.rules.terms import Terms, yuan

BETTER_CHOSEN = "同类只能用一张，已选更优惠的券"
GAINS_NOTHING = "与已选的券同用不会更优惠"


@dataclass(frozen=True)
class Line:
    """One line as it comes out of 满减. `amount_fen` is for all pieces together."""

    product_code: str
    amount_fen: int
    quantity: int = 1
    tags: frozenset[str] = frozenset()
    at_member_price: bool = False


@dataclass(frozen=True)
class Basket:
    """What somebody is about to pay. `points_used`: some of it will be paid with points."""

    lines: tuple[Line, ...]
    channel: str = ""
    store_id: int | None = None
    freight_fen: int = 0
    points_used: bool = False


@dataclass(frozen=True)
class Offer:
    """A coupon somebody holds. `barred`: words why it is out of the question now, whatever the basket."""

    coupon_id: int
    terms: Terms
    ends_before: dt.datetime
    barred: str | None = None


@dataclass(frozen=True)
class Applied:
    """A coupon of the best set: what it takes off, and each line's share (none for freight)."""

    coupon_id: int
    discount_fen: int
    shares: tuple[int, ...]


@dataclass(frozen=True)
class Judgement:
    """The best set in the order of reckoning, its sum, and for every other coupon the reason in Chinese."""

    best: tuple[Applied, ...]
    discount_fen: int
    reasons: dict[int, str]


def split_over_lines(total: int, amounts: Sequence[int]) -> tuple[int, ...]:
    """Split a discount over lines in proportion, rounded down; the last takes the rest (K03), as far as it has room.

    No share exceeds its line and the shares sum to `total`, which must not exceed the lines' sum.
    """
    whole = sum(amounts)
    if not 0 <= total <= whole:
        raise ValueError("a discount cannot exceed its lines")
    shares = [total * amount // whole if whole else 0 for amount in amounts]
    rest = total - sum(shares)
    for place in reversed(range(len(shares))):
        more = min(rest, amounts[place] - shares[place])
        shares[place] += more
        rest -= more
    return tuple(shares)


def judge(basket: Basket, offers: Sequence[Offer]) -> Judgement:
    """The set that saves most; of equal ones the smaller, then the one that ends sooner."""
    reasons = {offer.coupon_id: why for offer in offers if (why := _why_not(basket, offer)) is not None}
    usable = [offer for offer in offers if offer.coupon_id not in reasons]
    best = _best_on_lines(basket, usable) + _best_freight(basket, usable)
    used = {applied.coupon_id for applied in best}
    levels = {offer.terms.coverage.level for offer in usable if offer.coupon_id in used}
    for offer in usable:
        if offer.coupon_id not in used:
            reasons[offer.coupon_id] = BETTER_CHOSEN if offer.terms.coverage.level in levels else GAINS_NOTHING
    return Judgement(best, sum(applied.discount_fen for applied in best), reasons)


def _why_not(basket: Basket, offer: Offer) -> str | None:
    """The first thing that speaks against using this coupon on this basket by itself."""
    terms = offer.terms
    inside = [line for line in basket.lines if _in_products(terms, line)]
    counting = [line for line in inside if _goes_with_price(terms, line)]
    amount = sum(line.amount_fen for line in counting)
    checks = (
        (offer.barred is None, offer.barred or ""),
        (not terms.scope.channels or basket.channel in terms.scope.channels, "本渠道不可用"),
        (not terms.scope.stores or basket.store_id in terms.scope.stores, "本门店不可用"),
        (terms.coverage.with_points or not basket.points_used, "不与积分抵现同用"),
        (bool(inside), "没有适用的商品"),
        (bool(counting), "不与会员价同享"),
        (amount >= terms.threshold_fen, f"还差{yuan(terms.threshold_fen - amount)}可用"),
        (terms.kind != "freight" or basket.freight_fen > 0, "这单没有运费"),
        (terms.kind == "freight" or amount > 0, "适用商品没有可减的金额"),
    )
    return next((words for stands, words in checks if not stands), None)


def _in_products(terms: Terms, line: Line) -> bool:
    scope = terms.scope
    if not scope.products and not scope.tags:
        return True
    return line.product_code in scope.products or not line.tags.isdisjoint(scope.tags)


def _goes_with_price(terms: Terms, line: Line) -> bool:
    return terms.coverage.with_member_price or not line.at_member_price


def _shares(basket: Basket, terms: Terms, amounts: Sequence[int]) -> tuple[int, ...]:
    """What a coupon takes off each line, given what is left of them."""
    counted = [
        amount if _in_products(terms, line) and _goes_with_price(terms, line) else 0
        for line, amount in zip(basket.lines, amounts, strict=True)
    ]
    if terms.kind == "exchange":
        # One piece for nothing: the dearest in scope, so that the customer has the best of it.
        pieces = [amount // line.quantity for line, amount in zip(basket.lines, counted, strict=True)]
        chosen = pieces.index(max(pieces))
        return tuple(piece if place == chosen else 0 for place, piece in enumerate(pieces))
    whole = sum(counted)
    if terms.kind == "cash":
        return split_over_lines(min(terms.value_fen, whole), counted)
    off = whole * (100 - (terms.percent or 100)) // 100
    return split_over_lines(off if terms.cap_fen is None else min(off, terms.cap_fen), counted)


def _sort_key(chosen: Iterable[tuple[Offer, tuple[int, ...]]]) -> tuple[int, int, list[tuple[dt.datetime, int]]]:
    pairs = list(chosen)
    saved = sum(sum(shares) for _, shares in pairs)
    return (-saved, len(pairs), [(offer.ends_before, offer.coupon_id) for offer, _ in pairs])


def _distinct(offers: Iterable[Offer]) -> list[Offer]:
    """Of equal coupons the one that ends soonest: the others would only be tried for nothing."""
    first: dict[Terms, Offer] = {}
    for offer in sorted(offers, key=lambda offer: (offer.ends_before, offer.coupon_id)):
        first.setdefault(offer.terms, offer)
    return list(first.values())


def _best_on_lines(basket: Basket, usable: Sequence[Offer]) -> tuple[Applied, ...]:
    whole = tuple(line.amount_fen for line in basket.lines)
    by_level = {
        level: _distinct(o for o in usable if o.terms.coverage.level == level) for level in ("product", "order")
    }
    sets: list[list[tuple[Offer, tuple[int, ...]]]] = [[]]
    for first in [None, *by_level["product"]]:
        before = [(first, _shares(basket, first.terms, whole))] if first else []
        left = [amount - share for amount, share in zip(whole, before[0][1], strict=True)] if before else list(whole)
        sets.append(before)
        sets += [[*before, (second, _shares(basket, second.terms, left))] for second in by_level["order"]]
    best = min(sets, key=_sort_key)
    return tuple(Applied(offer.coupon_id, sum(shares), shares) for offer, shares in best)


def _best_freight(basket: Basket, usable: Sequence[Offer]) -> tuple[Applied, ...]:
    found = [
        (offer, min(basket.freight_fen, offer.terms.value_fen or basket.freight_fen))
        for offer in usable
        if offer.terms.coverage.level == "freight"
    ]
    if not found:
        return ()
    offer, off = min(found, key=lambda pair: (-pair[1], pair[0].ends_before, pair[0].coupon_id))
    return (Applied(offer.coupon_id, off, ()),)
