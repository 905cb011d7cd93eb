"""Many phones at once: a month is made once, an event is written once, an anonymous stretch has one owner."""

import datetime as dt
import uuid
from collections import Counter

import flask

from app.kernel.database import unit_of_work
from app.knowledge import tracking
from app.people import privacy
from tests.factories.people import a_customer
from tests.races.test_identity import THREADS, at_once, count

PHONE = uuid.UUID("8f14e45f-ceea-467f-a9d2-1f0c2b6a7c11")


def call(first: int, now: dt.datetime, *, phone: uuid.UUID = PHONE, who: int | None = None) -> Counter[str]:
    """Ten views, numbered from `first`."""
    items = [
        {"client_id": f"c-{first + number:06}", "kind": "view", "at": now.isoformat(), "data": {"product_code": "P1"}}
        for number in range(10)
    ]
    return Counter(tracking.take_in(items, call=tracking.Call(phone, who, None, "miniprogram"), now=now).outcomes)


def test_twenty_phones_that_need_the_same_new_month_all_get_it(committed: flask.Flask) -> None:
    far = dt.datetime(2041, 3, 5, tzinfo=dt.UTC)
    found = at_once(committed, lambda number: call(0, far, phone=uuid.UUID(int=number)))

    assert found == [Counter(accepted=10)] * THREADS
    assert count(committed, "SELECT count(*) FROM event_2041_03") == 10 * THREADS
    with committed.app_context(), unit_of_work() as session:
        session.connection().exec_driver_sql("DROP TABLE event_2041_03")


def test_twenty_rooms_that_tell_of_the_same_new_month_all_get_it(committed: flask.Flask) -> None:
    far = dt.datetime(2041, 5, 5, tzinfo=dt.UTC)
    with committed.app_context(), unit_of_work():
        someone = a_customer(dt.datetime(2026, 5, 20, tzinfo=dt.UTC))
    found = at_once(
        committed,
        lambda number: tracking.record([tracking.Occurrence("coupon_taken", someone, str(number % 5), far)], now=far),
    )

    assert Counter(map(str, found)) == Counter({"1": 5, "0": THREADS - 5})
    with committed.app_context(), unit_of_work() as session:
        session.connection().exec_driver_sql("DROP TABLE event_2041_05")


def test_calls_that_overlap_are_written_once(committed: flask.Flask, now: dt.datetime) -> None:
    found = at_once(committed, lambda number: call(number % 5 * 5, now))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert sum((one for one in found if isinstance(one, Counter)), Counter())["accepted"] == 30
    assert count(committed, "SELECT count(*) FROM event") == 30


def test_an_anonymous_stretch_goes_to_one_of_those_who_sign_in_at_once(
    committed: flask.Flask, now: dt.datetime
) -> None:
    with committed.app_context(), unit_of_work():
        call(0, now)
        people = [a_customer(now) for _ in range(THREADS)]
        for person in people:
            privacy.record_consents(
                customer_id=person,
                answers={"profiling": True},
                version=privacy.notice_version(),
                place="test",
                now=now,
            )
    found = at_once(committed, lambda number: call(100 + 10 * number, now, who=people[number]))

    assert found == [Counter(accepted=10)] * THREADS
    per_person = "SELECT count(*) AS number FROM event WHERE kind = 'view' GROUP BY customer_id"
    assert count(committed, f"SELECT max(number) FROM ({per_person}) AS each") == 20
    assert count(committed, f"SELECT count(*) FROM ({per_person}) AS each WHERE number = 10") == THREADS - 1
