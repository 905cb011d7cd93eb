"""What pushes change of what may be sent, and of what was: windows, grants, receipts; each told twice."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.kernel import inbox
from app.kernel.database import db
from app.outreach.messaging import sending, wanting
from app.outreach.messaging.models import Grant, ServiceWindow
from tests.conftest import NOW
from tests.factories.messages import a_worded_purpose, deliveries, followers, states, wish
from tests.factories.platform import Platform
from tests.factories.pushes import MP, Pushing, a_text, an_event, fixture

ANN = "oAnnWritesToTheAccount000001"
AT = int(NOW.timestamp())


@pytest.fixture
def pushing(client: FlaskClient, time_is: Callable[[dt.datetime], None]) -> Pushing:
    time_is(NOW + dt.timedelta(seconds=30))
    return Pushing(client)


def work() -> None:
    now = NOW + dt.timedelta(minutes=1)
    inbox.perform(inbox.lease_due(now=now), now=now)


def twice(pushing: Pushing, *messages: str) -> None:
    for message in messages * 2:
        assert pushing.push(message).status_code == 200
    work()


def windows() -> dict[str, tuple[int, float]]:
    """opened_by → how many messages, for how many minutes."""
    rows = db.session.scalars(select(ServiceWindow).execution_options(populate_existing=True))
    return {row.opened_by: (row.remaining, (row.closes_at - row.opened_at).total_seconds() / 60) for row in rows}


def grants() -> dict[str, tuple[int, bool]]:
    """template → how many were given, and whether it is refused."""
    rows = db.session.scalars(select(Grant).execution_options(populate_existing=True))
    return {row.template_id: (row.given, row.refused_at is not None) for row in rows}


def test_what_they_do_lets_us_answer_for_a_while(pushing: Pushing) -> None:
    twice(pushing, an_event(ANN, "VIEW", AT, EventKey="https://a"), an_event(ANN, "LOCATION", AT, Latitude="1"))
    assert windows() == {}
    twice(
        pushing,
        a_text(ANN, "在吗", AT),
        an_event(ANN, "CLICK", AT, EventKey="k"),
        an_event(ANN, "SCAN", AT, EventKey="7"),
    )
    assert windows() == {"message": (5, 48 * 60), "menu": (3, 1), "scan": (3, 1)}
    twice(pushing, an_event(ANN, "unsubscribe", AT + 5))
    assert {remaining for remaining, _ in windows().values()} == {0}


def test_R01_each_yes_is_one_message(client: FlaskClient, pushing: Pushing) -> None:
    popup = fixture("oa/event.subscribe_msg_popup_event.xml")[1]
    twice(pushing, popup)
    yes, no = "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI"
    assert grants() == {yes: (1, False), no: (0, True)}
    twice(pushing, popup.replace("1610969440", "1610969441"))
    assert grants()[yes] == (2, False)
    twice(pushing, fixture("oa/event.subscribe_msg_change_event.xml")[1].replace("1610969440", "1610969450"))
    assert grants()[yes] == (0, True), "switched off: what was given is void"


def test_R01_a_mini_program_says_it_with_an_object_or_a_list(client: FlaskClient, pushing: Pushing) -> None:
    mini = Pushing(client, MP)
    one = json.loads(fixture("mp/event.subscribe_msg_popup_event.object.json")[1])
    many = json.loads(fixture("mp/event.subscribe_msg_popup_event.array.json")[1]) | {"CreateTime": "1610969460"}
    twice(mini, json.dumps(one), json.dumps(many))
    assert grants() == {"VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc": (2, False)}


RECEIPTS = [
    ("success", ("delivered", None)),
    ("failed:user block", ("failed", "receipt:failed: user block")),
    ("failed: user block", ("failed", "receipt:failed: user block")),
    ("failed: system failed", ("failed", "receipt:failed: system failed")),
    ("failed:system failed", ("failed", "receipt:failed: system failed")),
]


@pytest.mark.parametrize(("status", "end"), RECEIPTS)
def test_a_receipt_ends_a_delivery_however_it_is_spelt(
    pushing: Pushing, platform: Platform, status: str, end: tuple[str, str | None]
) -> None:
    purpose = a_worded_purpose(NOW)
    people = followers(platform, 2, NOW)
    wanting.want([wish(who, purpose) for who in people], now=NOW)
    sending.send_due(now=NOW)
    first, _ = deliveries()
    twice(
        pushing,
        an_event(
            "oWhoever000000000000000000001", "TEMPLATESENDJOBFINISH", AT + 1, MsgID=first.platform_id, Status=status
        ),
    )
    assert states() == [end, ("sent", None)], "theirs and no other's"
