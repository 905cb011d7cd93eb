"""Two accounts become one, and two again."""

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.carrier import carried_by
from app.membership import points
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer
from tests.factories.points import give, someone_with

pytestmark = pytest.mark.usefixtures("database")
DAY = dt.timedelta(days=1)


def spend(customer_id: int, amount: int, cause: str, now: dt.datetime) -> points.Movement:
    return points.spend(customer_id=customer_id, amount=amount, cause=cause, why="换中样", now=now)


def spendable(customer_id: int, now: dt.datetime) -> int:
    assert points.recount() == []
    return points.get_balance(customer_id, now=now).spendable


def everything(session: Session) -> list[list[tuple[object, ...]]]:
    tables = ("points_account", "points_movement", "points_entry", "points_lot", "points_lot_use", "points_hold",
              "points_order", "points_earner", "points_merge")  # fmt: skip
    return [[tuple(row) for row in session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2, 3"))] for name in tables]


def test_who_becomes_one_has_the_points_of_both(now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    spend(goes, 20, "exchange:1", now)

    merge(stays, goes, now=now)

    assert spendable(stays, now) == 130
    assert [line.spendable for line in points.explain(stays).items] == [-20, 50, 100]
    spend(stays, 130, "exchange:2", now)
    assert spendable(stays, now) == 0


def test_who_had_no_account_gets_the_other_ones(now: dt.datetime) -> None:
    stays, goes = a_customer(now), someone_with(50, now)

    merge(stays, goes, now=now)

    assert spendable(stays, now) == 50


def test_undoing_a_merge_leaves_the_tables_as_they_were(database: Session, now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    spend(goes, 20, "exchange:1", now)
    points.hold(customer_id=stays, amount=20, cause="hold:1", why="下单抵扣", now=now)
    before = everything(database)

    undo(merge(stays, goes, now=now), now=now)

    assert everything(database) == before


def test_an_account_opened_for_a_merge_is_closed_by_its_undoing(database: Session, now: dt.datetime) -> None:
    stays, goes = a_customer(now), someone_with(50, now)
    before = everything(database)

    undo(merge(stays, goes, now=now), now=now)

    assert everything(database) == before


def test_the_same_cause_of_both_stays_once_a_person(now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(100, now)
    first, second = spend(stays, 10, "survey:7", now), spend(goes, 30, "survey:7", now)

    merge(stays, goes, now=now)

    assert spend(stays, 10, "survey:7", now).id == first.id
    with carried_by({stays: goes}):
        assert spend(stays, 30, "survey:7", now).id == second.id
    assert spendable(stays, now) == 160


def test_what_is_done_by_an_id_of_the_one_who_went_is_theirs_again(now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    merged = merge(stays, goes, now=now)

    with carried_by({stays: goes}):
        give(stays, 7, now)
    undo(merged, now=now)

    assert (spendable(stays, now), spendable(goes, now)) == (100, 57)
