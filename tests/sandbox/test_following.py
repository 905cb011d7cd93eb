"""Followers, what they may do, and the counters that a product's own rows are compared with."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox import Settings, create_app, demo
from sandbox.settings import from_environment
from sandbox.world import received
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform

SEND = "/cgi-bin/message/template/send"
TEMPLATE = demo.OA_TEMPLATES[0]["template_id"]
CARD = {"thing1": "林晓", "character_string2": "A100", "phrase3": "银卡会员", "time4": "2026-11-22 15:00"}


def send(platform: Platform, *, openid: str, token: str) -> Any:
    data = {key: {"value": value} for key, value in CARD.items()}
    return platform.post(SEND, {"touser": openid, "template_id": TEMPLATE, "data": data}, token=token)["errcode"]


def token_of_account(platform: Platform) -> str:
    platform.appid, platform.secret = demo.OA_APPID, demo.OA_SECRET
    return platform.fresh_token()


def test_following_again_by_a_code_is_a_scan_and_leaving_keeps_the_openid(platform: Platform) -> None:
    account = Account(platform)
    assert account.act("follow", scene="store:1") == {"followed": True, "openid": account.openid}
    assert account.act("follow") == {"followed": False, "openid": account.openid}
    assert account.act("follow", scene="store:2")["scanned"] == "store:2"
    assert account.act("unfollow") == {"unfollowed": True}
    assert account.act("unfollow") == {"unfollowed": False}
    assert account.act("scan", scene="7") == {"followed": True, "openid": account.openid}
    names = [(row["name"], row["fields"].get("EventKey")) for row in account.pushes()]
    assert names == [
        ("subscribe", "qrscene_store:1"), ("SCAN", "store:2"), ("unsubscribe", None), ("subscribe", "qrscene_7"),
    ]  # fmt: skip
    info = account.post("/cgi-bin/user/info/batchget", {"user_list": [{"openid": account.openid}]})
    assert info["user_info_list"][0]["qr_scene"] == 7


def test_a_code_of_the_platform_is_scanned_by_its_ticket_until_it_ends(platform: Platform) -> None:
    account = Account(platform)
    scene = {"expire_seconds": 600, "action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "门店1"}}}
    ticket = account.post("/cgi-bin/qrcode/create", scene)["ticket"]
    account.act("follow", ticket=ticket)
    assert account.pushes()[-1]["fields"]["EventKey"] == "qrscene_门店1"
    path = f"/_world/people/{account.person['person_id']}/scan"
    assert platform.http.post(path, json={"ticket": "unknown"}).status_code == 404
    platform.world("clock", advance=600)
    assert platform.http.post(path, json={"ticket": ticket}).status_code == 400


@pytest.mark.parametrize(
    ("act", "body"),
    [("say", {"text": "你好"}), ("click", {"key": "K"}), ("view", {"url": "u"}), ("locate", {"lat": 31, "lng": 121})],
)
def test_only_followers_speak(platform: Platform, act: str, body: dict[str, object]) -> None:
    account = Account(platform)
    path = f"/_world/people/{account.person['person_id']}/{act}"
    assert platform.http.post(path, json=body).status_code == 400
    assert account.pushes() == []
    account.act("follow")
    assert platform.http.post(path, json=body).status_code == 200


NONSENSE = [
    ("say", {"type": "poll", "text": "x"}),
    ("say", {"type": "link"}),
    ("say", {"text": ""}),
    ("click", {}),
    ("click", {"key": "K", "event": "VIEW"}),
    ("view", {}),
    ("scan", {}),
    ("locate", {"lat": "north", "lng": 1}),
    ("push", {"fields": {"Event": "x"}}),
    ("oa_subscribe", {}),
    ("revoke", {"event": "x"}),
    ("enter", {"appid": demo.OA_APPID}),
]


@pytest.mark.parametrize(("act", "body"), NONSENSE)
def test_nonsense_is_refused(platform: Platform, act: str, body: dict[str, object]) -> None:
    account = Account(platform)
    account.act("follow")
    answer = platform.http.post(f"/_world/people/{account.person['person_id']}/{act}", json=body)
    assert answer.status_code == 400
    assert len(account.pushes()) == 1


def test_a_miniprogram_is_not_followed_and_its_service_is_spoken_to(platform: Platform) -> None:
    account = Account(platform, appid=demo.APPID)
    path = f"/_world/people/{account.person['person_id']}"
    assert platform.http.post(f"{path}/follow", json={"appid": demo.APPID}).status_code == 404
    account.act("enter", session_from="card")
    body = {"touser": account.openid, "msgtype": "text", "text": {"content": "您好"}}
    assert [account.post("/cgi-bin/message/custom/send", body)["errcode"] for _ in range(3)] == [0, 0, 45047]
    account.act("say", text="在吗")
    assert [account.post("/cgi-bin/message/custom/send", body)["errcode"] for _ in range(6)] == [0] * 5 + [45047]
    assert [row["name"] for row in account.pushes()] == ["user_enter_tempsession", "text"]
    assert account.received()["kinds"] == {"service": 7}


def test_many_followers_at_once_are_silent_unless_asked(platform: Platform) -> None:
    account = Account(platform)
    made = platform.world("followers", count=3, phones=["13900000001", "13900000002", "13900000003"])
    assert [row["phone"] for row in made["followers"]] == ["13900000001", "13900000002", "13900000003"]
    assert platform.http.get("/_world/followers").json["openids"] == made["openids"]
    assert account.pushes() == []
    platform.world("followers", count=2, announce=True)
    assert [row["name"] for row in account.pushes()] == ["subscribe", "subscribe"]
    for body in ({"count": 0}, {"count": -1}, {"count": 2, "phones": ["1"]}, {"count": 10**9}):
        assert platform.http.post("/_world/followers", json=body).status_code in (201, 400)
    assert platform.http.get("/_world/followers").json["count"] <= 6


def test_counters_are_exact_when_many_send_at_once_and_messages_are_few(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(received, "MESSAGES_IN_ALL", 50)
    openids = platform.world("followers", count=10)["openids"]
    token = token_of_account(platform)

    def one() -> None:
        for openid in openids * 5:
            assert send(platform, openid=openid, token=token) == 0

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = platform.http.get("/_world/received", query_string={"kind": "template"}).json
    assert {row["total"] for row in found["received"].values()} == {20}
    assert (found["total"], found["receivers"], found["kinds"]) == (200, 10, {"template": 200})
    people = platform.http.get("/_world/people").json["people"]
    assert sum(row["messages"] for row in people) == 50
    chats = [platform.http.get(f"/_world/people/{row['person_id']}/chat").json["chat"] for row in people]
    assert sum(len(chat) for chat in chats) == 50
    sums = platform.http.get("/_world/received", query_string={"receivers": "0"}).json
    assert (sums["received"], sums["total"]) == ({}, 200)


def test_slow_answers_do_not_wait_for_each_other(platform: Platform) -> None:
    openids = platform.world("followers", count=8)["openids"]
    token = token_of_account(platform)
    platform.world("faults", path=SEND, kind="latency", seconds=0.5, times=0)
    threads = [
        threading.Thread(target=send, args=(platform,), kwargs={"openid": openid, "token": token}) for openid in openids
    ]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 2.5  # one after another they would take four seconds
    assert platform.http.get("/_world/received").json["total"] == 8


def test_follows_counters_and_push_settings_survive_a_restart(tmp_path: Path) -> None:
    settings = Settings(state_file=str(tmp_path / "world.sqlite"))
    before = Account(Platform(create_app(settings)))
    before.act("follow", scene="12")
    assert send(before.platform, openid=before.openid, token=token_of_account(before.platform)) == 0
    after = Platform(create_app(settings))
    found = after.http.get(f"/_world/people/{before.person['person_id']}").json
    assert found["follows"] == [demo.OA_APPID]
    assert after.http.get("/_world/received").json["received"][before.openid]["templates"] == {TEMPLATE: 1}
    assert send(after, openid=before.openid, token=token_of_account(after)) == 0
    assert after.http.get("/_world/received").json["total"] == 2
    app = next(row for row in after.http.get("/_world/apps").json["apps"] if row["appid"] == demo.OA_APPID)
    assert (app["callback_url"], app["push_mode"]) == (before.app["callback_url"], "plain")


def test_a_fresh_world_after_a_reset(platform: Platform) -> None:
    account = Account(platform)
    account.quietly("follow")
    platform.world("reset")
    assert account.drain() == 0
    assert platform.http.get("/_world/pushes").json == {"pushes": [], "totals": [], "waiting": 0}
    assert platform.http.get("/_world/received").json["total"] == 0


def test_environment_sets_account_and_pushes() -> None:
    names = {
        "SANDBOX_OA_APPID": "wx00000000000000aa", "SANDBOX_OA_SECRET": "s" * 32, "SANDBOX_OA_TOKEN": "token",
        "SANDBOX_OA_AES_KEY": "a" * 42 + "A", "SANDBOX_OA_CALLBACK_URL": "http://127.0.0.1:1/a",
        "SANDBOX_PUSH_TOKEN": "other", "SANDBOX_PUSH_AES_KEY": "b" * 42 + "A", "SANDBOX_CALLBACK_URL": "http://127.0.0.1:1/b",
    }  # fmt: skip
    world = create_app(from_environment(names)).extensions["world"]
    account, app = world.demo_account, world.demo_app
    assert (account.appid, account.push_token, account.callback_url) == (
        "wx00000000000000aa",
        "token",
        "http://127.0.0.1:1/a",
    )
    assert (app.push_token, app.push_aes_key, app.callback_url) == ("other", "b" * 42 + "A", "http://127.0.0.1:1/b")
    assert (account.push_format, app.push_format, account.push_mode) == ("xml", "json", "secure")


@pytest.mark.parametrize(
    "body",
    [
        {"push_mode": "open"},
        {"push_format": "yaml"},
        {"push_token": "!"},
        {"push_aes_key": "short"},
        {"kind": "miniprogram"},
    ],
)
def test_nonsense_push_settings_are_refused(platform: Platform, body: dict[str, str]) -> None:
    before = platform.http.get("/_world/apps").json
    assert platform.http.post(f"/_world/apps/{demo.OA_APPID}", json=body).status_code == 400
    assert platform.http.get("/_world/apps").json == before
