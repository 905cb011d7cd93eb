"""Records, lists and tags of followers, at their limits."""

import threading
from typing import Any

import pytest
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from sandbox import InProcessAdapter, demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform

TAGGING = "/cgi-bin/tags/members/batchtagging"


@pytest.fixture
def account(platform: Platform) -> Account:
    platform.appid, platform.secret = demo.OA_APPID, demo.OA_SECRET
    return Account(platform)


@pytest.fixture
def client(platform: Platform) -> WeChatClient:
    found = WeChatClient(demo.OA_APPID, demo.OA_SECRET, timeout=5)
    found._http.mount("https://api.weixin.qq.com/", InProcessAdapter(platform.app))
    return found


def many(platform: Platform, count: int) -> list[str]:
    return list(platform.world("followers", appid=demo.OA_APPID, count=count)["openids"])


def create(account: Account, name: str) -> Any:
    return account.post("/cgi-bin/tags/create", {"tag": {"name": name}})


def test_how_somebody_came_is_in_the_record(account: Account, client: WeChatClient) -> None:
    assert client.user.get(account.openid) == {
        "subscribe": 0,
        "openid": account.openid,
        "unionid": account.person["unionid"],
    }
    made = client.qrcode.create({"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "store-7"}}})
    account.quietly("scan", ticket=made["ticket"])
    found = client.user.get(account.openid)
    assert (found["subscribe"], found["qr_scene_str"], found["subscribe_scene"]) == (1, "store-7", "ADD_SCENE_QR_CODE")
    assert "nickname" not in found
    account.quietly("unfollow")
    assert "qr_scene_str" not in client.user.get(account.openid)


def test_the_list_has_pages_of_ten_thousand_and_ends_without_data(platform: Platform, account: Account) -> None:
    openids = many(platform, 10_001)
    token = platform.fresh_token()
    first = platform.get("/cgi-bin/user/get", access_token=token)
    assert (first["total"], first["count"], first["next_openid"]) == (10_001, 10_000, openids[9_999])
    second = platform.get("/cgi-bin/user/get", access_token=token, next_openid=first["next_openid"])
    assert second["data"]["openid"] == openids[10_000:]
    last = platform.get("/cgi-bin/user/get", access_token=token, next_openid=openids[-1])
    assert last == {"total": 10_001, "count": 0, "next_openid": ""}
    assert platform.get("/cgi-bin/user/get", access_token=token, next_openid="nobody")["errcode"] == 40003


def test_the_library_walks_all_followers_and_reads_them_in_batches(
    platform: Platform, account: Account, client: WeChatClient
) -> None:
    openids = many(platform, 101)
    assert list(client.user.iter_followers()) == openids
    assert [row["openid"] for row in client.user.get_batch(openids[:100])] == openids[:100]
    with pytest.raises(WeChatClientException) as refused:
        client.user.get_batch(openids)
    assert refused.value.errcode == 40032


def test_batchget_by_get_is_a_format_error(platform: Platform, account: Account) -> None:
    assert platform.get("/cgi-bin/user/info/batchget")["errcode"] == 47001


def test_a_remark_has_less_than_thirty_characters(account: Account, client: WeChatClient) -> None:
    account.quietly("follow")
    client.user.update_remark(account.openid, "字" * 29)
    assert client.user.get(account.openid)["remark"] == "字" * 29
    with pytest.raises(WeChatClientException):
        client.user.update_remark(account.openid, "字" * 30)


def test_openids_of_a_moved_account_are_told_apart_from_unknown_ones(platform: Platform, account: Account) -> None:
    platform.world("apps", appid="wx00000000000000aa", kind="official_account")
    old = platform.http.get(f"/_world/people/{account.person['person_id']}").json["openids"]["wx00000000000000aa"]
    body = {"from_appid": "wx00000000000000aa", "openid_list": [old, "nobody"]}
    found = account.post("/cgi-bin/changeopenid", body)
    assert found["errcode"] == 0
    assert found["result_list"] == [
        {"ori_openid": old, "new_openid": account.openid, "err_msg": "ok"},
        {"ori_openid": "nobody", "err_msg": "ori_openid error"},
    ]


def test_tags_have_names_of_thirty_bytes_and_there_are_a_hundred(account: Account, client: WeChatClient) -> None:
    assert create(account, "字" * 10)["tag"]["id"] == 100
    assert create(account, "字" * 10)["errcode"] == 45157
    assert create(account, "")["errcode"] == 45157
    assert create(account, "字" * 10 + "a")["errcode"] == 45158
    for number in range(99):
        create(account, f"标签{number}")
    assert create(account, "第一百零一个")["errcode"] == 45056
    assert account.post("/cgi-bin/tags/delete", {"tag": {"id": 2}})["errcode"] == 45058
    assert account.post("/cgi-bin/tags/update", {"tag": {"id": 777, "name": "新"}})["errcode"] == 45159
    client.tag.delete(100)
    assert 100 not in {tag["id"] for tag in client.tag.get()}


def test_a_person_carries_twenty_tags_and_a_call_tags_fifty(
    platform: Platform, account: Account, client: WeChatClient
) -> None:
    openids = many(platform, 51)
    tags = [client.tag.create(f"标签{number}")["id"] for number in range(21)]
    for tag in tags[:20]:
        client.tag.tag_user(tag, openids[:50])
    client.tag.tag_user(tags[0], openids[0])
    assert client.user.get(openids[0])["tagid_list"] == tags[:20]
    refused = account.post(TAGGING, {"openid_list": [openids[50], openids[0]], "tagid": tags[20]})
    assert refused["errcode"] == 45059
    assert client.user.get(openids[50])["tagid_list"] == []
    assert account.post(TAGGING, {"openid_list": openids, "tagid": tags[20]})["errcode"] == 40032
    assert list(client.tag.iter_tag_users(tags[3])) == openids[:50]
    client.tag.untag_user(tags[3], openids[:49])
    assert client.tag.get_tag_users(tags[3])["count"] == 1
    client.tag.delete(tags[3])
    assert tags[3] not in client.tag.get_user_tag(openids[49])


def test_one_bad_openid_fails_the_whole_batch(platform: Platform, account: Account) -> None:
    openids, tag = many(platform, 1), create(account, "全或无")["tag"]["id"]
    stranger = platform.http.get(f"/_world/people/{account.person['person_id']}").json["openids"][demo.APPID]
    for openid, code in (("nobody", 40003), (stranger, 49003), (account.openid, 40003)):
        assert account.post(TAGGING, {"openid_list": [*openids, openid], "tagid": tag})["errcode"] == code
    assert platform.get("/cgi-bin/tags/get")["tags"][-1]["count"] == 0


def test_parallel_tagging_answers_45159_where_that_is_ordered(platform: Platform, account: Account) -> None:
    openids, tag = many(platform, 2), create(account, "并行")["tag"]["id"]
    platform.world("switches", parallel_tagging_fails=True)
    platform.world("faults", kind="latency", path=TAGGING, seconds=0.5)
    token, codes = platform.fresh_token(), []
    ready = threading.Barrier(2)

    def one(openid: str) -> None:
        ready.wait()
        body = {"openid_list": [openid], "tagid": tag}
        codes.append(platform.post(TAGGING, body, token=token)["errcode"])

    threads = [threading.Thread(target=one, args=(openid,)) for openid in openids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [0, 45159]
    assert platform.post(TAGGING, {"openid_list": openids, "tagid": tag}, token=token)["errcode"] == 0


def test_a_miniprogram_has_no_followers_to_ask_for(platform: Platform) -> None:
    assert platform.get("/cgi-bin/user/get")["errcode"] == 48001


def test_limits_of_the_day_hold_and_are_cleared(platform: Platform, account: Account) -> None:
    platform.world(f"apps/{demo.OA_APPID}", limits={"/cgi-bin/user/get": {"daily": 2}})
    token = platform.fresh_token()
    codes = [platform.get("/cgi-bin/user/get", access_token=token).get("errcode", 0) for _ in range(3)]
    assert codes == [0, 0, 45009]
    used = account.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/user/get"})["quota"]
    assert used == {"daily_limit": 2, "used": 2, "remain": 0}
    assert account.post("/cgi-bin/clear_quota", {"appid": demo.OA_APPID})["errcode"] == 0
    assert platform.get("/cgi-bin/user/get", access_token=token)["total"] == 0


@pytest.mark.parametrize(
    ("path", "daily"),
    [
        ("/cgi-bin/menu/create", 1_000),
        ("/cgi-bin/menu/get", 10_000),
        ("/cgi-bin/menu/delete", 1_000),
        ("/cgi-bin/media/upload", 100_000),
        ("/cgi-bin/media/get", 200_000),
        ("/cgi-bin/message/mass/sendall", 100),
        ("/cgi-bin/qrcode/create", 100_000),
        ("/cgi-bin/user/get", 500),
        ("/cgi-bin/user/info", 5_000_000),
        ("/cgi-bin/user/info/updateremark", 10_000),
    ],
)
def test_every_path_has_its_daily_figure(account: Account, path: str, daily: int) -> None:
    assert account.post("/cgi-bin/openapi/quota/get", {"cgi_path": path})["quota"]["daily_limit"] == daily
