"""Dispatches are opened once, planned in one statement, paused, resumed and stopped."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.kernel.database import db
from app.outreach.messaging import DispatchStopped, DispatchUnknown, dispatching
from app.outreach.messaging.models import Dispatch, DispatchMinute
from app.people.identity.models import Customer
from tests.factories.merging import merge
from tests.factories.messages import a_purpose, deliveries
from tests.factories.people import a_customer


def open_one(now: dt.datetime, **terms: object) -> int:
    return dispatching.open("wave:1", purpose=a_purpose(now).code, name="第一波", now=now, **terms)


def state_of(dispatch_id: int) -> str:
    return db.session.execute(select(Dispatch.state).where(Dispatch.id == dispatch_id)).scalar_one()


def test_a_dispatch_is_opened_once_by_its_code(database: object, now: dt.datetime) -> None:
    first = open_one(now, priority=80, control_percent=10, control_salt="s", state="paused")

    assert open_one(now) == first
    row = db.session.get(Dispatch, first)
    assert (row.priority, row.control_percent, row.state) == (80, 10, "paused")


def test_people_are_planned_once_each_by_ids_or_by_a_query(database: object, now: dt.datetime) -> None:
    people = [a_customer(now) for _ in range(3)]
    dispatch, later = open_one(now), now + dt.timedelta(hours=1)
    given = {"occasion": "wave:1", "due_at": later, "now": now}

    assert dispatching.plan(dispatch, people=people[:2], values={"a": "1"}, **given) == 2
    assert dispatching.plan(dispatch, people=select(Customer.id.label("customer_id")), values={"a": "2"}, **given) == 1
    assert [(row.customer_id, row.values) for row in deliveries()] == [
        (people[0], {"a": "1"}), (people[1], {"a": "1"}), (people[2], {"a": "2"})
    ]  # fmt: skip
    assert {(row.due_at, row.expires_at) for row in deliveries()} == {(later, later + dt.timedelta(days=1))}
    assert db.session.execute(select(DispatchMinute.what, DispatchMinute.number)).all() == [("planned", 3)]


def test_a_former_id_is_planned_for_who_it_is_today(database: object, now: dt.datetime) -> None:
    first, second = a_customer(now), a_customer(now)
    merge(first, second, now=now)

    planned = dispatching.plan(open_one(now), people=[second, 10**9], occasion="w", due_at=now, now=now)

    assert planned == 1
    assert [(row.customer_id, row.born_customer_id) for row in deliveries()] == [(first, second)]


def test_pausing_resuming_stopping(database: object, now: dt.datetime) -> None:
    dispatch = open_one(now)
    dispatching.pause(dispatch, now=now)
    assert state_of(dispatch) == "paused"
    dispatching.resume(dispatch, now=now)
    assert state_of(dispatch) == "running"
    dispatching.stop(dispatch, now=now)
    dispatching.stop(dispatch, now=now)
    assert state_of(dispatch) == "stopped"
    with pytest.raises(DispatchStopped):
        dispatching.resume(dispatch, now=now)
    with pytest.raises(DispatchStopped):
        dispatching.plan(dispatch, people=[], occasion="w", due_at=now, now=now)


def test_an_unknown_dispatch_is_refused(database: object, now: dt.datetime) -> None:
    with pytest.raises(DispatchUnknown):
        dispatching.pause(17, now=now)
    with pytest.raises(DispatchUnknown):
        dispatching.plan(17, people=[], occasion="w", due_at=now, now=now)
