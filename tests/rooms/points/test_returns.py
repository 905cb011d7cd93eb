"""Holds, and points that come back."""

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.membership import points
from tests.factories.points import give, someone_with

DAY = dt.timedelta(days=1)


@pytest.fixture
def spender(database: Session, now: dt.datetime) -> int:
    """Somebody who had 50 ending in 30 days and 50 ending in 60, and spent 70."""
    customer_id = someone_with(50, now, expires_at=now + 30 * DAY)
    give(customer_id, 50, now, expires_at=now + 60 * DAY)
    points.spend(customer_id=customer_id, amount=70, cause="exchange:1", why="换中样", now=now)
    return customer_id


def give_back(customer_id: int, now: dt.datetime, amount: int | None = None, cause: str = "cancel:1") -> None:
    points.give_back(customer_id=customer_id, cause_of_spend="exchange:1", cause=cause, now=now, amount=amount)


def hold(customer_id: int, amount: int, now: dt.datetime, cause: str = "order:hold") -> None:
    points.hold(customer_id=customer_id, amount=amount, cause=cause, why="下单抵扣", now=now)


def ends(database: Session, customer_id: int, now: dt.datetime) -> dict[int, int]:
    """Days until the end → points left."""
    found = database.execute(
        text("SELECT expires_at, sum(remaining) FROM points_lot WHERE customer_id = :id AND remaining > 0 GROUP BY 1"),
        {"id": customer_id},
    )
    return {(end - now).days: int(left) for end, left in found}


def test_what_is_given_back_returns_to_its_lots(database: Session, spender: int, now: dt.datetime) -> None:
    give_back(spender, now + DAY)

    assert ends(database, spender, now) == {30: 50, 60: 50}


def test_the_last_to_end_comes_back_first(database: Session, spender: int, now: dt.datetime) -> None:
    give_back(spender, now, amount=30)
    give_back(spender, now, amount=25, cause="cancel:2")

    assert ends(database, spender, now) == {30: 35, 60: 50}


def test_giving_back_twice_moves_points_once(spender: int, now: dt.datetime) -> None:
    give_back(spender, now, amount=30)
    give_back(spender, now, amount=30)

    assert points.get_balance(spender, now=now).spendable == 60


def test_no_more_comes_back_than_was_spent(spender: int, now: dt.datetime) -> None:
    give_back(spender, now, amount=60)

    with pytest.raises(points.TooMuchGivenBack) as refused:
        give_back(spender, now, amount=11, cause="cancel:2")

    assert refused.value.data == {"left": 10}


def test_what_was_never_spent_does_not_come_back(database: Session, now: dt.datetime) -> None:
    with pytest.raises(points.MovementUnknown):
        give_back(someone_with(100, now), now)


def test_M04_what_comes_back_after_its_end_lives_thirty_days_more(
    database: Session, spender: int, now: dt.datetime
) -> None:
    later = now + 40 * DAY  # the first lot has ended, the second has not

    give_back(spender, later)

    assert ends(database, spender, later) == {20: 50, 30: 50}
    assert points.get_balance(spender, now=later + 30 * DAY).spendable == 0


def test_a_hold_sets_points_aside(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)

    hold(customer_id, 60, now)

    balance = points.get_balance(customer_id, now=now)
    assert (balance.spendable, balance.held) == (40, 60)
    with pytest.raises(points.NotEnoughPoints):
        points.spend(customer_id=customer_id, amount=41, cause="exchange:9", why="换中样", now=now)


def test_a_settled_hold_is_spent_once_and_can_be_given_back(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)
    hold(customer_id, 60, now)

    first = points.settle_hold(customer_id=customer_id, cause="order:hold", now=now)
    again = points.settle_hold(customer_id=customer_id, cause="order:hold", now=now + DAY)

    assert (first, points.get_balance(customer_id, now=now).held) == (again, 0)
    points.give_back(customer_id=customer_id, cause_of_spend="order:hold", cause="cancel:1", now=now)
    assert points.get_balance(customer_id, now=now).spendable == 100


def test_a_released_hold_returns_once_to_its_lots(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(50, now, expires_at=now + 30 * DAY)
    give(customer_id, 50, now, expires_at=now + 60 * DAY)
    hold(customer_id, 60, now)

    first = points.release_hold(customer_id=customer_id, cause="order:hold", now=now)
    again = points.release_hold(customer_id=customer_id, cause="order:hold", now=now)

    assert first == again
    assert ends(database, customer_id, now) == {30: 50, 60: 50}


def test_a_hold_ends_one_way_only(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)
    hold(customer_id, 10, now, cause="order:a")
    hold(customer_id, 10, now, cause="order:b")
    points.settle_hold(customer_id=customer_id, cause="order:a", now=now)
    points.release_hold(customer_id=customer_id, cause="order:b", now=now)

    with pytest.raises(points.HoldEnded):
        points.release_hold(customer_id=customer_id, cause="order:a", now=now)
    with pytest.raises(points.HoldEnded):
        points.settle_hold(customer_id=customer_id, cause="order:b", now=now)
    with pytest.raises(points.MovementUnknown):
        points.settle_hold(customer_id=customer_id, cause="order:c", now=now)


def test_a_hold_past_its_end_is_not_spent_any_more(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)
    hold(customer_id, 10, now)

    with pytest.raises(points.HoldEnded):
        points.settle_hold(customer_id=customer_id, cause="order:hold", now=now + dt.timedelta(minutes=30))


def test_an_open_hold_is_not_a_spend_to_give_back(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)
    hold(customer_id, 10, now)

    with pytest.raises(points.MovementUnknown):
        points.give_back(customer_id=customer_id, cause_of_spend="order:hold", cause="cancel:1", now=now)
