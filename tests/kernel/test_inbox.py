"""Messages of outside companies: stored once, answered alike, handled once, given up visibly, forgotten."""

import datetime as dt
import threading
from collections.abc import Iterator

import flask
import pytest
from sqlalchemy import text

from app.kernel import inbox
from app.kernel.database import db, unit_of_work
from jobs import tasks

KEY = inbox.key_of("wx1", "42")


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What the toy's handler was given; it stumbles over "bad"."""
    seen: list[object] = []
    monkeypatch.setattr(inbox, "_handlers", {})

    @inbox.handles("toy")
    def toy(messages: list[inbox.Message], *, now: dt.datetime) -> None:
        if any(message.payload["n"] == "bad" for message in messages):
            raise ValueError("bad")
        seen.extend(message.payload["n"] for message in messages)

    return seen


def take(n: object, *, key: object = None, now: dt.datetime) -> inbox.Taken:
    return inbox.take_in(source="toy", key=key or inbox.key_of("wx1", str(n)), payload={"n": n}, now=now)


@pytest.mark.usefixtures("database")
def test_a_repeat_gets_the_answer_of_the_first_and_is_handled_once(handled: list[object], now: dt.datetime) -> None:
    first = take("你好", key=KEY, now=now)
    assert (first.new, first.answer) == (True, None)
    inbox.keep_answer(first.id, "欢迎")

    assert take("你好", key=KEY, now=now) == inbox.Taken(first.id, new=False, answer="欢迎")
    assert inbox.lease_due(now=now) == [first.id]
    assert [inbox.perform([first.id], now=now), inbox.perform([first.id], now=now)] == [1, 0]
    assert handled == ["你好"]


@pytest.mark.usefixtures("database")
def test_what_was_said_is_not_readable_in_the_table(handled: list[object], now: dt.datetime) -> None:
    inbox.keep_answer(take("秘密", now=now).id, "回答")
    stored = db.session.execute(text("SELECT payload, answer FROM inbox")).one()
    assert "秘密".encode() not in bytes(stored.payload)
    assert "回答".encode() not in bytes(stored.answer)


@pytest.mark.usefixtures("database")
def test_a_lease_ends_with_its_worker(handled: list[object], now: dt.datetime) -> None:
    row = take(1, now=now).id
    assert inbox.lease_due(now=now) == [row]
    assert inbox.lease_due(now=now + inbox.LEASE / 2) == []
    assert inbox.lease_due(now=now + inbox.LEASE) == [row], "its worker died"


def test_one_bad_message_keeps_none_of_the_others_back(
    committed: flask.Flask, handled: list[object], now: dt.datetime
) -> None:
    with committed.app_context():
        with unit_of_work():
            rows = [take(n, now=now).id for n in (1, "bad", 2)]
        assert tasks.perform_messages(rows) == 2
        assert handled == [1, 2]
        [stuck] = inbox.list_stuck()
        assert (stuck.id, stuck.attempts, stuck.last_error) == (rows[1], 1, "ValueError: bad")
        assert inbox.count_waiting() == 1


@pytest.mark.usefixtures("database")
def test_what_fails_for_ever_is_given_up_in_sight(handled: list[object], now: dt.datetime) -> None:
    row = take("bad", now=now).id
    for _ in range(inbox.LAST_ATTEMPT):
        inbox.note_failure(row, "bad", now=now)
    assert inbox.lease_due(now=now + dt.timedelta(days=9)) == []
    assert [stuck.attempts for stuck in inbox.list_stuck()] == [inbox.LAST_ATTEMPT]


@pytest.mark.usefixtures("database")
def test_messages_are_forgotten_after_a_week(handled: list[object], now: dt.datetime) -> None:
    take(1, now=now)
    take(2, now=now + dt.timedelta(days=1))
    assert inbox.forget_due(now=now + inbox.KEPT) == 0
    assert inbox.forget_due(now=now + inbox.KEPT + dt.timedelta(hours=1)) == 1
    assert inbox.forget_due(now=now + inbox.KEPT + dt.timedelta(hours=1)) == 0


def test_a_repeat_waits_for_the_first_one_that_is_on_its_way(
    committed: flask.Flask, handled: list[object], now: dt.datetime
) -> None:
    repeats: list[inbox.Taken] = []

    def repeat() -> None:
        with committed.app_context(), unit_of_work():
            repeats.append(take(1, key=KEY, now=now))

    with committed.app_context():
        again = threading.Thread(target=repeat)
        with unit_of_work():
            first = take(1, key=KEY, now=now)
            again.start()
            again.join(0.3)
            assert repeats == [], "it must not be answered before the first one is"
            inbox.keep_answer(first.id, "一")
        again.join(5)
    assert [(one.new, one.answer) for one in repeats] == [(False, "一")]


def test_nobody_stores_what_nobody_handles(handled: list[object], now: dt.datetime) -> None:
    with pytest.raises(KeyError, match="nobody handles other"):
        inbox.take_in(source="other", key=KEY, payload={}, now=now)
