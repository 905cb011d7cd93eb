"""What time does to points."""

import datetime as dt

from sqlalchemy.orm import Session

from app.membership import points
from tests.factories.points import give, someone_with

DAY = dt.timedelta(days=1)


def expire_all(now: dt.datetime, *, limit: int = 10) -> list[int]:
    """How many each call did, until nothing was left."""
    done = []
    while count := points.due.expire_due(now=now, limit=limit):
        done.append(count)
    return done


def test_M04_what_has_ended_leaves_the_balance_by_an_entry(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(30, now, expires_at=now + DAY)
    give(customer_id, 70, now, expires_at=now + 2 * DAY)

    assert points.due.expire_due(now=now, limit=10) == 0
    assert expire_all(now + DAY) == [1]

    lines = points.explain(customer_id).items
    assert [(line.words, line.spendable) for line in lines] == [("积分到期清零", -30), ("见面礼", 70), ("见面礼", 30)]
    assert points.recount() == []


def test_expiry_goes_in_small_steps_over_many_customers(database: Session, now: dt.datetime) -> None:
    customers = [someone_with(10, now, expires_at=now + DAY) for _ in range(5)]
    give(customers[0], 10, now, expires_at=now + DAY)

    assert expire_all(now + DAY, limit=2) == [2, 2, 2]
    assert all(points.get_balance(one, now=now).spendable == 0 for one in customers)


def test_a_hold_nobody_ended_is_released_at_its_end(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)
    hold = {"customer_id": customer_id, "amount": 60, "why": "下单抵扣", "now": now}
    points.hold(cause="order:1", **hold, until=now + DAY)

    assert points.due.expire_due(now=now + DAY - dt.timedelta(seconds=1), limit=10) == 0
    assert expire_all(now + DAY) == [1]

    balance = points.get_balance(customer_id, now=now)
    assert (balance.spendable, balance.held) == (100, 0)
    assert [line.words for line in points.explain(customer_id).items][:2] == ["预留的积分退回", "积分预留：下单抵扣"]


def test_a_hold_of_points_that_ended_meanwhile_lives_on(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now, expires_at=now + DAY)
    points.hold(customer_id=customer_id, amount=60, cause="order:1", why="下单抵扣", now=now, until=now + 2 * DAY)

    assert expire_all(now + 2 * DAY) == [1, 1]

    balance = points.get_balance(customer_id, now=now + 2 * DAY)
    assert (balance.spendable, balance.expires_at) == (60, now + 32 * DAY)
    assert points.recount() == []
