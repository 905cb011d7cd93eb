"""coupon_grab: a rush for one template over HTTP, 64 clients, every attempt another member, half of them succeed.

The value is answers per second of `POST /mp/v1/coupons/take` on the real server, each with its own session and
Idempotency-Key. The limit is pgbench with 64 clients sending the statements that write the same rows (lock, look, the
writing CTE with the hot counter last, the kept answer), and turning back at the look once it is sold out. Both end with
exactly the stock taken; anything else is an error, not a figure.
"""

import datetime as dt
import json
import os
import re
import subprocess
import sys

import psycopg

from benchmarks.harness.ground import ROOT, Ground
from benchmarks.harness.load import Failed, Shot, http_shots, pgbench
from benchmarks.harness.pairs import Result, interleaved

MEMBERS = 1_000_000
CLIENTS = 64
ATTEMPTS = 3_200
STOCK = ATTEMPTS // 2
NOW = dt.datetime(2026, 5, 20, 4, 0, tzinfo=dt.UTC)
SOURCES = [ROOT / "benchmarks/coupon_grab.py"]
VALUES = {
    "customer_id": ":customer",
    "born_customer_id": ":customer",
    "template_id": ":template",
    "cause": "'pgbench:' || :number",
    "code": "'G' || :number",
    "per_customer": "1000",
    "taken": "true",
    "now": f"'{NOW}'::timestamptz",
    "starts_at": f"'{NOW}'::timestamptz",
    "ends_before": "'2026-05-27T16:00:00Z'::timestamptz",
    "worth_fen": "2000",
    "alarm_percent": "80",
}
BODY = '{"template_id":"%s"}'

_FILL = f"""
    SET session_replication_role = replica;
    INSERT INTO customer (source, created_at) SELECT 'bench', '{NOW}' FROM generate_series(1, {MEMBERS});
    INSERT INTO identity (customer_id, born_customer_id, token, kind, scope, value, value_index, proof, since)
        SELECT id, id, md5(id::text)::uuid, 'openid', 'bench', '', int8send(id), 'proven', created_at FROM customer ORDER BY id;
    INSERT INTO member (customer_id, born_customer_id, card_number, joined_at, member_since, earns_since, is_staff,
        notice_version, base_level, counts_from, base_until, base_why, earned_level, earned_since, earned_until, earned_why,
        growth, kept, review_at)
        SELECT id, id, 'B' || id, '{NOW}', '2026-05-20', '{NOW}', false, '1', 0, '{NOW}', '2027-05-20Z', 'joined', 0,
        '{NOW}', '2027-05-20Z', 'joined', 0, 0, '2027-05-20Z' FROM customer
"""
_TEMPLATE = f"""
    WITH made AS (INSERT INTO coupon_template (name, kind, level, value_fen, threshold_fen, scope, with_member_price,
        with_points, valid_days, extends_days, words, per_customer, public, from_pool, state, approved_by, built_in, created_at)
        VALUES ('秒杀券', 'cash', 'order', 2000, 9900, '{{}}', true, true, 7, 0, '', %s, true, false, 'open', '{{}}', false,
        '{NOW}') RETURNING id)
    INSERT INTO coupon_stock (template_id, total, taken, promised_fen) SELECT id, {STOCK}, 0, 0 FROM made RETURNING template_id
"""


def fill(url: str) -> None:
    """A million members without any coupon."""
    with _connection(url) as connection:
        for statement in _FILL.split(";\n"):
            connection.execute(statement)


def sealed(first: int, count: int, template_id: int) -> None:
    """Sign members in and print their tokens and the template's sealed id; in a process with the product's settings."""
    from app.kernel.ids import seal
    from app.web.guards import sign_in_consumer

    tokens = [sign_in_consumer(life_id=first + number, openid="bench") for number in range(count)]
    print(json.dumps([seal("coupon_template", template_id), tokens]))


def _connection(url: str) -> "psycopg.Connection[tuple[int, ...]]":
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


