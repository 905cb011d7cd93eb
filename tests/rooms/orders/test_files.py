"""Files of orders: what is read of them, line by line, and how it is said that a line is bad."""

import io
import itertools
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from app.trade import orders
from tests.factories.orders import hours

HEADER = "channel,number,store_code,in_store,earns,placed_at,paid_at,paid_fen,phone,coupon_codes"
LINE = "demo-shop,R1,S1,yes,计分,2026-05-01 12:00:00,2026-05-01T12:30:00+08:00,19900,13900000001,C1 C2"


NO_DEFAULTS = orders.Defaults()


def csv_of(*lines: str, defaults: orders.Defaults = NO_DEFAULTS) -> list[orders.Reading]:
    return list(orders.read_csv(io.StringIO("\n".join(lines) + "\n", newline=""), defaults))


def json_of(text: str) -> list[orders.Reading]:
    return list(orders.read_json(io.StringIO(text), orders.Defaults(channel="demo-shop")))


def reasons(readings: list[orders.Reading]) -> list[tuple]:
    return [(reading.lines, reading.reason) for reading in readings]


def test_a_line_is_a_whole_order(now: object) -> None:
    (reading,) = csv_of(HEADER, LINE)

    assert reading == orders.Reading(
        (2,),
        report=orders.OrderReport(
            channel="demo-shop",
            number="R1",
            reported_at=hours(0.5),
            store_code="S1",
            placed_at=hours(0),
            paid_at=hours(0.5),
            amounts=orders.Amounts(paid_fen=19900),
            buyers=(orders.Buyer("phone", "", "13900000001"),),
            coupon_codes=("C1", "C2"),
            in_store=True,
            earns=True,
        ),
    )


LINES_HEADER = (
    "number,reported_at,paid_at,line_no,product_code,product_name,quantity,price_fen,line_paid_fen,line_earns,"
    "refund_number,refund_fen,refund_goods_fen,refund_line_no,refunded_at"
)


def test_neighbouring_lines_are_one_order() -> None:
    first, second = csv_of(
        LINES_HEADER,
        "R1,2026-06-01,2026-05-01 12:00,7,P1,口红,2,5000,9000,,,,,,",
        "R1,,,,GIFT,礼品卡,,10000,,否,,,,,",
        "R1,,,,,,,,,,T1,500,400,7,2026-05-02 12:00",
        "",
        "R2,,2026-05-01 12:00,,,,,,,,,,,,",
        defaults=orders.Defaults(channel="demo-shop", earns=False),
    )

    assert (first.lines, second.lines) == ((2, 3, 4), (6,))
    assert first.report.lines == (
        orders.Line(7, "P1", "口红", 2, 5000, 9000),
        orders.Line(2, "GIFT", "礼品卡", 1, 10000, None, False),
    )
    assert first.report.refunds == (orders.Refund("T1", 500, hours(24), 400, 7),)
    assert (first.report.earns, second.report.lines, second.report.amounts) == (False, None, None)


def test_a_bad_line_takes_its_order_with_it_and_no_other() -> None:
    readings = csv_of(
        "number,paid_at,paid_fen,product_code,price_fen,refund_number,refund_fen,refunded_at,in_store",
        "R1,2026-05-01,100,P1,5,,,,",
        "R1,2026-05-01,100,P2",
        "R2,2026-05-01,100,,,,,,",
        "R3,soon,100,,,,,,",
        "R4,2026-05-01,ten,,,,,,",
        "R5,2026-05-01,1,P1,,,,,",
        "R6,2026-05-01,1,,,T1,,,",
        "R7,2026-05-01,1,,,T1,5,,",
        "R8,2026-05-01,1,,,,,,maybe",
        "R9,,1,,,,,,",
        "short",
        'R10,"x"y,1,,,,,,',
        defaults=orders.Defaults(channel="demo-shop"),
    )

    assert reasons(readings) == [
        ((2, 3), "line: 4 columns where the first line has 9 (line 3)"),
        ((4,), None),
        ((5,), "paid_at: not a time in ISO 8601"),
        ((6,), "paid_fen: not a whole number"),
        ((7,), "price_fen: missing"),
        ((8,), "refund_fen: missing"),
        ((9,), "refunded_at: missing"),
        ((10,), "in_store: not yes or no"),
        ((11, 12, 13), "line: 1 columns where the first line has 9 (line 12)"),
    ]


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        ("channel,number,colour", "unknown columns: colour"),
        ("channel,paid_at", "the columns channel and number are needed"),
        ("number,paid_at", "the columns channel and number are needed"),
        ("channel,number,number", "a column stands there twice"),
        ("", "the columns channel and number are needed"),
        ('"a"b', "not CSV"),
    ],
)
def test_a_first_line_that_names_no_columns_is_refused(header: str, wrong: str) -> None:
    with pytest.raises(orders.HeaderWrong, match=wrong):
        csv_of(header, LINE)


