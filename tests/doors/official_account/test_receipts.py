"""What the cloud tells of texts and calls, and what people text back, through the real door."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.kernel import inbox
from app.kernel.database import db
from app.kernel.settings import settings
from app.knowledge import tracking
from app.outreach.messaging import refusing
from app.outreach.messaging.models import Delivery
from tests.conftest import NOW
from tests.factories.merging import merge, undo
from tests.factories.messages import a_purpose, deliveries, want_for
from tests.factories.people import a_customer

PHONE = "13912340001"
TEXT = {
    "phone_number": PHONE, "send_time": "2026-05-20 12:00:00", "report_time": "2026-05-20 12:00:05", "success": True,
    "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "B1^0", "out_id": "guiyi-1",
}  # fmt: skip
CALL = {"call_id": "C1^0", "out_id": "guiyi-1", "callee": PHONE, "status_code": "200000", "duration": "9"}


@pytest.fixture
def tell(client: FlaskClient, time_is: Callable[[dt.datetime], None]) -> Callable[..., TestResponse]:
    time_is(NOW + dt.timedelta(seconds=30))

    def post(kind: str, *rows: dict[str, Any], key: str = "") -> TestResponse:
        return client.post(f"/oa/v1/receipts/{kind}/{key or settings().telecom_push_key}", json=list(rows))

    return post


def work() -> None:
    now = NOW + dt.timedelta(minutes=1)
    inbox.perform(inbox.lease_due(now=now), now=now)


def sent_by(channel: str, platform_id: str) -> Delivery:
    """A delivery that the cloud has accepted under this id."""
    want_for([a_customer(NOW, phone=PHONE)], a_purpose(NOW, channels=(channel,)), NOW)
    (row,) = deliveries()
    row.state, row.channel, row.account, row.platform_id, row.sent_at = "sent", channel, "", platform_id, NOW
    db.session.flush()
    return row


@pytest.mark.parametrize(
    ("kind", "row", "end"),
    [
        ("sms", TEXT, ("delivered", None)),
        ("sms", TEXT | {"success": False, "err_code": "MOBILE_IN_BLACK"}, ("failed", "receipt:MOBILE_IN_BLACK")),
        ("voice", CALL, ("delivered", None)),
        ("voice", CALL | {"status_code": "200005"}, ("failed", "receipt:200005")),
    ],
)
def test_a_receipt_ends_what_was_sent(
    tell: Callable[..., TestResponse], kind: str, row: dict[str, Any], end: tuple[str, str | None]
) -> None:
    sent_by(kind, row.get("biz_id") or row["call_id"])
    for _ in range(2):
        answer = tell(kind, row)
        assert (answer.status_code, answer.get_json()) == (200, {"code": 0, "msg": "接收成功"})
    assert db.session.scalar(select(func.count()).select_from(inbox.InboxRow)) == 1
    work()
    (ended,) = deliveries()
    assert (ended.state, ended.reason) == end


@pytest.mark.parametrize(("words", "refused"), [("TD", {"sms"}), (" r ", {"sms"}), ("谢谢", set())])
def test_R02_who_texts_R_or_TD_gets_no_more_marketing_by_text(
    tell: Callable[..., TestResponse], words: str, refused: set[str]
) -> None:
    ann = a_customer(NOW, phone=PHONE)
    reply = {
        "phone_number": PHONE,
        "content": words,
        "send_time": "2026-05-20 12:00:09",
        "sequence_id": 77,
        "sign_name": "归一",
    }
    stranger = reply | {"phone_number": "13900000000", "sequence_id": 78}
    for _ in range(2):
        assert tell("sms-replies", reply, stranger).status_code == 200
    work()
    assert refusing.refused_channels(ann) == refused
    said = [event for event in tracking.list_events(ann).items if event.kind == "sms_reply"]
    assert [(event.data["text"], event.source) for event in said] == [(words, "sms")]


def test_R02_a_refusal_by_text_is_of_the_self_whose_number_it_came_from(tell: Callable[..., TestResponse]) -> None:
    ann, other = a_customer(NOW), a_customer(NOW, phone=PHONE)
    merged = merge(ann, other, now=NOW)
    reply = {
        "phone_number": PHONE,
        "content": "R",
        "send_time": "2026-05-20 12:00:09",
        "sequence_id": 79,
        "sign_name": "归一",
    }
    tell("sms-replies", reply)
    work()
    assert refusing.refused_channels(ann) == {"sms"}

    undo(merged, now=NOW)

    assert (refusing.refused_channels(ann), refusing.refused_channels(other)) == (set(), {"sms"})


def test_who_does_not_know_the_address_tells_nothing(tell: Callable[..., TestResponse]) -> None:
    for kind in ("sms", "sms-replies", "voice"):
        answer = tell(kind, TEXT, key="guessed")
        assert (answer.status_code, answer.get_json()["code"]) == (401, "receipt.forged")
    assert db.session.scalar(select(func.count()).select_from(inbox.InboxRow)) == 0


def test_what_is_no_list_of_receipts_is_refused(client: FlaskClient, tell: Callable[..., TestResponse]) -> None:
    answer = client.post(f"/oa/v1/receipts/sms/{settings().telecom_push_key}", data=b'{"half": ')
    assert (answer.status_code, answer.get_json()["code"]) == (400, "push.malformed")
