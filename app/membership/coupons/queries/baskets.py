"""What a customer's coupons do for a basket."""

import datetime as dt
from dataclasses import replace

from app.kernel.clock import BRAND_ZONE
from app.membership.coupons import rules
from app.membership.coupons.queries.coupons import list_offers
from app.trade import products


def judge(*, customer_id: int, basket: rules.Basket, now: dt.datetime) -> rules.Judgement:
    """The best set of this customer's coupons for a basket and why not the others (K01, K02).

    Tags of lines come from the products room, in addition to those that the basket brings.
    """
    held = list_offers(customer_id=customer_id, now=now)
    offers = [
        rules.Offer(coupon.id, coupon.terms, coupon.ends_before, _barred(coupon, state, now)) for coupon, state in held
    ]
    return rules.judge(_tagged(basket), offers)


def _barred(coupon: rules.Coupon, template_state: str, now: dt.datetime) -> str | None:
    if coupon.state == "locked":
        return "使用中"
    if template_state == "use_stopped":
        return "已停止使用"
    if coupon.starts_at > now:
        day = coupon.starts_at.astimezone(BRAND_ZONE)
        return f"{day.month}月{day.day}日起可用"
    return None


def _tagged(basket: rules.Basket) -> rules.Basket:
    known = products.find_products_by_codes({line.product_code for line in basket.lines})
    lines = [
        replace(line, tags=line.tags | set(known[line.product_code].tags)) if line.product_code in known else line
        for line in basket.lines
    ]
    return replace(basket, lines=tuple(lines))
