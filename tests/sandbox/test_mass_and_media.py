"""Mass sends reach whom they should, once; media live as long as they should."""

import io
import re
from typing import Any

import pytest
import wechatpy
from PIL import Image
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from sandbox import InProcessAdapter, demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform, recorded, recorded_text

SENDALL = "/cgi-bin/message/mass/sendall"


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


def got(platform: Platform) -> dict[str, int]:
    found = platform.http.get("/_world/received", query_string={"appid": demo.OA_APPID, "kind": "mass"}).json
    return {openid: row["total"] for openid, row in found["received"].items()}


def text(words: str = "秋冬新品到店", **more: Any) -> dict[str, Any]:
    return {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": words}, **more}


def picture(kind: str = "JPEG", *, size: int = 8) -> io.BytesIO:
    found = io.BytesIO()
    Image.new("RGB", (size, size)).save(found, kind)
    found.seek(0)
    found.name = f"a.{'jpg' if kind == 'JPEG' else kind.lower()}"
    return found


def upload(account: Account, path: str, *, name: str, content: bytes = b"x" * 10, **more: str) -> Any:
    query = {"access_token": account.platform.fresh_token(), **more}
    form = {"media": (io.BytesIO(content), name), "description": '{"title":"片","introduction":"介绍"}'}
    return account.platform.http.post(path, query_string=query, data=form).json


def material(account: Account) -> str:
    cover = upload(account, "/cgi-bin/material/add_material", name="a.jpg", type="thumb")["media_id"]
    article = {"title": "秋冬新品", "content": "<p>好</p>", "thumb_media_id": cover}
    return str(account.post("/cgi-bin/draft/add", {"articles": [article]})["media_id"])


def test_a_mass_text_reaches_all_followers_and_its_end_is_told(platform: Platform, account: Account) -> None:
    openids = many(platform, 3)
    made = account.post(SENDALL, text())
    assert made["errmsg"] == "send job submission success"
    assert got(platform) == dict.fromkeys(openids, 1)
    assert account.post("/cgi-bin/message/mass/get", {"msg_id": made["msg_id"]})["msg_status"] == "SENDING"
    account.drain()
    body = account.last().body
    assert f"<MsgID>{made['msg_id']}</MsgID>" in body
    assert "<Status><![CDATA[send success]]></Status>" in body
    assert "<TotalCount>3</TotalCount>" in body
    assert "<SentCount>3</SentCount>" in body
    platform.world("clock", advance=2)
    assert account.post("/cgi-bin/message/mass/get", {"msg_id": made["msg_id"]})["msg_status"] == "SEND_SUCCESS"


def test_a_mass_send_by_tag_leaves_out_the_others(platform: Platform, account: Account, client: WeChatClient) -> None:
    openids = many(platform, 3)
    tag = client.tag.create("金卡")["id"]
    client.tag.tag_user(tag, openids[:2])
    client.message.send_mass_text("只给金卡", tag)
    assert got(platform) == dict.fromkeys(openids[:2], 1)
    client.message.send_mass_text("给三个人", [*openids[1:], account.openid])
    assert got(platform) == {openids[0]: 1, openids[1]: 2, openids[2]: 1}
    assert account.post(SENDALL, text(filter={"tag_id": 999}))["errcode"] == 45159


def test_the_same_client_id_sends_once_in_a_day_and_gives_the_first_job(platform: Platform, account: Account) -> None:
    many(platform, 1)
    first = account.post(SENDALL, text(clientmsgid="campaign-7"))
    platform.world("clock", advance=86300)
    again = account.post(SENDALL, text("别的话", clientmsgid="campaign-7"))
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert account.post(SENDALL, text(clientmsgid="x" * 65))["errcode"] == 45067
    assert account.post(SENDALL, text("没有编号"))["errcode"] == 0
    assert account.post(SENDALL, text("没有编号"))["errcode"] == 45065
    assert sum(got(platform).values()) == 2
    platform.world("clock", advance=101)
    assert account.post(SENDALL, text(clientmsgid="campaign-7"))["errcode"] == 0


def test_a_person_gets_four_a_month_and_refusals_are_counted(platform: Platform, account: Account) -> None:
    (openid,) = many(platform, 1)
    account.quietly("follow")
    account.quietly("relation", blocked=True)
    for number in range(5):
        account.post(SENDALL, text(f"第 {number} 条"))
    assert got(platform) == {openid: 4}
    account.drain()
    assert "<FilterCount>0</FilterCount>" in account.last().body
    fourth = account.product.arrived[-2].body
    assert "<TotalCount>2</TotalCount>" in fourth
    assert "<ErrorCount>1</ErrorCount>" in fourth


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "dance"}, 48008),
        ({"text": {"content": ""}}, 44004),
        ({"filter": None}, 40035),
        ({"msgtype": "mpnews", "mpnews": {"media_id": "none"}}, 40007),
        ({"msgtype": "image", "images": {"media_ids": ["none"]}}, 40007),
    ],
)
def test_a_wrong_mass_send_is_refused(platform: Platform, account: Account, body: Any, code: int) -> None:
    many(platform, 1)
    assert account.post(SENDALL, text(**body))["errcode"] == code
    assert got(platform) == {}


