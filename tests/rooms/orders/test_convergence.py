"""Any order, any number of times: the same set of reports always gives the same rows, and each fact once."""

import dataclasses
import datetime as dt
import random
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.database import db
from app.trade import orders
from app.trade.orders.operations.records import copy_line, fresh_line, insert_lines, record_of
from app.trade.orders.operations.telling import NOTHING_YET
from app.trade.orders.rules.merging import OrderState, merge
from tests.conftest import FULL_SIZE
from tests.factories.orders import hours
from tests.factories.people import a_customer

moments = st.integers(0, 100).map(hours)
maybe = st.none() | moments
amounts = st.none() | st.builds(
    orders.Amounts, *[st.integers(0, 5000) for _ in range(4)], st.integers(0, 900), st.integers(0, 9000)
)
a_line = st.tuples(
    st.integers(1, 3),
    st.sampled_from(["P1", "P2"]),
    st.just("口红"),
    st.integers(1, 3),
    st.integers(0, 900),
    st.none() | st.integers(0, 900),
    st.booleans(),
).map(lambda told: orders.Line(*told))
lines = st.none() | st.lists(a_line, min_size=1, max_size=2, unique_by=lambda line: line.line_no).map(tuple)
refund = st.tuples(st.sampled_from(["T1", "T2"]), st.integers(1, 9000), moments).map(lambda told: orders.Refund(*told))
buyers = st.lists(
    st.sampled_from([orders.Buyer("phone", "", "13900000001"), orders.Buyer("card", "", "K1")]), max_size=2, unique=True
)
reports = st.builds(
    orders.OrderReport,
    channel=st.just("demo-shop"),
    number=st.sampled_from(["R1", "R2"]),
    reported_at=moments,
    store_code=st.none() | st.sampled_from(["S1", "S2"]),
    placed_at=moments,
    paid_at=maybe,
    shipped_at=maybe,
    received_at=maybe,
    amounts=amounts,
    lines=lines,
    refunds=st.lists(refund, max_size=2, unique_by=lambda given: given.number).map(tuple),
    buyers=buyers.map(tuple),
    coupon_codes=st.lists(st.sampled_from(["C1", "C2"]), max_size=2, unique=True).map(tuple),
    in_store=st.none() | st.booleans(),
    earns=st.none() | st.booleans(),
)
sets_of_reports = st.lists(reports, min_size=1, max_size=5)


def merged(told: list[orders.OrderReport]) -> dict:
    state = OrderState("demo-shop", "R1")
    for report in told:
        state = merge(state, report, [buyer.value for buyer in report.buyers])
    return record_of(state, order_id=1, owner=None, announced=NOTHING_YET)


@settings(max_examples=2000 if FULL_SIZE else 80, deadline=None)
@given(sets_of_reports, st.randoms(use_true_random=False))
def test_merging_depends_on_neither_order_nor_repetition(told: list, chance: random.Random) -> None:
    again = told + chance.choices(told, k=3)
    chance.shuffle(again)

    assert merged(again) == merged(told)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports)
def test_what_is_written_down_at_once_is_what_merging_gives(database: Session, told: orders.OrderReport) -> None:
    alone = dataclasses.replace(told, refunds=())
    keys = ["0" * 32, "f" * 32][: len(told.buyers)]
    record = record_of(
        merge(OrderState("demo-shop", told.number), alone, keys), order_id=1, owner=None, announced=NOTHING_YET
    )
    written = []
    for line in (copy_line(record), fresh_line(alone, order_id=1, buyer_keys=keys[::-1])):
        db.session.execute(text("DELETE FROM sales_order"))
        insert_lines([line])
        written.append(rows())

    assert written[0] == written[1]
    assert len(written[0]) == 1


def rows() -> list[tuple]:
    columns = "to_jsonb(sales_order) - 'id' - 'customer_id' - 'born_customer_id'"
    return db.session.execute(text(f"SELECT {columns} FROM sales_order ORDER BY number")).scalars().all()


def play(told: list[orders.OrderReport], known_after: int, batch: int, now: dt.datetime) -> list[dict]:
    """Reports in batches; after the first few the buyer becomes known. The rows, without ids that differ by run."""
    for table in ("sales_order", "identity", "customer"):
        db.session.execute(text(f"DELETE FROM {table}"))
    for start in range(0, len(told), batch):
        if start // batch == known_after:
            a_customer(now, phone="13900000001")
        orders.report_orders(told[start : start + batch], source="test", now=now)
    if known_after * batch >= len(told):
        a_customer(now, phone="13900000001")
    return rows()


def once(heard: list) -> None:
    keys = Counter((type(fact).__name__, fact.order_id, getattr(fact, "refund_number", "")) for fact in heard)
    assert set(keys.values()) <= {1}, keys


@settings(
    max_examples=300 if FULL_SIZE else 8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sets_of_reports, st.randoms(use_true_random=False), st.integers(0, 3), st.integers(1, 3))
def test_rows_and_facts_depend_on_neither_order_nor_repetition(
    database: Session, now: dt.datetime, heard: list, told: list, chance: random.Random, known_after: int, batch: int
) -> None:
    heard.clear()
    expected = play(told, 0, len(told), now)
    first = kinds(heard)
    once(heard)
    again = told + chance.choices(told, k=3)
    chance.shuffle(again)
    heard.clear()

    assert play(again, known_after, batch, now) == expected
    once(heard)
    assert kinds(heard) == first


def kinds(heard: list) -> list[tuple]:
    """What was told about which order, refunds by their number."""
    return sorted((type(fact).__name__, numbers()[fact.order_id], getattr(fact, "refund_number", "")) for fact in heard)


def numbers() -> dict[int, str]:
    return dict(db.session.execute(text("SELECT id, number FROM sales_order")).all())
