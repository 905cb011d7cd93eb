"""Facts as wishes: which notice, for which occasion, with what values."""

import datetime as dt
from collections.abc import Collection, Sequence

from app.kernel import policy
from app.kernel.clock import BRAND_ZONE
from app.membership import bookings, coupons, members
from app.membership.bookings import BookingCancelled, BookingConfirmed, PlaceOffered
from app.membership.coupons import CouponTaken
from app.membership.members import MemberJoined, TierChanged
from app.membership.points import PointsChanged
from app.outreach import materials
from app.outreach.messaging import Wish, wanting
from app.outreach.notices.rules import NoticesPolicy, date_words, is_news, money_words, signed, time_words
from app.people import stores
from app.trade.orders import OrderRefunded, OrderShipped

# Points set aside for something under way are no news, nor is what the opening balance brought: the card is told of.
QUIET_MOVEMENTS = frozenset({"hold", "release", "merge", "part", "opening"})


def tell_of_joining(facts: Sequence[MemberJoined]) -> None:
    """绑卡成功."""
    wishes = [
        Wish(
            purpose="card_bound",
            occasion=f"joined:{fact.joined_at.isoformat()}",
            values={"时间": _time(fact.joined_at)},
            customer_id=fact.customer_id,
        )
        for fact in facts
        if _is_news(fact.joined_at, fact.at)
    ]
    _want(wishes, facts)


def tell_of_points(facts: Sequence[PointsChanged]) -> None:
    """积分变动."""
    wishes = [
        Wish(
            purpose="points_changed",
            occasion=f"movement:{fact.movement_id}",
            values={"变动": signed(fact.change), "原因": fact.words, "时间": _time(fact.at)},
            customer_id=fact.customer_id,
            born_customer_id=fact.born_customer_id,
        )
        for fact in facts
        if fact.kind not in QUIET_MOVEMENTS
    ]
    _want(wishes, facts)


def tell_of_tiers(facts: Sequence[TierChanged]) -> None:
    """升级; a fall is announced 30 days ahead and not rubbed in on the day."""
    raised = [fact for fact in facts if fact.why in ("raised", "given") and fact.level > fact.former_level]
    names = {tier.level: tier.name for tier in members.list_tiers()} if raised else {}
    wishes = [
        Wish(
            purpose="tier_raised",
            occasion=f"raised:{fact.level}/{fact.at.isoformat()}",
            values={"新等级": names[fact.level], "时间": _time(fact.at)},
            customer_id=fact.customer_id,
        )
        for fact in raised
    ]
    _want(wishes, facts)


def tell_of_coupons(facts: Sequence[CouponTaken]) -> None:
    """券到账."""
    names = coupons.listing.names_of({fact.template_id for fact in facts})
    wishes = [
        Wish(
            purpose="coupon_received",
            occasion=f"coupon:{fact.coupon_id}",
            values={
                "券名": names[fact.template_id],
                "到期日": date_words(fact.ends_before - dt.timedelta(seconds=1), BRAND_ZONE),
            },
            customer_id=fact.customer_id,
            born_customer_id=fact.born_customer_id,
        )
        for fact in facts
    ]
    _want(wishes, facts)


def tell_of_bookings(facts: Sequence[BookingConfirmed]) -> None:
    """预约成功, 预约变更. A visit that begins tomorrow's reminder or later gets that one besides."""
    wishes = [
        Wish(
            purpose="booking_changed" if fact.moved else "booking_confirmed",
            occasion=_visit_of(fact),
            values=_values_of(fact),
            customer_id=fact.customer_id,
            born_customer_id=fact.born_customer_id,
        )
        for fact in facts
    ]
    _want(wishes, facts)


def tell_of_cancellations(facts: Sequence[BookingCancelled]) -> None:
    """预约取消: at once when it is the store's fault (K10), and as a receipt when they did it themselves."""
    wishes = [
        Wish(
            purpose="booking_cancelled",
            occasion=_visit_of(fact),
            values=_values_of(fact) | {"原因": fact.why or "按您的要求"},
            customer_id=fact.customer_id,
            born_customer_id=fact.born_customer_id,
        )
        for fact in facts
    ]
    _want(wishes, facts)


def tell_of_offers(facts: Sequence[PlaceOffered]) -> None:
    """候补到号: worth nothing once the offer is over."""
    wishes = [
        Wish(
            purpose="place_offered",
            occasion=f"{_visit_of(fact)}/{fact.offered_until.isoformat()}",
            values=_values_of(fact) | {"保留到": f"{fact.offered_until.astimezone(BRAND_ZONE):%H:%M}"},
            customer_id=fact.customer_id,
            born_customer_id=fact.born_customer_id,
        )
        for fact in facts
    ]
    _want(wishes, facts)


def tell_of_shipping(facts: Sequence[OrderShipped]) -> None:
    """发货."""
    wishes = [
        Wish(
            purpose="order_shipped",
            occasion=f"order:{fact.order_id}",
            values={"订单号": fact.number, "时间": _time(fact.shipped_at)},
            customer_id=fact.customer_id,
            born_customer_id=fact.born_customer_id,
        )
        for fact in facts
        if _is_news(fact.shipped_at, fact.at)
    ]
    _want(wishes, facts)


def tell_of_refunds(facts: Sequence[OrderRefunded]) -> None:
    """退款."""
    fresh = [fact for fact in facts if _is_news(fact.refunded_at, fact.at)]
    wishes = [
        Wish(
            purpose="order_refunded",
            occasion=f"order:{fact.order_id}/{fact.refund_number}",
            values={
                "订单号": fact.number,
                "金额": money_words(fact.refunded_fen),
                "时间": _time(fact.refunded_at),
            },
            customer_id=fact.customer_id,
            born_customer_id=fact.born_customer_id,
        )
        for fact in fresh
    ]
    _want(wishes, facts)


def want(wishes: Sequence[Wish], *, now: dt.datetime) -> None:
    """Plan what the brand tells its members: a notice that it does not have, or that is switched off, is not even planned."""
    told = {purpose.code for purpose in materials.purposes.list_purposes() if purpose.enabled}
    wanting.want([wish for wish in wishes if wish.purpose in told], now=now)


def visit(service_name: str, *, starts_at: dt.datetime, store_name: str) -> dict[str, str]:
    """The values of a notice about a visit."""
    return {"项目": service_name, "时间": _time(starts_at), "门店": store_name}


def store_names(store_ids: Collection[int]) -> dict[int, str]:
    """What these stores are called."""
    return {store_id: stores.get_store(store_id).name for store_id in store_ids}


def _values_of(fact: BookingConfirmed | BookingCancelled | PlaceOffered) -> dict[str, str]:
    service = {one.id: one.name for one in bookings.list_services()}.get(fact.service_id, "到店服务")
    return visit(service, starts_at=fact.starts_at, store_name=stores.get_store(fact.store_id).name)


def _visit_of(fact: BookingConfirmed | BookingCancelled | PlaceOffered) -> str:
    return f"booking:{fact.booking_id}/{fact.starts_at.isoformat()}"


def _time(moment: dt.datetime) -> str:
    return time_words(moment, BRAND_ZONE)


def _is_news(happened_at: dt.datetime, now: dt.datetime) -> bool:
    return is_news(happened_at, now=now, fresh_hours=policy.current(NoticesPolicy).fresh_hours)


def _want(wishes: Sequence[Wish], facts: Sequence[object]) -> None:
    if wishes:
        want(wishes, now=max(fact.at for fact in facts))  # type: ignore[attr-defined]
