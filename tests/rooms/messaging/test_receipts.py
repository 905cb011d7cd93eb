"""Receipts: in any order, doubled, before our own line is written, for messages whose answer was lost, and of others."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.kernel.database import db
from app.outreach.messaging import Receipt, receipts, sending, wanting
from app.outreach.messaging.models import ReceiptAside
from app.people import identity
from tests.factories.merging import merge
from tests.factories.messages import ACCOUNT, TEMPLATE, a_worded_purpose, deliveries, followers, states, wish
from tests.factories.platform import Platform
from tests.rooms.messaging.test_answers import SEND, totals

LATER = dt.timedelta(seconds=45)


@pytest.fixture
def people(database: object, platform: Platform, now: dt.datetime) -> list[int]:
    return followers(platform, 2, now)


def want_all(people: list[int], now: dt.datetime, occasion: str = "x") -> None:
    purpose = a_worded_purpose(now)
    wanting.want([wish(who, purpose, occasion) for who in people], now=now)


def openid_of(who: int) -> str:
    return identity.list_identities(who)[0].value


def aside() -> int:
    return len(db.session.execute(select(ReceiptAside)).all())


def test_receipts_end_deliveries_in_any_order_and_doubled(people: list[int], now: dt.datetime) -> None:
    want_all(people, now)
    sending.send_due(now=now)
    first, second = (row.platform_id for row in deliveries())
    told = [
        Receipt(ACCOUNT, "failed", now, second, code="failed:user block"),
        Receipt(ACCOUNT, "delivered", now, first),
        Receipt(ACCOUNT, "delivered", now, first),
    ]

    assert receipts.take(told, now=now) == 2
    assert receipts.take(told, now=now) == 0
    sending.sweep(now=now + LATER)

    assert states() == [("delivered", None), ("failed", "receipt:failed:user block")]
    assert {row.ended_at for row in deliveries()} == {now}
    assert totals() == {"sent": 2, "delivered": 1, "failed": 1}
    assert aside() == 0


def test_a_receipt_may_come_before_our_own_line(people: list[int], now: dt.datetime) -> None:
    want_all(people[:1], now)
    sending.send_due(now=now)
    (row,) = deliveries()
    known = row.platform_id
    row.state, row.platform_id, row.leased_until, row.sent_at = "sending", None, now + LATER, None
    db.session.flush()
    receipts.take([Receipt(ACCOUNT, "delivered", now, known)], now=now)
    assert (states(), aside()) == ([("sending", None)], 1)

    settle_again(known, now)

    assert states() == [("delivered", None)]
    assert aside() == 0


def settle_again(platform_id: str | None, now: dt.datetime) -> None:
    """As the worker does when it comes to write its answer."""
    from app.outreach.messaging.operations.settling import Answered, settle
    from app.outreach.messaging.rules import ending

    (row,) = deliveries()
    call = ending.Call(row.attempts, row.channel, ("oa_template",), (), "hold", now)
    settle([Answered(row.id, "x", call, ending.Answer("accepted", None, platform_id), {})], now=now)


def test_a_message_whose_answer_was_lost_is_found_by_its_person(
    people: list[int], platform: Platform, now: dt.datetime
) -> None:
    want_all(people, now)
    platform.fault(SEND, "lost_answer", times=2)
    sending.send_due(now=now)
    told = Receipt(ACCOUNT, "delivered", now, "4711", openid=openid_of(people[0]))

    receipts.take([told, told], now=now)
    sending.sweep(now=now + dt.timedelta(seconds=20))
    assert states() == [("in_doubt", "lost")] * 2, "its line may be on its way"
    sending.sweep(now=now + LATER)

    assert [(row.customer_id, row.state, row.platform_id) for row in deliveries()] == [
        (people[0], "delivered", "4711"), (people[1], "in_doubt", None)
    ]  # fmt: skip
    assert totals() == {"sent": 1, "delivered": 1, "in_doubt": 1}


def test_two_in_doubt_and_one_receipt_stay_in_doubt(people: list[int], platform: Platform, now: dt.datetime) -> None:
    want_all(people[:1], now, "a")
    want_all(people[:1], now, "b")
    platform.fault(SEND, "lost_answer", times=2)
    sending.send_due(now=now)

    receipts.take([Receipt(ACCOUNT, "delivered", now, "1", openid=openid_of(people[0]))], now=now)
    sending.sweep(now=now + LATER)
    assert [state for state, _ in states()] == ["in_doubt"] * 2
    receipts.take([Receipt(ACCOUNT, "delivered", now, "2", openid=openid_of(people[0]))], now=now)
    sending.sweep(now=now + 2 * LATER)
    assert [state for state, _ in states()] == ["delivered"] * 2


def test_a_merge_in_between_does_not_lose_it(people: list[int], platform: Platform, now: dt.datetime) -> None:
    want_all(people[1:], now)
    platform.fault(SEND, "lost_answer")
    sending.send_due(now=now)
    receipts.take([Receipt(ACCOUNT, "delivered", now, "1", openid=openid_of(people[1]))], now=now)
    merge(people[0], people[1], now=now)

    sending.sweep(now=now + LATER)

    assert [(row.customer_id, row.state) for row in deliveries()] == [(people[0], "delivered")]


def test_a_platform_that_gives_no_id_tells_of_a_template(people: list[int], now: dt.datetime) -> None:
    want_all(people[:1], now)
    sending.send_due(now=now)
    deliveries()[0].platform_id = None
    db.session.flush()
    who = openid_of(people[0])

    receipts.take([Receipt(ACCOUNT, "delivered", now, openid=who, template_id="another")], now=now)
    receipts.take([Receipt(ACCOUNT, "delivered", now, openid=who, template_id=TEMPLATE)], now=now)
    sending.sweep(now=now + LATER)

    assert states() == [("delivered", None)]
    assert aside() == 1


def test_what_is_told_of_messages_of_others_is_forgotten(people: list[int], now: dt.datetime) -> None:
    assert receipts.take([Receipt(ACCOUNT, "delivered", now, "1", openid="nobody")], now=now) == 0
    assert receipts.take([], now=now) == 0
    sending.sweep(now=now + dt.timedelta(days=2))
    assert aside() == 1
    sending.sweep(now=now + dt.timedelta(days=4))
    assert aside() == 0
