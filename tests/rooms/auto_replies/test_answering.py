"""What the bot says to whom, with the replies that ship."""

import datetime as dt

import pytest

from app.membership import points
from app.trade import orders
from tests.conftest import NOW
from tests.factories.bookings import a_booking, a_salon
from tests.factories.chatting import OA, an_openid, ask, event, place, push, said, text, writes_as
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.merging import merge
from tests.factories.orders import a_report
from tests.factories.people import a_customer, a_phone, a_staff, a_store

pytestmark = pytest.mark.usefixtures("stock")
NIGHT = NOW + dt.timedelta(hours=12)  # midnight in Shanghai


def give(customer_id: int, amount: int, now: dt.datetime) -> None:
    points.earn(customer_id=customer_id, amount=amount, cause=f"survey:{amount}", why=points.Why("测试"), now=now)


def test_a_member_who_asks_for_points_is_told_their_own(now: dt.datetime) -> None:
    mine, other = a_member(now), a_member(now)
    give(mine, 2_340, now)
    give(other, 999, now)

    heard = said(text(writes_as(mine, now), "我的积分有多少？"), now)

    assert "您的可用积分：2,340 分" in heard
    assert "待生效" not in heard, "who has nothing pending is told nothing of it"
    assert "999" not in heard
    assert 'data-miniprogram-path="pages/points/index"' in heard


def test_C01_a_guest_is_asked_to_bind_and_told_no_figures(now: dt.datetime) -> None:
    for openid in (an_openid(), writes_as(a_customer(now), now)):
        for words in ("积分", "我的券", "会员卡"):
            heard = said(text(openid, words), now)

            assert "领卡" in heard
            assert 'data-miniprogram-path="pages/card/index"' in heard
            assert "{{" not in heard


def test_who_was_merged_is_told_what_is_theirs_now(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    openid = writes_as(goes, now)
    give(stays, 70, now)
    give(goes, 30, now)
    merge(stays, goes, now=now)

    assert "您的可用积分：100 分" in said(text(openid, "积分"), now)


def test_coupons_are_named_with_their_last_day(now: dt.datetime) -> None:
    mine = a_member(now)
    coupon = a_coupon(customer_id=mine, now=now)
    openid = writes_as(mine, now)

    heard = said(text(openid, "我有什么优惠券"), now)

    assert "可以用的券：1 张" in heard
    assert f"· {coupon.terms.name}（" in heard
    assert "现在没有可用的券" in said(text(writes_as(a_member(now), now), "券"), now)


def test_the_next_visit_is_told(now: dt.datetime) -> None:
    mine = a_member(now)
    openid = writes_as(mine, now)
    assert "您的下一次预约：现在没有" in said(text(openid, "预约"), now)

    a_booking(now, a_salon(now), now + dt.timedelta(days=1), customer_id=mine)

    assert "5月21日 周四 12:00" in said(text(openid, "预约"), now)


def test_orders_are_listed_with_what_became_of_them(now: dt.datetime) -> None:
    mine, phone = a_member(now, phone=(number := a_phone())), number
    report = a_report(number="R-1", buyers=(orders.Buyer("phone", "", phone),))
    orders.report_orders([report], source="test", now=now)

    heard = said(text(writes_as(mine, now), "我的快递到哪了"), now)

    assert "您最近的订单：\n· " in heard
    assert "R-1" not in said(text(writes_as(a_member(now), now), "订单"), now)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("发票怎么开", "电子发票"),
        ("我要退货", "7 天内"),
        ("生日有什么", "8.8 折"),
        ("门店在哪", "位置"),
        ("有活动吗", "最近的活动"),
        (" 你好！", "您好"),
        ("ＨＩ", "您好"),
    ],
)
def test_words_of_2_5_are_answered(now: dt.datetime, words: str, told: str) -> None:
    assert told in said(text(an_openid(), words), now)


