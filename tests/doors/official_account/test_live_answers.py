"""Through the real door, encrypted both ways: live data to whose they are, a person, a way out, an article."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from app.membership import members, points
from app.outreach import auto_replies, materials, messaging
from app.outreach.auto_replies.queries import books
from tests.conftest import NOW
from tests.factories.chatting import OA, writes_as
from tests.factories.members import a_member
from tests.factories.pushes import Pushing, a_text

AT = int(NOW.timestamp())


@pytest.fixture
def pushing(client: FlaskClient, time_is: Callable[[dt.datetime], None]) -> Iterator[Pushing]:
    time_is(NOW)
    books.forget()
    members.ship_stock(now=NOW)
    auto_replies.rulebook.ship_stock(now=NOW)
    materials.purposes.ship_stock(now=NOW, accounts=materials.purposes.Accounts(official_accounts=(OA,)))
    yield Pushing(client)
    books.forget()


def test_each_is_told_their_own_points(pushing: Pushing) -> None:
    told = {}
    for amount in (120, 3_400):
        who = a_member(NOW)
        points.earn(customer_id=who, amount=amount, cause="survey:1", why=points.Why("测试"), now=NOW)
        reply = pushing.read(pushing.push(a_text(writes_as(who, NOW), "我的积分", AT)))
        told[amount] = reply["Content"].split("\n")[0] if reply else ""

    assert told == {120: "您的可用积分：120 分", 3_400: "您的可用积分：3,400 分"}


def test_who_asks_for_a_person_is_handed_on_then_the_bot_is_silent_but_for_who_wants_out(pushing: Pushing) -> None:
    who = a_member(NOW)
    openid = writes_as(who, NOW)
    kinds = []
    for number, words in enumerate(("人工", "积分", "TD")):
        reply = pushing.read(pushing.push(a_text(openid, words, AT + number)))
        kinds.append(reply and reply["MsgType"])

    assert kinds == ["transfer_customer_service", "transfer_customer_service", "text"]
    assert messaging.refusing.refused_channels(who) == {""}
    (talk,) = auto_replies.desk.list_open(now=NOW)
    assert [line.words for line in auto_replies.desk.get_open(talk.id, now=NOW).lines] == ["人工", "积分"]


def test_an_article_is_well_formed(pushing: Pushing) -> None:
    content = {"kind": "news", "title": "上新 <春>", "link": "https://a.example/?a=1&b=2"}
    draft = auto_replies.rulebook.Draft("上新", "keyword", "contains", ("上新",), content)
    auto_replies.rulebook.save(draft, now=NOW)

    reply = pushing.read(pushing.push(a_text("oAnnWritesToTheAccount000002", "上新", AT)))

    assert reply is not None
    assert (reply["MsgType"], reply["ArticleCount"]) == ("news", "1")
    assert reply["Articles"]["item"]["Title"] == "上新 <春>"
    assert reply["Articles"]["item"]["Url"] == "https://a.example/?a=1&b=2"
