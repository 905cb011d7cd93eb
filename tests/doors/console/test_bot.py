"""The bot's pages, as a marketer and as somebody who only looks."""

import datetime as dt

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import seal
from app.outreach import auto_replies, materials
from app.outreach.auto_replies import desk, menus, rulebook
from tests.factories.chatting import OA, an_openid, ask, text
from tests.factories.people import a_staff, signed_in_staff
from tests.factories.platform import Platform

ORIGIN = {"Origin": "http://localhost"}
FORM = {"name": "满赠", "occasion": "keyword", "matching": "contains", "words": "满赠\r\n赠品\r\n\r\n满赠", "kind": "text",
        "body": "满 300 赠小样", "priority": "50", "enabled": "1", "account": ""}  # fmt: skip


@pytest.fixture
def stock(client: FlaskClient, now: dt.datetime) -> None:
    rulebook.ship_stock(now=now)
    materials.purposes.ship_stock(now=now, accounts=materials.purposes.Accounts(official_accounts=(OA,)))


@pytest.fixture
def marketer(client: FlaskClient, stock: None, now: dt.datetime) -> dict[str, str]:
    return signed_in_staff(a_staff(now, role="marketer", name="何静")) | ORIGIN


@pytest.fixture
def analyst(stock: None, now: dt.datetime) -> dict[str, str]:
    return signed_in_staff(a_staff(now, role="analyst")) | ORIGIN


def the_rule(name: str, group: str = "keyword") -> rulebook.RuleView:
    return next(rule for rule in rulebook.list_rules(group=group) if rule.name == name)


def test_replies_are_listed_and_found(client: FlaskClient, analyst: dict[str, str]) -> None:
    page = client.get("/console/bot", headers=analyst).text
    found = client.get("/console/bot?q=发票", headers=analyst).text

    assert "积分商城" not in page.split("<tbody>")[1].split("退换/退款")[0]
    assert "新回复" not in page, "who may not write is not offered to"
    assert "发票" in found
    assert "打招呼" not in found
    assert "没有哪条回复里有「嘤嘤」" in client.get("/console/bot?q=嘤嘤", headers=analyst).text
    assert "欢迎 · 门店码" in client.get("/console/bot?group=welcome", headers=analyst).text


def test_a_reply_is_written_changed_switched_and_taken_away(client: FlaskClient, marketer: dict[str, str]) -> None:
    added = client.post("/console/bot/rules", data=FORM, headers=marketer)
    rule = the_rule("满赠")
    link = f"/console/bot/rules/{seal('reply_rule', rule.id)}"
    assert (added.status_code, added.headers["Location"]) == (303, f"{link}?done=saved")
    assert rule.words == ("满赠", "赠品")

    assert client.post(link, data=FORM | {"body": "满 500 赠小样"}, headers=marketer).status_code == 303
    assert rulebook.get_rule(rule.id).content["body"] == "满 500 赠小样"
    client.post(f"{link}/shut", headers=marketer)
    assert not rulebook.get_rule(rule.id).enabled
    assert client.post(f"{link}/reset", headers=marketer).status_code == 409
    assert client.post(f"{link}/remove", headers=marketer).status_code == 303
    assert client.get(link, headers=marketer).status_code == 404


def test_what_cannot_be_said_comes_back_with_reasons_and_nothing_lost(
    client: FlaskClient, marketer: dict[str, str]
) -> None:
    answer = client.post("/console/bot/rules", data=FORM | {"body": "最好的赠品", "priority": "x"}, headers=marketer)

    assert answer.status_code == 422
    assert "广告法禁止绝对化用语" in answer.text
    assert "优先级" in answer.text
    assert "最好的赠品</textarea>" in answer.text
    preview = client.post("/console/bot/preview", data=FORM | {"body": "{{余额}}"}, headers=marketer)
    assert "没有这个变量：余额" in preview.text


