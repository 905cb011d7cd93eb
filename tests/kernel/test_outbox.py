"""Work in rows: leased, done once, tried again, given up visibly."""

import datetime as dt
from collections.abc import Iterator

import flask
import pytest
from sqlalchemy import func, select

from app.kernel import locks, outbox, request_keys
from app.kernel.database import db, unit_of_work
from tests.jobs.conftest import wait_until


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    calls: list[int] = []
    monkeypatch.setattr(outbox, "_handlers", {})

    @outbox.handles("toy")
    def toy(payload: dict, *, now: dt.datetime) -> None:
        calls.append(payload["n"])

    return calls


def test_a_row_is_handed_out_once_while_its_lease_lasts_and_again_after(
    database: object, done: list[int], now: dt.datetime
) -> None:
    outbox.post("toy", {"n": 1}, due_at=now)
    db.session.flush()

    first = outbox.lease_due(now=now)
    assert len(first) == 1
    assert outbox.lease_due(now=now + outbox.LEASE / 2) == []
    assert outbox.lease_due(now=now + outbox.LEASE) == first, "its worker died: the lease ended"


def test_a_row_is_done_once_however_often_it_is_told(database: object, done: list[int], now: dt.datetime) -> None:
    outbox.post("toy", {"n": 5}, due_at=now)
    db.session.flush()
    (row,) = outbox.lease_due(now=now)

    assert [outbox.perform(row, now=now), outbox.perform(row, now=now)] == [True, False]
    assert done == [5]


def test_work_is_not_handed_out_before_it_is_due(database: object, done: list[int], now: dt.datetime) -> None:
    outbox.post("toy", {"n": 1}, due_at=now + dt.timedelta(hours=1))
    db.session.flush()
    assert outbox.lease_due(now=now) == []


def test_a_failing_row_waits_longer_each_time_and_is_given_up_in_sight(
    database: object, done: list[int], now: dt.datetime
) -> None:
    outbox.post("toy", {"n": 1}, due_at=now)
    db.session.flush()
    (row,) = outbox.lease_due(now=now)
    outbox.note_failure(row, "first", now=now)
    assert outbox.lease_due(now=now + dt.timedelta(seconds=1)) == []
    assert outbox.lease_due(now=now + dt.timedelta(seconds=2)) == [row]
    for _ in range(outbox.LAST_ATTEMPT):
        outbox.note_failure(row, "again", now=now)
    assert outbox.lease_due(now=now + dt.timedelta(days=9)) == []
    assert db.session.get(outbox.OutboxRow, row).last_error == "again"


def test_nobody_posts_work_that_nobody_does(database: object, done: list[int], now: dt.datetime) -> None:
    with pytest.raises(KeyError, match="nobody handles other"):
        outbox.post("other", {}, due_at=now)


def test_a_twin_in_flight_is_refused_at_once(committed: flask.Flask, now: dt.datetime) -> None:
    with committed.app_context(), unit_of_work():
        assert request_keys.find_answer(caller="a", key="k", body_hash=b"h", now=now) is None
        with committed.app_context(), pytest.raises(request_keys.StillInFlight), unit_of_work():
            request_keys.find_answer(caller="a", key="k", body_hash=b"h", now=now)


def test_an_answer_is_kept_for_24_hours(database: object, now: dt.datetime) -> None:
    request_keys.keep_answer(caller="a", key="k", body_hash=b"h", status=201, answer={"x": 1}, now=now)
    asked = {"caller": "a", "key": "k", "body_hash": b"h"}

    assert request_keys.find_answer(**asked, now=now + dt.timedelta(hours=23)) == (201, {"x": 1})
    assert request_keys.forget_old_answers(now=now + dt.timedelta(hours=23)) == 0
    assert request_keys.find_answer(**asked, now=now + dt.timedelta(hours=24)) is None
    assert db.session.scalar(select(func.count()).select_from(request_keys.RequestKey)) == 0


def test_only_one_leads_and_the_next_leads_when_the_connection_ends(committed: flask.Flask) -> None:
    with committed.app_context(), db.engine.connect() as first, db.engine.connect() as second:
        assert locks.try_lead(first, "toy")
        assert not locks.try_lead(second, "toy")
        first.invalidate()
        wait_until(lambda: locks.try_lead(second, "toy"), seconds=5)
        second.invalidate()
