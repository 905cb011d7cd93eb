"""Recount finds what does not add up, and puts balances right from the entries."""

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.membership import points
from tests.factories.points import someone_with


@pytest.fixture
def customer_id(database: Session, now: dt.datetime) -> int:
    """Somebody with 100, of whom 30 are held and 20 spent; and a neighbour."""
    someone_with(77, now)
    customer_id = someone_with(100, now)
    points.spend(customer_id=customer_id, amount=20, cause="exchange:1", why="换中样", now=now)
    points.hold(customer_id=customer_id, amount=30, cause="order:1", why="下单抵扣", now=now)
    return customer_id


def found(**asked: object) -> set[tuple[str, int, int]]:
    return {(one.what, one.balance, one.proof) for one in points.recount(**asked)}


def test_what_went_through_the_ledger_adds_up(customer_id: int) -> None:
    assert points.recount() == []


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (
            "UPDATE points_account SET spendable = spendable + 1 WHERE customer_id = :id",
            {("spendable: entries", 51, 50), ("spendable: lots", 51, 50)},
        ),
        (
            "UPDATE points_account SET pending = 5 WHERE customer_id = :id",
            {("pending: entries", 5, 0), ("pending: lots", 5, 0)},
        ),
        (
            "UPDATE points_account SET held = 31 WHERE customer_id = :id",
            {("held: entries", 31, 30), ("held: holds", 31, 30)},
        ),
        (
            "UPDATE points_account SET spendable = 0, owed = 5 WHERE customer_id = :id",
            {("owed: entries", 5, 0), ("spendable: entries", 0, 50), ("spendable: lots", 0, 50)},
        ),
        (
            "UPDATE points_lot SET remaining = 49 WHERE customer_id = :id",
            {("lot: uses", 49, 50), ("spendable: lots", 50, 49)},
        ),
        (
            "INSERT INTO points_entry SELECT customer_id, max(movement_id), 'expired', 1, customer_id FROM points_entry"
            " WHERE customer_id = :id GROUP BY customer_id",
            {("entries: sum", 0, 1), ("movement: entries", 30, 31)},
        ),
    ],
)
def test_each_kind_of_damage_is_found(
    database: Session, customer_id: int, damage: str, expected: set[tuple[str, int, int]]
) -> None:
    database.execute(text(damage), {"id": customer_id})

    assert found() == expected
    assert found(customer_id=customer_id) == expected
    assert found(customer_id=customer_id - 1) == set()


def test_repair_sets_the_balance_to_what_the_entries_say(database: Session, customer_id: int) -> None:
    database.execute(text("UPDATE points_account SET spendable = 999, pending = 7 WHERE spendable = 50"))

    assert len(points.recount(repair=True)) == 4
    assert points.recount() == []
