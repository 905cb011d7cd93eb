"""Points line by line, the rules they were made under, and what they are worth."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from app.kernel import policy
from app.kernel.paging import CursorInvalid, encode_cursor
from app.membership import points
from app.membership.points.operations.rule_book import STOCK, list_versions, version_at
from tests.factories.people import a_customer
from tests.factories.points import give, someone_with

DAY = dt.timedelta(days=1)


def test_lines_come_latest_first_and_page_by_page(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(1, now)
    someone_with(99, now)
    give(customer_id, 2, now)
    give(customer_id, 3, now)

    first = points.explain(customer_id, limit=2)
    give(customer_id, 4, now)
    second = points.explain(customer_id, limit=2, cursor=first.next_cursor)

    assert [line.spendable for line in first.items] == [3, 2]
    assert ([line.spendable for line in second.items], second.next_cursor) == ([1], None)


@pytest.mark.parametrize("cursor", ["nonsense", encode_cursor(["2026-05-20"]), encode_cursor([1, 2])])
def test_a_cursor_of_something_else_is_refused(database: Session, now: dt.datetime, cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        points.explain(a_customer(now), cursor=cursor)


def test_a_line_tells_when_its_points_end(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(10, now, expires_at=now + 9 * DAY)

    assert points.explain(customer_id).items[0].expires_at == now + 9 * DAY


def test_M07_what_takes_away_is_announced_thirty_days_ahead(database: Session, now: dt.datetime) -> None:
    points.ship_stock(now=now)
    meaner = points.EarningRules(points_per_yuan=1, sources={**STOCK.sources, "survey": 29})

    with pytest.raises(points.AnnouncedTooLate) as refused:
        points.announce_rules(rules=meaner, valid_from=now + 29 * DAY, now=now)

    assert refused.value.data == {"earliest": (now + 30 * DAY).isoformat()}
    points.announce_rules(rules=meaner, valid_from=now + 30 * DAY, now=now)
    assert [book.sources["survey"] for _, book in list_versions()] == [30, 29]


def test_M07_what_adds_may_begin_at_once_but_not_in_the_past(database: Session, now: dt.datetime) -> None:
    points.ship_stock(now=now)
    richer = points.EarningRules(points_per_yuan=2, sources=STOCK.sources)

    with pytest.raises(points.AnnouncedTooLate):
        points.announce_rules(rules=richer, valid_from=now - dt.timedelta(seconds=1), now=now)
    version = points.announce_rules(rules=richer, valid_from=now, now=now)
    assert version_at(list_versions(), at=now).version == version


def test_the_stock_programme_ships_once(database: Session, now: dt.datetime) -> None:
    points.ship_stock(now=now)
    points.ship_stock(now=now)

    assert [book.points_per_yuan for _, book in list_versions()] == [1]


def test_M07_points_have_a_book_value_and_what_is_owed_stands_apart(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(1_000, now)
    someone_with(50, now, expires_at=now + DAY)
    points.hold(customer_id=customer_id, amount=100, cause="order:1", why="下单抵扣", now=now)

    assert points.Liability.as_of(now) == points.Liability(points=1_050, worth_fen=1_050, owed=0)
    policy.change(points.PointsPolicy, book_value_fen=50)
    assert points.Liability.as_of(now + DAY) == points.Liability(points=1_000, worth_fen=500, owed=0)