class Rush:
    """Rush after rush on one copy of the data, each for a template of its own."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.url = ground.clone(ground.database("coupon_grab", sources=SOURCES, build=fill))
        self.rounds = 0

    def over_http(self, address: str) -> float:
        """Answers per second of the real route."""
        self.rounds += 1
        template_id = self._open_template(per_customer=1)
        first = self.rounds * ATTEMPTS
        known = {**os.environ, **self.ground.variables(self.url)}
        words = [sys.executable, "-m", "benchmarks.coupon_grab", str(first), str(ATTEMPTS), str(template_id)]
        told = subprocess.run(words, check=True, cwd=ROOT, env=known, stdout=subprocess.PIPE, text=True)
        outside, tokens = json.loads(told.stdout)
        body = (BODY % outside).encode()
        shots = [
            Shot("/mp/v1/coupons/take", "POST", self._headers(token, number), body)
            for number, token in enumerate(tokens)
        ]
        load = http_shots(address, shots, connections=CLIENTS)
        if load.statuses != {201: STOCK, 409: ATTEMPTS - STOCK}:
            raise Failed(f"of {ATTEMPTS} attempts on {STOCK} coupons came {load.statuses}")
        self._prove(template_id)
        return load.rate

    def in_sql(self) -> float:
        """Transactions per second of the same rows by pgbench."""
        template_id = self._open_template(per_customer=1_000)
        load = pgbench(
            self.url,
            [script()],
            clients=CLIENTS,
            transactions=ATTEMPTS // CLIENTS,
            variables={"template": template_id, "members": MEMBERS},
        )
        self._prove(template_id)
        return load.rate

    def _open_template(self, *, per_customer: int) -> int:
        with _connection(self.url) as connection:
            row = connection.execute(_TEMPLATE, [per_customer]).fetchone()
        assert row
        return row[0]

    def _headers(self, token: str, number: int) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"grab-{self.rounds:03}-{number:06}",
        }

    def _prove(self, template_id: int) -> None:
        with _connection(self.url) as connection:
            row = connection.execute(
                "SELECT taken, (SELECT count(*) FROM coupon WHERE template_id = s.template_id) FROM coupon_stock s"
                " WHERE template_id = %s",
                [template_id],
            ).fetchone()
        if row != (STOCK, STOCK):
            raise Failed(f"counted and given are {row}, not {STOCK}")


def script() -> str:
    """The same statements for pgbench: \\gset reads the glance, as our operation does."""
    from app.membership.coupons.operations.issue import LOCK, LOOK, WRITE

    def said(statement: str) -> str:
        return " ".join(re.sub(r"%\((\w+)\)s(?:::\w+)*", lambda found: VALUES[found[1]], statement).split())

    glance = f"SELECT total - taken AS room FROM ({said(LOOK.text)}) AS glance"
    write = said(WRITE[True, True].text).replace("counted.taken,", "COALESCE(counted.taken, -1) AS counted,")
    lines = [
        "\\set customer random(1, :members)",
        "\\set number random(1, 9000000000000000)",
        "BEGIN;",
        f"{said(LOCK.text)};",
        f"{glance} \\gset",
        "\\if :room <= 0",
        "ROLLBACK;",
        "\\else",
        "INSERT INTO request_key (caller, key, body_hash, status, answer, answered_at) VALUES ('bench:' || :customer,"
        f" :number::text, sha256(:number::text::bytea), 201, '{json.dumps({'body': {'code': 'G' * 600}})}', '{NOW}');",
        f"{write} \\gset",
        "\\if :counted < 0",
        "ROLLBACK;",
        "\\else",
        "COMMIT;",
        "\\endif",
        "\\endif",
    ]
    return "\n".join([*lines, ""])


def run(ground: Ground) -> Result:
    """HTTP and pgbench in turn."""
    rush = Rush(ground)
    with ground.web(rush.url, processes=2, threads=8) as address:
        pairs = interleaved(lambda: rush.over_http(address), rush.in_sql)
    return pairs.result(
        "attempts/s", members=MEMBERS, clients=CLIENTS, attempts=ATTEMPTS, stock=STOCK, pgbench_mode="simple"
    )


if __name__ == "__main__":
    sealed(*(int(word) for word in sys.argv[1:4]))
