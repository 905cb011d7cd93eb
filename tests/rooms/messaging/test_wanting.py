"""A message is wanted once for a purpose, a recipient and an occasion, in the transaction that wants it."""

import datetime as dt

import pytest

from app.kernel import carrier
from app.outreach.materials import PurposeUnknown
from app.outreach.messaging import Wish, wanting
from tests.factories.merging import merge
from tests.factories.messages import a_purpose, deliveries, states
from tests.factories.people import a_customer, a_staff


def test_a_wish_is_a_row_with_its_end(database: object, now: dt.datetime) -> None:
    purpose = a_purpose(now, valid_minutes=90)
    who = a_customer(now)

    assert wanting.want([Wish(purpose.code, "order:1", {"金额": "12.00"}, customer_id=who)], now=now) == 1

    (row,) = deliveries()
    assert (row.customer_id, row.born_customer_id, row.occasion, row.state) == (who, who, "order:1", "planned")
    assert (row.due_at, row.expires_at) == (now, now + dt.timedelta(minutes=90))
    assert row.values == {"金额": "12.00"}


def test_the_same_is_wanted_once_for_each_recipient(database: object, now: dt.datetime) -> None:
    purpose, other = a_purpose(now), a_purpose(now)
    who, clerk = a_customer(now), a_staff(now)
    wishes = [
        Wish(purpose.code, "a", customer_id=who),
        Wish(purpose.code, "a", customer_id=who),
        Wish(purpose.code, "b", customer_id=who),
        Wish(other.code, "a", customer_id=who),
        Wish(purpose.code, "a", staff_id=clerk),
    ]

    assert wanting.want(wishes, now=now) == 4
    assert wanting.want(wishes, now=now) == 0
    assert len({row.dispatch_id for row in deliveries()}) == 2


def test_after_a_merge_what_one_of_them_was_told_is_not_wanted_again(database: object, now: dt.datetime) -> None:
    purpose = a_purpose(now)
    first, second = a_customer(now), a_customer(now)
    wanting.want([Wish(purpose.code, "a", customer_id=second)], now=now)
    merge(first, second, now=now)

    with carrier.carried_by({first: second}):
        assert wanting.want([Wish(purpose.code, "a", customer_id=first)], now=now) == 0
        assert wanting.want([Wish(purpose.code, "b", customer_id=first)], now=now) == 1
    assert [(row.customer_id, row.born_customer_id) for row in deliveries()] == [(first, second)] * 2


def test_what_is_not_wanted_any_more_is_cancelled_unless_it_is_under_way(database: object, now: dt.datetime) -> None:
    purpose = a_purpose(now)
    who, other = a_customer(now), a_customer(now)
    wanting.want([Wish(purpose.code, code, customer_id=who) for code in "abc"], now=now)
    wanting.want([Wish(purpose.code, "c", customer_id=other)], now=now)
    first = deliveries()[0]
    first.state, first.leased_until = "sending", now
    of_who = wanting.withdraw(
        purpose.code, occasions=["a", "b", "c"], why="booking_cancelled", now=now, customer_ids=[who]
    )

    assert of_who == 2
    assert states() == [
        ("sending", None), ("cancelled", "booking_cancelled"), ("cancelled", "booking_cancelled"), ("planned", None)
    ]  # fmt: skip
    assert wanting.withdraw(purpose.code, occasions=["c"], why="booking_cancelled", now=now) == 1


def test_a_purpose_must_be_known_and_a_recipient_named(database: object, now: dt.datetime) -> None:
    purpose = a_purpose(now)
    with pytest.raises(PurposeUnknown):
        wanting.want([Wish("nothing_such", "a", customer_id=a_customer(now))], now=now)
    with pytest.raises(ValueError, match="customer or for staff"):
        wanting.want([Wish(purpose.code, "a")], now=now)
    assert wanting.want([], now=now) == 0
