"""From facts to events, one line a fact. `cause` is what the event is about: a fact that is told again writes nothing."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from app.kernel.facts import reacts_to
from app.knowledge.tracking.models import Occurrence
from app.knowledge.tracking.operations import writing
from app.membership import bookings, coupons, members, rewards
from app.people import contacts, identity
from app.trade import orders

# A file of observations is nothing that happened to the people in it: ids that come in such batches are not told one by one.
BULK = 1_000

Teller = Callable[[Any], Iterable[Occurrence]]


def _tells(fact: type[Any], teller: Teller) -> None:
    def write_down(facts: Sequence[Any]) -> None:
        told = [occurrence for one in facts for occurrence in teller(one)]
        writing.record(told, now=max(one.at for one in facts))

    reacts_to(fact)(write_down)


def _what(kind: str, fact: Any, cause: object, at: dt.datetime | None = None, /, **data: Any) -> list[Occurrence]:
    born = getattr(fact, "born_customer_id", None)
    known = {name: value for name, value in data.items() if value is not None}
    return [Occurrence(kind, fact.customer_id, str(cause), at or fact.at, known, "fact", born)]


def _order_paid(fact: orders.OrderPaid) -> Iterable[Occurrence]:
    lines = [[line.product_code, line.quantity, line.base_fen] for line in fact.lines]
    return _what(
        "order_paid", fact, fact.order_id, fact.paid_at, order_id=fact.order_id, channel=fact.channel,
        store_id=fact.store_id, fen=fact.base_fen, lines=lines,
    )  # fmt: skip


def _order_refunded(fact: orders.OrderRefunded) -> Iterable[Occurrence]:
    return _what(
        "order_refunded", fact, f"{fact.order_id}/{fact.refund_number}", fact.refunded_at, order_id=fact.order_id,
        fen=fact.refunded_fen, fully=fact.fully,
    )  # fmt: skip


_tells(orders.OrderPaid, _order_paid)
_tells(
    orders.OrderShipped,
    lambda fact: _what("order_shipped", fact, fact.order_id, fact.shipped_at, order_id=fact.order_id),
)
_tells(
    orders.OrderReceived,
    lambda fact: _what("order_received", fact, fact.order_id, fact.received_at, order_id=fact.order_id),
)
_tells(orders.OrderRefunded, _order_refunded)


_tells(
    members.MemberJoined,
    lambda fact: _what("member_joined", fact, f"{fact.card_number}/{fact.joined_at}", fact.joined_at, gift=fact.gift),
)
_tells(
    members.OldCardBound,
    lambda fact: _what(
        "old_card_bound", fact, f"{fact.old_card_number}/{fact.at}", points=sum(lot.points for lot in fact.lots)
    ),
)
_tells(
    members.TierChanged,
    lambda fact: _what(
        "tier_changed", fact, f"{fact.customer_id}/{fact.at}/{fact.former_level}>{fact.level}/{fact.why}",
        former_level=fact.former_level, level=fact.level, why=fact.why,
    ),
)  # fmt: skip


def _coupon(kind: str, fact: Any, **data: Any) -> list[Occurrence]:
    # A coupon may be given back and used again: the moment tells the times apart.
    cause = fact.coupon_id if kind == "coupon_taken" else f"{fact.coupon_id}/{fact.at}"
    return _what(kind, fact, cause, coupon_id=fact.coupon_id, template_id=fact.template_id, **data)


_tells(coupons.CouponTaken, lambda fact: _coupon("coupon_taken", fact))
_tells(
    coupons.CouponRedeemed,
    lambda fact: _coupon("coupon_redeemed", fact, store_id=fact.store_id, staff_id=fact.staff_id, order=fact.order),
)
_tells(coupons.CouponGivenBack, lambda fact: _coupon("coupon_given_back", fact))
_tells(coupons.CouponWithdrawn, lambda fact: _coupon("coupon_withdrawn", fact, why=fact.why))


def _booking(kind: str, fact: Any, **data: Any) -> list[Occurrence]:
    return _what(kind, fact, f"{fact.booking_id}/{fact.at}", booking_id=fact.booking_id, **data)


def _place(fact: Any) -> dict[str, Any]:
    starts_at = getattr(fact, "starts_at", None)
    return {
        "service_id": fact.service_id,
        "store_id": fact.store_id,
        "starts_at": starts_at.isoformat() if starts_at else None,
    }


_tells(
    bookings.BookingConfirmed,
    lambda fact: _booking("booking_moved" if fact.moved else "booking_confirmed", fact, **_place(fact)),
)
_tells(
    bookings.BookingCancelled,
    lambda fact: _booking("booking_cancelled", fact, by=fact.by, why=fact.why, **_place(fact)),
)
_tells(
    bookings.BookingRedeemed,
    lambda fact: _booking("booking_redeemed", fact, staff_id=fact.staff_id, **_place(fact)),
)
_tells(
    bookings.RedemptionUndone,
    lambda fact: _booking("booking_redemption_undone", fact, staff_id=fact.staff_id, why=fact.why),
)
_tells(
    bookings.BookingMissed,
    lambda fact: _booking("booking_missed_corrected" if fact.corrected else "booking_missed", fact, **_place(fact)),
)
_tells(bookings.PlaceOffered, lambda fact: _booking("place_offered", fact, **_place(fact)))


def _reward(kind: str, fact: Any, **data: Any) -> list[Occurrence]:
    return _what(kind, fact, fact.exchange_id, exchange_id=fact.exchange_id, reward_id=fact.reward_id, **data)


_tells(rewards.RewardExchanged, lambda fact: _reward("reward_exchanged", fact, points=fact.points))
_tells(
    rewards.RewardCollected,
    lambda fact: _reward("reward_collected", fact, store_id=fact.store_id, staff_id=fact.staff_id),
)
_tells(rewards.RewardCancelled, lambda fact: _reward("reward_cancelled", fact, points=fact.points))


def _id(fact: Any) -> str:
    return f"{fact.kind}/{fact.scope}/{fact.value_index.hex()}/{fact.at}"


@reacts_to(identity.IdentityAttached)
def note_ids(facts: Sequence[identity.IdentityAttached]) -> None:
    """An id became somebody's, unless a whole file of them did."""
    if len(facts) <= BULK:
        told = [
            occurrence
            for fact in facts
            for occurrence in _what("identity_attached", fact, _id(fact), kind=fact.kind, scope=fact.scope)
        ]
        writing.record(told, now=max(fact.at for fact in facts))