def test_what_is_written_is_never_markup_on_the_page(client: FlaskClient, marketer: dict[str, str]) -> None:
    body = "<script>alert(1)</script>[点](https://a.example/)"

    page = client.post("/console/bot/preview", data=FORM | {"body": body}, headers=marketer).text

    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_an_analyst_reads_and_changes_nothing(client: FlaskClient, analyst: dict[str, str]) -> None:
    link = f"/console/bot/rules/{seal('reply_rule', the_rule('积分').id)}"

    assert "保存" not in client.get(link, headers=analyst).text
    for path in (
        link,
        f"{link}/reset",
        f"{link}/shut",
        "/console/bot/rules",
        "/console/bot/menu",
        "/console/bot/hours",
    ):
        assert client.post(path, data=FORM, headers=analyst).status_code == 403


def test_a_sentence_is_tried(client: FlaskClient, analyst: dict[str, str]) -> None:
    page = client.get(f"/console/bot/try?words=我的积分&account={OA}", headers=analyst).text

    assert "您的可用积分：2,340 分" in page
    assert "包含「积分、我的积分」" in page


def test_hours_are_set(client: FlaskClient, marketer: dict[str, str], now: dt.datetime) -> None:
    kept = client.post(
        "/console/bot/hours", data={"opens": "10:00", "closes": "22:00", "weekdays": ["6", "7"]}, headers=marketer
    )
    wrong = client.post("/console/bot/hours", data={"opens": "10", "closes": "22:00"}, headers=marketer)

    assert (kept.status_code, wrong.status_code) == (303, 422)
    assert 'value="10:00"' in client.get("/console/bot", headers=marketer).text


def test_a_menu_is_saved_and_published(client: FlaskClient, marketer: dict[str, str], platform: Platform) -> None:
    form = {"account": OA, "b0.name": "积分", "b0.type": "click", "b0.target": "积分", "b1.name": "到店",
            "b1.0.name": "预约", "b1.0.type": "miniprogram", "b1.0.target": "/pages/bookings/index"}  # fmt: skip
    assert client.post("/console/bot/menu", data=form, headers=marketer).status_code == 303
    assert "还没有发布过" in client.get("/console/bot/menu", headers=marketer).text

    published = client.post("/console/bot/menu/publish", data={"account": OA}, headers=marketer)

    assert published.status_code == 303
    assert "预约" in client.get(f"/console/bot/menu/live?account={OA}", headers=marketer).text
    (first, second) = menus.get(OA).buttons
    assert first == {"type": "click", "name": "积分", "key": "积分"}
    assert second["sub_button"][0]["pagepath"] == "pages/bookings/index"
    refused = client.post("/console/bot/menu", data=form | {"b0.name": "积分" * 5}, headers=marketer)
    assert (refused.status_code, "最多 16" in refused.text) == (422, True)


def test_who_waits_is_answered_at_the_desk(client: FlaskClient, marketer: dict[str, str], now: dt.datetime) -> None:
    ask(text(an_openid(), "人工 <b>急</b>"), dt.datetime.now(dt.UTC).replace(hour=4))
    (talk,) = desk.list_open(now=now)
    link = f"/console/bot/desk/{seal('conversation', talk.id)}"

    assert "&lt;b&gt;急" in client.get(link, headers=marketer).text
    client.post(f"{link}/take", headers=marketer)
    client.post(f"{link}/say", data={"words": " "}, headers=marketer)
    client.post(f"{link}/say", data={"words": "您好"}, headers=marketer)
    lines = client.get(f"{link}/lines", headers=marketer).text
    other = client.post(
        f"{link}/say", data={"words": "抢"}, headers=signed_in_staff(a_staff(now, role="lead")) | ORIGIN
    )

    assert (lines.count("bubble"), "何静" in lines) == (2, True)
    assert other.status_code == 409
    assert client.post(f"{link}/close", headers=marketer).status_code == 303
    assert client.get(link, headers=marketer).status_code == 404
    assert auto_replies.desk.count_open().waiting == 0