def test_risky_words_and_an_ordered_failure_reach_nobody(platform: Platform, account: Account) -> None:
    many(platform, 1)
    account.post(SENDALL, text("网络诈骗"))
    account.drain()
    assert "<Status><![CDATA[err(20008)]]></Status>" in account.last().body
    platform.world("faults", path=SENDALL, kind="system_failed")
    made = account.post(SENDALL, text("好话"))
    account.drain()
    assert "<Status><![CDATA[send fail]]></Status>" in account.last().body
    platform.world("clock", advance=2)
    assert account.post("/cgi-bin/message/mass/get", {"msg_id": made["msg_id"]})["msg_status"] == "SEND_FAIL"
    assert got(platform) == {}


def test_a_preview_goes_to_one_person_and_counts_apart(account: Account, client: WeChatClient) -> None:
    with pytest.raises(WeChatClientException) as refused:
        client.message.send_mass_text("看看", account.openid, preview=True)
    assert refused.value.errcode == 43004
    account.quietly("follow")
    client.message.send_mass_text("看看", account.openid, preview=True)
    assert account.received()["kinds"] == {"mass_preview": 1}


def test_speed_is_between_zero_and_four(account: Account) -> None:
    assert account.post("/cgi-bin/message/mass/speed/get", {})["errcode"] == 45084
    assert account.post("/cgi-bin/message/mass/speed/set", {"speed": 5})["errcode"] == 45083
    assert account.post("/cgi-bin/message/mass/speed/set", {"speed": 4})["errcode"] == 0
    assert account.post("/cgi-bin/message/mass/speed/get", {}) == {"speed": 4, "realspeed": 10}


def test_a_hundred_mass_sends_a_day(platform: Platform, account: Account) -> None:
    platform.world(f"apps/{demo.OA_APPID}", limits={SENDALL: {"daily": 1}})
    assert account.post(SENDALL, text())["errcode"] == 0
    assert account.post(SENDALL, text("第二条"))["errcode"] == 45009


def test_the_end_of_a_job_is_written_as_recorded(platform: Platform, account: Account) -> None:
    many(platform, 1)
    account.post(SENDALL, text())
    account.drain()
    ours, theirs = account.last().body, recorded_text("oa/event.MASSSENDJOBFINISH.xml")
    names = [re.findall(r"^\s{0,2}<(\w+)>(<!)?", body, re.MULTILINE) for body in (ours, theirs)]
    assert names[0] == names[1]
    read = wechatpy.parse_message(ours)
    assert (read.status, read.total_count, read.sent_count) == ("send success", 1, 1)


