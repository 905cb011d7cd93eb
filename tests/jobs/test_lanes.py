"""The clock hands out lanes while something is due; workers send, and write what is under way when they are told to stop."""

import datetime as dt
import signal
import subprocess
from collections.abc import Callable, Iterator

import flask
import pytest
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.outreach.messaging import dispatching, sending, wanting
from jobs.lanes import Handout
from tests.conftest import NOW
from tests.factories.messages import ACCOUNT, a_worded_purpose, following, wish
from tests.jobs.conftest import wait_until
from tests.killed.sandbox_process import SandboxProcess

PEOPLE = 100


@pytest.fixture
def sandbox(application: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxProcess]:
    process = SandboxProcess()
    monkeypatch.setenv("WECHAT_API_BASE", process.address)
    yield process
    process.stop()


def states() -> dict[str, int]:
    with unit_of_work():
        rows = db.session.execute(text("SELECT state, count(*) AS number FROM delivery GROUP BY state"))
        return {row.state: row.number for row in rows}


def want_all(sandbox: SandboxProcess) -> None:
    openids = sandbox.world("followers", appid=ACCOUNT, count=PEOPLE)["openids"]
    with unit_of_work():
        purpose = a_worded_purpose(NOW)
        wanting.want([wish(who, purpose) for who in following(openids, NOW)], now=NOW)


def test_clock_and_workers_send_what_is_due(
    committed: flask.Flask, sandbox: SandboxProcess, processes: Callable[..., subprocess.Popen], time_is: Callable
) -> None:
    time_is(NOW)
    processes("jobs.clock")
    processes("jobs.workers", "--processes", "2", "--threads", "4")
    with committed.app_context():
        want_all(sandbox)
        wait_until(lambda: states() == {"sent": PEOPLE}, seconds=60)
    assert sum(sandbox.received().values()) == PEOPLE


def test_a_worker_that_is_told_to_stop_leaves_nothing_half_done(
    committed: flask.Flask, sandbox: SandboxProcess, processes: Callable[..., subprocess.Popen], time_is: Callable
) -> None:
    time_is(NOW)
    processes("jobs.clock")
    worker = processes("jobs.workers", "--threads", "4")
    sandbox.world("faults", path="/cgi-bin/message/template/send", kind="latency", seconds=0.3, times=PEOPLE)
    with committed.app_context():
        want_all(sandbox)
        wait_until(lambda: "sending" in states(), seconds=60)
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=30)
        left = states()

    assert set(left) <= {"sent", "planned"}
    assert 0 < left["sent"] == sum(sandbox.received().values())


def test_as_many_lanes_as_there_is_work_for_less_those_that_run(committed: flask.Flask, platform: object) -> None:
    moment = [100.0]
    handout = Handout(monotonic=lambda: moment[0])
    with committed.app_context():
        with unit_of_work():
            purpose = a_worded_purpose(NOW)
            wave = dispatching.open("wave", purpose=purpose.code, name="x", now=NOW)
            people = following([f"o{number}" for number in range(sending.CHUNK + 1)], NOW)
            dispatching.plan(wave, people=people, occasion="w", due_at=NOW, now=NOW)
        with sending._held(sending.lock_name(1)), unit_of_work():
            assert handout.lanes(now=NOW) == [0]
            assert handout.lanes(now=NOW) == []
            moment[0] += 2
            assert handout.lanes(now=NOW - dt.timedelta(seconds=1)) == []
            assert handout.lanes(now=NOW) == [0]


def test_a_sweep_is_due_every_fifteen_seconds() -> None:
    handout = Handout()
    due = [handout.sweep_is_due(now=NOW + dt.timedelta(seconds=seconds)) for seconds in (0, 5, 14, 15, 20, -60)]
    assert due == [True, False, False, True, False, True]
