"""Killed with -9 at every numbered point of the send path: nothing is lost, nothing sent twice but what is marked in doubt."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import flask
import pytest
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.outreach.messaging import wanting
from app.outreach.messaging.rules.points import POINTS
from tests.conftest import FULL_SIZE, NOW, REPOSITORY
from tests.factories.messages import ACCOUNT, a_worded_purpose, following, wish
from tests.killed.sandbox_process import SandboxProcess

PEOPLE = 400 if FULL_SIZE else 40
# A worker that has imported everything, and becomes another process for each line that names a point. That one does what
# workers do, in a loop; a receipt for everything that was sent comes with it, as the platform would tell.
WORK = """
import os, sys, time
from jobs import tasks
from app.kernel import clock, failpoints
from app.kernel.database import db, unit_of_work
from app.kernel.settings import settings
from app.outreach.messaging import Receipt, receipts
from sqlalchemy import text

def work():
    while True:
        tasks.sweep_messages.fn()
        tasks.send_lane.fn(0)
        with tasks.application().app_context(), unit_of_work():
            sent = db.session.execute(text("SELECT account, platform_id FROM delivery WHERE state = 'sent'")).all()
            told = [Receipt(row.account, "delivered", clock.now(), row.platform_id) for row in sent]
            receipts.take(told, now=clock.now())
        time.sleep(0.05)

for line in sys.stdin:
    if not (child := os.fork()):
        os.environ["GUIYI_FAILPOINT"] = line.strip()
        settings.cache_clear()
        work()
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
# A point that is reached many times is reached best when others are under way; a sweep needs somebody who died before.
TIMES = {"sending.calling": 7, "sending.called": 7}
BEFORE = {"sending.sweeping": "sending.called:5", "sending.swept": "sending.called:5"}


@pytest.fixture(scope="module")
def sandbox(application: flask.Flask) -> Iterator[SandboxProcess]:
    process = SandboxProcess()
    yield process
    process.stop()


@dataclass
class Audience:
    """Who is to get one message each. `retry`: those whose message the platform knows by our id."""

    openids: dict[int, str]
    retry: set[int]


@pytest.fixture
def audience(committed: flask.Flask, sandbox: SandboxProcess, time_is: Callable) -> Audience:
    time_is(NOW)
    openids = sandbox.world("followers", appid=ACCOUNT, count=PEOPLE)["openids"]
    with committed.app_context(), unit_of_work():
        known = dict(zip(following(openids, NOW), openids, strict=True))
        retry, hold = a_worded_purpose(NOW, when_in_doubt="retry"), a_worded_purpose(NOW)
        halves = list(known)[: PEOPLE // 2], list(known)[PEOPLE // 2 :]
        wishes = [wish(who, purpose) for half, purpose in zip(halves, (retry, hold), strict=True) for who in half]
        wanting.want(wishes, now=NOW)
    return Audience(known, set(halves[0]))


class Workers:
    """Worker processes, one after the other."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        env = os.environ | {"WECHAT_API_BASE": sandbox.address, "GUIYI_POOL_SIZE": "8"}
        self._parent = subprocess.Popen(
            [sys.executable, "-c", WORK], cwd=REPOSITORY, env=env, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def start(self, failpoint: str = "") -> int:
        """One that dies at the point; its process id."""
        self._parent.stdin.write(f"{failpoint}\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())

    def die(self, failpoint: str) -> None:
        """Let one run until it kills itself there."""
        worker = self.start(failpoint)
        alarm = threading.Timer(60, os.kill, (worker, signal.SIGTERM))
        alarm.start()
        died_of = int(self._parent.stdout.readline())
        alarm.cancel()
        assert died_of == -signal.SIGKILL, f"{failpoint} was never reached"

    def recover(self) -> None:
        """Let one run until nothing is left to do."""
        worker = self.start()
        end = time.monotonic() + 60
        while unfinished() and time.monotonic() < end:
            time.sleep(0.05)
        os.kill(worker, signal.SIGKILL)
        self._parent.stdout.readline()

    def stop(self) -> None:
        """End them."""
        os.killpg(self._parent.pid, signal.SIGKILL)
        self._parent.communicate()


@pytest.fixture(scope="module")
def workers(sandbox: SandboxProcess) -> Iterator[Workers]:
    found = Workers(sandbox)
    yield found
    found.stop()


def unfinished() -> int:
    query = text(
        "SELECT count(*) FROM delivery WHERE state IN ('planned', 'sending', 'sent')"
        " OR (state = 'in_doubt' AND reason = 'lost_retry')"
    )
    with unit_of_work():
        return int(db.session.execute(query).scalar_one())


def states() -> dict[int, str]:
    with unit_of_work():
        rows = db.session.execute(text("SELECT customer_id, state FROM delivery")).all()
    return {row.customer_id: row.state for row in rows}


@pytest.mark.parametrize("point", POINTS)
def test_nothing_is_lost_and_nothing_sent_twice(
    committed: flask.Flask, workers: Workers, sandbox: SandboxProcess, audience: Audience, time_is: Callable, point: str
) -> None:
    with committed.app_context():
        if point in BEFORE:
            workers.die(BEFORE[point])
            time_is(NOW + dt.timedelta(seconds=40))
        workers.die(f"{point}:{TIMES.get(point, 1)}")

        time_is(NOW + dt.timedelta(seconds=80 if point in BEFORE else 45))
        workers.recover()

        found, received = states(), sandbox.received()
        arrived = {who: received.get(openid, 0) for who, openid in audience.openids.items()}
        assert len(found) == PEOPLE, "lost"
        assert set(found.values()) <= {"delivered", "in_doubt"}
        assert {who for who, state in found.items() if state == "in_doubt"}.isdisjoint(audience.retry)
        assert all(arrived[who] == 1 for who, state in found.items() if state == "delivered")
        assert all(arrived[who] <= 1 for who in found), "sent twice"
        asked = sandbox.asked()
        assert all(asked[openid] <= 1 for who, openid in audience.openids.items() if who not in audience.retry)
