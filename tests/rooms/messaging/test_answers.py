"""Every answer of the platform, and none at all, leads to a true state; what dead workers left is put right."""

import datetime as dt

import pytest
from sqlalchemy import select, text

from app.kernel.database import db, unit_of_work
from app.outreach.messaging import NotInDoubt, dispatching, doubts, sending, wanting
from app.outreach.messaging.models import Attempt, DispatchMinute
from app.outreach.messaging.operations import leasing
from tests.factories.messages import TEMPLATE, a_worded_purpose, deliveries, followers, received, states, wish
from tests.factories.platform import Platform

SEND = "/cgi-bin/message/template/send"


def totals() -> dict[str, int]:
    """What came to what, over all minutes and reasons."""
    found: dict[str, int] = {}
    for row in db.session.execute(select(DispatchMinute)).scalars():
        found[row.what] = found.get(row.what, 0) + row.number
    return {what: number for what, number in found.items() if number}


@pytest.fixture
def people(database: object, platform: Platform, now: dt.datetime) -> list[int]:
    return followers(platform, 3, now)


def want_all(people: list[int], now: dt.datetime, **more: object) -> None:
    purpose = a_worded_purpose(now, **more)
    wanting.want([wish(who, purpose) for who in people], now=now)


@pytest.mark.parametrize(
    ("errcode", "reason", "seconds"), [(-1, "busy:-1", 2), (45011, "rate:45011", 60), (48001, "account:48001", 60)]
)
def test_R31_what_was_not_carried_out_is_sent_later(
    people: list[int], platform: Platform, now: dt.datetime, errcode: int, reason: str, seconds: int
) -> None:
    want_all(people[:1], now)
    platform.fault(SEND, "errcode", errcode=errcode)
    sending.send_due(now=now)
    assert states() == [("planned", reason)]
    assert deliveries()[0].due_at == now + dt.timedelta(seconds=seconds)

    assert sending.send_due(now=now + dt.timedelta(seconds=seconds - 1)) == 0
    assert sending.send_due(now=now + dt.timedelta(seconds=seconds)) == 1
    assert states() == [("sent", None)]
    assert received(platform) == 1


def test_R31_a_refusal_without_another_channel_has_failed(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people[:1], now)
    platform.fault(SEND, "errcode", errcode=43004)

    sending.send_due(now=now)

    assert states() == [("failed", "refused:43004")]
    assert deliveries()[0].ended_at == now
    assert totals() == {"failed": 1}


def test_R31_a_refusal_after_which_no_other_channel_is_open_is_why_it_failed(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people, now, channels=("oa_template", "sms"))
    platform.fault(SEND, "errcode", errcode=43004)

    sending.send_due(now=now)

    assert sorted(states()) == [("failed", "refused:43004"), ("sent", None), ("sent", None)]


def test_R31_a_lost_answer_is_in_doubt_and_never_sent_again(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people[:2], now)
    platform.fault(SEND, "lost_answer", times=2)

    sending.send_due(now=now)
    for minutes in range(0, 60, 5):
        sending.send_due(now=now + dt.timedelta(minutes=minutes))
        sending.sweep(now=now + dt.timedelta(minutes=minutes))

    assert states() == [("in_doubt", "lost")] * 2
    assert received(platform) == 2
    assert totals() == {"in_doubt": 2}


def test_R31_where_the_platform_knows_our_id_it_is_asked_again_and_arrives_once(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people, now, when_in_doubt="retry")
    platform.fault(SEND, "lost_answer", times=3)

    sending.send_due(now=now)
    assert states() == [("in_doubt", "lost_retry")] * 3
    assert sending.send_due(now=now + dt.timedelta(seconds=1)) == 0
    assert sending.send_due(now=now + dt.timedelta(seconds=2)) == 3

    assert states() == [("sent", None)] * 3
    assert received(platform) == 3
    assert totals() == {"sent": 3}


def leave_leased(now: dt.datetime) -> None:
    """As a worker that died behind its lease."""
    with unit_of_work():
        leasing.lease(now=now)


def test_what_a_dead_worker_left_is_in_doubt_within_a_minute(people: list[int], now: dt.datetime) -> None:
    want_all(people, now)
    leave_leased(now)
    sending.sweep(now=now + dt.timedelta(seconds=29))
    assert states() == [("sending", None)] * 3

    sending.sweep(now=now + dt.timedelta(seconds=31))

    assert states() == [("in_doubt", "lost")] * 3
    codes = db.session.execute(select(Attempt.outcome, Attempt.code)).all()
    assert codes == [("lost", "worker_gone")] * 3


