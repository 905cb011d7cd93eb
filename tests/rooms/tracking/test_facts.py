"""What happens in the rooms below becomes an event, each once, of whose it is."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel.carrier import carried_by
from app.kernel.database import db
from app.kernel.facts import announce, list_reactions
from app.knowledge import tracking
from app.knowledge.tracking.reactions import telling
from app.knowledge.tracking.rules.months import name_of
from app.membership import bookings, coupons, members, rewards
from app.people import contacts, identity
from app.trade import orders
from tests.factories.bookings import a_booking, a_salon
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.orders import a_refund, a_report, hours
from tests.factories.people import a_customer

pytestmark = pytest.mark.usefixtures("database")
PHONE = "13900000001"


def kinds_of(customer_id: int) -> list[str]:
    """The timeline's kinds, oldest first."""
    return [event.kind for event in reversed(tracking.list_events(customer_id, limit=100).items)]


def test_an_order_is_told_once_however_often_its_facts_are_announced(now: dt.datetime) -> None:
    orders.report_orders([a_report(received_at=hours(40), refunds=(a_refund(5000),))], source="test", now=now)

    guest = a_customer(now, phone=PHONE)  # known: the order is theirs and is announced
    a_member(now, customer_id=guest)  # a member: past orders are announced once more

    told = [event for event in tracking.list_events(guest).items if event.kind.startswith("order")]
    assert [event.kind for event in told] == ["order_refunded", "order_received", "order_paid"]
    assert told[-1].at == hours(0.5), "when it was paid, not when we heard of it"
    assert (told[-1].title, told[-1].data["channel"], told[-1].data["fen"]) == ("付款", "demo-shop", 24000)
    assert told[-1].data["lines"] == [["P1", 2, 16000], ["P2", 1, 8000]]


def test_joining_coupons_and_visits_are_told(now: dt.datetime) -> None:
    salon = a_salon(now)
    member = a_member(now)
    coupon = a_coupon(customer_id=member, now=now)
    booking = a_booking(now, salon, now + dt.timedelta(days=1), customer_id=member)
    bookings.cancel(customer_id=member, booking_id=booking.id, now=now + dt.timedelta(hours=1))

    events = {event.kind: event for event in tracking.list_events(member).items}
    assert {"identity_attached", "member_joined", "coupon_taken", "booking_confirmed", "booking_cancelled"} <= set(
        events
    )
    assert events["coupon_taken"].data["coupon_id"] == coupon.id
    assert events["booking_cancelled"].data | {"why": ""} == {
        "booking_id": booking.id, "service_id": salon.service_id, "store_id": salon.store_id,
        "starts_at": booking.starts_at.isoformat(), "by": "customer", "why": "",
    }  # fmt: skip


PEOPLE_FACTS = [identity.PeopleMerged, identity.PeopleSeparated, identity.IdentityAttached, identity.IdentityEnded]
FACTS = [
    *PEOPLE_FACTS,
    orders.OrderPaid, orders.OrderShipped, orders.OrderReceived, orders.OrderRefunded,
    members.MemberJoined, members.OldCardBound, members.TierChanged,
    coupons.CouponTaken, coupons.CouponRedeemed, coupons.CouponGivenBack, coupons.CouponWithdrawn,
    bookings.BookingConfirmed, bookings.BookingCancelled, bookings.BookingRedeemed, bookings.RedemptionUndone,
    bookings.BookingMissed, bookings.PlaceOffered,
    rewards.RewardExchanged, rewards.RewardCollected, rewards.RewardCancelled,
    contacts.FollowerJoined, contacts.FollowerLeft,
]  # fmt: skip


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_every_fact_about_a_person_is_heard(fact: type) -> None:
    heard = {reaction.__module__ for reaction in list_reactions()[fact]}
    assert telling.__name__ in heard


