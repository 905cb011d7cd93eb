"""Writing replies: checked, kept, switched, put back; and every process knows."""

import dataclasses
import datetime as dt

import pytest

from app.kernel import ids
from app.kernel.database import db
from app.outreach import auto_replies, materials
from app.outreach.auto_replies import rulebook
from app.outreach.auto_replies.queries import books
from app.outreach.auto_replies.rules import stock as shipped
from app.outreach.messaging.models import Delivery
from app.people import contacts
from tests.factories.chatting import OA, an_openid, said, text, writes_as
from tests.factories.chatting import event as an_event
from tests.factories.members import a_member

pytestmark = pytest.mark.usefixtures("stock")
DRAFT = rulebook.Draft("满赠", "keyword", "contains", ("满赠",), {"kind": "text", "body": "满 300 赠小样"})


def changed(**more: object) -> rulebook.Draft:
    return dataclasses.replace(DRAFT, **more)  # type: ignore[arg-type]


def body(words: str, **more: str) -> dict[str, str]:
    return {"kind": "text", "body": words, **more}


def test_a_new_reply_answers(now: dt.datetime) -> None:
    rulebook.save(DRAFT, now=now)

    assert said(text(an_openid(), "有满赠吗"), now) == "满 300 赠小样"


@pytest.mark.parametrize(
    ("draft", "place"),
    [
        (changed(name=" "), "名称"),
        (changed(name="长" * 41), "名称"),
        (changed(occasion="welcome"), "匹配方式"),
        (changed(occasion="nowhere"), "匹配方式"),
        (changed(priority=1000), "优先级"),
        (changed(words=()), "词"),
        (changed(words=("！？",)), "词"),
        (changed(words=("长" * 65,)), "词"),
        (changed(words=('满"赠',)), "词"),
        (changed(words=tuple(str(n) for n in range(51))), "词"),
        (changed(matching="pattern", words=("(满",)), "词"),
        (changed(occasion="default", matching="any"), "词"),
        (changed(content={"kind": "song"}), "回复类型"),
        (changed(content={"kind": "text"}), "回复内容"),
        (changed(content=body("{{余额}}")), "回复内容"),
        (changed(content=body("{{积分")), "回复内容"),
        (changed(content=body("{% for a in b %}x{% endfor %}")), "回复内容"),
        (changed(content=body("好", guest="{{积分.__class__}}")), "给还没领卡的人"),
        (changed(content=body("这是最好的，无副作用")), "回复内容"),
        (changed(content=body("长" * 700)), "回复内容"),
        (changed(content=body("[点](ftp://a)")), "回复内容"),
        (changed(content={"kind": "image"}), "图片"),
        (changed(content={"kind": "news", "title": "上新", "link": "a.example"}), "链接"),
        (changed(content={"kind": "news", "title": "上新", "link": "https://a.example", "picture": "x"}), "封面图"),
    ],
)
def test_what_could_not_be_said_is_refused_when_it_is_written(
    now: dt.datetime, draft: rulebook.Draft, place: str
) -> None:
    with pytest.raises(auto_replies.RuleInvalid) as refused:
        rulebook.save(draft, now=now)
    assert place in {problem["place"] for problem in refused.value.data["problems"]}


def test_pictures_and_articles_are_answered_too(now: dt.datetime) -> None:
    news = {
        "kind": "news",
        "title": "上新",
        "description": "春",
        "picture": "https://a.example/p",
        "link": "https://a.example/",
    }
    rulebook.save(changed(name="图", words=("看图",), content={"kind": "image", "media_id": "M1"}), now=now)
    rulebook.save(changed(name="文", words=("看文",), content=news), now=now)
    books.forget()

    image = auto_replies.answer(text(an_openid(), "看图"), account=OA, now=now)
    article = auto_replies.answer(text(an_openid(), "看文"), account=OA, now=now)

    assert image is not None
    assert article is not None
    assert image.fields == {"MsgType": "image", "Image": {"MediaId": "M1"}}
    assert (article.fields["MsgType"], article.fields["ArticleCount"]) == ("news", 1)
    assert article.fields["Articles"]["item"] == [
        {"Title": "上新", "Description": "春", "PicUrl": "https://a.example/p", "Url": "https://a.example/"}
    ]


def test_what_ships_can_be_said_and_is_marked(now: dt.datetime) -> None:
    rules = [rule for group in rulebook.GROUPS for rule in rulebook.list_rules(group=group)]

    assert {rule.name for rule in rules} == {one.name for one in shipped.RULES.values()}
    assert all(rule.is_builtin and not rule.is_changed for rule in rules)
    for code, one in shipped.RULES.items():
        draft = rulebook.Draft(one.name, one.occasion, one.matching, tuple(one.words), one.content, one.priority)
        assert rulebook.check(draft) == [], code


def test_what_was_changed_stays_until_it_is_put_back(now: dt.datetime) -> None:
    points = next(rule for rule in rulebook.list_rules() if rule.name == "积分")
    draft = changed(name="积分", words=("积分",), content=body("请看小程序"), priority=1)
    rulebook.save(draft, now=now, rule_id=points.id)

    assert rulebook.ship_stock(now=now) == 0
    assert said(text(an_openid(), "积分"), now) == "请看小程序"
    assert rulebook.get_rule(points.id).is_changed
    rulebook.reset(points.id, now=now)
    assert "领卡" in said(text(an_openid(), "积分"), now)
    assert not rulebook.get_rule(points.id).is_changed


