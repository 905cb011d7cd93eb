"""What messages say, as marketers see and change it."""

import datetime as dt
import html
import re

import pytest
from flask.testing import FlaskClient

from app.kernel import ids
from app.membership import members
from app.outreach import materials
from app.outreach.materials.operations import templates
from tests.factories.members import a_member
from tests.factories.people import a_staff, signed_in_staff

OA = "wxfedcba9876543210"
pytestmark = pytest.mark.usefixtures("database")
LABELS = {"character_string1": "变动积分", "number2": "当前积分", "thing3": "变动原因", "time4": "变动时间"}


@pytest.fixture
def points(client: FlaskClient, now: dt.datetime) -> str:
    """The address of 积分变动, whose account has its template."""
    accounts = templates.accounts_of_the_brand()
    materials.purposes.ship_stock(now=now, accounts=accounts)
    templates.keep(OA, told=[templates.Told("T1", "oa_template", "积分变动通知", LABELS, {})], quotas={}, now=now)
    return f"/console/messages/{ids.seal('message_purpose', materials.purposes.find('points_changed').id)}"


@pytest.fixture
def marketer(client: FlaskClient, now: dt.datetime) -> dict[str, str]:
    return signed_in_staff(a_staff(now, role="marketer", name="周岚"))


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def form(**changes: str) -> dict[str, str]:
    said = {f"fields.{key}": text for key, text in SHIPPED.items()}
    place = {"channel": "oa_template", "account": OA, "template_id": "T1", "page": "pages/points/index"}
    return place | said | {f"fields.{key}" if key in SHIPPED else key: text for key, text in changes.items()}


SHIPPED = {"character_string1": "{{变动}}", "number2": "{{积分|0}}", "thing3": "{{原因}}", "time4": "{{时间}}"}


def test_the_list_says_which_channels_can_be_used(client: FlaskClient, points: str, marketer: dict[str, str]) -> None:
    page = text_of(client.get("/console/messages", headers=marketer).text)
    row = page[page.index("积分变动") : page.index("将降级")]
    assert row.startswith("积分变动 内置 模板消息 小程序订阅 ! 缺模板 客服消息")
    assert "候补到号" in page
    assert "候补到号" not in text_of(client.get("/console/messages?kind=marketing", headers=marketer).text)


def test_words_are_changed_and_who_did_is_shown(client: FlaskClient, points: str, marketer: dict[str, str]) -> None:
    answer = client.post(f"{points}/words", data=form(thing3="因为{{原因}}"), headers=marketer)
    assert answer.status_code == 303
    page = text_of(client.get(answer.location, headers=marketer).text)
    assert "✓ 已保存" in page
    assert "周岚 模板消息 改了变动原因" in page
    again = client.post(f"{points}/reset", data=form(), headers=marketer)
    page = text_of(client.get(again.location, headers=marketer).text)
    assert "恢复出厂：变动原因" in page
    assert "出厂文案，没有改过" in page


def test_problems_stand_beside_their_fields(client: FlaskClient, points: str, marketer: dict[str, str]) -> None:
    wrong = form(number2="约{{积分|0}}", thing3="最好的{{原困}}", page="/pages/a")
    answer = client.post(f"{points}/words", data=wrong, headers=marketer)
    assert answer.status_code == 422
    found = dict(re.findall(r'id="why-([^"]+)"[^>]*>([^<]+)<', answer.text))
    assert found["fields.thing3"] == "没有“原困”这个变量；“最好”：广告法禁止绝对化用语"
    assert found["page"].startswith("写小程序页面的路径")
    assert "约{{积分|0}}" in html.unescape(answer.text), "what was typed is still there"
    assert "没有保存：有 2 处要改" in answer.text


def test_the_preview_is_of_what_is_being_typed(
    client: FlaskClient, points: str, marketer: dict[str, str], now: dt.datetime
) -> None:
    person = a_member(now, full_name="林晓")
    card = members.get_member(person).card_number
    typing = form(thing3="{{昵称|顾客}}{{原因}}", people=f"{card} 13900000000", number2="x")
    answer = client.post(f"{points}/preview", data=typing, headers=marketer | {"HX-Request": "true"})
    page = text_of(answer.text)
    assert "林晓门店消费" in page
    assert "没有找到会员“13900000000”" in page
    assert 'id="why-fields.number2" hx-swap-oob="true">只能是数字' in answer.text
    assert "<html" not in answer.text


def test_a_purpose_is_switched_off_and_on(client: FlaskClient, points: str, marketer: dict[str, str]) -> None:
    answer = client.post(f"{points}/switch", data={"enabled": "0"}, headers=marketer)
    assert "已停用，到点也不会发" in text_of(client.get(answer.location, headers=marketer).text)
    assert not materials.purposes.find("points_changed").enabled
    listed = client.post(f"{points}/switch", data={"enabled": "1", "from": "list"}, headers=marketer)
    assert listed.location == "/console/messages"


def test_a_channel_it_does_not_have_is_not_found(client: FlaskClient, points: str, marketer: dict[str, str]) -> None:
    assert client.get(f"{points}?channel=sms", headers=marketer).status_code == 404
    assert client.get(f"{points}?channel=oa_template&account=wx1", headers=marketer).status_code == 404


def test_who_may_not_edit_sees_no_button(client: FlaskClient, points: str, now: dt.datetime) -> None:
    analyst = signed_in_staff(a_staff(now, role="analyst"))
    page = client.get(points, headers=analyst).text
    assert "<fieldset disabled>" in re.sub(r"\s+>", ">", page)
    assert "保存" not in text_of(page)
