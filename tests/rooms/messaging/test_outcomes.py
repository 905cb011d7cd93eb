"""What came of deliveries: counts equal to the rows, pages of them, and who opened one."""

import datetime as dt

import pytest

from app.kernel.paging import CursorInvalid, encode_cursor
from app.knowledge import tracking
from app.outreach.messaging import outcomes, sending, wanting
from tests.factories.messages import a_worded_purpose, deliveries, followers, wish
from tests.factories.platform import Platform
from tests.rooms.messaging.test_answers import totals


@pytest.fixture
def people(database: object, platform: Platform, now: dt.datetime) -> list[int]:
    return followers(platform, 3, now)


def test_who_taps_has_opened_once(people: list[int], now: dt.datetime) -> None:
    purpose = a_worded_purpose(now)
    wanting.want([wish(people[0], purpose), wish(people[1], purpose, due_at=now + dt.timedelta(1))], now=now)
    sending.send_due(now=now)
    sent, planned = deliveries()

    assert [outcomes.open(sent.id, now=now) for _ in range(2)] == [True, False]
    assert not outcomes.open(planned.id, now=now)
    assert not outcomes.open(10**12, now=now)

    assert totals() == {"sent": 1, "opened": 1}
    kinds = sorted(one.kind for one in tracking.list_events(customer_id=people[0], limit=10).items)
    assert [kind for kind in kinds if kind.startswith("message")] == ["message_opened", "message_sent"]
    assert outcomes.of_dispatches([sent.dispatch_id]).opened == 1


def test_deliveries_are_listed_page_by_page_the_newest_first(people: list[int], now: dt.datetime) -> None:
    purpose = a_worded_purpose(now)
    for number in range(5):
        wanting.want([wish(people[0], purpose, f"o{number}")], now=now + dt.timedelta(minutes=number))
    wanting.want([wish(people[1], purpose)], now=now)

    first = outcomes.list_deliveries(customer_id=people[0], limit=3)
    rest = outcomes.list_deliveries(customer_id=people[0], limit=3, cursor=first.next_cursor)

    assert [one.occasion for one in [*first.items, *rest.items]] == ["o4", "o3", "o2", "o1", "o0"]
    assert rest.next_cursor is None
    assert outcomes.list_deliveries(customer_id=people[0], state="sent").items == []
    with pytest.raises(CursorInvalid):
        outcomes.list_deliveries(customer_id=people[0], cursor=encode_cursor(["soon", "x"]))
