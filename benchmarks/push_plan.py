"""push_plan: planning a message for a million customers (`dispatching.plan`, one statement), against COPY of the very rows
that it made into the same table with its indexes, keys and checks, emptied before each turn of either."""

import tempfile
import time
from pathlib import Path

import psycopg

from benchmarks import _push_people
from benchmarks._push import SOURCES, TEMPLATE, many, order
from benchmarks.harness.ground import Ground
from benchmarks.harness.load import Failed
from benchmarks.harness.pairs import Result, interleaved

BLOCK = 1 << 20
COLUMNS = (
    "dispatch_id, purpose_id, customer_id, born_customer_id, occasion, values, state, due_at, expires_at, planned_at"
)


class Table:
    """One copy of the data, its deliveries planned anew or copied from what was planned first."""

    def __init__(self, ground: Ground, rows: int, kept: Path) -> None:
        self.rows, self.kept = rows, kept
        self.url = ground.clone(ground.database("push", sources=SOURCES, build=_push_people.fill))
        self.variables = ground.variables(self.url)
        account = self.variables["OFFICIAL_ACCOUNTS"].split(":")[0]
        order(self.variables, "make_purpose", account=account, template_id=TEMPLATE, a_minute=1_000)

    def plan(self) -> float:
        """Rows a second of our own code."""
        with self._emptied():
            told = order(self.variables, "plan", code=f"bench-{time.monotonic_ns()}", count=self.rows)
        if told["planned"] != self.rows:
            raise Failed(f"{told['planned']} of {self.rows} planned")
        if not self.kept.exists():
            self._keep()
        return float(self.rows / told["seconds"])

    def copy(self) -> float:
        """Rows a second of COPY."""
        with self._emptied() as connection, connection.cursor() as cursor, self.kept.open("rb") as file:
            began = time.perf_counter()
            with cursor.copy(f"COPY delivery ({COLUMNS}) FROM STDIN") as copy:
                while block := file.read(BLOCK):
                    copy.write(block)
            return self.rows / (time.perf_counter() - began)

    def _keep(self) -> None:
        asked = f"COPY (SELECT {COLUMNS} FROM delivery ORDER BY id) TO STDOUT"
        with self._connection() as connection, self.kept.open("wb") as file, connection.cursor().copy(asked) as copy:
            for piece in copy:
                file.write(piece)

    def _emptied(self) -> "psycopg.Connection[tuple[int, ...]]":
        connection = self._connection()
        connection.execute("TRUNCATE delivery, delivery_attempt")
        connection.execute("CHECKPOINT")
        return connection

    def _connection(self) -> "psycopg.Connection[tuple[int, ...]]":
        return psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True)


def run(ground: Ground) -> Result:
    """Both in turn."""
    rows = many("GUIYI_BENCH_PLANNED", _push_people.CUSTOMERS)
    with tempfile.TemporaryDirectory() as folder:
        table = Table(ground, rows, Path(folder) / "rows")
        pairs = interleaved(table.plan, table.copy)
    return pairs.result("rows/s", rows=rows)
