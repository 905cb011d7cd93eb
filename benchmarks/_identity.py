"""What the identity benches share: the file, the command on it, and the limit of writing the very rows it wrote."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psycopg
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks import _observations
from benchmarks.harness.ground import ROOT, Ground

OBSERVATIONS = int(os.environ.get("GUIYI_BENCH_OBSERVATIONS", "1_000_000"))
EMPTY_SOURCES = [ROOT / "migrations/run.py"]
TABLES = ("customer", "identity", "identity_evidence")
BLOCK = 1 << 18
Raw = dict[str, bytes]


def plain(url: str) -> str:
    """The address as the driver itself takes it."""
    return url.replace("+psycopg", "", 1)


def file(ground: Ground, *, observations: int, first: int = 0) -> Path:
    """A file of so many observations, made once."""
    path = ground.cache / f"observations-{observations}-{first}-{_observations.VERSION}.csv"
    if not path.exists():
        ground.say(f"writing {observations:,} observations")
        half = path.with_suffix(".half")
        _observations.write(half, observations=observations, first=first)
        half.rename(path)
    return path


def empty(url: str) -> None:
    """No people in it any more."""
    with psycopg.connect(plain(url), autocommit=True) as connection:
        connection.execute("TRUNCATE customer, identity_evidence, identity_import RESTART IDENTITY CASCADE")
        connection.execute("CHECKPOINT")


def bring_in(ground: Ground, url: str, path: Path, *more: str) -> float:
    """Observations a second as the command tells them, from its first look into the file to its last commit."""
    words = [sys.executable, "-m", "command_line", "import-observations", str(path), *more]
    known = {**os.environ, **ground.variables(url)}
    done = subprocess.run(words, cwd=ROOT, env=known, capture_output=True, text=True, check=False)
    told = re.match(r"([\d,]+) rows, ([\d,]+)/s: ([\d,]+) new people", done.stdout)
    if done.returncode or told is None:
        raise RuntimeError(f"the import failed: {done.stdout} {done.stderr[-2000:]}")
    return float(told[2].replace(",", ""))


def rows(url: str) -> Raw:
    """The rows that were written, as COPY gives them."""
    found = {}
    with psycopg.connect(plain(url)) as connection:
        for table in TABLES:
            with connection.cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT (FORMAT BINARY)") as copy:  # type: ignore[arg-type]
                found[table] = b"".join(bytes(piece) for piece in copy)
    return found


def edges(url: str) -> tuple[int, np.ndarray, np.ndarray]:
    """What was seen together, as numbers."""
    with psycopg.connect(plain(url)) as connection, connection.cursor(binary=True) as cursor:
        cursor.execute("SELECT uuid_send(low), uuid_send(high) FROM identity_evidence")
        pairs = np.frombuffer(b"".join(bytes(low) + bytes(high) for low, high in cursor), dtype="V16").reshape(-1, 2)
    known, numbers = np.unique(pairs.view("S16"), return_inverse=True)
    numbers = numbers.reshape(-1, 2)
    return len(known), numbers[:, 0], numbers[:, 1]


def limit(url: str, raw: Raw, graph: tuple[int, np.ndarray, np.ndarray], observations: int) -> float:
    """Observations a second if all there was to do were COPY of the very rows and connected components in memory."""
    count, low, high = graph
    with psycopg.connect(plain(url), autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"DROP TABLE IF EXISTS plain_{table}")  # type: ignore[arg-type]
            connection.execute(f"CREATE TABLE plain_{table} AS SELECT * FROM {table} WITH NO DATA")  # type: ignore[arg-type]
        connection.execute("CHECKPOINT")
        began = time.perf_counter()
        connected_components(coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(count, count)), False)
        for table, content in raw.items():
            with connection.cursor() as cursor, cursor.copy(f"COPY plain_{table} FROM STDIN (FORMAT BINARY)") as copy:  # type: ignore[arg-type]
                for start in range(0, len(content), BLOCK):
                    copy.write(content[start : start + BLOCK])
        return observations / (time.perf_counter() - began)


def people(url: str) -> int:
    """How many there are."""
    with psycopg.connect(plain(url)) as connection:
        row = connection.execute("SELECT count(*) FROM customer").fetchone()
        assert row
        return int(row[0])
