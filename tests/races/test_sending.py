"""Four lanes on real connections, against the sandbox over HTTP: nothing twice, nobody two at a time, nothing left."""

import concurrent.futures
import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterator

import flask
import pytest
from sqlalchemy import text

from app.gateways.wechat import transport
from app.kernel.database import db, unit_of_work
from app.kernel.settings import settings
from app.outreach.messaging import dispatching, sending, wanting
from tests.conftest import FULL_SIZE, NOW
from tests.factories.messages import ACCOUNT, a_worded_purpose, following, wish
from tests.killed.sandbox_process import SandboxProcess

LANES, PEOPLE, EACH = 4, 200 if FULL_SIZE else 40, 5


@pytest.fixture
def sandbox(committed: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxProcess]:
    process = SandboxProcess()
    monkeypatch.setenv("WECHAT_API_BASE", process.address)
    settings.cache_clear()
    transport.http().adapters.pop(f"{process.address}/", None)
    yield process
    process.stop()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def people(committed: flask.Flask, sandbox: SandboxProcess) -> list[int]:
    openids = sandbox.world("followers", appid=ACCOUNT, count=PEOPLE)["openids"]
    with committed.app_context(), unit_of_work():
        return following(openids, NOW)


def want_several(people: list[int]) -> None:
    with unit_of_work():
        purpose = a_worded_purpose(NOW)
        wishes = [wish(who, purpose, f"o{number}") for who in people for number in range(EACH)]
        wanting.want(wishes, now=NOW)


def run_lanes(app: flask.Flask) -> int:
    """All lanes at once until nothing is due; how many calls they made."""

    def one(number: int) -> int:
        with app.app_context():
            return sending.run_lane(number, clock=lambda: NOW, stop=threading.Event())

    with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
        return sum(pool.map(one, range(LANES)))


def rows(query: str) -> list[tuple[object, ...]]:
    with unit_of_work():
        return [tuple(row) for row in db.session.execute(text(query))]


def test_four_lanes_send_each_once_and_nobody_two_at_a_time(
    committed: flask.Flask, sandbox: SandboxProcess, people: list[int]
) -> None:
    with committed.app_context():
        want_several(people)
        together = Watch(committed)
        calls = 0
        while rows("SELECT 1 FROM delivery WHERE state IN ('planned', 'sending') LIMIT 1"):
            calls += run_lanes(committed)
        together.end()

        assert calls == PEOPLE * EACH
        assert rows("SELECT DISTINCT state FROM delivery") == [("sent",)]
        assert Counter(sandbox.received().values()) == {EACH: PEOPLE}
        assert rows("SELECT count(*) FROM delivery_attempt") == [(PEOPLE * EACH,)]
        assert rows("SELECT sum(number)::int FROM dispatch_minute WHERE what = 'sent'") == [(PEOPLE * EACH,)]
        assert together.most == 1


class Watch:
    """Looks all the time at how many messages one person is being sent at once."""

    def __init__(self, app: flask.Flask) -> None:
        self.most, self._over, self._app = 0, threading.Event(), app
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        query = (
            "SELECT max(n) FROM (SELECT count(*) AS n FROM delivery WHERE state = 'sending' GROUP BY customer_id) AS c"
        )
        with self._app.app_context():
            while not self._over.is_set():
                self.most = max(self.most, rows(query)[0][0] or 0)


def test_a_pause_takes_effect_while_lanes_run(
    committed: flask.Flask, sandbox: SandboxProcess, people: list[int]
) -> None:
    sandbox.world("faults", path="/cgi-bin/message/template/send", kind="latency", seconds=0.2, times=0)
    with committed.app_context():
        want_several(people)
        ((dispatch,),) = rows("SELECT id FROM dispatch")
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            running = pool.submit(run_lanes, committed)
            while not rows("SELECT 1 FROM delivery WHERE state = 'sent' LIMIT 1"):
                pass
            with unit_of_work():
                dispatching.pause(dispatch, now=NOW + dt.timedelta(seconds=1))
            running.result(timeout=30)

        left = rows("SELECT count(*) FROM delivery WHERE state = 'planned'")[0][0]
        assert left > 0
        assert sum(sandbox.received().values()) == PEOPLE * EACH - left
