"""What a platform field may hold (fact sheet B5, C6), against the platform's own answers and the sandbox's second statement."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outreach.materials.rules import fields
from sandbox.platform.field_values import is_allowed
from tests.conftest import SHARED

FIXTURES = SHARED / "platform/wechat-fixtures"
KEYS = [f"{kind}{number}" for number, kind in enumerate(kind for kind in fields.KINDS if kind != "free")]
LIKELY = "0123456789:-/.~年月日 ¥￥元ABCz字好，。!…·+\n😀👩‍🎨é粤"


@given(key=st.sampled_from(KEYS), value=st.text(st.sampled_from(LIKELY) | st.characters(), max_size=45))
def test_what_we_let_through_the_platform_takes(key: str, value: str) -> None:
    said = fields.fit(key, value)
    if fields.why_not(key, said) is None:
        assert is_allowed(said, key=key)


@given(key=st.sampled_from(KEYS), value=st.text("0123456789:-/.~年月日 ¥元ABC字好!", min_size=1, max_size=40))
def test_what_the_platform_takes_we_do_not_hold_back(key: str, value: str) -> None:
    if is_allowed(value, key=key) and value == value.strip():
        assert fields.why_not(key, value) is None


@given(st.text(min_size=1, max_size=200))
def test_any_text_fits_a_thing(value: str) -> None:
    said = fields.fit("thing1", value)
    assert len(said) <= 20
    assert fields.why_not("thing1", said) in (None, "不能为空")
    assert said == "" or said == fields.fit("thing1", said), "fitting again changes nothing"


@given(st.text(min_size=1, max_size=60))
def test_any_nickname_fits_a_name_or_is_empty(value: str) -> None:
    said = fields.fit("name1", value)
    assert not said or fields.why_not("name1", said) is None


@pytest.mark.parametrize(
    ("key", "value", "sent"),
    [
        ("thing1", "丝绒唇釉 #09 正红限量礼盒装", "丝绒唇釉 #09 正红限量礼盒装"),
        ("thing1", "【开车族必囤】狂卖50万双!老北京空气棉布鞋", "【开车族必囤】狂卖50万双!老北京空气…"),
        ("thing1", "两行\n变一行\t好", "两行 变一行 好"),
        ("name1", "阿卜杜热合曼·买买提依明江·吐尔逊", "阿卜杜热合曼·买买…"),
        ("name1", "Alexandrina Victoria Hanover", "Alexandrina Victori…"),
        ("name1", "小仙女8821", "小仙女"),
        ("number1", "12,340", "12340"),
        ("thing1", "一二三四五六七八九十一二三四五六七八👩‍🎨画", "一二三四五六七八九十一二三四五六七八…"),
    ],
)
def test_2_5_long_names_are_cut(key: str, value: str, sent: str) -> None:
    assert fields.fit(key, value) == sent
    assert fields.why_not(key, sent) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("phrase1", "13笔"), ("phrase1", "一二三四五六"), ("character_string1", "订单1"), ("number1", "+12"),
        ("amount1", "29.90"), ("amount1", "¥12345678901"), ("time1", "2019年10月1日"), ("time1", "24:00"),
        ("date1", "2019-02-30"), ("letter1", "abc1"), ("symbol1", "!!!!!!"), ("phone_number1", "电话123"),
        ("car_number1", "粤B12345678"), ("thing1", " "), ("thing1", ""), ("keyword1", "a\nb"), ("name1", "1号"),
    ],
)  # fmt: skip
def test_what_the_platform_refuses_is_refused_with_a_reason(key: str, value: str) -> None:
    why = fields.why_not(key, value)
    assert why
    assert re.search("[一-龥]", why)


def test_lists_hold_what_is_in_them() -> None:
    choices = ("原路退回", "退至零钱")
    assert fields.why_not("const3", "原路退回", choices) is None
    assert fields.why_not("enum_string3", "现金", choices) == "只能是：原路退回、退至零钱"
    assert fields.why_not("const3", "现金") is None, "a list that we were not told is the platform's to judge"
    assert fields.why_not("const3", "字" * 21)


# The manual's own example puts a day without a clock time into a time: it is kept apart, not followed.
SLIP = ("subscribe_bizsend.request", "time7")


def requests_kept() -> list[tuple[str, str, str, str | None]]:
    """Every field of every request in the fixtures, with the key that the platform named as wrong."""
    kept = []
    for path in sorted(FIXTURES.glob("*/subscribe_*.json")) + sorted(FIXTURES.glob("oa/template_send*.json")):
        held = json.loads(path.read_text())
        data = held.get("data") or held.get("request") or {}
        kept += [(path.stem, key, each["value"], held.get("offending")) for key, each in data.items()]
    return [each for each in kept if each[:2] != SLIP]


@pytest.mark.parametrize(("name", "key", "value", "offending"), requests_kept())
def test_47003_recorded_requests_are_judged_as_the_platform_did(
    name: str, key: str, value: str, offending: str | None
) -> None:
    assert (fields.why_not(key, value) is not None) == (key == offending)


def test_47003_every_refusal_names_a_kind_we_know() -> None:
    named = [
        key
        for path in Path(FIXTURES).glob("*/*47003*.json")
        for key in re.findall(r"data\.(\w+)\.value", json.loads(path.read_text()).get("errmsg", ""))
    ]
    assert named
    assert all(fields.kind_of(key) != "free" for key in named)
