"""Orders a second from a CSV file into a durable server, by the command a person would use.

Limit: COPY of the very rows that the import wrote, into a plain table of the same columns without index or constraint.
"""

import csv
import datetime as dt
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from benchmarks.harness.ground import Ground
from benchmarks.harness.pairs import Result, interleaved
from workbench.setup import ROOT

ORDERS = 50_000
CUSTOMERS = 40_000
BLOCK = 1 << 20
HEADER = (
    "number,store_code,in_store,placed_at,paid_at,goods_fen,discount_fen,freight_fen,paid_fen,phone,product_code,"
    "product_name,quantity,price_fen"
)


def run(ground: Ground) -> Result:
    """Import the same file into the same emptied tables, and COPY the rows, in turn."""
    source = Path(__file__)
    url = ground.clone(ground.database("orders", sources=[source], build=_products))
    path = ground.cache / "orders.csv"
    _write_file(path)
    plain = url.replace("+psycopg", "")
    _empty(plain)
    _import(ground, url, path)
    rows = _rows(plain)
    pairs = interleaved(
        lambda: _value(ground, url, path), lambda: _copy(plain, rows), rounds=3, warm=False
    )  # fmt: skip
    path.unlink()
    return pairs.result("rows/s", orders=ORDERS, bytes_a_row=len(rows) // ORDERS, buyers="unknown, by phone", lines=1)


def _products(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO product (code, name, category, series, colour, tags, price_fen, image_url, on_sale, changed_at)"
            " SELECT 'P' || n, '口红', '', '', '', '{}', 19900, '', true, '2026-01-01Z' FROM generate_series(0, 499) n"
        )


def _write_file(path: Path) -> None:
    begin = dt.datetime(2025, 1, 1, 10, tzinfo=dt.UTC)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        for n in range(ORDERS):
            at = (begin + dt.timedelta(seconds=n * 97 % 30_000_000)).isoformat()
            price, phone = 9900 + n % 200 * 100, f"199000{n * 7919 % CUSTOMERS:05}"
            writer.writerow(
                [f"{n:08}", "", "yes", at, at, price, 1000, 0, price - 1000, phone, f"P{n % 500}", "丝绒口红", 1, price]
            )


def _empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE sales_order, order_unknown_code")
        connection.execute("CHECKPOINT")


def _value(ground: Ground, url: str, path: Path) -> float:
    _empty(url.replace("+psycopg", ""))
    return _import(ground, url, path)


def _import(ground: Ground, url: str, path: Path) -> float:
    """Orders a second as the command tells them, from its first look into the file to its last commit."""
    words = [sys.executable, "-m", "command_line", "import-orders", str(path), "--channel", "bench"]
    done = subprocess.run(
        words, cwd=ROOT, env={**os.environ, **ground.variables(url)}, capture_output=True, text=True, check=False
    )
    told = re.match(r"([\d,]+) orders, ([\d,]+)/s: ([\d,]+) accepted", done.stdout)
    if done.returncode or told is None or told[3].replace(",", "") != str(ORDERS):
        raise RuntimeError(f"the import failed: {done.stdout} {done.stderr[-2000:]}")
    return float(told[2].replace(",", ""))


def _rows(url: str) -> bytes:
    with (
        psycopg.connect(url) as connection,
        connection.cursor() as cursor,
        cursor.copy("COPY sales_order TO STDOUT") as copy,
    ):
        rows = b"".join(bytes(piece) for piece in copy)
    return rows


def _copy(url: str, rows: bytes) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS plain_order")
        connection.execute("CREATE TABLE plain_order AS SELECT * FROM sales_order WITH NO DATA")
        connection.execute("CHECKPOINT")
        began = time.perf_counter()
        with connection.cursor() as cursor, cursor.copy("COPY plain_order FROM STDIN") as copy:
            for start in range(0, len(rows), BLOCK):
                copy.write(rows[start : start + BLOCK])
        return ORDERS / (time.perf_counter() - began)
