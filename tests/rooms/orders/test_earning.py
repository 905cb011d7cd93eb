"""What earns, what refunds take, what a report may say: pure rules."""

import dataclasses
import datetime as dt

import pytest

from app.trade import orders
from app.trade.orders.rules.buyers import is_masked, scoped
from app.trade.orders.rules.earning import base_fen, shares, taken_by
from app.trade.orders.rules.merging import OrderState, merge, refunds_in_order
from app.trade.orders.rules.reports import why_not
from app.trade.orders.rules.standing import standing_of
from tests.conftest import NOW
from tests.factories.orders import a_refund, a_report, hours

SUMS = orders.Amounts(30000, 4000, 2000, 500, 1000, 24501)
THREE = tuple(orders.Line(number, f"P{number}", "口红", 1, 10000) for number in (1, 2, 3))


def state(**more: object) -> OrderState:
    report = a_report(**more)
    return merge(OrderState(report.channel, report.number), report)


def test_M01_freight_coupon_and_points_do_not_earn() -> None:
    assert base_fen(SUMS, None) == 23501


def test_M01_gift_cards_and_top_ups_do_not_earn() -> None:
    lines = (*THREE[:2], THREE[2]._replace(earns=False))

    assert base_fen(SUMS, lines) == 15666
    assert [share.base_fen for share in shares(SUMS, lines)] == [7833, 7833, 0]


def test_K03_shares_of_the_lines_sum_to_the_whole() -> None:
    assert [share.base_fen for share in shares(SUMS, THREE)] == [7833, 7833, 7835]


def test_lines_that_say_what_they_cost_are_believed() -> None:
    told = tuple(line._replace(paid_fen=fen) for line, fen in zip(THREE, (23000, 500, 1), strict=True))

    assert [share.base_fen for share in shares(SUMS, told)] == [23000, 500, 1]
    assert base_fen(None, told) == 23501
    assert base_fen(None, THREE) == 30000


@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        ((), (0, False, False)),
        ((a_refund(10000),), (10000, False, False)),
        ((a_refund(10000), a_refund(14000, number="T2")), (24000, True, False)),
        ((a_refund(25000),), (24000, True, False)),
        ((a_refund(25001),), (24000, True, True)),
        ((a_refund(25000, goods_fen=23999),), (23999, False, False)),
    ],
)
def test_refunds_take_at_most_what_was_paid_for_goods(refunds: tuple, expected: tuple) -> None:
    assert taken_by(refunds, state()) == expected


def test_part_refunds_of_an_order_with_a_gift_card_sum_to_the_whole() -> None:
    mixed = state(lines=(THREE[0], THREE[1]._replace(earns=False)))
    refunds = [a_refund(8000, number=f"T{number}") for number in range(3)]

    assert [taken_by(refunds[:count], mixed).refunded_fen for count in range(4)] == [0, 4000, 8000, 12000]


def test_an_order_paid_by_points_alone_has_nothing_to_give_back() -> None:
    assert taken_by((), state(amounts=orders.Amounts(100, 0, 0, 100, 0, 0), lines=None)) == (0, False, False)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"placed_at": None, "paid_at": None, "refunds": (a_refund(1),)}, "no_order_yet"),
        ({"paid_at": None, "refunds": (a_refund(1),)}, "placed"),
        ({}, "paid"),
        ({"shipped_at": hours(5)}, "shipped"),
        ({"shipped_at": hours(5), "received_at": hours(9)}, "received"),
        ({"refunds": (a_refund(1),)}, "part_refunded"),
        ({"refunds": (a_refund(24000),)}, "refunded"),
    ],
)
def test_where_an_order_stands(more: dict, expected: str) -> None:
    assert standing_of(state(**more)) == expected


def test_refunds_stand_in_the_order_of_their_time() -> None:
    later, sooner = a_refund(1, number="T1", at=9), a_refund(1, number="T2", at=8)

    assert refunds_in_order(state(refunds=(later, sooner))) == [sooner, later]


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("138****1234", True),
        ("13812345678", False),
        ("+8613812345678", False),
        ("13812345678-1234", True),
        ("13812345678,1234", True),
        ("9501312345678", True),
        ("", True),
        ("021-62345678", False),
    ],
)
def test_O01_masked_and_virtual_numbers_are_no_ids(value: str, masked: bool) -> None:
    assert is_masked(orders.Buyer("phone", "", value)) is masked


def test_O01_only_what_one_shop_understands_is_scoped_by_it() -> None:
    assert scoped(orders.Buyer("ouid", "", "a-1234"), "tmall").scope == "tmall"
    assert scoped(orders.Buyer("ouid", "other", "a"), "tmall").scope == "other"
    assert scoped(orders.Buyer("omid", "", "a"), "tmall").scope == ""
    assert not is_masked(orders.Buyer("ouid", "", "a-1234"))


LINE = THREE[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", ""),
        ("number", "a b"),
        ("number", "x" * 65),
        ("number", "a\ud800"),
        ("store_code", "a\\b"),
        ("coupon_codes", ("a", "")),
        ("buyers", tuple(orders.Buyer("phone", "", str(number)) for number in range(11))),
        ("buyers", (orders.Buyer("phone", "\n", "1"),)),
        ("reported_at", NOW + dt.timedelta(days=2)),
        ("paid_at", dt.datetime(1991, 1, 1, tzinfo=dt.UTC)),
        ("amounts", orders.Amounts(goods_fen=-1)),
        ("amounts", orders.Amounts(paid_fen=10**12 + 1)),
        ("lines", (LINE, LINE)),
        ("lines", tuple(LINE._replace(line_no=number) for number in range(201))),
        ("lines", (LINE._replace(product_code=""),)),
        ("lines", (LINE._replace(quantity=0),)),
        ("lines", (LINE._replace(price_fen=-1),)),
        ("lines", (LINE._replace(paid_fen=-1),)),
        ("lines", (LINE._replace(name="a\0"),)),
        ("refunds", tuple(a_refund(1, number=str(number)) for number in range(101))),
        ("refunds", (a_refund(0),)),
        ("refunds", (a_refund(1, goods_fen=2),)),
        ("refunds", (a_refund(1, number=""),)),
        ("refunds", (a_refund(1, at=10**5),)),
    ],
)
def test_what_a_report_may_not_say(field: str, value: object) -> None:
    assert why_not(a_report(), NOW) is None
    assert why_not(dataclasses.replace(a_report(), **{field: value}), NOW) is not None


def test_a_report_says_something() -> None:
    empty = orders.OrderReport("demo-shop", "R1", hours(0), store_code="S1")

    assert why_not(empty, NOW) == "report: tells neither a time nor an amount nor a refund"
    assert why_not(dataclasses.replace(empty, refunds=(a_refund(1),)), NOW) is None
