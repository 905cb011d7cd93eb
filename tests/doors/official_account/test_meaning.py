"""What pushes lead to, after the worker looked at them: every recorded one, doubled and reordered."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.kernel import inbox
from app.kernel.database import db
from app.knowledge import tracking
from app.people import contacts, identity
from app.people.identity.models import Customer
from tests.conftest import NOW
from tests.factories.pushes import FIXTURES, MP, OA, Pushing, a_text, an_event, fixture

ANN = "oAnnWritesToTheAccount000001"
AT = int(NOW.timestamp())
RECORDED = sorted(
    f"{path.parent.name}/{path.name}"
    for folder in ("oa", "mp")
    for path in (FIXTURES / folder).glob("*")
    if path.name.startswith(("event.", "message."))
)


@pytest.fixture(autouse=True)
def _noon(client: FlaskClient, time_is: Callable[[dt.datetime], None]) -> None:
    time_is(NOW + dt.timedelta(minutes=10))


@pytest.fixture
def pushing(client: FlaskClient) -> Pushing:
    return Pushing(client)


def work(*, backwards: bool = False) -> int:
    """What a worker does: everything that is due, one by one, from the end on demand."""
    now = NOW + dt.timedelta(minutes=10, seconds=1)
    rows = inbox.lease_due(now=now)
    return sum(inbox.perform([row], now=now) for row in (reversed(rows) if backwards else rows))


def whose(openid: str, appid: str = OA) -> int:
    found = identity.find_customer(identity.identifier("openid", openid, scope=appid))
    assert found is not None
    return found


def told(customer_id: int) -> list[tuple[str, dict]]:
    """The timeline, oldest first, without what identity tells."""
    events = reversed(tracking.list_events(customer_id, limit=100).items)
    return [(event.kind, event.data) for event in events if not event.kind.startswith("identity")]


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_push_is_taken_in_once_and_understood(client: FlaskClient, name: str) -> None:
    appid, message = fixture(name)
    pushing = Pushing(client, appid)
    assert [pushing.push(message).status_code for _ in range(3)] == [200, 200, 200]
    assert work() == 1
    assert inbox.list_stuck() == []


def test_what_happens_in_an_account_becomes_events_of_whose_it_is(pushing: Pushing) -> None:
    for message in (
        an_event(ANN, "subscribe", AT, EventKey="qrscene_store-12", Ticket="T"),
        a_text(ANN, "积分\0 多少", AT + 1),
        an_event(ANN, "CLICK", AT + 2, EventKey="points"),
        an_event(ANN, "SCAN", AT + 3, EventKey="7", Ticket="T"),
        an_event(ANN, "LOCATION", AT + 4, Latitude="31.2", Longitude="121.4", Precision="9"),
        an_event(ANN, "VIEW", AT + 5, EventKey="https://brand.example/a", MenuId="1"),
        an_event(ANN, "unsubscribe", AT + 6),
    ):
        pushing.push(message)
    assert work() == 7
    oa = {"account": OA}
    assert told(whose(ANN)) == [
        ("followed", oa | {"scene": "store-12", "way": "qr_code"}),
        ("wechat_message", oa | {"type": "text", "text": "积分 多少"}),
        ("wechat_menu", oa | {"type": "click", "key": "points"}),
        ("wechat_scan", oa | {"scene": "7"}),
        ("wechat_location", oa | {"latitude": 31.2, "longitude": 121.4}),
        ("wechat_menu", oa | {"type": "view", "key": "https://brand.example/a"}),
        ("unfollowed", oa),
    ]


def test_G05_following_and_leaving_end_the_same_backwards_and_doubled(pushing: Pushing) -> None:
    story = [("subscribe", AT, "qrscene_1"), ("unsubscribe", AT + 60, ""), ("subscribe", AT + 120, "")]
    for event, at, key in story * 2:
        pushing.push(an_event(ANN, event, at, EventKey=key))
    assert work(backwards=True) == 3
    ann = whose(ANN)
    [view] = contacts.followers.list_of(ann)
    assert (view.state, view.times, view.scene) == ("following", 2, "")
    assert contacts.followers.who_follow([ann], [OA]) == {(ann, OA): [ANN]}


def test_who_is_only_spoken_of_becomes_nobody(pushing: Pushing) -> None:
    before = db.session.scalar(select(func.count()).select_from(Customer))
    for event in ("TEMPLATESENDJOBFINISH", "MASSSENDJOBFINISH", "card_pass_check", "qualification_verify_success"):
        pushing.push(an_event("oPlatformItself0000000000001", event, AT, MsgID=1, Status="success", CardId="c"))
    assert work() == 4
    assert db.session.scalar(select(func.count()).select_from(Customer)) == before


def test_a_mini_programs_pushes_come_as_json(client: FlaskClient) -> None:
    mini = Pushing(client, MP)
    said = {"FromUserName": "oBenInMini00000000001", "CreateTime": AT, "MsgType": "text", "Content": "在吗", "MsgId": 5}
    mini.push(json.dumps(said, ensure_ascii=False))
    assert work() == 1
    assert told(whose("oBenInMini00000000001", MP)) == [
        ("wechat_message", {"account": MP, "type": "text", "text": "在吗"})
    ]
