"""The platform's pushes through the real door: who is let in, what is stored, what is answered."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.kernel import inbox
from app.kernel.database import db
from app.kernel.settings import settings
from app.web.pushes import LARGEST_PUSH_BYTES
from tests.factories.pushes import OA, Pushing, a_text, an_event, signature

ANN = "oAnnWritesToTheAccount000001"
AT = 1779249600


@pytest.fixture
def pushing(client: FlaskClient) -> Pushing:
    return Pushing(client)


def stored() -> int:
    return db.session.scalar(select(func.count()).select_from(inbox.InboxRow)) or 0


def test_the_address_is_verified_with_the_plain_words(pushing: Pushing) -> None:
    query = {"timestamp": "1714036504", "nonce": "1514711492", "echostr": "4375120948345356249"}
    signed = signature(pushing.token, query["timestamp"], query["nonce"])
    answer = pushing.client.get(pushing.address(**query, signature=signed))
    assert (answer.status_code, answer.get_data()) == (200, b"4375120948345356249")
    assert answer.content_type.startswith("text/plain")

    forged = pushing.client.get(pushing.address(**query, signature="0" * 40))
    assert (forged.status_code, forged.get_json()["code"]) == (401, "push.forged")
    assert b"4375120948345356249" not in forged.get_data()


def test_a_push_is_stored_and_received(pushing: Pushing) -> None:
    answer = pushing.push(a_text(ANN, "你好", AT))
    assert (answer.status_code, stored()) == (200, 1)


def test_a_repeat_is_one_and_two_events_of_one_second_are_two(pushing: Pushing) -> None:
    follow = an_event(ANN, "subscribe", AT, EventKey="qrscene_7", Ticket="T")
    for message in (follow, follow, follow):
        assert pushing.push(message).status_code == 200
    assert stored() == 1, "fresh signature and ciphertext, the same push"

    others = [
        an_event(ANN, "SCAN", AT, EventKey="7", Ticket="T"), an_event(ANN, "CLICK", AT, EventKey="a"),
        an_event(ANN, "CLICK", AT, EventKey="b"), an_event(ANN, "user_get_card", AT, CardId="c", UserCardCode="1"),
        an_event(ANN, "user_get_card", AT, CardId="c", UserCardCode="2"),
        an_event(ANN, "TEMPLATESENDJOBFINISH", AT, MsgID=1, Status="success"),
        an_event(ANN, "TEMPLATESENDJOBFINISH", AT, MsgID=2, Status="success"),
        an_event("oBob00000000000000000000001", "CLICK", AT, EventKey="a"), an_event(ANN, "CLICK", AT + 1, EventKey="a"),
        a_text(ANN, "hi", AT, number=1), a_text(ANN, "hi", AT, number=2),
    ]  # fmt: skip
    for message in others * 2:
        assert pushing.push(message).status_code == 200
    assert stored() == 1 + len(others)


def test_what_is_not_the_platforms_is_refused_and_not_stored(pushing: Pushing) -> None:
    message = a_text(ANN, "你好", AT)
    stranger, wrong = Pushing(pushing.client), Pushing(pushing.client)
    stranger.crypto.token = stranger.token = "another"
    other_account = Pushing(pushing.client, "wx0123456789abcdef")
    wrong.crypto.key = b"x" * 32
    other_account.appid = OA
    wanted = pushing.address(timestamp="1", nonce="2", signature=signature(pushing.token, "1", "2"))
    answers = [
        stranger.push(message), wrong.push(message), other_account.push(message),
        pushing.client.post(wanted, data=message.encode()),  # plain, where a key is set: anybody could have written it
        pushing.client.post("/oa/v1/callbacks/wx0000000000000000?timestamp=1&nonce=2&signature=x", data=b"<xml/>"),
    ]  # fmt: skip
    assert [(answer.status_code, answer.get_json()["code"]) for answer in answers] == [(401, "push.forged")] * 5
    assert stored() == 0


BOMB = '<!DOCTYPE a [<!ENTITY b "ha">]><xml><MsgType>text</MsgType><Content>&b;</Content></xml>'


@pytest.mark.parametrize("message", [BOMB, "no message", "<xml><MsgType>", "[1]"])
def test_what_cannot_be_read_is_refused(pushing: Pushing, message: str) -> None:
    answer = pushing.push(message)
    assert (answer.status_code, answer.get_json()["code"], stored()) == (400, "push.malformed", 0)


def test_a_body_beyond_any_message_is_not_read(pushing: Pushing) -> None:
    answer = pushing.push(a_text(ANN, "长" * LARGEST_PUSH_BYTES, AT))
    assert (answer.status_code, stored()) == (413, 0)


def test_pushes_with_the_former_key_are_read_and_answered_with_the_present_one(
    pushing: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings()
    former = here.wechat_accounts[OA]
    renewed = replace(former, push_keys=("N" * 42 + "A", *former.push_keys))
    changed = replace(here, wechat_accounts={**here.wechat_accounts, OA: renewed})
    monkeypatch.setattr("app.gateways.wechat.pushes.settings", lambda: changed)
    assert pushing.push(a_text(ANN, "你好", AT)).status_code == 200
    assert stored() == 1
    pushing.crypto.key = b"x" * 32
    assert pushing.push(a_text(ANN, "再见", AT)).status_code == 401


def test_an_account_without_a_key_takes_plain_pushes_that_are_signed(
    pushing: Pushing, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings()
    plain = {**here.wechat_accounts, OA: replace(here.wechat_accounts[OA], push_keys=())}
    monkeypatch.setattr("app.gateways.wechat.pushes.settings", lambda: replace(here, wechat_accounts=plain))
    signed = {"timestamp": "1", "nonce": "2", "signature": signature(pushing.token, "1", "2")}
    message = a_text(ANN, "你好", AT).encode()
    assert pushing.client.post(pushing.address(**signed), data=message).status_code == 200
    assert pushing.client.post(pushing.address(**signed | {"nonce": "3"}), data=message).status_code == 401
    assert stored() == 1
