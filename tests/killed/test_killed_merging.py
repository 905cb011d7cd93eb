"""Killed in the middle of a merge: nobody is half merged, no point is lost or made, and the next process goes on."""

import random
import signal
import subprocess
import sys
import time

import flask
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.membership import coupons, members, points
from tests.conftest import FULL_SIZE, NOW, REPOSITORY
from tests.factories.coupons import a_coupon, a_template
from tests.factories.members import a_member
from tests.factories.observations import people, people_anew, strays
from tests.stories import proofs

KILLS, PEOPLE = (25, 6) if FULL_SIZE else (3, 4)


def test_nobody_is_half_merged(committed: flask.Flask) -> None:
    with committed.app_context(), unit_of_work():
        known = [a_member(NOW) for _ in range(PEOPLE)]
        template = a_template(per_customer=100)
        for customer_id in known:
            a_coupon(customer_id=customer_id, template=template)
    chance, finished = random.Random(7), 0

    for seed in range(KILLS):
        finished += killed_after(seed, known, steps=chance.randrange(1, 6), seconds=chance.uniform(0, 0.2))

        with committed.app_context(), unit_of_work():
            assert strays() == []
            assert people() == people_anew()
            assert proofs.broken() == []
            assert [*points.recount(), *coupons.recount(), *members.recount(now=NOW)] == []
            assert count("SELECT count(*) FROM coupon") == PEOPLE
            gifts = count("SELECT count(*) FROM points_movement WHERE cause LIKE 'gift:%'")
            assert count("SELECT coalesce(sum(spendable), 0) FROM points_account") == 7 * gifts
    assert finished, "nothing was done: the test proves nothing"
    with committed.app_context():
        assert count("SELECT count(*) FROM identity_merge") > 0


def count(query: str) -> int:
    return int(db.session.execute(text(query)).scalar_one())


def killed_after(seed: int, known: list[int], *, steps: int, seconds: float) -> int:
    """A process that merges and undoes, killed with -9 so long after so many steps; how many it had done."""
    command = [sys.executable, "-m", "tests.killed.merging_load", str(seed), ",".join(map(str, known))]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(1 + steps)]
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        assert told == ["begun\n"] + ["done\n"] * steps, "it ended by itself"
        return steps + process.stdout.read().count("done")
