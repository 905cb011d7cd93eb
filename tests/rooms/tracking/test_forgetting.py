"""Months are made ahead; each kind is kept for its time."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import text

from app.kernel import policy
from app.kernel.database import db
from app.knowledge import tracking
from app.knowledge.tracking.queries import known_months
from tests.factories.people import a_customer
from tests.rooms.tracking.test_taking_in import tell, view

pytestmark = pytest.mark.usefixtures("database")
DAY = dt.timedelta(days=1)


def kept() -> dict[str, int]:
    return {row.kind: row.count for row in db.session.execute(text("SELECT kind, count(*) FROM event GROUP BY kind"))}


def nights(now: dt.datetime, *, limit: int = 3) -> None:
    """Run until nothing is left, in batches smaller than what there is."""
    for _ in range(200):
        done = tracking.forget_due(now=now, limit=limit)
        assert done <= limit
        if not done:
            return
    raise AssertionError("never done")


@pytest.fixture
def history(now: dt.datetime) -> int:
    """Seven views and an order of a day, and their person's first event."""
    someone = a_customer(now)
    tell(*(view(number, now - number * dt.timedelta(minutes=1)) for number in range(7)), now=now)
    tracking.record([tracking.Occurrence("order_paid", someone, "1", now)], now=now)
    return someone


def test_months_are_made_once() -> None:
    now = dt.datetime(2051, 5, 20, tzinfo=dt.UTC)  # no other test has made these
    assert [tracking.prepare_months_due(now=now, limit=3) for _ in range(3)] == [3, 1, 0]
    assert {f"{month:%Y-%m}" for month in known_months()} >= {"2051-04", "2051-05", "2051-06", "2051-07"}


def test_a_kind_goes_when_its_time_is_over_and_what_is_worth_more_stays(now: dt.datetime, history: int) -> None:
    nights(now + 399 * DAY)
    assert kept()["view"] == 7
    nights(now + 400 * DAY - dt.timedelta(minutes=3))
    assert kept()["view"] == 4
    nights(now + 401 * DAY)

    assert kept() == {"order_paid": 1, "identity_attached": 1}
    assert len(tracking.list_events(history, kinds=["order_paid"]).items) == 1


def test_a_month_that_is_over_for_all_is_dropped(now: dt.datetime, history: int) -> None:
    nights(now + 1070 * DAY)
    assert "2026-05" in {f"{month:%Y-%m}" for month in known_months()}, "the order is still there"
    nights(now + 1200 * DAY)

    assert kept() == {}
    assert "2026-05" not in {f"{month:%Y-%m}" for month in known_months()}
    assert db.session.execute(text("SELECT count(*) FROM event_key")).scalar_one() == 0


def test_the_brand_says_how_long(now: dt.datetime, history: int) -> None:
    policy.change(tracking.TrackingPolicy, keep_days={"view": 40})
    nights(now + 41 * DAY)
    assert "view" not in kept()


def test_kept_longer_than_before_the_nights_go_back(now: dt.datetime, history: int) -> None:
    nights(now + 420 * DAY)
    policy.change(tracking.TrackingPolicy, keep_days={"view": 700})
    nights(now + 421 * DAY)
    older = tracking.Occurrence("view", history, "x", now - 100 * DAY)
    tracking.record([older], now=now + 422 * DAY)
    nights(now + 710 * DAY)

    assert "view" not in kept()


def test_a_key_outlives_every_resend_that_could_be_accepted(now: dt.datetime) -> None:
    tell(view(1, now), now=now)
    much_later = now + 30 * DAY
    nights(much_later)

    assert tell(view(1, now), now=much_later) == ["double"]
    nights(now + 61 * DAY)
    assert db.session.execute(text("SELECT count(*) FROM event_key")).scalar_one() == 0


def test_an_empty_stream_has_nothing_to_forget(now: dt.datetime) -> None:
    assert tracking.forget_due(now=now, limit=10) == 0
    assert tell(view(1, now), phone=uuid.uuid4(), now=now) == ["accepted"]
