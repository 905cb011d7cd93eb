"""Reports of orders add up, whatever their order and however often each came."""

import dataclasses
import datetime as dt

from sqlalchemy.orm import Session

from app.people import identity
from app.trade import orders
from tests.factories.orders import a_product, a_refund, a_report, hours
from tests.factories.people import a_customer, a_store

PHONE = "13900000001"


def report(*reports: orders.OrderReport, now: dt.datetime) -> list[orders.Outcome]:
    return orders.report_orders(reports, source="test", now=now)


def test_an_order_of_a_known_buyer_is_theirs_and_announced(database: Session, now: dt.datetime, heard: list) -> None:
    customer_id = a_customer(now, phone=PHONE)
    store_id = a_store(now, code="S1")

    (outcome,) = report(a_report(store_code="S1", coupon_codes=("C1",)), now=now)

    (paid,) = heard
    assert outcome.status == "accepted"
    assert paid == orders.OrderPaid(
        order_id=outcome.order_id,
        customer_id=customer_id,
        born_customer_id=customer_id,
        channel="demo-shop",
        number="R1",
        store_id=store_id,
        paid_at=hours(0.5),
        base_fen=24000,
        earns=True,
        at_once=True,
        lines=(orders.OrderLine("P1", 2, 16000), orders.OrderLine("P2", 1, 8000)),
        coupon_codes=("C1",),
        at=now,
    )


def test_the_same_report_again_changes_nothing(database: Session, now: dt.datetime, heard: list) -> None:
    a_customer(now, phone=PHONE)
    first = report(a_report(), now=now)
    again = report(a_report(), a_report(), now=now)

    assert [outcome.status for outcome in again] == ["unchanged", "unchanged"]
    assert {outcome.order_id for outcome in first + again} == {first[0].order_id}
    assert len(heard) == 1


def test_a_newer_value_counts_and_an_older_one_does_not(database: Session, now: dt.datetime) -> None:
    report(a_report(store_code="new", reported_at=hours(9)), now=now)
    report(a_report(store_code="old", reported_at=hours(8), shipped_at=hours(7)), now=now)

    order = orders.find_order("demo-shop", "R1")
    assert (order.store_code, order.shipped_at, order.standing) == ("new", hours(7), "shipped")


def test_O03_a_refund_without_its_order_moves_nothing_until_the_order_comes(
    database: Session, now: dt.datetime, heard: list
) -> None:
    a_customer(now, phone=PHONE)
    lone = orders.OrderReport("demo-shop", "R1", hours(49), refunds=(a_refund(8000),))
    (early,) = report(dataclasses.replace(lone, buyers=a_report().buyers), now=now)
    waiting = [order.number for order in orders.reviewing.list_refunds_without_order()]
    moved = list(heard)
    report(a_report(), now=now)

    assert (early.warnings, waiting, moved) == (("refund.without_order",), ["R1"], [])
    assert [type(fact).__name__ for fact in heard] == ["OrderPaid", "OrderRefunded"]
    assert (heard[1].refunded_fen, heard[1].refunded_total_fen, heard[1].fully) == (8000, 8000, False)
    assert orders.reviewing.list_refunds_without_order() == []


def test_a_refund_of_more_than_was_paid_is_capped_and_noted(database: Session, now: dt.datetime, heard: list) -> None:
    a_customer(now, phone=PHONE)
    (outcome,) = report(a_report(refunds=(a_refund(20000), a_refund(20000, number="T2", at=50))), now=now)

    order = orders.find_order("demo-shop", "R1")
    assert outcome.warnings == ("product.unknown:P1", "product.unknown:P2", "refund.over_paid")
    assert [(fact.refunded_fen, fact.refunded_total_fen, fact.fully) for fact in heard[1:]] == [
        (20000, 20000, False),
        (4000, 24000, True),
    ]
    assert (order.standing, order.refunded_fen, order.over_refunded) == ("refunded", 24000, True)


def test_receipt_is_announced_once_the_order_is_paid(database: Session, now: dt.datetime, heard: list) -> None:
    customer_id = a_customer(now, phone=PHONE)
    (first, *_) = report(a_report(paid_at=None, received_at=hours(72)), now=now)
    assert heard == []
    report(a_report(), now=now)

    assert heard[1] == orders.OrderReceived(first.order_id, customer_id, customer_id, hours(72), now)
    assert (heard[0].at_once, heard[0].store_id) == (False, None)


def test_an_order_waits_for_its_buyer_and_is_theirs_the_moment_they_are_known(
    database: Session, now: dt.datetime, heard: list
) -> None:
    report(a_report(), a_report(number="R2", paid_at=hours(-5), buyers=(orders.Buyer("card", "", "K 1"),)), now=now)
    assert heard == []
    customer_id = a_customer(now, phone=f"+86 {PHONE}")
    card = identity.identifier("card", "k1")
    identity.attach(customer_id=customer_id, identifier=card, proof="stated", now=now)

    assert [(fact.number, fact.customer_id) for fact in heard] == [("R1", customer_id), ("R2", customer_id)]
    assert [order.number for order in orders.list_orders(customer_id).items] == ["R2", "R1"]


def test_O01_masked_phones_and_virtual_numbers_are_nobody(database: Session, now: dt.datetime) -> None:
    hidden = ("138****1234", "18412345678-1234", "9501312345678", "13812345678转4567", " ")
    buyers = tuple(orders.Buyer("phone", "", value) for value in hidden)
    (outcome,) = report(a_report(buyers=buyers, lines=None), now=now)
    (wrong,) = report(a_report(number="R2", buyers=(orders.Buyer("phone", "", "12"),), lines=None), now=now)

    assert outcome.warnings == ()
    assert wrong.warnings == ("buyer.unusable:phone",)


