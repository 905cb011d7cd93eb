"""What phones tell: each item answered, doubles dropped, whose it is."""

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from app.kernel.carrier import carried_by
from app.kernel.database import db
from app.knowledge import tracking
from app.people import privacy
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer

pytestmark = pytest.mark.usefixtures("database")
PHONE = uuid.UUID("8f14e45f-ceea-467f-a9d2-1f0c2b6a7c11")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def view(number: int, at: dt.datetime, code: str = "P1") -> dict[str, Any]:
    return {"client_id": f"c-{number:06}", "kind": "view", "at": at.isoformat(), "data": {"product_code": code}}


def tell(
    *items: object,
    who: int | None = None,
    now: dt.datetime,
    phone: uuid.UUID = PHONE,
    sent_at: dt.datetime | None = None,
) -> list[str]:
    return tracking.take_in(items, call=tracking.Call(phone, who, sent_at, "miniprogram"), now=now).outcomes


def agree(customer_id: int, now: dt.datetime, *, granted: bool = True) -> int:
    privacy.record_consents(
        customer_id=customer_id, answers={"profiling": granted}, version=privacy.notice_version(), place="test", now=now
    )
    return customer_id


def codes_of(customer_id: int) -> list[str]:
    """What somebody looked at, oldest first."""
    events = tracking.list_events(customer_id, kinds=["view"], limit=100).items
    return [event.data["product_code"] for event in reversed(events)]


def stream() -> list[Any]:
    return list(db.session.execute(text("SELECT * FROM event WHERE kind = 'view' ORDER BY at, key")))


def test_one_bad_item_loses_none_of_the_others(now: dt.datetime) -> None:
    ada = agree(a_customer(now), now)
    items = [view(number, now - number * HOUR) for number in range(100)]
    items[7] = {"client_id": "c-000007", "kind": "view", "at": "never", "data": {"product_code": "P1"}}

    intake = tracking.take_in(items, call=tracking.Call(PHONE, ada, now, "miniprogram"), now=now)

    assert intake.outcomes == ["accepted"] * 7 + ["refused"] + ["accepted"] * 92
    assert [(one.position, one.code, one.field) for one in intake.refused] == [(7, "tracking.time_invalid", "at")]
    assert len(codes_of(ada)) == 99


def test_what_is_sent_again_is_dropped_also_with_another_time_in_another_month(now: dt.datetime) -> None:
    first = dt.datetime(2026, 5, 1, 0, 1, tzinfo=dt.UTC)
    assert tell(view(1, first), now=first) == ["accepted"]

    again = [tell(view(1, at), now=now) for at in (first, first - HOUR, now - DAY)]
    by_clock = tell(view(1, first + 9 * DAY), sent_at=now + 9 * DAY, now=now)

    assert again == [["double"]] * 3
    assert by_clock == ["double"]
    assert [row.at for row in stream()] == [first]


def test_doubles_within_a_call_and_of_another_phone(now: dt.datetime) -> None:
    assert tell(view(1, now), view(1, now - HOUR), view(2, now), now=now) == ["accepted", "double", "accepted"]
    assert tell(view(1, now), phone=uuid.uuid4(), now=now) == ["accepted"]


def test_a_late_event_opens_its_month_again(now: dt.datetime) -> None:
    late = now - 30 * DAY
    assert tell(view(1, late), now=now) == ["accepted"]
    assert db.session.execute(text("SELECT count(*) FROM event_2026_04")).scalar_one() == 1


def test_who_becomes_known_takes_over_what_their_phone_told_before(now: dt.datetime) -> None:
    ada = agree(a_customer(now), now)
    tell(view(1, now - HOUR, "before"), now=now)
    tell(view(2, now, "other phone"), phone=uuid.uuid4(), now=now)

    tell(view(3, now, "after"), who=ada, now=now)

    assert codes_of(ada) == ["before", "after"]
    assert tell(view(1, now - HOUR, "before"), who=ada, now=now) == ["double"]
    assert [row.visitor for row in stream() if row.customer_id] == [None, None]


def test_two_people_on_one_phone_each_have_what_led_to_their_own_sign_in(now: dt.datetime) -> None:
    ada, bea = agree(a_customer(now), now), agree(a_customer(now), now)
    at = [now + number * HOUR for number in range(6)]
    tell(view(0, at[0], "before Ada"), now=at[0])
    tell(view(1, at[1], "Ada"), who=ada, now=at[1])
    tell(view(2, at[2], "between"), now=at[2])
    tell(view(3, at[3], "Bea"), who=bea, now=at[3])
    tell(view(4, at[4], "after Bea"), now=at[4])
    tell(view(5, at[5], "Ada again"), who=ada, now=at[5])

    assert codes_of(bea) == ["between", "Bea"]
    assert codes_of(ada) == ["before Ada", "Ada", "after Bea", "Ada again"]


@pytest.mark.parametrize("answer", [None, False], ids=["never asked", "no"])
def test_L02_without_a_yes_to_profiling_behaviour_is_nobodys_for_ever(now: dt.datetime, answer: bool | None) -> None:
    ada, bea = a_customer(now), agree(a_customer(now), now)
    if answer is not None:
        agree(ada, now, granted=answer)
    tell(view(1, now - HOUR, "before"), now=now)
    assert tell(view(2, now, "hers"), who=ada, now=now) == ["accepted"]

    agree(ada, now)
    tell(view(3, now, "later"), who=ada, now=now)
    tell(view(4, now, "Bea"), who=bea, now=now)

    assert (codes_of(ada), codes_of(bea)) == (["later"], ["Bea"])
    assert {(row.customer_id, row.visitor) for row in stream() if row.data["product_code"] in ("before", "hers")} == {
        (None, None)
    }


def test_L02_taking_the_yes_back_ends_it(now: dt.datetime) -> None:
    ada = agree(a_customer(now), now)
    tell(view(1, now, "with"), who=ada, now=now)
    agree(ada, now + HOUR, granted=False)
    tell(view(2, now + HOUR, "without"), who=ada, now=now + HOUR)

    assert codes_of(ada) == ["with"]


def test_what_lies_too_far_back_does_not_become_theirs(now: dt.datetime) -> None:
    ada = agree(a_customer(now), now)
    tell(view(1, now, "old"), now=now)
    later = now + 91 * DAY
    tell(view(2, later, "new"), who=ada, now=later)

    assert codes_of(ada) == ["new"]


def test_after_a_merge_the_phone_goes_on_and_undoing_gives_each_their_own(now: dt.datetime) -> None:
    stays, goes = agree(a_customer(now), now), agree(a_customer(now), now)
    tell(view(1, now, "anonymous"), now=now)
    merged = merge(stays, goes, now=now)
    with carried_by({stays: goes}):  # comes in by an id of the former self
        tell(view(2, now, "former self"), who=stays, now=now)
    tell(view(3, now, "survivor"), who=stays, phone=uuid.uuid4(), now=now)
    together = codes_of(stays)
    undo(merged, now=now)

    assert sorted(together) == ["anonymous", "former self", "survivor"]
    assert (codes_of(stays), sorted(codes_of(goes))) == (["survivor"], ["anonymous", "former self"])