def shape(value: Any) -> Any:
    return {key: type(item).__name__ for key, item in value.items()}


def test_recorded_mass_payloads(platform: Platform, account: Account) -> None:
    request = recorded("oa/mass_sendall.request")
    many(platform, 1)
    book = platform.app.extensions["world"].book(demo.OA_APPID)
    book.media[request["mpnews"]["media_id"]] = book.media[material(account)]
    made = account.post(SENDALL, request)
    assert shape(made) == shape(recorded("oa/mass_sendall.response"))
    job = platform.app.extensions["world"].mass_jobs
    job._jobs[demo.OA_APPID, 201053012] = job.get(demo.OA_APPID, msg_id=made["msg_id"])
    job._jobs[demo.OA_APPID, 201053012].msg_id = 201053012
    platform.world("clock", advance=2)
    assert account.post("/cgi-bin/message/mass/get", recorded("oa/mass_get.request")) == recorded(
        "oa/mass_get.response"
    )
    assert account.post("/cgi-bin/message/mass/delete", recorded("oa/mass_delete.request"))["errcode"] == 0
    assert account.post("/cgi-bin/message/mass/get", {"msg_id": 201053012})["msg_status"] == "DELETE"


def test_a_picture_comes_back_for_three_days(platform: Platform, account: Account, client: WeChatClient) -> None:
    wanted = picture().getvalue()
    made = client.media.upload("image", picture())
    assert shape(made) == shape(recorded("oa/media_upload.response"))
    answer = client.media.download(made["media_id"])
    assert answer.content == wanted
    assert answer.headers["Content-Type"] == "image/jpeg"
    platform.world("clock", advance=3 * 86400)
    assert platform.get("/cgi-bin/media/get", media_id=made["media_id"])["errcode"] == 40007


@pytest.mark.parametrize(
    ("kind", "name", "size", "code"),
    [
        ("dance", "a.jpg", 10, 40004),
        ("image", "a.txt", 10, 40005),
        ("image", "a.jpg", 10 * 1024 * 1024 + 1, 40009),
        ("voice", "a.mp3", 2 * 1024 * 1024 + 1, 40010),
        ("thumb", "a.jpg", 64 * 1024 + 1, 40012),
        ("thumb", "a.jpg", 64 * 1024, 0),
        ("voice", "a.amr", 0, 44001),
    ],
)
def test_files_have_their_kinds_and_sizes(account: Account, kind: str, name: str, size: int, code: int) -> None:
    found = upload(account, "/cgi-bin/media/upload", name=name, content=b"x" * size, type=kind)
    assert found.get("errcode", 0) == code
    assert ("thumb_media_id" in found) is (kind == "thumb" and code == 0)


def test_nothing_uploaded_is_said(account: Account) -> None:
    query = {"access_token": account.platform.fresh_token(), "type": "image"}
    answer = account.platform.http.post("/cgi-bin/media/upload", query_string=query, data={"other": "1"}).json
    assert answer["errcode"] == 41005


def test_permanent_media_stay_until_they_are_deleted(account: Account, client: WeChatClient) -> None:
    draft = material(account)
    made = client.material.add("image", picture("PNG"))
    assert made["url"].startswith("http://mmbiz.qpic.cn/")
    account.platform.world("clock", advance=30 * 86400)
    assert client.material.get(made["media_id"]).content.startswith(b"\x89PNG")
    assert client.material.get(draft)[0]["title"] == "秋冬新品"
    assert client.material.get_count() == {"voice_count": 0, "video_count": 0, "image_count": 1, "news_count": 1}
    assert client.material.batchget("image")["item"][0]["media_id"] == made["media_id"]
    client.material.delete(made["media_id"])
    assert client.material.get_count()["image_count"] == 0
    account.platform.world("followers", appid=demo.OA_APPID, count=1)
    client.message.send_mass_article(draft, None, is_to_all=True)
    assert list(got(account.platform).values()) == [1]
