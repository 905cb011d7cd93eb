"""From a wish to the platform and back, through the gateways that ship, against the simulated platform."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.kernel.database import db
from app.outreach.messaging import dispatching, sending, wanting
from app.outreach.messaging.models import Attempt, DispatchMinute
from tests.factories.messages import a_worded_purpose, deliveries, followers, received, states, wish
from tests.factories.platform import Platform

SEND = "/cgi-bin/message/template/send"


def numbers() -> dict[tuple[str, str], int]:
    """What came to what, over all minutes."""
    found: dict[tuple[str, str], int] = {}
    for row in db.session.execute(select(DispatchMinute)).scalars():
        found[row.what, row.reason] = found.get((row.what, row.reason), 0) + row.number
    return {key: number for key, number in found.items() if number}


def attempts() -> list[tuple[int, str | None, str | None]]:
    rows = db.session.execute(select(Attempt).order_by(Attempt.delivery_id, Attempt.number)).scalars()
    return [(row.number, row.outcome, row.code) for row in rows]


def test_what_is_wanted_arrives_once(database: object, platform: Platform, now: dt.datetime) -> None:
    purpose = a_worded_purpose(now)
    people = followers(platform, 40, now)
    wanting.want([wish(who, purpose) for who in people], now=now)

    assert sending.send_due(now=now) == 40
    assert sending.send_due(now=now) == 0

    assert received(platform) == 40
    assert set(states()) == {("sent", None)}
    assert all(row.platform_id and row.sent_at == now and row.leased_until is None for row in deliveries())
    assert set(attempts()) == {(1, "accepted", None)}
    assert numbers() == {("sent", ""): 40}


def test_nobody_is_written_to_before_it_is_due(database: object, platform: Platform, now: dt.datetime) -> None:
    purpose = a_worded_purpose(now)
    (who,) = followers(platform, 1, now)
    wanting.want([wish(who, purpose, due_at=now + dt.timedelta(minutes=1))], now=now)

    assert sending.send_due(now=now) == 0
    assert sending.send_due(now=now + dt.timedelta(minutes=1)) == 1


def test_a_person_gets_several_one_after_another(database: object, platform: Platform, now: dt.datetime) -> None:
    purpose = a_worded_purpose(now)
    (who,) = followers(platform, 1, now)
    wanting.want([wish(who, purpose, f"order:{number}") for number in range(5)], now=now)

    assert sending.send_due(now=now) == 5
    assert received(platform) == 5


def test_notices_go_before_campaigns(database: object, platform: Platform, now: dt.datetime) -> None:
    campaign, notice = a_worded_purpose(now, priority=500), a_worded_purpose(now, priority=100)
    people = followers(platform, 40, now)
    wave = dispatching.open("wave:1", purpose=campaign.code, name="活动", now=now)
    dispatching.plan(wave, people=people, occasion="wave:1", due_at=now, now=now, values={"name": "林晓"})
    wanting.want([wish(people[-1], notice)], now=now)

    sending.send_due(now=now, in_flight=1)

    first = min(deliveries(), key=lambda row: int(row.platform_id or 0))
    assert first.purpose_id == notice.id


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_what_is_paused_or_stopped_stays(database: object, platform: Platform, now: dt.datetime, state: str) -> None:
    purpose = a_worded_purpose(now)
    people = followers(platform, 3, now)
    wave = dispatching.open("wave:1", purpose=purpose.code, name="活动", now=now)
    dispatching.plan(wave, people=people, occasion="wave:1", due_at=now, now=now, values={"name": "林晓"})
    {"paused": dispatching.pause, "stopped": dispatching.stop}[state](wave, now=now)

    assert sending.send_due(now=now) == 0
    sending.sweep(now=now)
    assert states() == ([("planned", None)] if state == "paused" else [("cancelled", "stopped")]) * 3
    assert received(platform) == 0
