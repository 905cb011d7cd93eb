"""points_post: earning points as our operation does it, over a million accounts.

The value is `points.earn` in its unit of work, in two processes of eight threads. The limit is pgbench in simple mode with
sixteen clients sending the same five statements (BEGIN, lock, look-up, writing CTE, COMMIT) to the same server.
"""

import functools
import itertools
import os
import random
import re
import threading
from collections.abc import Callable

import flask

from benchmarks._points_data import ACCOUNTS, NOW, fill
from benchmarks.harness.ground import ROOT, Ground
from benchmarks.harness.load import operations, pgbench
from benchmarks.harness.pairs import Result, interleaved

SECONDS = 5
SOURCES = [ROOT / "benchmarks/_points_data.py"]

_starting = threading.Lock()


@functools.cache
def product() -> flask.Flask:
    """This process's product, shared by its threads like the server's."""
    from app import wiring

    return wiring.start()


def earner(choose: Callable[[random.Random], int], process: int, thread: int) -> Callable[[], object]:
    """One thread that earns for chosen customers, in a unit of work each."""
    with _starting:  # threads that import the same modules at once may see half of them
        from app.kernel.database import unit_of_work
        from app.membership import points

        app = product()
    app.app_context().push()
    chance = random.Random()
    numbers = itertools.count()
    prefix = f"bench:{os.getpid()}:{thread}:{chance.getrandbits(32)}"

    def call() -> None:
        with unit_of_work():
            points.earn(customer_id=choose(chance), amount=10, cause=f"{prefix}:{next(numbers)}", why="见面礼", now=NOW)

    return call


def prepare(process: int, thread: int) -> Callable[[], object]:
    """Earning for anybody of the million."""
    return earner(lambda chance: chance.randint(1, ACCOUNTS), process, thread)


def script(customer: str) -> str:
    """The same statements for pgbench; `customer` is an expression of its own."""
    from app.membership.points.operations.moves import EARN
    from app.membership.points.queries import FIND, LOCK

    values = {
        "customer_id": ":customer",
        "born": ":customer",
        "cause": "'pgbench:' || :number",
        "kind": "'earn'",
        "amount": "10",
        "kept": "10",
        "paid": "0",
        "now": f"'{NOW}'::timestamptz",
        "expires_at": "'2027-05-31T16:00:00Z'::timestamptz",
        "rule_version": "NULL",
        "explain": """'{"words": "见面礼"}'::jsonb""",
    }
    lines = [f"\\set customer {customer}", "\\set number random(1, 9000000000000000)", "BEGIN;"]
    for statement in (LOCK, FIND, EARN):
        text = re.sub(r"%\((\w+)\)s(?:::\w+)*", lambda found: values[found[1]], statement.text)
        lines.append(" ".join(text.split()) + ";")
    return "\n".join([*lines, "COMMIT;", ""])


def measure(ground: Ground, target: str, customer: str) -> Result:
    """The operation and pgbench in turn, on a copy of the data."""
    url = ground.clone(ground.database("points", sources=SOURCES, build=fill))
    variables, text = ground.variables(url), script(customer)
    pairs = interleaved(
        lambda: operations(target, variables, processes=2, threads=8, seconds=SECONDS),
        lambda: pgbench(url, [text], clients=16, seconds=SECONDS).rate,
    )
    return pairs.result("earnings/s", accounts=ACCOUNTS, clients=16, pgbench_mode="simple")


def run(ground: Ground) -> Result:
    """Over all accounts."""
    return measure(ground, "benchmarks.points_post:prepare", f"random(1, {ACCOUNTS})")