def test_what_was_leased_and_not_begun_is_planned_again(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people, now)
    db.session.execute(text("UPDATE delivery SET state = 'sending', leased_until = :now"), {"now": now})
    later = now + dt.timedelta(seconds=1)

    sending.sweep(now=later)
    assert states() == [("planned", None)] * 3
    assert sending.send_due(now=later) == 3


def test_nobody_gets_two_at_a_time(people: list[int], now: dt.datetime) -> None:
    want_all(people, now)
    want_all(people, now)
    leave_leased(now)
    leave_leased(now)
    assert sorted(states()) == [("planned", None)] * 3 + [("sending", None)] * 3


def test_what_cannot_be_judged_is_put_off_and_others_go(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people, now)
    first = deliveries()[0].id
    db.session.execute(text("UPDATE delivery SET values = '[]' WHERE id = :id"), {"id": first})
    db.session.commit()

    sending.send_due(now=now)

    assert states()[1:] == [("sent", None)] * 2
    assert states()[0] == ("planned", "error:AttributeError")
    assert deliveries()[0].due_at == now + dt.timedelta(minutes=5)


def test_a_doubt_that_cannot_be_judged_stands_in_nobodys_way(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people[:2], now, when_in_doubt="retry")
    platform.fault(SEND, "lost_answer", times=2)
    sending.send_due(now=now)
    first = deliveries()[0].id
    db.session.execute(text("UPDATE delivery SET values = '[]' WHERE id = :id"), {"id": first})
    db.session.commit()

    assert sending.send_due(now=now + dt.timedelta(seconds=2)) == 1

    assert states() == [("in_doubt", "lost_retry"), ("sent", None)]


@pytest.mark.parametrize(
    ("verdict", "state", "count"), [("sent", "sent", {"sent": 1}), ("not_sent", "failed", {"failed": 1})]
)
def test_a_person_decides_about_a_doubt_once(
    people: list[int], platform: Platform, now: dt.datetime, verdict: str, state: str, count: dict[str, int]
) -> None:
    want_all(people[:1], now)
    platform.fault(SEND, "lost_answer")
    sending.send_due(now=now)
    (doubt,) = doubts.list_doubts()
    assert (doubt.customer_id, doubt.since, doubt.channel) == (people[0], now, "oa_template")

    doubts.decide(doubt.id, verdict=verdict, now=now)

    assert states() == [(state, "settled")]
    assert totals() == count
    assert doubts.list_doubts() == []
    with pytest.raises(NotInDoubt):
        doubts.decide(doubt.id, verdict=verdict, now=now)


def test_a_person_has_it_sent_again(people: list[int], platform: Platform, now: dt.datetime) -> None:
    want_all(people[:1], now, valid_minutes=5)
    platform.fault(SEND, "lost_answer")
    sending.send_due(now=now)
    later = now + dt.timedelta(hours=1)

    doubts.decide(doubts.list_doubts()[0].id, verdict="again", now=later)
    sending.send_due(now=later)

    assert states() == [("sent", None)]
    assert totals() == {"sent": 1}


def test_a_paused_dispatch_is_not_asked_for_again_either(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people[:1], now, when_in_doubt="retry")
    platform.fault(SEND, "lost_answer")
    sending.send_due(now=now)
    dispatching.pause(deliveries()[0].dispatch_id, now=now)
    assert sending.send_due(now=now + dt.timedelta(seconds=5)) == 0
    dispatching.resume(deliveries()[0].dispatch_id, now=now)
    assert sending.send_due(now=now + dt.timedelta(seconds=5)) == 1
    assert TEMPLATE in {row.template_id for row in db.session.execute(select(Attempt)).scalars()}


def test_a_doubt_that_nobody_could_ask_about_in_time_is_shown_to_a_person(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people[:1], now, when_in_doubt="retry")
    platform.fault(SEND, "lost_answer")
    sending.send_due(now=now)
    sending.sweep(now=now + dt.timedelta(minutes=8))
    assert states() == [("in_doubt", "lost_retry")]
    later = now + dt.timedelta(minutes=9)  # the platform may have forgotten our id

    assert sending.send_due(now=later) == 0
    sending.sweep(now=later)

    assert states() == [("in_doubt", "lost")]
    assert [doubt.customer_id for doubt in doubts.list_doubts()] == people[:1]