def test_O01_a_buyer_number_of_one_channel_is_not_that_of_another(database: Session, now: dt.datetime) -> None:
    buyer = (orders.Buyer("buyer", "", "u-1"),)
    report(a_report(buyers=buyer), a_report(channel="other", buyers=buyer), now=now)
    customer_id = a_customer(now)
    known = identity.identifier("buyer", "u-1", scope="other")
    identity.attach(customer_id=customer_id, identifier=known, proof="proven", now=now)

    assert [order.channel for order in orders.list_orders(customer_id).items] == ["other"]


def test_O02_a_number_typed_for_walk_ins_is_left_for_review(database: Session, now: dt.datetime) -> None:
    report(*(a_report(number=f"R{number}") for number in range(31)), now=now)
    busy = a_customer(now, phone=PHONE)
    report(*(a_report(number=f"Q{n}", buyers=(orders.Buyer("phone", "", "13900000002"),)) for n in range(30)), now=now)
    other = a_customer(now, phone="13900000002")

    assert orders.count_paid_orders([busy, other], since=hours(0)) == {other: 30}


def test_O05_unknown_codes_are_kept_with_a_list(database: Session, now: dt.datetime) -> None:
    a_product(now, code="P1")
    a_store(now, code="S1")
    (outcome, other) = report(a_report(store_code="S9"), a_report(number="R2", store_code="S1"), now=now)
    report(a_report(number="R3", store_code="S9"), now=now + dt.timedelta(days=1))

    assert outcome.warnings == ("store.unknown:S9", "product.unknown:P2")
    assert other.warnings == ("product.unknown:P2",)
    assert [(code.kind, code.code) for code in orders.reviewing.list_unknown_codes()] == [
        ("product", "P2"),
        ("store", "S9"),
    ]
    assert orders.find_order("demo-shop", "R1").store_code == "S9"


def test_one_bad_report_spoils_no_other(database: Session, now: dt.datetime) -> None:
    bad = a_report(number="two words")
    outcomes = report(a_report(), bad, a_report(number="R2"), now=now)

    assert [outcome.status for outcome in outcomes] == ["accepted", "refused", "accepted"]
    assert outcomes[1].reason == "number: 1 to 64 printable characters without spaces"
    assert report(bad, now=now)[0].status == "refused"


def test_texts_of_all_kinds_survive(database: Session, now: dt.datetime) -> None:
    lines = (orders.Line(1, 'P"{,}', 'a\\b"c 口红😀', 1, 5, 4, False),)
    given = a_report(lines=lines, coupon_codes=('C"1,', "{}"), number="R'1\"", earns=False, in_store=False)
    report(given, now=now)
    report(dataclasses.replace(given, shipped_at=hours(5)), now=now)

    order = orders.find_order("demo-shop", "R'1\"")
    assert (order.lines, order.base_fen, order.standing) == (lines, 0, "shipped")
    assert report(given, now=now)[0].status == "unchanged"


def test_who_joins_hears_of_their_past_orders_in_time_order(database: Session, now: dt.datetime) -> None:
    first, other, nobody = (a_customer(now, phone=f"1390000000{number}") for number in (1, 2, 3))
    theirs = (orders.Buyer("phone", "", "13900000002"),)
    report(
        a_report(paid_at=hours(9), received_at=hours(70), refunds=(a_refund(8000, at=60),)),
        a_report(number="R0", paid_at=hours(1)),
        a_report(number="unpaid", paid_at=None),
        a_report(number="old", paid_at=hours(-99)),
        a_report(number="Q1", buyers=theirs, paid_at=hours(-99)),
        now=now,
    )
    since = orders.list_order_facts([first, other, nobody], paid_since=hours(0), now=now)
    each = orders.list_order_facts([first, other], paid_since={other: hours(-100)}, now=now)

    assert [type(fact).__name__ for fact in since] == ["OrderPaid", "OrderPaid", "OrderRefunded", "OrderReceived"]
    assert [fact.number for fact in since[:2]] == ["R0", "R1"]
    assert [fact.number for fact in each] == ["Q1"]
    assert orders.count_paid_orders([first, other, nobody], since=hours(-99)) == {first: 3, other: 1}


def test_a_waiting_order_is_claimed_with_the_next_report_too(database: Session, now: dt.datetime, heard: list) -> None:
    customer_id = a_customer(now, phone=PHONE)
    report(a_report(buyers=()), now=now)
    assert heard == []
    (outcome,) = report(a_report(refunds=(a_refund(25000),)), now=now)

    assert [(type(fact).__name__, fact.customer_id) for fact in heard] == [
        ("OrderPaid", customer_id),
        ("OrderRefunded", customer_id),
    ]
    assert outcome.status == "accepted"


def test_refunds_that_come_one_by_one_add_up(database: Session, now: dt.datetime, heard: list) -> None:
    a_customer(now, phone=PHONE)
    report(a_report(refunds=(a_refund(4000, number="late", at=50),)), now=now)
    report(a_report(refunds=(a_refund(20000, number="soon", at=49),)), now=now)

    assert [(fact.refund_number, fact.refunded_fen, fact.refunded_total_fen, fact.fully) for fact in heard[1:]] == [
        ("late", 4000, 4000, False),
        ("soon", 20000, 24000, True),
    ]


def test_O03_a_waiting_refund_is_its_persons_too_and_still_moves_nothing(
    database: Session, now: dt.datetime, heard: list
) -> None:
    lone = orders.OrderReport("demo-shop", "R1", hours(49), refunds=(a_refund(8000),), buyers=a_report().buyers)
    report(lone, now=now)
    customer_id = a_customer(now, phone=PHONE)

    assert orders.find_order("demo-shop", "R1").customer_id == customer_id
    assert (heard, list(orders.list_orders(customer_id).items)) == ([], [])
