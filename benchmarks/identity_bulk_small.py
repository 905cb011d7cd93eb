"""identity_bulk_small: ten thousand new observations into five million ids; the cost must follow the ten thousand.

The limit is the same file into an empty database: at 1 the five million cost nothing.
"""

import itertools

import psycopg

from benchmarks import _identity as it
from benchmarks.harness.ground import ROOT, Ground
from benchmarks.harness.pairs import Result, interleaved

SMALL, KNOWN = 10_000, 5_000_000

# Two ids a person, seen together once. Their values are no ciphertexts: nobody reads them here.
_FILL = f"""
    SET session_replication_role = replica;
    SET synchronous_commit = off;
    INSERT INTO customer (source, created_at) SELECT 'bench', '2026-01-01Z' FROM generate_series(1, {KNOWN // 2});
    INSERT INTO identity (customer_id, born_customer_id, token, kind, scope, value, value_index, proof, since)
        SELECT 1 + n / 2, 1 + n / 2, md5('bench' || n)::uuid, CASE n % 2 WHEN 0 THEN 'phone' ELSE 'unionid' END, '',
            decode(md5(n::text), 'hex'), sha256(n::text::bytea), 'proven', '2026-01-01Z'
        FROM generate_series(0, {KNOWN - 1}) AS n;
    INSERT INTO identity_evidence (low, high, source, proof, first_seen, last_seen)
        SELECT least(one, other), greatest(one, other), 'counter', 'proven', '2026-01-01Z', '2026-01-01Z'
        FROM (SELECT md5('bench' || 2 * n)::uuid AS one, md5('bench' || 2 * n + 1)::uuid AS other
              FROM generate_series(0, {KNOWN // 2 - 1}) AS n) AS pair;
"""


def fill(url: str) -> None:
    """Five million ids."""
    with psycopg.connect(it.plain(url), autocommit=True) as connection:
        for statement in filter(str.strip, _FILL.split(";\n")):
            connection.execute(statement)  # type: ignore[arg-type]


def run(ground: Ground) -> Result:
    """Each time other people, so that all are new."""
    many = ground.clone(
        ground.database("millions", sources=[ROOT / "benchmarks/identity_bulk_small.py"], build=fill)
    )  # fmt: skip
    nobody = ground.clone(ground.database("nobody", sources=it.EMPTY_SOURCES, build=lambda _: None))
    turns = itertools.count(1)

    def into_nobody(path_of: int) -> float:
        it.empty(nobody)
        return it.bring_in(ground, nobody, it.file(ground, observations=SMALL, first=path_of * 100_000_000))

    def into_many(path_of: int) -> float:
        return it.bring_in(ground, many, it.file(ground, observations=SMALL, first=path_of * 100_000_000))

    pairs = interleaved(lambda: into_many(next(turns)), lambda: into_nobody(next(turns)), rounds=5)
    return pairs.result("observations/s", new_observations=SMALL, ids_before=KNOWN)
