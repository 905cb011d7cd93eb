"""push_quota: messages a minute where the account may send so many a minute, and never one above, over two whole minutes.

The limit is the quota; the sandbox keeps the same one and would refuse what is above it, which ends the bench.
"""

import datetime as dt
import time

from benchmarks._push import LATENCY, Rig, many, rig
from benchmarks.harness.ground import Ground
from benchmarks.harness.load import Failed
from benchmarks.harness.pairs import Result

A_MINUTE = 3_000
MINUTES = 2

_BY_MINUTE = """
    SELECT date_trunc('minute', started_at) AS minute, count(*), count(*) FILTER (WHERE outcome = 'accepted')
    FROM delivery_attempt GROUP BY minute ORDER BY minute"""


def measure(stand: Rig, quota: int) -> Result:
    """Begin with a new minute, and look at each that was whole."""
    dispatch = stand.plan(stand.followers)
    time.sleep(62 - dt.datetime.now(dt.UTC).second)  # the minute before must be one in which nothing was sent
    stand.let_go(dispatch)
    time.sleep(61 * MINUTES - dt.datetime.now(dt.UTC).second)
    stand.let_go(dispatch, go=False)
    time.sleep(5)
    counted = stand.database.execute(_BY_MINUTE).fetchall()[:MINUTES]
    called, taken = [row[1] for row in counted], [row[2] for row in counted]
    if max(called) > quota or taken != called:
        raise Failed(f"called {called} a minute where {quota} may be, of which {taken} were taken")
    conditions = {"called": called, "refused": 0, "latency_ms": round(LATENCY * 1000)}
    return Result(float(min(taken)), "messages/min", float(quota), min(taken) / quota, conditions)


def run(ground: Ground) -> Result:
    """A rig of its own."""
    quota = many("GUIYI_BENCH_QUOTA", A_MINUTE)
    with rig(ground, followers=quota * (MINUTES + 1), a_minute=quota) as stand:
        return measure(stand, quota)