def test_a_file_of_nothing_but_its_first_line_has_no_orders() -> None:
    assert csv_of(HEADER) == []


ITEM = {"number": "R1", "paid_at": "2026-05-01T12:30:00", "amounts": {"paid_fen": 100}}


@pytest.mark.parametrize(
    "text", ["{0}\n\n{1}\n", "\n{0}\n{1}", "[{0},\n{1}]", "\ufeff [ {0} , {1} ] trailing", "[{0}{1}]"]
)
def test_json_is_one_object_a_line_or_one_array(text: str) -> None:
    readings = json_of(text.format(json.dumps(ITEM), json.dumps(ITEM | {"number": "口红"})))

    assert [reading.report.number for reading in readings] == ["R1", "口红"]
    assert readings[0].report.paid_at == hours(0.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{bad}\n[1]\n5\n",
            [((1,), "line: not JSON"), ((2,), "report: not an object"), ((3,), "report: not an object")],
        ),
        (
            "[5, {bad}, 6]",
            [((1,), "report: not an object"), ((2,), "array: not JSON from here on, the rest was not read")],
        ),
        ("[", [((1,), "array: not JSON from here on, the rest was not read")]),
        ("[" * 100_000, [((1,), "array: not JSON from here on, the rest was not read")]),
        ("5" + "[" * 99_999, [((1,), "line: not JSON")]),
        ("", []),
        ("\n \n", []),
        ("x" * (4 * 1024 * 1024 + 1), [((1,), "line: too long")]),
    ],
)
def test_what_is_no_json_is_said_with_its_place(text: str, expected: list) -> None:
    assert reasons(json_of(text)) == expected


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"store_code": 5}, "text: not a text"),
        ({"earns": "yes"}, "earns: not true or false"),
        ({"amounts": []}, "amounts: not an object"),
        ({"amounts": {"paid_fen": True}}, "paid_fen: not a whole number"),
        ({"lines": [{"product_code": "P1", "price_fen": 1, "more": 1}]}, "more: unknown field"),
        ({"refunds": [{"number": "T1", "amount_fen": 1}]}, "refunded_at: missing"),
        ({"buyers": [{"kind": "phone"}]}, "buyer value: missing"),
        ({"paid_at": 20260501}, "paid_at: not a time in ISO 8601"),
        ({"paid_at": "0001-01-01"}, "paid_at: not a time in ISO 8601"),
        ({"reported_at": "2026-05-01T00:00:00", "number": None}, "number: missing"),
    ],
)
def test_a_field_that_is_not_what_it_should_be_is_named(told: dict, reason: str) -> None:
    assert reasons(json_of(json.dumps(ITEM | told))) == [((1,), reason)]


class Endless(io.TextIOBase):
    """A text that is made while it is read."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines

    def __iter__(self) -> Iterator[str]:
        return self._lines

    def readline(self, size: int = -1) -> str:
        return next(self._lines, "")


@pytest.mark.parametrize("read", [orders.read_csv, orders.read_json])
def test_a_long_file_takes_no_more_memory_than_a_short_one(read: object) -> None:
    body = (f"demo-shop,R{n},,,,2026-05-01,,5,,\n" for n in range(20_000))
    lines = itertools.chain([HEADER + "\n"], body)
    if read is orders.read_json:
        lines = (json.dumps(ITEM | {"number": str(n)}) + "\n" for n in range(20_000))
    tracemalloc.start()
    count = sum(1 for _ in read(Endless(lines), orders.Defaults(channel="demo-shop")))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 20_000
    assert most < 2_000_000
