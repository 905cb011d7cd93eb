"""What ships (2.5): sent as it is to the demo's accounts, and never put over what the brand changed."""

import datetime as dt
import re

import pytest

from app.outreach import materials
from app.outreach.materials.rules import checking, language, stock, wording
from app.outreach.materials.rules.saying import PurposeView, WordsView
from app.outreach.materials.rules.stock_notices import STOCK
from command_line import demo_messages
from sandbox import demo, demo_telecom

OA, MP = "wx7c2e94d1a86b30f5", "wx5a0d8b3c1e7f4a92"
IN_THE_RULES = (
    "绑卡成功 积分变动 积分将过期 升级 将降级 券到账 券将过期 预约成功 预约明日提醒 预约变更 预约取消"
    " 发货 退款 候补到号 中奖"
)
WORDS = [(each, words) for each in STOCK for words in each.words]
PLATFORM = {row["title"]: row for row in demo.OA_TEMPLATES} | {row["title"]: row for row in demo.TEMPLATES}


def a_purpose(each: stock.StockPurpose, now: dt.datetime) -> PurposeView:
    return PurposeView(
        1,
        each.code,
        each.name,
        "service",
        each.channels,
        1,
        each.when_in_doubt,
        60,
        False,
        True,
        True,
        each.variables,
        now,
    )


@pytest.mark.parametrize(("each", "words"), WORDS, ids=lambda one: getattr(one, "code", None) or one.channel)
def test_2_5_words_that_ship_can_be_sent(each: stock.StockPurpose, words: stock.StockWords, now: dt.datetime) -> None:
    template = PLATFORM.get(words.title, {})
    known = {key: {"label": label} for key, label in template["fields"].items()} if words.title else None
    said = WordsView(
        1, words.channel, OA, words.code or template.get("template_id"), words.fields, words.body, None, words.page,
        choices=template.get("enums", {}),
    )  # fmt: skip
    assert checking.problems(said, a_purpose(each, now), known) == []


def test_every_notice_of_the_rules_ships() -> None:
    assert set(IN_THE_RULES.split()) <= {each.name for each in STOCK}


def test_texts_are_those_that_the_provider_approved() -> None:
    approved = {row["code"]: row["content"] for row in demo_telecom.SMS_TEMPLATES}
    assert all(words.body == approved[words.code] for _, words in WORDS if words.channel == "sms")


def test_a_lost_answer_is_asked_again_only_where_the_platform_knows_our_id() -> None:
    assert all((each.when_in_doubt == "retry") == ("oa_template" in each.channels) for each in STOCK)


@pytest.mark.usefixtures("database")
def test_stock_ships_once_and_finds_templates_by_title(now: dt.datetime) -> None:
    given = materials.purposes.Accounts((OA,), (MP,), {(OA, "积分变动通知"): "T-points"})
    assert materials.purposes.ship_stock(now=now, accounts=given) == len(STOCK)
    assert materials.purposes.ship_stock(now=now, accounts=given) == 0
    purpose = materials.purposes.find("points_changed")
    words = materials.words.list_words([purpose.id])
    assert words[purpose.id, "oa_template", OA].template_id == "T-points"
    assert words[purpose.id, "oa_template", OA].builtin
    assert words[purpose.id, "mp_subscription", MP].template_id is None, "the account has no such template yet"


@pytest.mark.usefixtures("database")
def test_what_the_brand_changed_stays_and_can_be_put_back(now: dt.datetime, database: object) -> None:
    accounts = materials.purposes.Accounts((OA,), (MP,), {(OA, "积分变动通知"): "T-points"})
    materials.purposes.ship_stock(now=now, accounts=accounts)
    purpose = materials.purposes.find("points_changed")
    shipped = materials.words.list_words([purpose.id])[purpose.id, "oa_service", OA]
    own = WordsView(purpose.id, "oa_service", OA, body="积分 {{变动}}", page="pages/points/index")
    materials.words.save_words(own, now=now, staff_id=None)
    materials.purposes.ship_stock(now=now, accounts=accounts)
    changed = materials.words.list_words([purpose.id])[purpose.id, "oa_service", OA]
    assert (changed.body, changed.builtin, changed.resettable) == ("积分 {{变动}}", False, True)
    materials.words.reset_words(purpose.id, channel="oa_service", account=OA, now=now)
    again = materials.words.list_words([purpose.id])[purpose.id, "oa_service", OA]
    assert (again.body, again.builtin) == (shipped.body, True)


def test_nothing_that_ships_uses_a_forbidden_word() -> None:
    for _, words in WORDS:
        for said in (*words.fields.values(), words.body):
            assert wording.flags(said) == [], said


def test_variables_of_the_stock_have_samples() -> None:
    for each, words in WORDS:
        used = {
            one.name for said in (*words.fields.values(), words.body) for one in language.understand(said).variables
        }
        assert used <= set(checking.samples_of(a_purpose(each, dt.datetime.now(dt.UTC))))
        assert not re.search(r"\{\{\}\}", words.body)


def test_the_demo_brand_knows_the_sandboxes_templates() -> None:
    given = demo_messages.accounts()
    told = {row["title"]: row["template_id"] for row in demo.OA_TEMPLATES}
    (official,) = given.official_accounts
    assert {title: given.template_ids[official, title] for title in demo_messages.OFFICIAL_ACCOUNT} == {
        title: told[title] for title in demo_messages.OFFICIAL_ACCOUNT
    }
    assert set(demo_messages.MINIPROGRAM.values()) <= {row["template_id"] for row in demo.TEMPLATES}
