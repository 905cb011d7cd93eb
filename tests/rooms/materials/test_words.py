"""Words are kept, checked, put back; who changed them is known; templates are those that the platform has."""

import datetime as dt
from typing import Any

import pytest

from app.kernel.database import unit_of_work
from app.outreach import materials
from app.outreach.materials import WordsView
from app.outreach.materials.operations.templates import Told, keep
from app.people import teams
from tests.factories.members import a_member
from tests.factories.people import a_staff

OA, MP = "wxfedcba9876543210", "wx0123456789abcdef"


@pytest.fixture
def points(database: object, now: dt.datetime) -> materials.PurposeView:
    accounts = materials.purposes.Accounts((OA,), (MP,), {(OA, "积分变动通知"): "T1"})
    materials.purposes.ship_stock(now=now, accounts=accounts)
    return materials.purposes.find("points_changed")


def shown(purpose: materials.PurposeView, channel: str, account: str = OA) -> WordsView:
    return materials.words.list_words([purpose.id])[purpose.id, channel, account]


def test_words_with_problems_are_not_kept(points: materials.PurposeView, now: dt.datetime) -> None:
    before = shown(points, "oa_service")
    wrong = WordsView(points.id, "oa_service", OA, body="最好的 {{变动}}", link="http://a.cn")
    with pytest.raises(materials.WordsInvalid) as refused:
        materials.words.save_words(wrong, now=now)
    assert [each["place"] for each in refused.value.data["problems"]] == ["link", "body"]
    assert shown(points, "oa_service") == before


def test_who_changed_what_is_known(points: materials.PurposeView, now: dt.datetime) -> None:
    staff_id = a_staff(now, role="marketer", name="周岚")
    own = WordsView(points.id, "oa_service", OA, body="积分 {{变动}}", page="pages/points/index")
    for _ in range(2):
        materials.words.save_words(own, now=now, staff_id=staff_id)
    materials.purposes.switch(points.id, enabled=False, now=now, staff_id=staff_id)
    materials.purposes.switch(points.id, enabled=False, now=now, staff_id=staff_id)
    materials.words.reset_words(points.id, channel="oa_service", account=OA, now=now, staff_id=staff_id)
    changes = materials.words.list_changes(points.id)
    assert [(each.act, each.changed, each.staff_id) for each in changes] == [
        ("reset", ["body"], staff_id),
        ("switched", ["enabled"], staff_id),
        ("saved", ["body"], staff_id),
    ], "nothing is written down where nothing changed"
    assert not materials.purposes.find("points_changed").enabled
    assert teams.names_of([staff_id]) == {staff_id: "周岚"}


@pytest.mark.usefixtures("database")
def test_R01_marketing_never_goes_by_template(now: dt.datetime) -> None:
    draft = materials.purposes.PurposeDraft("campaign:1", "周末活动", "marketing", ("oa_template", "sms"))
    with pytest.raises(materials.PurposeInvalid):
        materials.purposes.save(draft, now=now)
    with pytest.raises(materials.PurposeInvalid):
        materials.purposes.save(materials.purposes.PurposeDraft("x", "x", "service", ("pigeon",)), now=now)


def test_a_purpose_made_in_this_transaction_is_found_at_once(points: materials.PurposeView, now: dt.datetime) -> None:
    draft = materials.purposes.PurposeDraft("campaign:1", "周末活动", "marketing", ("oa_service",))
    saved = materials.purposes.save(draft, now=now)
    assert materials.purposes.find("campaign:1") == saved == materials.purposes.get(saved.id)
    priorities = [each.priority for each in materials.purposes.list_purposes()]
    assert priorities == sorted(priorities), "the most urgent first"
    with pytest.raises(materials.PurposeUnknown):
        materials.purposes.find("nothing")


@pytest.mark.usefixtures("database")
def test_R02_marketing_texts_say_how_to_refuse(now: dt.datetime) -> None:
    draft = materials.purposes.PurposeDraft("campaign:1", "周末活动", "marketing", ("sms",))
    purpose = materials.purposes.save(draft, now=now)
    words = WordsView(purpose.id, "sms", "", "SMS_1", {"words": "周末到店有礼"}, "${words}")
    assert [each.place for each in materials.words.check_words(words)] == ["body"]
    with_end = WordsView(purpose.id, "sms", "", "SMS_1", {"words": "周末到店有礼"}, "${words}，拒收请回复R")
    assert materials.words.check_words(with_end) == []


def test_fields_must_be_those_of_the_platforms_template(points: materials.PurposeView, now: dt.datetime) -> None:
    labels = {"time2": "预约时间", "thing1": "预约项目", "const3": "状态"}
    told = [Told("T7", "oa_template", "预约成功通知", labels, {"const3": ("已约",)})]
    keep(OA, told=told, quotas={}, now=now)
    (kept,) = materials.words.list_templates("oa_template", account=OA)
    assert list(kept.fields) == ["thing1", "time2", "const3"]
    booking = materials.purposes.find("booking_confirmed")
    assert shown(booking, "oa_template").template_id == "T7", "words that waited take the template of their title"
    assert shown(booking, "oa_template").choices == {"const3": ("已约",)}
    wrong = {each.place for each in materials.words.check_words(shown(booking, "oa_template"))}
    assert wrong == {"fields.const3", "fields.thing3", "fields.thing4"}


def test_what_ships_can_be_sent_with_the_platforms_own_templates(
    committed: Any, platform: Any, now: dt.datetime
) -> None:
    with committed.app_context():
        with unit_of_work():
            materials.purposes.ship_stock(now=now, accounts=materials.purposes.Accounts((OA,), (MP,)))
        assert not materials.errands.sync_account(platform.oa_appid, now=now).trouble
        assert not materials.errands.sync_account(platform.appid, now=now).trouble
        for purpose in materials.purposes.list_purposes():
            for key, words in materials.words.list_words([purpose.id]).items():
                if words.channel in ("oa_template", "mp_subscription"):
                    assert words.template_id, key
                    assert materials.words.check_words(words) == [], key


def test_preview_shows_what_each_person_would_get(points: materials.PurposeView, now: dt.datetime) -> None:
    member = a_member(now, full_name="阿卜杜热合曼·买买提依明江·吐尔逊")
    shown_to = materials.rendering.preview("card_bound", [member], {}, now=now)
    card = next(each for each in shown_to if each.channel == "oa_template")
    assert card.rendered.data["thing1"] == "阿卜杜热合曼·买买提依明江·吐尔逊"
    assert card.problems[0].place == "template"
    assert materials.rendering.preview("points_changed", [], {}, now=now)[0].rendered.data["number2"] == "2340"
    text = next(
        each for each in materials.rendering.preview("points_expiring", [], {}, now=now) if each.channel == "sms"
    )
    assert text.pieces == 1
