"""event_ingest: events per second through `POST /mp/v1/events`, a hundred in a call, each call another signed-in person.

They said yes to profiling, so everything happens: session, who they are today, consent, the end of an anonymous stretch,
judging each item, dropping doubles, writing to the month's partition with its indexes. The limit is COPY of the very rows
that were written, into a plain table without index or constraint, on the same durable server.
"""

import datetime as dt
import json
import os
import random
import subprocess
import sys
import time
import uuid

import psycopg

from benchmarks.harness.ground import ROOT, Ground
from benchmarks.harness.load import Failed, Shot, http_shots
from benchmarks.harness.pairs import Result, interleaved

PEOPLE = 200_000
CALLS, ITEMS = 800, 100
CONNECTIONS = 16
BLOCK = 1 << 20
SOURCES = [ROOT / "benchmarks/event_ingest.py"]
WORDS = ["口红", "正红", "丝绒口红", "粉底液 自然色", "lipstick", "补水面膜", "防晒"]

_FILL = f"""
    SET session_replication_role = replica;
    INSERT INTO customer (source, created_at)
        SELECT 'bench', now() - interval '1 day' * (n % 700 + 1) FROM generate_series(1, {PEOPLE}) AS n;
    INSERT INTO identity (customer_id, born_customer_id, token, kind, scope, value, value_index, proof, since)
        SELECT id, id, md5(id::text)::uuid, 'openid', 'bench', '', int8send(id), 'proven', created_at FROM customer ORDER BY id;
    INSERT INTO consent (customer_id, born_customer_id, purpose, granted, version, place, given_at)
        SELECT id, id, purpose, true, '2026-05', 'bench', created_at
        FROM customer, unnest(ARRAY['notice', 'profiling', 'marketing']) AS purpose
"""


def fill(url: str) -> None:
    """People with an id and their consents."""
    with _connection(url) as connection:
        for statement in _FILL.split(";\n"):
            connection.execute(statement)


def _connection(url: str) -> "psycopg.Connection[tuple[int, ...]]":
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)


def item(number: int, at: dt.datetime) -> dict[str, object]:
    """One event of a visit: mostly views, as visits are."""
    code = f"P{random.randrange(5_000):05}"
    page = "/pages/product/index"
    kind, data = random.choices(
        [
            ("view", {"product_code": code, "page": page}),
            ("page", {"page": "/pages/home/index", "from": page}),
            ("search", {"text": random.choice(WORDS), "results": random.randrange(90)}),
            ("dwell", {"page": page, "product_code": code, "seconds": random.randrange(1, 300)}),
            ("favourite", {"product_code": code}),
            ("share", {"page": page, "product_code": code, "to": "chat"}),
        ],
        [40, 25, 10, 15, 7, 3],
    )[0]
    return {
        "client_id": f"{uuid.uuid4()}",
        "kind": kind,
        "at": (at - dt.timedelta(seconds=number)).isoformat(),
        "data": data,
    }


class Stream:
    """Calls after calls into one copy of the data, emptied of events before each round."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.url = ground.clone(ground.database("event_ingest", sources=SOURCES, build=fill))
        self.tokens = self._sign_in(CALLS)
        self.rows = b""

    def over_http(self, address: str) -> float:
        """Events per second of the real route; every one must have been accepted and written."""
        with _connection(self.url) as connection:
            connection.execute("TRUNCATE event, event_key")
            connection.execute("CHECKPOINT")
        load = http_shots(address, [self._call(token) for token in self.tokens], connections=CONNECTIONS)
        if load.statuses != {200: CALLS}:
            raise Failed(f"answers: {load.statuses}")
        with _connection(self.url) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM event WHERE customer_id IS NOT NULL")
            if (found := cursor.fetchall()) != [(CALLS * ITEMS,)]:
                raise Failed(f"of {CALLS * ITEMS} events {found} are in the stream, each with its person")
            with cursor.copy("COPY (SELECT * FROM event) TO STDOUT") as copy:
                self.rows = b"".join(bytes(piece) for piece in copy)
        return load.rate * ITEMS

    def by_copy(self) -> float:
        """Rows per second of COPY."""
        with _connection(self.url) as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS plain_event")
            cursor.execute("CREATE TABLE plain_event AS SELECT * FROM event WITH NO DATA")
            cursor.execute("CHECKPOINT")
            began = time.perf_counter()
            with cursor.copy("COPY plain_event FROM STDIN") as copy:
                for start in range(0, len(self.rows), BLOCK):
                    copy.write(self.rows[start : start + BLOCK])
            return CALLS * ITEMS / (time.perf_counter() - began)

    def _call(self, token: str) -> Shot:
        now = dt.datetime.now(dt.UTC)
        body = {
            "visitor": str(uuid.uuid4()),
            "sent_at": now.isoformat(),
            "events": [item(number, now) for number in range(ITEMS)],
        }
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return Shot("/mp/v1/events", "POST", headers, json.dumps(body, ensure_ascii=False).encode())

    def _sign_in(self, count: int) -> list[str]:
        known = {**os.environ, **self.ground.variables(self.url)}
        words = [sys.executable, "-m", "benchmarks.event_ingest", str(count)]
        told = subprocess.run(words, check=True, cwd=ROOT, env=known, stdout=subprocess.PIPE, text=True)
        return told.stdout.split()


def run(ground: Ground) -> Result:
    """The route and COPY in turn."""
    stream = Stream(ground)
    with ground.web(stream.url) as address:
        pairs = interleaved(lambda: stream.over_http(address), stream.by_copy)
    size = len(stream.rows) // (CALLS * ITEMS)
    return pairs.result("events/s", items_a_call=ITEMS, connections=CONNECTIONS, bytes_a_row=size)


if __name__ == "__main__":
    from app.web.guards import sign_in_consumer

    for life_id in random.sample(range(1, PEOPLE + 1), int(sys.argv[1])):
        print(sign_in_consumer(life_id=life_id, openid=f"o-bench-{life_id}"))
