"""A million accounts for points_post and points_hot."""

import datetime as dt

import psycopg

ACCOUNTS = 1_000_000
NOW = dt.datetime(2026, 5, 20, 4, 0, tzinfo=dt.UTC)

# Every account has earned a hundred points before, as the ledger would have written it.
_FILL = f"""
    SET session_replication_role = replica;
    INSERT INTO customer (source, created_at) SELECT 'bench', '{NOW}' FROM generate_series(1, {ACCOUNTS});
    INSERT INTO points_account (customer_id, spendable, earns_since) SELECT id, 100, '{NOW}' FROM customer;
    INSERT INTO points_movement (customer_id, born_customer_id, cause, kind, amount, at, explain)
        SELECT id, id, 'bench:0', 'earn', 100, '{NOW}', '{{"words": "见面礼"}}' FROM customer ORDER BY id;
    INSERT INTO points_entry (customer_id, born_customer_id, movement_id, pot, amount)
        SELECT customer_id, customer_id, id, side.pot, side.amount
        FROM points_movement, (VALUES ('issued', -100), ('member', 100)) AS side (pot, amount);
    INSERT INTO points_lot (customer_id, born_customer_id, movement_id, earned_at, expires_at, amount, remaining, state)
        SELECT customer_id, customer_id, id, at, '2027-05-31T16:00:00Z', 100, 100, 'open' FROM points_movement;
"""


def fill(url: str) -> None:
    """A million accounts with a history of one earning each."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        for statement in filter(str.strip, _FILL.split(";\n")):
            connection.execute(statement)
