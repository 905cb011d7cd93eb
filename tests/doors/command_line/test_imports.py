"""The operator's imports: bad lines to a file, good ones kept, again changes nothing, stopped ones resumed."""

import csv
from pathlib import Path

import flask
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from app.kernel.database import db
from app.trade import orders
from command_line import cdnow, import_orders
from command_line.__main__ import commands

HEADER = "number,paid_at,paid_fen,phone,product_code,price_fen\n"


def run(*words: object) -> Result:
    return CliRunner().invoke(commands, [str(word) for word in words])


def count(app: flask.Flask, table: str = "sales_order") -> int:
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_orders, "ORDERS_A_CHUNK", 3)


def lines(first: int, last: int) -> str:
    return "".join(f"R{number},2026-05-01,100,13900000001,P1,100\n" for number in range(first, last))


def test_bad_lines_go_to_a_file_and_good_ones_are_kept(
    committed: flask.Flask, tmp_path: Path, small_chunks: None
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + lines(0, 4) + "bad line,2026-05-01,1,,,\nR9,never,1,,,\n" + lines(4, 8))
    done = run("import-orders", file, "--channel", "demo-shop", "--earns", "no")
    errors = list(csv.reader((tmp_path / "orders.csv.errors.csv").open()))

    assert (done.exit_code, count(committed)) == (1, 8)
    assert "8 accepted, 0 unchanged, 2 refused" in done.output
    assert errors == [
        ["line", "status", "number", "reason"],
        ["2", "kept", "R0", "product.unknown:P1"],
        ["6", "refused", "bad line", "number: 1 to 64 printable characters without spaces"],
        ["7", "refused", "", "paid_at: not a time in ISO 8601"],
    ]


def test_again_changes_nothing_and_a_stopped_import_is_resumed(
    committed: flask.Flask, tmp_path: Path, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(HEADER + lines(0, 8))
    real, chunks = orders.report_orders, []

    def dies(*given: object, **more: object) -> list:
        chunks.append(1)
        outcomes = real(*given, **more)
        if len(chunks) == 2:
            raise ConnectionError("the machine went away")
        return outcomes

    monkeypatch.setattr(orders, "report_orders", dies)
    died = run("import-orders", file, "--channel", "demo-shop")
    kept = count(committed)
    monkeypatch.setattr(orders, "report_orders", real)
    resumed, again = (run("import-orders", file, "--channel", "demo-shop") for _ in range(2))

    assert (type(died.exception), kept) == (ConnectionError, 3)
    assert "5 accepted, 3 unchanged, 0 refused" in resumed.output
    assert "0 accepted, 8 unchanged, 0 refused" in again.output


def test_json_and_other_encodings(committed: flask.Flask, tmp_path: Path) -> None:
    one, other = tmp_path / "orders.jsonl", tmp_path / "orders.txt"
    one.write_text('{"number": "R1", "paid_at": "2026-05-01"}\n{"number": 5}\n')
    other.write_bytes((HEADER + "订单,2026-05-01,100,,,\n").encode("gb18030"))

    assert "1 accepted, 0 unchanged, 1 refused" in run("import-orders", one, "--channel", "demo-shop").output
    wrong = run("import-orders", other, "--channel", "demo-shop")
    right = run("import-orders", other, "--channel", "demo-shop", "--encoding", "gb18030")
    assert (wrong.exit_code, right.exit_code) == (1, 0)
    with committed.app_context():
        assert orders.find_order("demo-shop", "订单").standing == "paid"


@pytest.mark.parametrize("more", [["--encoding", "klingon"], []])
def test_a_file_that_cannot_be_read_is_said_so(committed: flask.Flask, tmp_path: Path, more: list) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("colour\nred\n")
    done = run("import-orders", file, "--channel", "demo-shop", *more)

    assert done.exit_code == 1
    assert "Error: " in done.output
    assert not (tmp_path / "orders.csv.errors.csv").exists()


def test_products_are_imported_all_or_none(committed: flask.Flask, tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    file.write_text("code,name,tags,price_fen,on_sale\nP1,口红,新品 彩妆,19900,yes\nP2,旧款,,100,否\n")
    done, again = run("import-products", file), run("import-products", file)
    for wrong in ("code,name\nP3,x\nP 4,y\n", "code,colours\n", "code,name,price_fen\nP3,x,free\n"):
        file.write_text(wrong)
        assert run("import-products", file).exit_code == 1

    assert ("2 read" in done.output.replace(" products", ""), "0 added" in again.output) == (True, True)
    assert count(committed, "product") == 2


def test_the_cdnow_history_is_whole(application: flask.Flask, database: object, now: object) -> None:
    """Real input: the file has 69,659 purchases of 23,570 customers."""
    try:
        purchases = cdnow.read_purchases()
    except cdnow.DataMissing as missing:
        pytest.skip(f"the data is not installed: {missing}")
    reports = [reading.report for reading in cdnow.list_history(now)]

    assert (len(reports), len({purchase.customer for purchase in purchases})) == (69_659, 23_570)
    assert len({report.number for report in reports}) == 69_659
    assert max(report.paid_at for report in reports).date().isoformat() == "2026-05-19"
    assert sum(report.amounts.paid_fen for report in reports) == 250_031_563
    assert reports[2].number == "00002-19970112-2"
    outcomes = orders.report_orders(reports[:2000], source="test", now=now)
    assert {(outcome.status, outcome.warnings) for outcome in outcomes} == {("accepted", ("product.unknown:CD",))}
