"""The page at /: a person can do by hand what the world API does, and sees what came of it."""

import re

import pytest

from sandbox import demo
from tests.sandbox.playing import Platform

SEND = "/cgi-bin/message/subscribe/send"


def page(platform: Platform, *, then: str = "/") -> str:
    answer = platform.http.get(then, follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def press(platform: Platform, path: str, /, **form: str) -> str:
    answer = platform.http.post(f"/_page/{path}", data=form, follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def code_on(text: str, *, label: str) -> str:
    found = re.search(rf"{label}</span>\s*<code>([^<]+)</code>", text)
    assert found, text
    return found.group(1)


def test_an_empty_world_says_what_to_do(platform: Platform) -> None:
    assert "还没有人" in page(platform)


def test_open_and_phone_by_hand_give_codes_that_work(platform: Platform) -> None:
    shown = press(platform, "people", name="林晓", phone="13800001111")
    assert "林晓" in shown
    assert "13800001111" in shown
    code = code_on(press(platform, "open", person="p1"), label="登录 code")
    assert "openid" in platform.login(code)
    assert "已被服务器使用" in page(platform)
    code = code_on(press(platform, "phone", person="p1", allow="yes"), label="手机号 code")
    assert platform.post("/wxa/business/getuserphonenumber", {"code": code})["errcode"] == 0
    assert "已拒绝授权手机号" in press(platform, "phone", person="p1", allow="no")


def test_subscribing_by_hand_lets_a_card_arrive(platform: Platform) -> None:
    person = platform.person(name="林晓")
    template = str(demo.TEMPLATES[4]["template_id"])
    press(platform, "subscribe", person="p1", template_id=template, answer="accept")
    assert "可发 1 次" in page(platform)
    values = {"name1": "林晓", "phrase2": "金卡会员", "date3": "2026-11-22"}
    data = {key: {"value": value} for key, value in values.items()}
    body = {"touser": person["openid"], "template_id": template, "data": data}
    assert platform.post(SEND, body)["errcode"] == 0
    shown = page(platform)
    assert "会员等级变更提醒" in shown
    assert "金卡会员" in shown
    press(platform, "subscribe", person="p1", template_id=template, answer="accept")
    assert "作废 1 次" in press(platform, "subscribe", person="p1", template_id=template, answer="cancel")
    assert platform.post(SEND, body)["errcode"] == 43101


def test_clock_and_faults_by_hand(platform: Platform) -> None:
    assert "快 2 天" in press(platform, "clock", advance="2", unit="86400")
    assert platform.http.get("/_world/clock").json["offset"] == 2 * 86400
    assert "与真实时间一致" in press(platform, "clock")
    shown = press(platform, "faults", kind="busy", path="/cgi-bin/token", times="2", seconds="0")
    assert "系统繁忙 -1" in shown
    assert "还有 2 次" in shown
    assert platform.token()["errcode"] == -1
    assert "没有故障" in press(platform, "faults/remove", fault_id="f1")


def test_what_goes_wrong_is_said_on_the_page(platform: Platform) -> None:
    assert "没有成功" in press(platform, "people", phone="abc")
    assert "没有成功" in press(platform, "open", person="p9")
    assert "没有成功" in press(platform, "clock", advance="soon")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "阿依古丽·买买提吐尔逊·阿卜杜热依木", "🌸小可爱🌸"])
def test_names_are_shown_as_text(platform: Platform, name: str) -> None:
    platform.person(name=name)
    shown = page(platform)
    assert "<script>alert" not in shown
    assert name.replace("<", "&lt;").replace(">", "&gt;") in shown


def test_page_needs_nothing_from_elsewhere(platform: Platform) -> None:
    shown = page(platform)
    links = re.findall(r'(?:src|href)="([^"]+)"', shown)
    for link in links:
        assert link.startswith(("/", "data:")), link
        if link.startswith("/_page/static"):
            assert platform.http.get(link).status_code == 200