def test_a_place_is_answered_with_the_nearest_stores_and_their_hours(now: dt.datetime) -> None:
    a_store(now, name="杭州湖滨店", address="湖滨路 28 号", latitude=30.2567, longitude=120.1640, phone="0571-1234")
    a_store(now, name="上海静安店", latitude=31.2231, longitude=121.4453)

    lines = said(place(an_openid(), 30.2500, 120.1700), now).split("\n")

    assert lines[1:4] == ["1. 杭州湖滨店 · 940 米", "湖滨路 28 号", "营业中，到 13:00 · 0571-1234"]
    assert lines[4].startswith("2. 上海静安店 · 16")


def test_a_place_that_is_none_is_not_understood(now: dt.datetime) -> None:
    assert "您是不是想问" in said(place(an_openid(), 200.0, 120.17), now)
    assert "您是不是想问" in said(place(an_openid(), float("nan"), 120.17), now)


def test_what_is_not_understood_gets_three_guesses_and_a_person(now: dt.datetime) -> None:
    heard = said(text(an_openid(), "会员"[:1] + "积"), now)

    assert heard.count("weixin://bizmsgmenu") == 4
    assert "msgmenucontent=积分&" in heard
    assert "msgmenucontent=人工&" in heard


@pytest.mark.parametrize("kind", ["image", "voice", "video", "link"])
def test_pictures_are_not_understood_either(now: dt.datetime, kind: str) -> None:
    assert "您是不是想问" in said(push(an_openid(), kind, MediaId="m1", MsgId="1"), now)


def test_after_hours_it_is_said_when_people_are_back(now: dt.datetime) -> None:
    heard = said(text(an_openid(), "嘤嘤嘤"), NIGHT)

    assert "明天 9:00" not in heard
    assert "我们今天 9:00回来（9:00–21:00）" in heard
    assert "您的可用积分" in said(text(writes_as(a_member(now), now), "积分"), NIGHT), "the bot itself does not sleep"


@pytest.mark.parametrize(
    ("scene", "told", "not_told"),
    [
        ("qrscene_store.S77.G77", ["欢迎来到湖滨店", "我是导购林晓", "预约到店"], ["{{"]),
        ("qrscene_store.NONE", ["欢迎来到我们的门店"], ["导购", "地址"]),
        ("qrscene_parcel", ["小样券"], []),
        ("qrscene_ad.double11", ["新客券"], []),
        ("qrscene_friend.nobody", ["您的朋友邀请您来的"], []),
        ("", ["您的会员卡在这里"], []),
        ("last_trade_no_4200001", ["您的会员卡在这里"], []),
    ],
)
def test_a_welcome_by_its_source(now: dt.datetime, scene: str, told: list[str], not_told: list[str]) -> None:
    store = a_store(now, code="S77", name="湖滨店")
    a_staff(now, role="guide", store_id=store, code="G77", name="林晓")

    heard = said(event(an_openid(), "subscribe", scene), now)

    assert all(words in heard for words in told), heard
    assert not any(words in heard for words in not_told), heard


def test_who_leaves_opens_a_page_or_is_unknown_gets_nothing(now: dt.datetime) -> None:
    for fields in (
        event(an_openid(), "unsubscribe"),
        event(an_openid(), "VIEW", "https://brand.example/"),
        event(an_openid(), "TEMPLATESENDJOBFINISH"),
        event("", "subscribe"),
        text("", "积分"),
        {},
    ):
        assert ask(fields, now) is None


def test_a_menu_key_is_answered_by_what_it_says(now: dt.datetime) -> None:
    assert "把您的位置发给我" in said(event(an_openid(), "CLICK", "门店"), now)
    assert "您是不是想问" in said(event(an_openid(), "CLICK", "V1001_GONE"), now)


def test_the_answer_is_addressed_the_other_way_round(now: dt.datetime) -> None:
    fields = text("oABC", "你好")
    reply = ask(fields, now)

    assert reply is not None
    whole = reply.addressed(fields, now=now)
    assert (whole["ToUserName"], whole["FromUserName"]) == ("oABC", fields["ToUserName"])
    assert (whole["MsgType"], whole["CreateTime"]) == ("text", int(now.timestamp()))
    assert OA not in str(whole["FromUserName"])