_tells(
    identity.IdentityEnded,
    lambda fact: _what("identity_ended", fact, _id(fact), kind=fact.kind, scope=fact.scope, why=fact.why),
)


def _merged(fact: identity.PeopleMerged) -> Iterable[Occurrence]:
    data = {"merge_id": fact.merge_id}
    return [Occurrence("people_merged", fact.survivor_id, str(fact.merge_id), fact.at, data, "fact", fact.survivor_id)]


def _separated(fact: identity.PeopleSeparated) -> Iterable[Occurrence]:
    return [
        Occurrence("people_separated", who, f"{fact.merge_id}/{who}", fact.at, {"merge_id": fact.merge_id}, "fact", who)
        for who in (fact.from_id, fact.to_id)
    ]


_tells(identity.PeopleMerged, _merged)
_tells(identity.PeopleSeparated, _separated)


def _follower(kind: str, fact: Any, **data: Any) -> list[Occurrence]:
    return _what(kind, fact, f"{fact.openid_token}/{fact.at}", account=fact.account, **data)


_tells(
    contacts.FollowerJoined,
    lambda fact: _follower("followed", fact, scene=fact.scene or None, way=fact.way or None, again=fact.again or None),
)
_tells(contacts.FollowerLeft, lambda fact: _follower("unfollowed", fact))
