"""The client library as it ships, mounted onto the sandbox: what the product's gateway stands on."""

from typing import Any

import pytest
from wechatpy.client import WeChatClient
from wechatpy.exceptions import APILimitedException, WeChatClientException

from sandbox import InProcessAdapter, demo
from tests.sandbox.playing import Platform


@pytest.fixture
def client(platform: Platform) -> WeChatClient:
    found = WeChatClient(demo.APPID, demo.SECRET, timeout=5)
    found._http.mount("https://api.weixin.qq.com/", InProcessAdapter(platform.app))
    return found


def calls(platform: Platform, path: str) -> list[Any]:
    return list(platform.http.get("/_world/log", query_string={"path": path}).json["calls"])


def test_login_phone_and_message(platform: Platform, client: WeChatClient) -> None:
    person = platform.person(phone="13800002222")
    path = f"people/{person['person_id']}"
    assert client.wxa.code_to_session(platform.world(f"{path}/open")["code"])["openid"] == person["openid"]
    phone = client.wxa.get_phone_number(platform.world(f"{path}/phone")["code"])
    assert phone["phone_info"]["purePhoneNumber"] == "13800002222"
    template = demo.TEMPLATES[3]["template_id"]
    platform.world(f"{path}/subscribe", template_ids=[template])
    values = {"character_string1": "+200", "number2": "2340", "time3": "2026-11-22 15:00", "thing4": "到店消费"}
    data = {key: {"value": value} for key, value in values.items()}
    assert client.wxa.send_subscribe_message(person["openid"], template, data)["errcode"] == 0
    with pytest.raises(WeChatClientException) as refused:
        client.wxa.send_subscribe_message(person["openid"], template, data)
    assert refused.value.errcode == 43101
    assert len(calls(platform, "/cgi-bin/token")) == 1


def test_expired_token_is_fetched_once_and_the_call_repeated(platform: Platform, client: WeChatClient) -> None:
    client.wxa.check_text_security("你好")
    platform.world("clock", advance=7201)
    assert client.wxa.check_text_security("你好")["errcode"] == 0
    assert [row["errcode"] for row in reversed(calls(platform, "/wxa/msg_sec_check"))] == [0, 42001, 0]
    assert len(calls(platform, "/cgi-bin/token")) == 2


def test_image_comes_back_as_bytes(client: WeChatClient) -> None:
    answer = client.wxa.get_wxa_code_unlimited("s=1", page="pages/index/index")
    assert answer.content.startswith(b"\x89PNG")


def test_limit_raises_its_own_exception(platform: Platform, client: WeChatClient) -> None:
    platform.world(f"apps/{demo.APPID}", limits={"/wxa/msg_sec_check": {"daily": 1}})
    client.wxa.check_text_security("你好")
    with pytest.raises(APILimitedException):
        client.wxa.check_text_security("你好")


def test_sends_of_an_account(platform: Platform) -> None:
    client = WeChatClient(demo.OA_APPID, demo.OA_SECRET, timeout=5)
    client._http.mount("https://api.weixin.qq.com/", InProcessAdapter(platform.app))
    person = platform.person()
    openid = person["openids"][demo.OA_APPID]
    with pytest.raises(WeChatClientException) as refused:
        client.message.send_text(openid, "您好")
    assert refused.value.errcode == 45015
    platform.world(f"people/{person['person_id']}/follow")
    values = {"thing1": "林晓", "character_string2": "A100", "phrase3": "银卡会员", "time4": "2026-11-22 15:00"}
    data = {key: {"value": value} for key, value in values.items()}
    page = {"appid": demo.APPID, "pagepath": "pages/card/index?from=notice"}
    template = demo.OA_TEMPLATES[0]["template_id"]
    assert client.message.send_template(openid, template, data, mini_program=page)["msgid"] > 2**53
    assert client.message.send_text(openid, "您好")["errcode"] == 0
    assert client.message.send_articles(openid, [{"title": "新品", "description": "到店", "url": "u", "image": "i"}])
    received = platform.http.get("/_world/received").json
    assert received["received"][openid]["kinds"] == {"template": 1, "service": 2}
    assert received["total"] == 3


def test_misc_calls_of_the_library(platform: Platform, client: WeChatClient) -> None:
    platform.world(f"apps/{demo.APPID}", callback_url="https://shop.example/pushes")
    assert client.misc.get_wechat_ips()
    assert client.misc.check_network("all")["ping"]
