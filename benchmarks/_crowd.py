"""A million members as their home shows them, and the sessions of some of them.

Everybody has a card, an account with three lots and two coupons; one in five has a visit ahead, one in ten had one. What
the home does not read is left out: movements, entries, growth, codes.
"""

import random
import subprocess
import sys

import psycopg
from psycopg import sql

from benchmarks.harness.ground import ROOT, Ground

MEMBERS = 1_000_000
SOURCES = [ROOT / "benchmarks/_crowd.py"]

# Dates count from the day the data are made. Seats are as many as keep visits apart: one starts in each seat every hour.
_FILL = f"""
    SET session_replication_role = replica;
    SET work_mem = '256MB';
    INSERT INTO customer (source, created_at)
        SELECT 'bench', now() - interval '1 day' * (n % 700 + 1) FROM generate_series(1, {MEMBERS}) AS n;
    INSERT INTO identity (customer_id, born_customer_id, token, kind, scope, value, value_index, proof, since)
        SELECT id, id, md5(id::text)::uuid, 'openid', 'bench', '', int8send(id), 'proven', created_at FROM customer ORDER BY id;
    INSERT INTO tier (level, code, name, threshold, keep, rate_percent, benefits, built_in)
        VALUES (0, 'plain', '普卡', 0, 0, 100, '[]', false), (1, 'silver', '银卡', 1000, 800, 110, '[]', false),
               (2, 'gold', '金卡', 3000, 2400, 120, '[]', false), (3, 'black', '黑卡', 8000, 6400, 150, '[]', false);
    INSERT INTO member (
            customer_id, born_customer_id, card_number, joined_at, member_since, earns_since, is_staff, notice_version,
            base_level, counts_from, base_until, base_why, earned_level, earned_since, earned_until, earned_why,
            growth, kept, review_at)
        SELECT id, id, '80' || lpad((id * 7919 % 100000000000000)::text, 14, '0'), created_at, created_at::date,
            created_at, false, 'bench', 0, created_at, created_at + interval '2 years', 'joined',
            CASE WHEN id % 5000 >= 3000 THEN 2 WHEN id % 5000 >= 1000 THEN 1 ELSE 0 END, created_at,
            created_at + interval '2 years', 'growth', id % 5000, id % 5000, created_at + interval '2 years'
        FROM customer;
    INSERT INTO points_account (customer_id, spendable, pending, earns_since)
        SELECT id, 300 + id % 100, id % 50, created_at FROM customer;
    INSERT INTO points_lot (customer_id, born_customer_id, movement_id, earned_at, expires_at, amount, remaining, state)
        SELECT id, id, id * 3 + lot, created_at, now() + interval '1 day' * (id % 350 + lot * 20 + 5), 200,
            100 + CASE lot WHEN 0 THEN id % 100 ELSE 0 END, 'open'
        FROM customer, generate_series(0, 2) AS lot;
    INSERT INTO coupon (
            customer_id, born_customer_id, template_id, code, cause, taken, state, taken_at, starts_at, ends_before)
        SELECT id, id, 1 + number, 'B' || (id * 2 + number), 'bench:' || number, true,
            CASE WHEN (id + number) % 4 = 0 THEN 'redeemed' ELSE 'usable' END,
            created_at, created_at, now() + interval '1 day' * (id % 90 + 30)
        FROM customer, generate_series(0, 1) AS number;
    INSERT INTO store (code, name, city, address, latitude, longitude, x, y, z, zone, services,
            hours, special_days, saved_at)
        SELECT 'B' || n, '门店' || n, '杭州', '湖滨路 ' || n || ' 号', 30, 120, 0, 1, 0, 'Asia/Shanghai',
            '{{}}', '{{}}', '{{}}', now()
        FROM generate_series(1, 200) AS n;
    INSERT INTO booking_service (
            name, kind, minutes, needs, universal, takes_health_note, points_price, keeps_points_of_no_show, position,
            builtin, active)
        SELECT name, 'makeup', 45, 'seat', false, false, 0, false, 0, false, true
        FROM unnest(ARRAY['整妆', '护肤', '修眉']) AS name;
    INSERT INTO booking_resource (store_id, kind, name, builtin, active)
        SELECT id, 'seat', '座位' || n, false, true FROM store, generate_series(1, 5) AS n;
    INSERT INTO booking (
            customer_id, born_customer_id, service_id, store_id, resource_id, starts_at, ends_at, state, place, code,
            online, created_at, points_paid, moves)
        SELECT id, id, 1 + id % 3, 1 + seat / 5, 1 + seat, start, start + interval '45 minutes',
            CASE WHEN ahead THEN 'confirmed' ELSE 'done' END, CASE WHEN ahead THEN 1 END, 'B' || id, true, created_at, 0, 0
        FROM customer, LATERAL (SELECT (id / 5 % 1000)::int AS seat, id % 5 = 0 AS ahead) AS one,
            LATERAL (SELECT date_trunc('hour', now()) + interval '1 hour' * CASE WHEN ahead THEN 48 + id / 5000
                     ELSE -48 - id / 5000 END AS start) AS two
        WHERE ahead OR id % 10 = 3;
"""

_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid IN ('member'::regclass, 'points_lot'::regclass, 'coupon'::regclass, 'booking'::regclass)
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def fill(url: str) -> None:
    """The million. Indexes that keep nothing true are built after the rows: sorting is cheaper than inserting."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        indexes = connection.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        for statement in [*filter(str.strip, _FILL.split(";\n")), *(definition for _, definition in indexes)]:
            connection.execute(statement)


def database(ground: Ground) -> str:
    """The address of the million's database; nobody may change it."""
    return ground.database("crowd", sources=SOURCES, build=fill)


def sign_in(ground: Ground, url: str, count: int) -> list[str]:
    """Tokens of `count` members drawn from all, signed in as the login does it."""
    words = [sys.executable, "-m", "benchmarks._crowd", str(count)]
    known = {**ground.variables(url), "PATH": ""}
    done = subprocess.run(words, check=True, cwd=ROOT, env=known, stdout=subprocess.PIPE, text=True)
    return done.stdout.split()


def _main(count: int) -> None:
    from app.web.guards import sign_in_consumer

    for customer_id in random.sample(range(1, MEMBERS + 1), count):
        print(sign_in_consumer(life_id=customer_id, openid=f"o-bench-{customer_id}"))


if __name__ == "__main__":
    _main(int(sys.argv[1]))
