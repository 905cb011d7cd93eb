"""One observation at a time through the operation: half of them of people just seen, half of new ones."""

import datetime as dt
import functools
import itertools
import random
import sys
import threading
import time
from collections.abc import Callable

import flask

_starting = threading.Lock()
NOW = dt.datetime(2026, 5, 20, 4, 0, tzinfo=dt.UTC)


@functools.cache
def product() -> flask.Flask:
    """This process's product, shared by its threads like the server's."""
    from app import wiring

    return wiring.start()


def prepare(process: int, thread: int) -> Callable[[], object]:
    """Observing a unionid with an openid or a phone, in a unit of work each."""
    with _starting:
        from app.kernel.database import again_when_given_up, unit_of_work
        from app.people import identity
        from app.people.identity.operations.observing import Observation, observe

        app = product()
    app.app_context().push()
    numbers, prefix = itertools.count(), f"{random.getrandbits(48):012x}{process}{thread}"

    def act() -> None:
        number = next(numbers)
        person = f"{prefix}-{number // 2}"
        known = identity.identifier("unionid", f"u-{person}")
        other = ("openid", "wx1") if number % 2 else ("external_userid", "ww1")
        beside = identity.identifier(other[0], f"o-{person}", scope=other[1])
        with unit_of_work():
            observe(Observation((known, beside), "bench", NOW), now=NOW)

    return lambda: again_when_given_up(act)


# The least that writes what half of them write: look whether it is known, write a person, two ids and what was seen.
SCRIPT = """
\\set one random(1, 9000000000000000)
BEGIN;
SELECT customer_id FROM identity WHERE token IN (md5(:one || 'a')::uuid, md5(:one || 'b')::uuid);
SELECT pg_advisory_xact_lock(:one);
WITH person AS (INSERT INTO customer (source, created_at) VALUES ('pgbench', '2026-05-20Z') RETURNING id)
INSERT INTO identity (customer_id, born_customer_id, token, kind, scope, value, value_index, proof, since)
    SELECT id, id, md5(:one || side)::uuid, 'unionid', '', '\\x00', sha256((:one || side)::bytea), 'proven', '2026-05-20Z'
    FROM person, (VALUES ('a'), ('b')) AS sides (side);
INSERT INTO identity_evidence (low, high, source, proof, first_seen, last_seen)
    SELECT least(md5(:one || 'a'), md5(:one || 'b'))::uuid, greatest(md5(:one || 'a'), md5(:one || 'b'))::uuid,
        'pgbench', 'proven', '2026-05-20Z', '2026-05-20Z';
COMMIT;
"""


def _main(threads: int, seconds: float) -> None:
    """Print the 99th percentile in milliseconds of what so many threads waited."""
    waited: list[float] = []
    ready = threading.Barrier(threads)

    def work(number: int) -> None:
        call = prepare(0, number)
        call()
        ready.wait()
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            call()
            waited.append(time.perf_counter() - began)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(sorted(waited)[int(len(waited) * 0.99)] * 1000)


if __name__ == "__main__":
    _main(int(sys.argv[1]), float(sys.argv[2]))
