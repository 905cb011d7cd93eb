"""The page's phone with an official account, texts and calls: what is pressed happens, and what arrives is shown."""

from typing import Any

import pytest

from sandbox import demo
from tests.sandbox.accounts import Account, Arrived
from tests.sandbox.playing import Platform
from tests.sandbox.texting import Cloud, listening


@pytest.fixture
def account(platform: Platform) -> Account:
    platform.appid, platform.secret = demo.OA_APPID, demo.OA_SECRET
    found = Account(platform)
    platform.world("switches", push_automatic=False)
    platform.http.post(f"/_world/people/{found.person['person_id']}", json={"name": "林晓"})
    return found


def page(account: Account, *, app: str = demo.OA_APPID) -> str:
    query = {"person": account.person["person_id"], "app": app}
    return account.platform.http.get("/", query_string=query).get_data(as_text=True)


def press(account: Account, path: str, /, app: str = demo.OA_APPID, **form: str) -> str:
    body = {"person": account.person["person_id"], "app": app, **form}
    answer = account.platform.http.post(f"/_page/{path}", data=body)
    account.drain()
    shown = account.platform.http.get(answer.location)
    assert shown.status_code == 200
    return shown.get_data(as_text=True)


def answering(words: str) -> Any:
    """A product that answers every push of somebody with these words."""

    def answer(arrived: Arrived) -> bytes:
        to, sender = (
            arrived.body.partition(f"<{name}><![CDATA[")[2].partition("]]")[0]
            for name in ("FromUserName", "ToUserName")
        )
        return (
            f"<xml><ToUserName><![CDATA[{to}]]></ToUserName><FromUserName><![CDATA[{sender}]]></FromUserName>"
            f"<CreateTime>1</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{words}]]></Content></xml>"
        ).encode()

    return answer


def menu(account: Account) -> None:
    below = [
        {"type": "click", "name": "我的券", "key": "coupons"},
        {"type": "view", "name": "商城", "url": "https://a.cn"},
    ]
    buttons = [{"name": "会员中心", "sub_button": below}, {"type": "click", "name": "联系客服", "key": "human"}]
    assert account.post("/cgi-bin/menu/create", {"button": buttons})["errcode"] == 0


def test_following_shows_the_welcome_that_the_product_answers(account: Account) -> None:
    assert "还没有关注" in page(account)
    account.product.answers = [answering("欢迎来到静安店")]
    shown = press(account, "account/scan", scene="store-7")
    assert "关注了公众号（扫码 store-7）" in shown
    assert "欢迎来到静安店" in shown
    assert "qrscene_store-7" in account.product.arrived[0].body
    assert "取消了关注" in press(account, "account/unfollow")
    assert "关注了公众号" in press(account, "account/follow")


def test_what_is_said_and_where_one_is_reach_the_product(account: Account) -> None:
    press(account, "account/follow")
    account.product.answers = [answering("您有 120 分")]
    shown = press(account, "account/say", text="<b>积分</b>")
    assert "&lt;b&gt;积分&lt;/b&gt;" in shown
    assert "您有 120 分" in shown
    shown = press(account, "account/place", place="0", how="send")
    assert "位置：上海人民广场" in shown
    assert "<Location_X>31.230416</Location_X>" in account.last().body
    press(account, "account/place", place="1", how="report")
    assert "<Latitude>39.908722</Latitude>" in account.last().body
    assert "图片" in press(account, "account/say", type="image")


def test_the_menu_is_the_one_this_person_sees(account: Account) -> None:
    assert "联系客服" not in press(account, "account/follow")
    menu(account)
    assert "联系客服" in page(account)
    shown = press(account, "account/menu", type="click", name="我的券", key="coupons")
    assert "点了菜单「我的券」" in shown
    assert "<EventKey><![CDATA[coupons]]></EventKey>" in account.last().body
    assert "打开了 https://a.cn" in press(account, "account/menu", type="view", url="https://a.cn")
    assert "<Event><![CDATA[VIEW]]></Event>" in account.last().body


def test_cards_and_choices_of_the_account_are_shown(account: Account) -> None:
    press(account, "account/follow")
    values = {"character_string1": "+200", "number2": "2340", "thing3": "到店消费", "time4": "2026-11-22 15:00"}
    data = {key: {"value": value} for key, value in values.items()}
    template = demo.OA_TEMPLATES[1]["template_id"]
    body = {"touser": account.openid, "template_id": template, "data": data}
    assert account.post("/cgi-bin/message/template/send", body)["errcode"] == 0
    menu_message = {"head_content": "您是想问", "list": [{"id": "7", "content": "积分怎么用"}], "tail_content": ""}
    body = {"touser": account.openid, "msgtype": "msgmenu", "msgmenu": menu_message}
    assert account.post("/cgi-bin/message/custom/send", body)["errcode"] == 0
    shown = page(account)
    assert "积分变动通知" in shown
    assert "到店消费" in shown
    assert "您是想问" in shown
    press(account, "account/say", text="积分怎么用", menu_message_id="7")
    assert any("<bizmsgmenuid>" in arrived.body for arrived in account.product.arrived)


def test_subscribing_and_refusing_by_hand(account: Account) -> None:
    template = next(row["template_id"] for row in demo.OA_TEMPLATES if row.get("channel") == "subscription")
    assert "可发 1 次" in press(account, "account/subscribe", template_id=template, answer="accept")
    press(account, "account/follow")
    assert "已拒收消息" in press(account, "account/block")
    assert "已恢复接收消息" in press(account, "account/block")


def test_texts_and_calls_are_shown_and_answered(account: Account) -> None:
    phone = account.person["phone"]
    with listening(account.platform.app) as port:
        cloud = Cloud(port)
        cloud.send(phone_numbers=phone, template_code="SMS_100000021", values={"words": "秋冬新品"})
        press(account, "telecom/line", app="telecom", kind="normal", answers="refused")
        cloud.call(called_number=phone)
        shown = page(account, app="telecom")
        assert "秋冬新品，拒收请回复R" in shown
        assert "被叫用户无法接通" in shown
        assert "推广短信不再送达" in press(account, "telecom/reply", app="telecom", text="R")
        cloud.send(phone_numbers=phone, template_code="SMS_100000021", values={"words": "又来了"})
        assert "没有送达 MOBILE_IN_BLACK" in page(account, app="telecom")


def test_what_goes_wrong_is_said(account: Account) -> None:
    assert "没有成功" in press(account, "account/scan")
    assert "没有成功" in press(account, "account/say", text="还没关注")
    assert "没有成功" in press(account, "telecom/reply", app="telecom", text=" ")
