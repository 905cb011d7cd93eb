"""The grant ledger, and what a card must hold to be shown."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox import demo
from tests.sandbox.playing import Platform

SEND = "/cgi-bin/message/subscribe/send"
TEMPLATE = str(demo.TEMPLATES[0]["template_id"])
OTHER = str(demo.TEMPLATES[1]["template_id"])
GOOD = {
    "thing1": {"value": "丝绒唇釉试妆"},
    "time2": {"value": "2026年11月22日 15:00"},
    "thing3": {"value": "杭州湖滨店"},
    "thing4": {"value": "请提前十分钟到店"},
}


def card(person: Any, **more: Any) -> dict[str, Any]:
    return {"touser": person["openid"], "template_id": TEMPLATE, "data": GOOD, **more}


def accept(platform: Platform, person: Any, *templates: str) -> Any:
    return platform.world(f"people/{person['person_id']}/subscribe", template_ids=list(templates or [TEMPLATE]))


def test_each_accept_is_one_send_and_grants_add_up(platform: Platform) -> None:
    person = platform.person()
    assert platform.post(SEND, card(person))["errcode"] == 43101
    accept(platform, person)
    accept(platform, person)
    codes = [platform.post(SEND, card(person))["errcode"] for _ in range(3)]
    assert codes == [0, 0, 43101]
    found = platform.http.get(f"/_world/people/{person['person_id']}/messages").json["messages"]
    assert len(found) == 2
    assert found[0]["rows"][0] == {"label": "预约项目", "key": "thing1", "value": "丝绒唇釉试妆"}


def test_reject_and_cancel_and_main_switch(platform: Platform) -> None:
    person = platform.person()
    path = f"people/{person['person_id']}"
    assert platform.world(f"{path}/subscribe", answers={TEMPLATE: "reject"})[TEMPLATE] == "reject"
    assert platform.post(SEND, card(person))["errcode"] == 43101
    accept(platform, person)
    accept(platform, person)
    assert platform.world(f"{path}/unsubscribe", template_id=TEMPLATE) == {"lost": 2}
    assert platform.post(SEND, card(person))["errcode"] == 43101
    accept(platform, person)
    platform.world(path, accepts_messages=False)
    assert platform.post(SEND, card(person))["errcode"] == 43101
    assert accept(platform, person)["errCode"] == 20004


def test_long_term_template_stays_accepted(platform: Platform) -> None:
    platform.world(f"apps/{demo.APPID}/templates", template_id="L" * 43, fields=["thing1"], kind=3)
    person = platform.person()
    accept(platform, person, "L" * 43)
    body = card(person, template_id="L" * 43, data={"thing1": {"value": "好"}})
    assert [platform.post(SEND, body)["errcode"] for _ in range(3)] == [0, 0, 0]
    platform.world(f"people/{person['person_id']}/unsubscribe", template_id="L" * 43)
    assert platform.post(SEND, body)["errcode"] == 43101


def test_what_the_phone_refuses_to_ask(platform: Platform) -> None:
    person = platform.person()
    names = [str(row["template_id"]) for row in demo.TEMPLATES]
    assert accept(platform, person, *names[:4])["errCode"] == 20003
    assert accept(platform, person, "unknown")["errCode"] == 20001
    platform.world(f"apps/{demo.APPID}/templates", template_id="L" * 43, fields=["thing1"], kind=3)
    assert accept(platform, person, TEMPLATE, "L" * 43)["errCode"] == 20002
    platform.world(f"apps/{demo.APPID}/templates", template_id="T" * 43, title="预约到店提醒", fields=["thing1"])
    assert accept(platform, person, TEMPLATE, "T" * 43)["T" * 43] == "filter"


@pytest.mark.parametrize(
    ("more", "errcode", "named"),
    [
        ({"touser": "o" * 28}, 40003, "invalid openid"),
        ({"template_id": "x" * 43}, 40037, "invalid template_id"),
        ({"data": {key: GOOD[key] for key in ("thing1", "time2", "thing3")}}, 47003, "data.thing4.value is empty"),
        ({"data": {**GOOD, "thing9": {"value": "多"}}}, 47003, "data.thing9.value invalid"),
        ({"data": {**GOOD, "thing1": {"value": "  "}}}, 47003, "data.thing1.value is empty"),
        ({"data": {**GOOD, "time2": {"value": "明天"}}}, 47003, "data.time2.value invalid"),
        ({"data": {**GOOD, "thing3": {"value": 3}}}, 47003, "data.thing3.value invalid"),
        ({"data": {**GOOD, "thing4": {"value": "一行\n两行"}}}, 47003, "data.thing4.value invalid"),
        ({"data": {**GOOD, "thing4": {"value": "代开发票"}}}, 45168, "sensitive word"),
        ({"page": "pages/none/none"}, 41030, "invalid page"),
        ({"miniprogram_state": "prod"}, 47003, "miniprogram_state"),
        ({"lang": "fr"}, 47003, "lang"),
    ],
)
def test_a_wrong_card_is_refused_and_costs_no_grant(
    platform: Platform, more: dict[str, Any], errcode: int, named: str
) -> None:
    person = platform.person()
    accept(platform, person)
    refused = platform.post(SEND, card(person, **more))
    assert refused["errcode"] == errcode
    assert named in refused["errmsg"]
    assert platform.post(SEND, card(person, page="pages/bookings/index?id=1"))["errcode"] == 0


def test_banned_template_and_banned_app(platform: Platform) -> None:
    person = platform.person()
    accept(platform, person)
    platform.world(f"apps/{demo.APPID}", subscribe_banned=True)
    assert platform.post(SEND, card(person))["errcode"] == 43107
    assert accept(platform, person)["errCode"] == 20005


def test_openid_of_another_app_is_invalid(platform: Platform) -> None:
    other = platform.world("apps", appid="wx00000000000000aa", secret="s" * 32)["appid"]
    person = platform.person()
    assert platform.post(SEND, card(person, touser=person["openids"][other]))["errcode"] == 40003


def test_parallel_sends_to_one_person_are_refused(platform: Platform) -> None:
    person = platform.person()
    for _ in range(4):
        accept(platform, person)
    token = platform.fresh_token()
    platform.world("faults", path=SEND, kind="latency", seconds=0.6, times=4)

    def send(_: int) -> int:
        return int(Platform(platform.app).post(SEND, card(person), token=token)["errcode"])

    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(send, range(4)))
    assert codes == [0, 43108, 43108, 43108]
    assert platform.post(SEND, card(person))["errcode"] == 0


def test_races_for_grants_never_send_more_than_were_given(platform: Platform) -> None:
    person = platform.person()
    for _ in range(5):
        accept(platform, person)
    token = platform.fresh_token()
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: Platform(platform.app).post(SEND, card(person), token=token), range(40)))
    sent = sum(answer["errcode"] == 0 for answer in codes)
    while platform.post(SEND, card(person))["errcode"] == 0:
        sent += 1
    assert sent == 5


def test_msgid_when_switched_on(platform: Platform) -> None:
    platform.world("switches", send_reply_has_msgid=True)
    person = platform.person()
    accept(platform, person)
    assert isinstance(platform.post(SEND, card(person))["msgid"], int)


def test_escaped_body_is_refused_when_switched_on(platform: Platform) -> None:
    platform.world("switches", refuse_escaped_bodies=True)
    person = platform.person()
    accept(platform, person)
    query = {"access_token": platform.fresh_token()}
    assert platform.http.post(SEND, query_string=query, json=card(person)).json["errcode"] == 40033
    assert platform.post(SEND, card(person))["errcode"] == 0
