"""The lists of an account's templates: template messages by industry or category, and subscriptions apart."""

from typing import Any

import pytest
from wechatpy.client import WeChatClient

from sandbox import InProcessAdapter, demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform

ADD = "/cgi-bin/template/api_add_template"


@pytest.fixture
def account(platform: Platform) -> Account:
    platform.appid, platform.secret = demo.OA_APPID, demo.OA_SECRET
    return Account(platform)


@pytest.fixture
def client(platform: Platform) -> WeChatClient:
    found = WeChatClient(demo.OA_APPID, demo.OA_SECRET, timeout=5)
    found._http.mount("https://api.weixin.qq.com/", InProcessAdapter(platform.app))
    return found


def listed(account: Account) -> list[Any]:
    return list(account.platform.get("/cgi-bin/template/get_all_private_template")["template_list"])


def test_the_list_holds_template_messages_and_not_subscriptions(account: Account, client: WeChatClient) -> None:
    rows = client.template.get_all_private_template()["template_list"]
    wanted = {row["template_id"] for row in demo.OA_TEMPLATES if row.get("channel") != "subscription"}
    assert {row["template_id"] for row in rows} == wanted
    points = next(row for row in rows if row["title"] == "积分变动通知")
    assert "变动积分:{{character_string1.DATA}}" in points["content"]
    own = account.platform.get("/wxaapi/newtmpl/gettemplate")["data"]
    assert {row["priTmplId"] for row in own} == {row["template_id"] for row in demo.OA_TEMPLATES} - wanted


def test_a_category_template_takes_the_named_keywords_in_order(account: Account) -> None:
    body = {"template_id_short": "45107", "keyword_name_list": ["活动时间", "活动名称"]}
    made = account.post(ADD, body)
    row = next(row for row in listed(account) if row["template_id"] == made["template_id"])
    assert row["content"] == "活动时间:{{time2.DATA}}\n活动名称:{{thing1.DATA}}\n"
    assert account.post(ADD, {**body, "keyword_name_list": ["天气"]})["errcode"] == 200020
    assert account.post(ADD, {"template_id_short": "TM99999"})["errcode"] == 40037


def test_a_new_template_can_be_sent_and_there_are_twenty_five(account: Account, client: WeChatClient) -> None:
    account.quietly("follow")
    made = client.template.get("TM00015")
    data = {key: {"value": "好"} for key in ("first", "orderMoneySum", "orderProductName", "remark")}
    assert client.message.send_template(account.openid, made, data)["errcode"] == 0
    for _ in range(25 - len(listed(account))):
        assert account.post(ADD, {"template_id_short": "TM00015"})["errcode"] == 0
    assert account.post(ADD, {"template_id_short": "TM00015"})["errcode"] == 45026


def test_industries_change_once_a_month(account: Account, client: WeChatClient) -> None:
    assert client.template.get_industry()["secondary_industry"]["first_class"] == "消费品"
    client.template.set_industry("1", "10")
    assert client.template.get_industry()["secondary_industry"]["second_class"] == "餐饮"
    body = {"industry_id1": "1", "industry_id2": "2"}
    assert account.post("/cgi-bin/template/api_set_industry", body)["errcode"] == 43100
    account.platform.world("clock", advance=32 * 86400)
    assert account.post("/cgi-bin/template/api_set_industry", {**body, "industry_id2": "999"})["errcode"] == 40035
    assert account.post("/cgi-bin/template/api_set_industry", body)["errcode"] == 0


def test_subscriptions_of_an_account_are_picked_from_the_library(account: Account) -> None:
    titles = account.platform.get("/wxaapi/newtmpl/getpubtemplatetitles", start="0", limit="2", ids="308")
    assert titles["count"] == len(demo.LIBRARY)
    assert len(titles["data"]) == 2
    keywords = account.platform.get("/wxaapi/newtmpl/getpubtemplatekeywords", tid="512")["data"]
    assert [row["name"] for row in keywords] == ["项目", "时间", "门店", "状态"]
    body = {"tid": "512", "kidList": [1], "sceneDesc": "预约"}
    assert account.post("/wxaapi/newtmpl/addtemplate", body)["errcode"] == 200020
    made = account.post("/wxaapi/newtmpl/addtemplate", {**body, "kidList": [1, 2]})["priTmplId"]
    account.act("oa_subscribe", answers={made: "accept"})
    data = {"thing1": {"value": "护理"}, "time2": {"value": "15:00"}}
    sent = {"touser": account.openid, "template_id": made, "data": data}
    assert account.post("/cgi-bin/message/subscribe/bizsend", sent)["errcode"] == 0
    assert account.post("/wxaapi/newtmpl/deltemplate", {"priTmplId": made})["errcode"] == 0
    assert account.post("/cgi-bin/message/subscribe/bizsend", sent)["errcode"] == 40037
