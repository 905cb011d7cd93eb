"""What members are told, and what they are not told any more."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.facts import ask
from app.membership import bookings, coupons, points
from app.outreach import materials, notices
from app.outreach.messaging import ProposedDelivery, SendingProposed
from tests.factories.bookings import a_booking, a_salon
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.points import give, someone_with

pytestmark = pytest.mark.usefixtures("database")
DAY = dt.timedelta(days=1)
CODES = (
    "card_bound", "points_changed", "points_expiring", "tier_raised", "tier_falling", "coupon_received",
    "coupon_expiring", "booking_confirmed", "booking_tomorrow", "booking_changed", "booking_cancelled",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _purposes(database: object, now: dt.datetime) -> None:
    for code in CODES:
        draft = materials.purposes.PurposeDraft(code=code, name=code, kind="service", channels=("oa_service",))
        materials.purposes.save(draft, now=now)


def told(code: str) -> list[dict[str, Any]]:
    rows = db.session.execute(
        text(
            "SELECT delivery.id, customer_id, occasion, values FROM delivery"
            " JOIN message_purpose AS purpose ON purpose.id = purpose_id WHERE code = :code ORDER BY delivery.id"
        ),
        {"code": code},
    )
    return [dict(row) for row in rows.mappings()]


def everything(step: Any, now: dt.datetime, limit: int = 2) -> None:
    for _ in range(50):
        if not step(now=now, limit=limit):
            return
    raise AssertionError("it never comes to an end")


def test_joining_and_a_coupon_are_told_once_with_their_values(now: dt.datetime) -> None:
    member = a_member(now)
    (card,) = told("card_bound")
    assert card["customer_id"] == member
    assert card["values"] == {"时间": "2026年5月20日 12:00"}

    coupon = a_coupon(customer_id=member, now=now)
    (received,) = [one for one in told("coupon_received") if one["occasion"] == f"coupon:{coupon.id}"]
    assert received["values"]["券名"] == "满99减20"
    assert received["values"]["到期日"].startswith("2026年")


def test_points_that_can_be_spent_are_told_and_those_set_aside_are_not(now: dt.datetime) -> None:
    member = someone_with(500, now)
    points.hold(customer_id=member, amount=100, cause="exchange:1", why="换礼", now=now)
    points.spend(customer_id=member, amount=30, cause="exchange:2", why="换礼", now=now)
    points.spend(customer_id=member, amount=30, cause="exchange:2", why="换礼", now=now)
    assert [one["values"]["变动"] for one in told("points_changed")] == ["+500", "-30"]


def test_a_brand_without_a_notice_or_with_it_switched_off_plans_nothing(now: dt.datetime) -> None:
    materials.purposes.switch(materials.purposes.find("points_changed").id, enabled=False, now=now)
    someone_with(500, now)
    assert told("points_changed") == []


def test_M04_points_are_announced_30_7_and_1_days_before_their_end_once_each(now: dt.datetime) -> None:
    ends = dt.datetime(2026, 6, 19, 16, tzinfo=dt.UTC)  # midnight of 20 June in Shanghai: 19 June is the last day
    members = [someone_with(100 + number, now, expires_at=ends) for number in range(5)]
    give(members[0], 50, now, expires_at=ends)
    for days in (31, 30, 29, 7, 1, 0):
        moment = ends - days * DAY - dt.timedelta(hours=6)
        everything(notices.ahead.points_due, moment)
        everything(notices.ahead.points_due, moment)  # a second run of the day says nothing anew
    found = told("points_expiring")
    of_first = [one["values"] for one in found if one["customer_id"] == members[0]]
    assert [one["剩余天数"] for one in of_first] == ["30", "7", "1"]
    assert of_first[0] == {"将过期积分": "150", "到期日": "2026年6月19日", "剩余天数": "30"}
    assert len(found) == 3 * len(members)


def test_M04_points_spent_meanwhile_are_not_announced(now: dt.datetime) -> None:
    ends = now + 30 * DAY
    spender, saver = someone_with(100, now, expires_at=ends), someone_with(100, now, expires_at=ends)
    everything(notices.ahead.points_due, now)
    points.spend(customer_id=spender, amount=100, cause="exchange:9", why="换礼", now=now)
    assert _objected("points_expiring", now) == {spender: "points_spent"}
    assert saver in {one["customer_id"] for one in told("points_expiring")}


def test_visits_are_confirmed_reminded_and_not_when_they_were_cancelled(now: dt.datetime) -> None:
    salon = a_salon(now, seats=2)
    first = a_booking(now, salon, now + DAY, customer_id=a_member(now))
    second = a_booking(now, salon, now + DAY, customer_id=a_member(now))
    everything(notices.ahead.bookings_due, now)
    assert {one["customer_id"] for one in told("booking_tomorrow")} == {first.customer_id, second.customer_id}
    assert told("booking_confirmed")[0]["values"]["时间"] == "2026年5月21日 12:00"

    bookings.cancel(customer_id=first.customer_id, booking_id=first.id, now=now + dt.timedelta(hours=1))
    assert _objected("booking_tomorrow", now) == {first.customer_id: "visit_moved"}
    assert [one["customer_id"] for one in told("booking_cancelled")] == [first.customer_id]


def test_a_coupon_that_ends_is_announced_and_not_when_it_was_used(now: dt.datetime) -> None:
    member = a_member(now)
    coupon = a_coupon(customer_id=member, now=now)
    eve = coupon.ends_before - 3 * DAY - dt.timedelta(hours=10)
    everything(notices.ahead.coupons_due, eve)
    assert [one["occasion"] for one in told("coupon_expiring")] == [f"coupon:{coupon.id}"]
    assert _objected("coupon_expiring", eve) == {}
    coupons.redeem_by_code(code=coupon.code, store_id=None, till="pos", now=eve)
    assert _objected("coupon_expiring", eve) == {member: "coupon_used"}


def _objected(code: str, now: dt.datetime) -> dict[int, str]:
    found = told(code)
    proposed = tuple(
        ProposedDelivery(one["id"], 0, one["customer_id"], one["customer_id"], None, one["occasion"], one["values"])
        for one in found
    )
    people = {one["id"]: one["customer_id"] for one in found}
    objections: Sequence[Any] = ask(SendingProposed(code, proposed, now))
    return {people[one.data["delivery_id"]]: one.code for one in objections}
