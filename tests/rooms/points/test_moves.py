"""Earning and spending."""

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.membership import points
from tests.factories.people import a_customer
from tests.factories.points import give, someone_with

DAY = dt.timedelta(days=1)


def spend(customer_id: int, amount: int, now: dt.datetime, cause: str = "exchange:1") -> points.Movement:
    return points.spend(customer_id=customer_id, amount=amount, cause=cause, why="积分兑换", now=now)


def lots(database: Session, customer_id: int) -> list[tuple[int, int]]:
    found = database.execute(
        text("SELECT amount, remaining FROM points_lot WHERE customer_id = :id ORDER BY id"), {"id": customer_id}
    )
    return [tuple(row) for row in found]


def test_points_earned_can_be_spent(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)

    spend(customer_id, 40, now)

    assert points.get_balance(customer_id, now=now).spendable == 60


def test_somebody_unknown_to_points_has_none(database: Session, now: dt.datetime) -> None:
    assert points.get_balance(a_customer(now), now=now) == points.Balance()


def test_more_than_there_is_cannot_be_spent(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)

    with pytest.raises(points.NotEnoughPoints) as refused:
        spend(customer_id, 101, now)

    assert refused.value.data == {"spendable": 100, "wanted": 101}
    assert points.get_balance(customer_id, now=now).spendable == 100


def test_nobody_spends_what_they_never_had(database: Session, now: dt.datetime) -> None:
    with pytest.raises(points.NotEnoughPoints):
        spend(a_customer(now), 1, now)


def test_the_first_to_end_is_spent_first(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(50, now, expires_at=now + 90 * DAY)
    give(customer_id, 50, now, expires_at=now + 30 * DAY)
    give(customer_id, 50, now, expires_at=now + 60 * DAY)

    spend(customer_id, 70, now)

    assert lots(database, customer_id) == [(50, 50), (50, 0), (50, 30)]


def test_a_repeated_cause_moves_points_once(database: Session, now: dt.datetime) -> None:
    customer_id = a_customer(now)
    first = points.earn(customer_id=customer_id, amount=30, cause="survey:7", why="问卷", now=now)
    again = points.earn(customer_id=customer_id, amount=30, cause="survey:7", why="问卷", now=now + DAY)

    assert again == first
    assert points.get_balance(customer_id, now=now).spendable == 30


def test_a_retried_spend_is_answered_with_the_first_movement_even_when_nothing_is_left(
    database: Session, now: dt.datetime
) -> None:
    customer_id = someone_with(100, now)
    first = spend(customer_id, 100, now)

    assert spend(customer_id, 100, now) == first


def test_a_cause_used_for_something_else_is_refused(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)
    spend(customer_id, 10, now)

    with pytest.raises(points.CauseReused):
        spend(customer_id, 20, now)
    with pytest.raises(points.CauseReused):
        points.earn(customer_id=customer_id, amount=10, cause="exchange:1", why="问卷", now=now)


@pytest.mark.parametrize("amount", [0, -5, 10**13])
def test_an_amount_is_a_positive_number(database: Session, now: dt.datetime, amount: int) -> None:
    customer_id = someone_with(100, now)

    with pytest.raises(points.AmountInvalid):
        spend(customer_id, amount, now)
    with pytest.raises(points.AmountInvalid):
        give(customer_id, amount, now)


def test_M04_points_end_twelve_months_later_at_the_months_end_of_the_brand(database: Session, now: dt.datetime) -> None:
    # 31 May, half past eleven at night in Shanghai; the end is midnight after 31 May of the next year.
    late = dt.datetime(2026, 5, 31, 15, 30, tzinfo=dt.UTC)
    customer_id = someone_with(100, late)
    last = dt.datetime(2027, 5, 31, 15, 59, tzinfo=dt.UTC)

    assert points.get_balance(customer_id, now=last).spendable == 100
    assert points.get_balance(customer_id, now=last + dt.timedelta(minutes=1)).spendable == 0


def test_M04_what_has_ended_cannot_be_spent_before_it_is_cleared(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(60, now, expires_at=now + DAY)
    give(customer_id, 40, now, expires_at=now + 90 * DAY)

    with pytest.raises(points.NotEnoughPoints) as refused:
        spend(customer_id, 41, now + DAY)

    assert refused.value.data["spendable"] == 40


def test_a_balance_tells_what_ends_within_thirty_days(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(10, now, expires_at=now + 29 * DAY)
    give(customer_id, 20, now, expires_at=now + 30 * DAY)
    give(customer_id, 40, now, expires_at=now + 31 * DAY)

    balance = points.get_balance(customer_id, now=now)

    assert (balance.spendable, balance.expiring, balance.expires_at) == (70, 30, now + 29 * DAY)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points_entry SET amount = amount + 1",
        "DELETE FROM points_entry",
        "UPDATE points_movement SET at = at + interval '1 day'",
        "DELETE FROM points_movement",
        "UPDATE points_lot_use SET amount = amount + 1",
        "UPDATE points_entry SET born_customer_id = born_customer_id + 1",
    ],
)
def test_history_cannot_be_edited(database: Session, now: dt.datetime, change: str) -> None:
    spend(someone_with(100, now), 40, now)

    with pytest.raises(IntegrityError, match="append-only"):
        database.execute(text(change))


def test_merging_may_move_rows_to_another_customer(database: Session, now: dt.datetime) -> None:
    former, survivor = someone_with(100, now), someone_with(1, now)
    spend(former, 40, now)

    database.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    for table in ("points_movement", "points_entry", "points_lot", "points_lot_use"):
        change = f"UPDATE {table} SET customer_id = :survivor WHERE customer_id = :former"
        database.execute(text(change), {"survivor": survivor, "former": former})
    database.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    assert sum(left for _, left in lots(database, survivor)) == 61