def test_switched_off_it_does_not_answer(now: dt.datetime) -> None:
    points = next(rule for rule in rulebook.list_rules() if rule.name == "打招呼")
    rulebook.switch(points.id, enabled=False, now=now)
    assert "您是不是想问" in said(text(an_openid(), "你好"), now)

    rulebook.switch(points.id, enabled=True, now=now)
    assert "您好" in said(text(an_openid(), "你好"), now)
    rulebook.remove(points.id)
    assert not rulebook.get_rule(points.id).enabled, "what ships is never lost"


def test_a_reply_of_the_brands_own_can_go(now: dt.datetime) -> None:
    own = rulebook.save(DRAFT, now=now)
    with pytest.raises(auto_replies.NothingShipped):
        rulebook.reset(own, now=now)

    rulebook.remove(own)

    assert "您是不是想问" in said(text(an_openid(), "满赠"), now)
    for act in (lambda: rulebook.get_rule(own), lambda: rulebook.remove(own), lambda: rulebook.reset(own, now=now)):
        with pytest.raises(auto_replies.RuleUnknown):
            act()


def test_an_accounts_own_reply_is_for_that_account_alone(now: dt.datetime) -> None:
    rulebook.save(changed(words=("积分",), account="wx-another"), now=now)
    rulebook.save(changed(words=("积分",), account=OA, content=body("本号的回答")), now=now)

    assert said(text(an_openid(), "积分"), now) == "本号的回答"
    assert said(text(an_openid(), "积分"), now, account="wx-another") == "", "no account of ours"
    assert said(text(an_openid(), "积分"), now, account="wx0123456789abcdef") == "", "a mini-program's chat is another"


def test_a_change_is_seen_after_a_moment_without_being_told(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process: it remembers, and is told by nobody."""
    openid = an_openid()
    said(text(openid, "你好"), now)
    monkeypatch.setattr(books, "forget", lambda: None)
    rulebook.save(changed(words=("你好",), matching="exact", content=body("新的问候"), priority=1), now=now)
    remembered = auto_replies.answer(text(openid, "你好"), account=OA, now=now)
    monkeypatch.setattr(books, "_looked_at", books._looked_at - books.LOOK_EVERY_SECONDS)
    later = auto_replies.answer(text(openid, "你好"), account=OA, now=now)

    assert remembered is not None
    assert later is not None
    assert "直接说" in remembered.fields["Content"]
    assert later.fields["Content"] == "新的问候"
    assert books.LOOK_EVERY_SECONDS <= 5


@pytest.mark.parametrize(
    ("words", "statements"),
    [("你好", 1), ("积分", 1), ("预约", 1), ("会员卡", 1), ("哈哈哈", 1), ("券", 2), ("订单", 2)],
)
def test_an_answer_asks_once(now: dt.datetime, words: str, statements: int, monkeypatch: pytest.MonkeyPatch) -> None:
    openid = writes_as(a_member(now), now)
    said(text(openid, words), now)
    asked: list[str] = []
    driver = db.session.connection().connection.driver_connection
    cursor_of = driver.cursor
    monkeypatch.setattr(driver, "cursor", lambda *more, **named: asked.append(words) or cursor_of(*more, **named))

    auto_replies.answer(text(openid, words), account=OA, now=now)

    assert len(asked) == statements


def test_a_friend_is_named_as_strangers_may_know_them(now: dt.datetime) -> None:
    friend = ids.seal("customer", a_member(now, full_name="周小楠"))

    heard = said(an_event(an_openid(), "subscribe", f"qrscene_friend.{friend}"), now)

    assert heard.startswith("周*") or "周**邀请您来的" in heard
    assert "周小楠" not in heard


def follow(openid: str, now: dt.datetime) -> None:
    contacts.following.take([contacts.Change(OA, openid, True, now)], now=now)


def prompted() -> list[int | None]:
    purpose = materials.purposes.find("bind_prompt")
    return [row.customer_id for row in db.session.query(Delivery).filter_by(purpose_id=purpose.id)]


def test_who_follows_without_a_card_is_offered_it_once(now: dt.datetime) -> None:
    openid, member = an_openid(), a_member(now)
    follow(openid, now)
    follow(writes_as(member, now), now)

    assert len(prompted()) == 1
    assert prompted() != [member]


def test_who_follows_again_is_left_alone(now: dt.datetime) -> None:
    openid, later = an_openid(), now + dt.timedelta(days=3)
    follow(openid, now)
    contacts.following.take([contacts.Change(OA, openid, False, now + dt.timedelta(days=1))], now=later)

    assert said(an_event(openid, "subscribe"), later) == "", "the silent variant"
    follow(openid, later)
    assert len(prompted()) == 1


def test_a_sentence_is_tried_without_anybody_being_asked(now: dt.datetime) -> None:
    tried = rulebook.try_out("我有多少积分", account=OA, now=now)
    unknown = rulebook.try_out("嘤嘤", account=OA, now=now)
    night = rulebook.try_out("嘤嘤", account=OA, now=now + dt.timedelta(hours=12))

    assert (tried.rule_name, tried.how) == ("积分", "包含「积分」")
    assert "2,340" in tried.texts["回复内容"]
    assert (unknown.occasion, night.occasion) == ("default", "after_hours")


def test_hours_are_kept_or_refused(now: dt.datetime) -> None:
    rulebook.set_hours(opens="13:00", closes="14:00", weekdays="1234567")
    assert "今天 13:00回来" in said(text(an_openid(), "嘤嘤"), now)

    with pytest.raises(auto_replies.RuleInvalid):
        rulebook.set_hours(opens="14:00", closes="13:00", weekdays="1")
