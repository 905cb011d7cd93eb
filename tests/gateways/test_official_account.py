"""The official account's gateway against the simulated platform: each call, and what people really received of it."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.gateways import miniprogram, official_account
from app.gateways.official_account import followers, media, menus, tags, templates, web
from app.gateways.wechat import refusals
from app.kernel.redis import client as redis_client
from sandbox import demo
from tests.conftest import SHARED
from tests.factories.platform import Platform

POINTS = next(each for each in demo.OA_TEMPLATES if "积分变动" in each["title"])
STARTING = next(each for each in demo.OA_TEMPLATES if each.get("channel") == "subscription")
VALUES = {
    "thing": "手作课",
    "time": "2026年5月21日 14:00",
    "date": "2026-05-21",
    "number": "120",
    "amount": "￥12.50",
    "character_string": "+120",
    "phrase": "已到账",
    "name": "林晓",
    "phone_number": "13800001111",
}


def values_for(template: dict[str, Any]) -> dict[str, str]:
    return {key: VALUES[key.rstrip("0123456789")] for key in template["fields"]}


@pytest.fixture
def appid(platform: Platform) -> str:
    return platform.oa_appid


@pytest.fixture
def fan(platform: Platform, appid: str) -> Any:
    """Somebody who follows: person_id, openid."""
    person = platform.person(name="林晓")
    return person | platform.world(f"people/{person['person_id']}/follow", appid=appid, scene="store=S001")


def messages(platform: Platform, person: Any) -> list[Any]:
    return list(platform.http.get(f"/_world/people/{person['person_id']}/messages").get_json()["messages"])


def points(appid: str, openid: str, **more: Any) -> official_account.Accepted:
    given = {"template_id": POINTS["template_id"], "data": values_for(POINTS)} | more
    return official_account.send_template(appid, openid=openid, **given)


def test_a_template_message_arrives_and_has_an_id(platform: Platform, appid: str, fan: Any) -> None:
    sent = points(appid, fan["openid"], url="https://brand.example/points")
    (message,) = messages(platform, fan)

    assert sent.msgid
    assert sent.msgid.isdigit()
    assert "120" in json.dumps(message, ensure_ascii=False)
    assert "https://brand.example/points" in json.dumps(message)


def test_the_same_id_of_ours_is_one_message(platform: Platform, appid: str, fan: Any) -> None:
    platform.fault("/cgi-bin/message/template/send", "lost_answer")
    with pytest.raises(refusals.AnswerLost):
        points(appid, fan["openid"], client_msg_id="delivery-1")

    assert points(appid, fan["openid"], client_msg_id="delivery-1").msgid
    assert len(messages(platform, fan)) == 1


def test_who_left_cannot_be_reached(platform: Platform, appid: str, fan: Any) -> None:
    platform.world(f"people/{fan['person_id']}/unfollow", appid=appid)
    with pytest.raises(refusals.RecipientRefused) as refused:
        points(appid, fan["openid"])
    assert refused.value.code == 43004


def test_a_value_that_is_too_long_names_its_field(appid: str, fan: Any) -> None:
    values = values_for(POINTS)
    field = next(key for key in values if key.startswith("thing"))
    with pytest.raises(refusals.MessageInvalid) as refused:
        points(appid, fan["openid"], data=values | {field: "字" * 21})
    assert (refused.value.code, refused.value.field) == (47003, field)


def test_R01_a_subscription_of_an_account_is_one_message(platform: Platform, appid: str, fan: Any) -> None:
    asked = {"openid": fan["openid"], "template_id": STARTING["template_id"], "data": values_for(STARTING)}
    with pytest.raises(refusals.RecipientRefused) as refused:
        official_account.send_subscription(appid, **asked)
    assert refused.value.code == 43101

    answers = {STARTING["template_id"]: "accept"}
    platform.world(f"people/{fan['person_id']}/oa_subscribe", appid=appid, answers=answers)
    official_account.send_subscription(appid, page="https://brand.example/activity", **asked)
    assert len(messages(platform, fan)) == 1
    with pytest.raises(refusals.RecipientRefused):
        official_account.send_subscription(appid, **asked)


def test_R01_a_mini_programs_grant_is_one_message(platform: Platform) -> None:
    person, template = platform.person(), demo.TEMPLATES[0]
    asked = {"openid": person["openid"], "template_id": template["template_id"], "data": values_for(template)}
    platform.world(f"people/{person['person_id']}/subscribe", answers={template["template_id"]: "accept"})

    miniprogram.send_subscription(platform.appid, page="pages/bookings/index", **asked)
    with pytest.raises(refusals.RecipientRefused) as refused:
        miniprogram.send_subscription(platform.appid, **asked)
    assert refused.value.code == 43101
    assert len(messages(platform, person)) == 1


def test_a_service_message_goes_only_after_somebody_wrote(platform: Platform, appid: str, fan: Any) -> None:
    message = {"msgtype": "text", "text": {"content": "您好，“积分”有什么可以帮到您？😀"}}
    platform.world("clock", advance=120)  # a minute after following the platform's window closes
    with pytest.raises(refusals.RecipientRefused) as refused:
        official_account.send_service(appid, openid=fan["openid"], message=message)
    assert refused.value.code in {45015, 45047}

    platform.world(f"people/{fan['person_id']}/say", appid=appid, text="在吗")
    official_account.send_service(appid, openid=fan["openid"], message=message)
    assert message["text"]["content"] in json.dumps(messages(platform, fan), ensure_ascii=False)


def test_a_mass_send_is_one_however_often_it_is_asked(platform: Platform, appid: str, fan: Any) -> None:
    asked = {"tag_id": None, "message": {"msgtype": "text", "text": {"content": "周年庆"}}, "client_msg_id": "wave-1"}
    first = official_account.mass_send(appid, **asked)
    platform.world("clock", advance=61)

    assert first.msgid
    assert official_account.mass_send(appid, **asked) == first


def test_followers_are_told_with_how_they_came(platform: Platform, appid: str, fan: Any) -> None:
    gone = platform.person()
    left = platform.world(f"people/{gone['person_id']}/follow", appid=appid)
    platform.world(f"people/{gone['person_id']}/unfollow", appid=appid)

    one, other = followers.user_info_batch(appid, [fan["openid"], left["openid"]])
    assert (one.openid, one.subscribed, one.unionid, one.scene) == (
        fan["openid"], True, fan["unionid"], "store=S001",
    )  # fmt: skip
    assert one.subscribed_at
    assert one.came_by == "ADD_SCENE_QR_CODE"
    assert (other.subscribed, other.subscribed_at) == (False, None)
    with pytest.raises(ValueError, match="100"):
        followers.user_info_batch(appid, ["o"] * 101)


def test_all_followers_are_listed_page_by_page(platform: Platform, appid: str) -> None:
    made = platform.world("followers", appid=appid, count=10_050)
    found = [openid for page in followers.list_followers(appid) for openid in page]

    assert len(found) == len(set(found)) == 10_050
    assert len(made["openids"]) == 10_050
    assert len(platform.calls("/cgi-bin/user/get")) in {2, 3}


def test_an_account_nobody_follows_has_no_page(appid: str) -> None:
    assert list(followers.list_followers(appid)) == []
    assert followers.user_info_batch(appid, []) == []


def test_a_menu_is_written_read_and_deleted(appid: str) -> None:
    buttons = [
        {"type": "click", "name": "我的积分", "key": "points"},
        {"name": "服务", "sub_button": [{"type": "view", "name": "门店", "url": "https://brand.example/stores"}]},
    ]
    assert menus.read(appid) == []
    menus.write(appid, buttons)
    assert [button["name"] for button in menus.read(appid)] == ["我的积分", "服务"]
    menus.delete(appid)
    assert menus.read(appid) == []

    with pytest.raises(refusals.RequestInvalid) as refused:
        menus.write(appid, buttons * 2)
    assert refused.value.data["errmsg"]


@pytest.mark.parametrize("seconds", [3600, None])
def test_a_scene_code_can_be_shown(appid: str, seconds: int | None) -> None:
    code = official_account.create_qrcode(appid, scene="store=S001", seconds=seconds)

    assert code.seconds == seconds
    assert code.url.startswith("http")
    assert official_account.qrcode_image(code).startswith(b"\x89PNG")


def test_templates_are_listed_with_their_fields_added_and_deleted(appid: str) -> None:
    listed = {one.template_id: one for one in templates.read(appid)}
    subscriptions = {one.template_id for one in templates.read_subscriptions(appid)}
    assert STARTING["template_id"] in subscriptions - listed.keys()
    assert listed.keys() | subscriptions == {each["template_id"] for each in demo.OA_TEMPLATES}
    assert listed[POINTS["template_id"]].fields == POINTS["fields"]

    templates.delete(appid, POINTS["template_id"])
    assert POINTS["template_id"] not in {one.template_id for one in templates.read(appid)}
    with pytest.raises(refusals.RequestInvalid):
        templates.add(appid, "TM99999")


def test_recorded_lists_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.gateways.wechat import templates as shared

    recorded = SHARED / "platform" / "wechat-fixtures"
    if not recorded.is_dir():
        pytest.skip("the platform's recorded answers are not on this machine (set GUIYI_SHARED)")
    answers = {
        "/cgi-bin/template/get_all_private_template": "oa/template_get_all_private_template.response.json",
        "/wxaapi/newtmpl/gettemplate": "mp/newtmpl_gettemplate.response.json",
    }
    monkeypatch.setattr(shared, "ask", lambda appid, method, path: json.loads((recorded / answers[path]).read_text()))

    (old,) = shared.message_templates("wx")
    assert old.fields["withdrawMoney"] == "领奖金额"
    assert list(old.fields) == ["result", "withdrawMoney", "withdrawTime", "cardInfo", "arrivedTime", "remark"]
    once, ever = shared.subscription_templates("wx")
    assert (once.is_long_term, ever.is_long_term) == (False, True)
    assert "卧室" in ever.choices["enum_string2"]


def test_tags_are_made_given_and_taken(platform: Platform, appid: str) -> None:
    openids = platform.world("followers", appid=appid, count=120)["openids"]
    tag = tags.create(appid, "会员")
    tags.give(appid, tag.id, openids)

    assert tags.of_person(appid, openids[119]) == (tag.id,)
    assert len(platform.calls("/cgi-bin/tags/members/batchtagging")) == 3
    tags.take(appid, tag.id, openids[:1])
    assert tags.of_person(appid, openids[0]) == ()
    tags.rename(appid, tag.id, "老会员")
    assert "老会员" in {each.name for each in tags.read(appid)}
    tags.delete(appid, tag.id)
    assert "老会员" not in {each.name for each in tags.read(appid)}


def test_a_name_that_is_taken_says_so(appid: str) -> None:
    tags.create(appid, "会员")
    with pytest.raises(refusals.RequestInvalid) as refused:
        tags.create(appid, "会员")
    assert refused.value.data["errcode"] == 45157


def test_tagging_at_the_same_time_is_made_one_after_the_other(platform: Platform, appid: str) -> None:
    """In parallel the platform answers 45159 now and then; one such answer all the same is asked again."""
    openids = platform.world("followers", appid=appid, count=40)["openids"]
    tag = tags.create(appid, "会员")
    platform.world("switches", parallel_tagging_fails=True)
    platform.fault("/cgi-bin/tags/members/batchtagging", "latency", seconds=0.02, times=0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda openid: tags.give(appid, tag.id, [openid]), openids))
    assert {call["errcode"] for call in platform.calls("/cgi-bin/tags/members/batchtagging")} == {0}

    platform.fault("/cgi-bin/tags/members/batchtagging", "errcode", errcode=45159)
    tags.give(appid, tag.id, openids[:1])
    with pytest.raises(refusals.RequestInvalid):
        tags.give(appid, 12345, openids[:1])


@pytest.mark.parametrize(("kind", "name"), [("image", "a.png"), ("thumb", "a.jpg")])
def test_media_are_uploaded(platform: Platform, appid: str, kind: media.Kind, name: str) -> None:
    code = official_account.create_qrcode(appid, scene="x", seconds=60)
    picture = official_account.qrcode_image(code) if kind == "image" else b"\xff\xd8\xff\xe0" + b"0" * 100
    assert len(media.upload(appid, kind, name=name, content=picture)) > 10


def code_for(platform: Platform, person: Any, address: str) -> str:
    where = urlsplit(address)
    assert where.fragment == "wechat_redirect"
    answer = platform.http.get(f"{where.path}?{where.query}&as={person['person_id']}")
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def test_a_visitor_of_a_web_page_is_known(platform: Platform, appid: str, fan: Any) -> None:
    back = "https://brand.example/h5?from=menu"
    base = web.visitor(appid, code_for(platform, fan, web.authorize_url(appid, redirect_to=back, state="一 1")))
    assert (base.openid, base.unionid, base.is_snapshot) == (fan["openid"], None, False)

    address = web.authorize_url(appid, redirect_to=back, state="s", scope="snsapi_userinfo")
    code = code_for(platform, fan, address)
    whole = web.visitor(appid, code)
    assert web.unionid(whole) == fan["unionid"]
    assert web.refreshed(appid, whole.refresh_token).openid == fan["openid"]
    with pytest.raises(refusals.RequestInvalid) as refused:
        web.visitor(appid, code)
    assert refused.value.data["errcode"] == 40163
    with pytest.raises(refusals.AccountUnknown):
        web.authorize_url(platform.appid, redirect_to=back, state="s")


def test_a_page_is_signed_with_the_ticket_that_all_share(platform: Platform, appid: str) -> None:
    url = "https://brand.example/h5?a=1"
    one = web.page_signature(appid, url=f"{url}#part", nonce="n", timestamp=1700000000)
    other = web.page_signature(appid, url=url, nonce="n", timestamp=1700000000)

    ticket = redis_client().get(f"platform-ticket:{appid}")
    text = f"jsapi_ticket={ticket}&noncestr=n&timestamp=1700000000&url={url}"
    assert one == other
    assert one["signature"] == hashlib.sha1(text.encode()).hexdigest()
    assert len(platform.calls("/cgi-bin/ticket/getticket")) == 1


def test_the_platforms_own_page_signature_is_ours(platform: Platform, appid: str) -> None:
    path = SHARED / "platform" / "wechat-fixtures" / "crypto-vectors" / "jsapi-ticket-signature.json"
    if not path.exists():
        pytest.skip("the platform's vectors are not on this machine (set GUIYI_SHARED)")
    vector = json.loads(path.read_text())
    redis_client().set(f"platform-ticket:{appid}", vector["jsapi_ticket"])

    signed = web.page_signature(appid, url=vector["url"], nonce=vector["noncestr"], timestamp=int(vector["timestamp"]))
    assert signed["signature"] == vector["signature"]


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        ({"kind": "busy", "times": 3}, refusals.PlatformAway),
        ({"kind": "html"}, refusals.PlatformAway),
        ({"kind": "cut_short"}, refusals.PlatformAway),
        ({"kind": "lost_answer"}, refusals.PlatformAway),
        ({"kind": "http_error", "status": 502}, refusals.PlatformAway),
        ({"kind": "errcode", "errcode": 45009}, refusals.CalledTooOften),
        ({"kind": "errcode", "errcode": 48001}, refusals.PlatformRefused),
        ({"kind": "errcode", "errcode": 40035}, refusals.RequestInvalid),
    ],
    ids=str,
)
def test_whatever_is_no_answer_is_a_refusal_for_people(
    platform: Platform, appid: str, order: dict[str, Any], kind: type[Exception]
) -> None:
    platform.fault("/cgi-bin/tags/get", **order)
    with pytest.raises(kind):
        tags.read(appid)
