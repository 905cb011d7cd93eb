"""Messages in doubt on the console: seen by whoever decides, settled once."""

import datetime as dt

from flask.testing import FlaskClient
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.ids import seal
from app.outreach.messaging import wanting
from tests.factories.channels import a_purpose
from tests.factories.messages import wish
from tests.factories.people import a_customer, a_staff, signed_in_staff


def a_doubt(now: dt.datetime) -> int:
    wanting.want([wish(a_customer(now), a_purpose(now))], now=now)
    return int(
        db.session.execute(
            text(
                "UPDATE delivery SET state = 'in_doubt', reason = 'lost', channel = 'sms', account = '', sent_at = :now"
                " RETURNING id"
            ),
            {"now": now},
        ).scalar_one()
    )


def test_a_doubt_is_listed_and_settled_once(client: FlaskClient, now: dt.datetime) -> None:
    doubt = a_doubt(now)
    headers = signed_in_staff(a_staff(now, role="marketer"))
    page = client.get("/console/doubts", headers=headers).get_data(as_text=True)
    address = f"/console/doubts/{seal('delivery', doubt)}/sent"
    assert address in page
    assert client.post(address, headers=headers).status_code == 303
    assert db.session.execute(text("SELECT state FROM delivery WHERE id = :id"), {"id": doubt}).scalar() == "sent"
    assert client.post(address, headers=headers).status_code == 409
    assert "没有存疑的消息" in client.get("/console/doubts", headers=headers).get_data(as_text=True)
