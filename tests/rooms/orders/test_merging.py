"""Orders go over with their people, and come back with the self whose id named the buyer."""

import datetime as dt

import pytest

from app.kernel import carrier
from app.people import identity, stores
from app.trade import orders
from tests.factories.merging import merge, undo
from tests.factories.orders import a_refund, a_report, hours
from tests.factories.people import a_customer, a_store

pytestmark = pytest.mark.usefixtures("database", "heard")
STAYS, GOES = "13900000001", "13900000002"


def ordered(number: str, phone: str, now: dt.datetime, **more: object) -> None:
    buyers = (orders.Buyer("phone", "", phone),)
    (outcome,) = orders.report_orders([a_report(number=number, buyers=buyers, **more)], source="test", now=now)
    assert outcome.status == "accepted"


def numbers(customer_id: int) -> set[str]:
    return {order.number for order in orders.list_orders(customer_id).items}


def two(now: dt.datetime) -> tuple[int, int]:
    """Two customers with an order each, who will turn out to be one."""
    stays, goes = a_customer(now, phone=STAYS), a_customer(now, phone=GOES)
    ordered("A1", STAYS, now)
    ordered("B1", GOES, now)
    return stays, goes


def test_orders_go_over_and_nothing_is_announced_again(now: dt.datetime, heard: list) -> None:
    stays, goes = two(now)
    heard.clear()

    merge(stays, goes, now=now)

    assert (numbers(stays), numbers(goes), heard) == ({"A1", "B1"}, set(), [])
    assert orders.count_paid_orders([stays, goes], since=hours(0)) == {stays: 2}


def test_what_follows_names_the_person_and_the_self_whose_id_bought(now: dt.datetime, heard: list) -> None:
    stays, goes = two(now)
    merge(stays, goes, now=now)
    heard.clear()

    ordered("B2", GOES, now)
    ordered("B1", GOES, now, refunds=(a_refund(8000),), reported_at=hours(50))

    assert [(fact.customer_id, fact.born_customer_id) for fact in heard] == [(stays, goes)] * 2
    told = orders.list_order_facts([stays], paid_since=hours(0), now=now)
    assert {(fact.customer_id, fact.born_customer_id) for fact in told} == {(stays, stays), (stays, goes)}


def test_undoing_gives_each_self_what_their_ids_bought_since_too(now: dt.datetime) -> None:
    stays, goes = two(now)
    merged = merge(stays, goes, now=now)
    ordered("A2", STAYS, now)
    ordered("B2", GOES, now)

    undo(merged, now=now)

    assert (numbers(stays), numbers(goes)) == ({"A1", "A2"}, {"B1", "B2"})


def test_an_order_that_waited_is_born_to_the_self_who_is_given_its_id(now: dt.datetime) -> None:
    stays, goes = two(now)
    merged = merge(stays, goes, now=now)
    ordered("W1", "13900000003", now)
    new = identity.identifier("phone", "13900000003")
    with carrier.carried_by({stays: goes}):
        identity.attach(customer_id=stays, identifier=new, proof="proven", now=now)
    assert "W1" in numbers(stays)

    undo(merged, now=now)

    assert (numbers(stays), numbers(goes)) == ({"A1"}, {"B1", "W1"})


def test_M05_a_receipt_is_claimed_by_the_self_who_brought_it(now: dt.datetime) -> None:
    stays, goes = two(now)
    merged = merge(stays, goes, now=now)
    store_id = a_store(now)
    receipt = a_report(number="R9", buyers=(), store_code=stores.get_store(store_id).code, paid_at=now, placed_at=now)
    orders.report_orders([receipt], source="test", now=now)
    with carrier.carried_by({stays: goes}):
        orders.errands.claim_receipt(customer_id=stays, store_id=store_id, number="R9", now=now)

    undo(merged, now=now)

    assert (numbers(stays), numbers(goes)) == ({"A1"}, {"B1", "R9"})


def failed_claims(customer_id: int, self_id: int, store_id: int, now: dt.datetime, *, count: int) -> list[int]:
    """How many attempts were left after each of so many wrong claims of one self."""
    left = []
    with carrier.carried_by({customer_id: self_id}):
        for _ in range(count):
            with pytest.raises(orders.ClaimRefused) as refused:
                orders.errands.claim_receipt(customer_id=customer_id, store_id=store_id, number="none", now=now)
            left.append(refused.value.data["left"])
    return left


def test_M05_one_person_has_five_attempts_a_day_whoever_carries_them(now: dt.datetime) -> None:
    (stays, goes), store_id = two(now), a_store(now)
    failed_claims(goes, goes, store_id, now, count=2)
    merged = merge(stays, goes, now=now)

    assert failed_claims(stays, stays, store_id, now, count=2) == [2, 1]
    assert failed_claims(stays, goes, store_id, now, count=1) == [0]
    with carrier.carried_by({stays: goes}), pytest.raises(orders.ClaimLocked):
        orders.errands.claim_receipt(customer_id=stays, store_id=store_id, number="none", now=now)
    undo(merged, now=now)

    assert failed_claims(goes, goes, store_id, now, count=1) == [1]
    assert failed_claims(stays, stays, store_id, now, count=1) == [2]
