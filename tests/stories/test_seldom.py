"""Cases to which the stories seldom come."""

import datetime as dt

import pytest

from app.membership import coupons, points
from app.membership.coupons import till
from app.trade import orders
from tests.conftest import NOW
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.people import a_phone

YEAR_AND_MORE = dt.timedelta(days=400)


def tell(phone: str, number: str, *, now: dt.datetime, refund_fen: int = 0) -> None:
    """An order of 100 yuan in a shop, paid now; or a refund of it."""
    refunds = (orders.Refund(f"T-{number}", refund_fen, now),) if refund_fen else ()
    paid = {} if refund_fen else {"paid_at": now, "amounts": orders.Amounts(paid_fen=10_000), "in_store": True}
    buyers = (orders.Buyer("phone", "", phone),)
    orders.report_orders(
        [orders.OrderReport("demo-shop", number, now, refunds=refunds, buyers=buyers, **paid)], source="test", now=now
    )


@pytest.mark.parametrize("job_was_there", [True, False])
def test_M03_what_is_owed_does_not_depend_on_when_the_nightly_job_ran(database: object, job_was_there: bool) -> None:
    phone = a_phone()
    member = a_member(NOW, phone=phone)
    points.earn(customer_id=member, amount=100, cause="gift:1", why="见面礼", now=NOW, expires_at=NOW + YEAR_AND_MORE)
    later = NOW + YEAR_AND_MORE + dt.timedelta(hours=1)
    tell(phone, "R1", now=later - dt.timedelta(days=1))
    points.spend(customer_id=member, amount=200, cause="exchange:1", why="兑换", now=later - dt.timedelta(hours=20))
    points.earn(customer_id=member, amount=70, cause="gift:2", why="见面礼", now=NOW, expires_at=NOW + YEAR_AND_MORE)

    if job_was_there:
        while points.due.expire_due(now=later, limit=100):
            pass
    tell(phone, "R1", now=later, refund_fen=10_000)

    here = points.get_balance(member, now=later)
    assert (here.spendable, here.owed) == (0, 100), "the seventy points had ended before the refund"


def test_K03_a_coupon_given_back_is_used_again_for_the_same_order(database: object) -> None:
    coupon = a_coupon(customer_id=a_member(NOW))
    shown, place = till.Shown(codes=(coupon.code,)), till.Place(till="T1", order="demo-shop/R1")
    till.redeem(shown=shown, place=place, now=NOW)
    till.give_back(codes=[coupon.code], order="demo-shop/R1", now=NOW)

    again = till.redeem(shown=shown, place=place, now=NOW)

    assert [each.state for each in again] == ["redeemed"]
    assert coupons.recount() == []
