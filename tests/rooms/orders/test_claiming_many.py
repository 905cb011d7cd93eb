"""Orders that waited for somebody whom a large file brings: their ids are told together, not a fact each."""

import datetime as dt
from pathlib import Path

import pytest

from app.people import identity
from app.people.identity.operations import bulk_writing
from app.trade import orders
from app.trade.orders.operations import claiming
from tests.factories.orders import a_report

pytestmark = pytest.mark.usefixtures("database")
PHONES = [f"1390000000{number}" for number in range(1, 6)]


@pytest.fixture(autouse=True)
def everything_is_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_writing, "FACTS_ONE_BY_ONE", 0)
    monkeypatch.setattr(claiming, "AT_ONCE", 2)


def bring_in(folder: Path, now: dt.datetime, *rows: str) -> None:
    file = folder / "seen.csv"
    file.write_text("\n".join(["seen_at,source,proof,phone,card", *rows]) + "\n", encoding="utf-8")
    run = identity.ObservationImport.order(file, by_worker=False, now=now)
    for window in run.windows(rows=100, now=now):
        for part in window.parts():
            run.write(part, now=now)


def test_waiting_orders_are_claimed_by_ids_of_a_large_file(tmp_path: Path, now: dt.datetime) -> None:
    waiting = [
        a_report(number=f"R{number}", buyers=(orders.Buyer("phone", "", phone),), lines=None)
        for number, phone in enumerate(PHONES)
    ]
    by_card = a_report(number="card", buyers=(orders.Buyer("card", "", "K 77"),), lines=None)
    other = a_report(number="other", buyers=(orders.Buyer("phone", "", "13900000099"),), lines=None)
    orders.report_orders([*waiting, by_card, other], source="test", now=now)

    bring_in(tmp_path, now, *(f"2026-01-02T10:00:00Z,crm,proven,{phone},K{77 + n}" for n, phone in enumerate(PHONES)))

    holders = [identity.find_customer(identity.identifier("phone", phone)) for phone in PHONES]
    assert None not in holders
    assert len(set(holders)) == len(PHONES)
    assert [orders.find_order("demo-shop", f"R{n}").customer_id for n in range(len(PHONES))] == holders
    assert orders.find_order("demo-shop", "card").customer_id == holders[0]
    assert orders.find_order("demo-shop", "other").customer_id is None


def test_a_source_told_in_the_file_and_beside_it_is_one_source(tmp_path: Path, now: dt.datetime) -> None:
    file = tmp_path / "seen.csv"
    row = "2026-01-02T10:00:00Z,{},13900000001,K1"
    file.write_text(
        "\n".join(["seen_at,source,phone,card", row.format("crm"), row.format("")]) + "\n", encoding="utf-8"
    )
    run = identity.ObservationImport.order(file, by_worker=False, source="crm", now=now)
    (window,) = run.windows(rows=100, now=now)
    (part,) = window.parts()

    run.write(part, now=now)

    assert (window.batch.sources, run.run.new_people, run.run.new_ids) == (["crm"], 1, 2)
