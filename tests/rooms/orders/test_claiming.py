"""M05: a receipt forgotten at the till is claimed once ever, by who holds it."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import flask
import pytest

from app.kernel.database import unit_of_work
from app.membership import members, points
from app.people import stores
from app.trade import orders
from tests.conftest import NOW
from tests.factories.members import a_member
from tests.factories.orders import a_refund, a_report
from tests.factories.people import a_customer, a_store

DAY = dt.timedelta(days=1)
PAID = NOW - 3 * DAY


def a_receipt(store_id: int, *, paid_at: dt.datetime | None = PAID, **more: Any) -> None:
    """An order of 240 yuan for goods in a store, whose till knew nobody."""
    values = {"reported_at": paid_at, "placed_at": paid_at, "paid_at": paid_at, "buyers": ()} | more
    values.setdefault("store_code", stores.get_store(store_id).code)
    orders.report_orders([a_report(**values)], source="test", now=NOW)


def claim(customer_id: int, store_id: int, *, number: str = "R1", now: dt.datetime = NOW) -> orders.OrderView:
    return orders.errands.claim_receipt(customer_id=customer_id, store_id=store_id, number=number, now=now)


@pytest.mark.usefixtures("database")
def test_M05_a_receipt_of_the_store_earns_for_who_claims_it() -> None:
    store, who = a_store(NOW), a_member(NOW - 9 * DAY)
    a_receipt(store, refunds=(a_refund(4_000, at=460),))

    claimed = claim(who, store)

    assert (claimed.number, claimed.customer_id, claimed.standing) == ("R1", who, "part_refunded")
    assert points.get_balance(who, now=NOW).spendable == 200
    assert members.get_member(who).growth == 200


@pytest.mark.usefixtures("database")
def test_M05_what_is_told_of_a_claimed_receipt_is_told_once(heard: list[object]) -> None:
    store, who = a_store(NOW), a_customer(NOW)
    a_receipt(store, refunds=(a_refund(4_000, at=460),))

    first, second = claim(who, store), claim(who, store)
    a_receipt(store, reported_at=PAID + DAY, refunds=(a_refund(1_000, number="T2", at=461),))

    assert first == second
    told = [(type(fact).__name__, fact.customer_id, fact.order_id) for fact in heard]
    assert told == [
        ("OrderPaid", who, first.id),
        ("OrderRefunded", who, first.id),
        ("OrderRefunded", who, first.id),
    ]


@pytest.mark.usefixtures("database")
def test_M05_every_refusal_is_the_same_one(heard: list[object]) -> None:
    store, other = a_store(NOW), a_store(NOW)
    a_receipt(store, number="taken")
    claim(a_customer(NOW), store, number="taken")
    a_customer(NOW, phone="13900000001")
    a_receipt(store, number="known", buyers=(orders.Buyer("phone", "", "13900000001"),))
    a_receipt(store, number="old", paid_at=NOW - 30 * DAY - dt.timedelta(seconds=1))
    a_receipt(other, number="elsewhere")
    a_receipt(store, number="online", in_store=False)
    a_receipt(store, number="unpaid", paid_at=None, reported_at=PAID, placed_at=PAID)
    a_receipt(store, number="twice")
    a_receipt(store, number="twice", channel="other-till")
    heard.clear()

    for number in ("taken", "known", "old", "elsewhere", "online", "unpaid", "twice", "none"):
        with pytest.raises(orders.ClaimRefused) as refused:
            claim(a_customer(NOW), store, number=number)
        assert refused.value.data == {"left": 4}, number
    assert heard == []


@pytest.mark.usefixtures("database")
def test_M05_thirty_days_are_enough() -> None:
    store, who = a_store(NOW), a_customer(NOW)
    a_receipt(store, paid_at=NOW - 30 * DAY)

    assert claim(who, store).customer_id == who


@pytest.mark.usefixtures("database")
def test_M05_five_failures_lock_until_the_next_day() -> None:
    store, who = a_store(NOW), a_customer(NOW)
    a_receipt(store)
    left = []
    for _ in range(5):
        with pytest.raises(orders.ClaimRefused) as refused:
            claim(who, store, number="none")
        left.append(refused.value.data["left"])

    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(orders.ClaimLocked):
        claim(who, store)
    assert claim(who, store, now=NOW + DAY).customer_id == who


@pytest.mark.usefixtures("database")
def test_M05_receipts_that_are_right_do_not_count_as_failures() -> None:
    store, who = a_store(NOW), a_customer(NOW)
    for number in range(7):
        a_receipt(store, number=f"R{number}")

    assert [claim(who, store, number=f"R{number}").customer_id for number in range(7)] == [who] * 7


@pytest.mark.usefixtures("database")
def test_M05_who_becomes_known_later_does_not_get_a_claimed_receipt(heard: list[object]) -> None:
    store, who = a_store(NOW), a_customer(NOW)
    a_receipt(store, buyers=(orders.Buyer("phone", "", "13900000001"),))
    claim(who, store)
    heard.clear()

    a_customer(NOW, phone="13900000001")

    assert (orders.find_order("demo-shop", "R1").customer_id, heard) == (who, [])


def test_M05_of_many_who_claim_one_receipt_at_once_one_gets_it(committed: flask.Flask) -> None:
    with committed.app_context(), unit_of_work():
        store = a_store(NOW)
        people = [a_member(NOW - 9 * DAY) for _ in range(6)]
    with committed.app_context(), unit_of_work():
        a_receipt(store)
    barrier = threading.Barrier(len(people))

    def try_it(who: int) -> str:
        barrier.wait()
        with committed.app_context():
            try:
                return str(claim(who, store).customer_id)
            except orders.ClaimRefused:
                return "refused"

    with ThreadPoolExecutor(len(people)) as pool:
        answers = list(pool.map(try_it, people))

    (winner,) = [who for who, answer in zip(people, answers, strict=True) if answer == str(who)]
    assert answers.count("refused") == len(people) - 1
    with committed.app_context():
        assert orders.find_order("demo-shop", "R1").customer_id == winner
        earned = {who: points.get_balance(who, now=NOW).spendable for who in people}
    assert earned == dict.fromkeys(people, 0) | {winner: 240}
