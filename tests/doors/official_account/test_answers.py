"""What the platform gets back: the bot's answer, encrypted like the push, the same for a repeat."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.kernel import inbox
from app.kernel.database import db
from app.membership import members
from app.outreach import auto_replies
from app.outreach.auto_replies.queries import books
from tests.conftest import NOW
from tests.factories.pushes import Pushing, a_text, an_event

ANN = "oAnnWritesToTheAccount000001"
AT = int(NOW.timestamp())


@pytest.fixture
def pushing(client: FlaskClient, time_is: Callable[[dt.datetime], None]) -> Iterator[Pushing]:
    time_is(NOW)
    books.forget()
    members.ship_stock(now=NOW)
    auto_replies.rulebook.ship_stock(now=NOW)
    yield Pushing(client)
    books.forget()


def test_a_follower_is_welcomed_in_the_answer_encrypted(pushing: Pushing) -> None:
    answer = pushing.push(an_event(ANN, "subscribe", AT), nonce="415670741")
    reply = pushing.read(answer)
    assert reply is not None
    assert (reply["ToUserName"], reply["FromUserName"]) == (ANN, "gh_0123456789ab")
    assert reply["Content"]
    assert reply["Content"].encode() not in answer.get_data(), "nobody on the way reads it"
    assert b"415670741" in answer.get_data(), "the push's own nonce"


def test_a_repeat_gets_the_first_answer_and_is_answered_once(pushing: Pushing) -> None:
    message = a_text(ANN, "积分", AT)
    first, again = (pushing.push(message) for _ in range(2))
    assert pushing.read(first) == pushing.read(again)
    assert first.get_data() != again.get_data(), "sealed anew"
    assert db.session.scalar(select(func.count()).select_from(inbox.InboxRow)) == 1


def test_what_cannot_be_answered_is_stored_all_the_same(pushing: Pushing, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object, **__: object) -> None:
        raise RuntimeError("a rule that nobody foresaw")

    monkeypatch.setattr(auto_replies, "answer", stumble)
    assert pushing.push(a_text(ANN, "积分", AT)).get_data() == b"success"
    assert db.session.scalar(select(func.count()).select_from(inbox.InboxRow)) == 1