AT = dt.datetime(2026, 5, 19, tzinfo=dt.UTC)
LOTS = (members.OpeningLot(30, AT), members.OpeningLot(12, AT))
VISIT = {"booking_id": 4, "service_id": 5, "store_id": 6}
GIFT = {"exchange_id": 1, "reward_id": 2}
TOLD = [
    (rewards.RewardExchanged, GIFT | {"points": 500}),
    (rewards.RewardCollected, GIFT | {"store_id": None, "staff_id": 7}),
    (rewards.RewardCancelled, GIFT | {"points": 500}),
    (bookings.BookingMissed, VISIT | {"corrected": False}),
    (bookings.BookingMissed, VISIT | {"corrected": True}),
    (members.OldCardBound, {"old_card_number": "K1", "lots": LOTS}),
    (members.TierChanged, {"former_level": 0, "level": 1, "why": "raised"}),
    (identity.IdentityEnded, {"kind": "phone", "scope": "", "value_index": b"x", "why": "换号"}),
]  # fmt: skip


def test_every_fact_of_the_rewards_mall_and_the_counter_becomes_an_event(now: dt.datetime) -> None:
    member = a_customer(now)
    for fact, known in TOLD:
        born = {"born_customer_id": member} if "born_customer_id" in fact.__dataclass_fields__ else {}
        announce([fact(customer_id=member, at=now, **known, **born)])

    assert set(kinds_of(member)) == {
        "identity_attached", "reward_exchanged", "reward_collected", "reward_cancelled", "booking_missed",
        "booking_missed_corrected", "old_card_bound", "tier_changed", "identity_ended",
    }  # fmt: skip
    points = {event.kind: event.data.get("points") for event in tracking.list_events(member).items}
    assert (points["old_card_bound"], points["reward_exchanged"]) == (42, 500)


def test_an_event_is_born_to_the_self_that_carries_it(now: dt.datetime) -> None:
    member, former = a_customer(now), a_customer(now)
    with carried_by({member: former}):
        tracking.record([tracking.Occurrence("coupon_taken", member, "1", now)], now=now)

    born = db.session.execute(text("SELECT born_customer_id FROM event WHERE kind = 'coupon_taken'")).scalar_one()
    assert born == former


def test_a_file_of_observations_is_no_event_in_the_lives_of_those_in_it(now: dt.datetime) -> None:
    someone = a_customer(now)
    before = kinds_of(someone)
    announce(
        [identity.IdentityAttached(someone, "buyer", "x", b"%d" % n, now) for n in range(telling.BULK + 1)]
    )  # fmt: skip

    assert kinds_of(someone) == before


def test_orders_of_years_ago_open_their_month_and_those_beyond_keeping_do_not(now: dt.datetime) -> None:
    someone = a_customer(now)
    for cause, days in (("1", 800), ("2", 2000)):
        at = now - dt.timedelta(days=days)
        tracking.record([tracking.Occurrence("order_paid", someone, cause, at)], now=now)

    assert [event.at for event in tracking.list_events(someone, kinds=["order_paid"]).items] == [
        now - dt.timedelta(days=800)
    ]
    month = (now - dt.timedelta(days=800)).date()
    assert db.session.execute(text(f"SELECT count(*) FROM {name_of(month)}")).scalar_one() == 1


def test_what_lies_ahead_is_dated_now(now: dt.datetime) -> None:
    someone = a_customer(now)
    ahead = now + dt.timedelta(days=400)
    for _ in range(2):
        tracking.record([tracking.Occurrence("order_paid", someone, "1", ahead)], now=now)

    assert [event.at for event in tracking.list_events(someone, kinds=["order_paid"]).items] == [now]


def test_a_kind_that_nobody_declared_is_a_defect(now: dt.datetime) -> None:
    with pytest.raises(ValueError, match="danced"):
        tracking.record([tracking.Occurrence("danced", a_customer(now), "1", now)], now=now)


def test_a_timeline_pages_and_counts(now: dt.datetime) -> None:
    someone = a_customer(now)
    at = [now - dt.timedelta(days=number // 2) for number in range(9)]  # two at a time
    tracking.record(
        [tracking.Occurrence("coupon_taken", someone, str(number), moment) for number, moment in enumerate(at)], now=now
    )
    seen, cursor = [], None
    while True:
        page = tracking.list_events(someone, kinds=["coupon_taken"], cursor=cursor, limit=2)
        seen += [event.at for event in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == sorted(at, reverse=True)
    assert tracking.count_events(someone, since=now - dt.timedelta(days=1))["coupon_taken"] == 4
