"""Deliveries of people who become one, or two again: none lost, none told twice."""

import datetime as dt

import pytest

from app.kernel import carrier
from app.kernel.database import db
from app.outreach.messaging import sending, wanting
from tests.factories.merging import merge, undo
from tests.factories.messages import a_worded_purpose, deliveries, followers, received, wish
from tests.factories.platform import Platform


@pytest.fixture
def two(database: object, platform: Platform, now: dt.datetime) -> tuple[int, int]:
    first, second = followers(platform, 2, now)
    return first, second


def of_whom() -> list[tuple[int | None, int | None]]:
    return [(row.customer_id, row.born_customer_id) for row in deliveries()]


def test_each_message_goes_back_to_the_self_it_was_born_to(two: tuple[int, int], now: dt.datetime) -> None:
    first, second = two
    purpose = a_worded_purpose(now)
    wanting.want([wish(first, purpose, "a"), wish(second, purpose, "b")], now=now)
    merged = merge(first, second, now=now)
    assert of_whom() == [(first, first), (first, second)]
    with carrier.carried_by({first: second}):
        wanting.want([wish(first, purpose, "c")], now=now)

    undo(merged, now=now)

    assert of_whom() == [(first, first), (second, second), (second, second)]


def test_who_was_told_as_one_of_two_is_not_told_again(
    two: tuple[int, int], platform: Platform, now: dt.datetime
) -> None:
    first, second = two
    purpose = a_worded_purpose(now)
    wanting.want([wish(first, purpose, "a"), wish(second, purpose, "a")], now=now)
    merge(first, second, now=now)

    sending.send_due(now=now)

    assert sorted((row.state, row.reason) for row in deliveries()) == [
        ("held_back", "told_already"), ("sent", None)
    ]  # fmt: skip
    assert received(platform) == 1


def test_two_whose_messages_are_under_way_may_become_one(two: tuple[int, int], now: dt.datetime) -> None:
    first, second = two
    purpose = a_worded_purpose(now)
    wanting.want([wish(first, purpose, "a"), wish(second, purpose, "b"), wish(first, purpose, "c")], now=now)
    for row in deliveries(occasion="a") + deliveries(occasion="b"):
        row.state, row.leased_until = "sending", now + dt.timedelta(seconds=30)
    db.session.flush()

    merge(first, second, now=now)
    assert of_whom() == [(first, first), (first, first), (first, second)]
    assert sending.send_due(now=now) == 0, "one of them is being told something"
