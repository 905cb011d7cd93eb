"""Words with values: fallbacks, cuts, refusals, how fast."""

import time

import pytest

from app.outreach.materials.queries.rendering import render, tracked
from app.outreach.materials.refusals import FieldInvalid, ValueMissing
from app.outreach.materials.rules.saying import WordsView

POINTS = WordsView(
    1,
    "oa_template",
    "wx1",
    template_id="T1",
    fields={
        "character_string1": "{{变动}}",
        "number2": "{{积分}}",
        "thing3": "{{昵称|顾客}}在{{门店|门店}}{{原因}}",
        "time4": "{{时间}}",
    },
    page="pages/points/index?from={{原因}}",
)
VALUES = {"变动": "+120", "积分": "2,340", "原因": "消费", "时间": "2026年5月20日 12:00", "昵称": "晓晓"}


def test_a_message_with_values_and_fallbacks() -> None:
    rendered = render(POINTS, VALUES)
    assert rendered.template_id == "T1"
    assert rendered.data["thing3"] == "晓晓在门店消费"
    assert rendered.data["number2"] == "2340", "the platform takes no separators"
    assert rendered.page == "pages/points/index?from=%E6%B6%88%E8%B4%B9"


def test_long_things_are_cut_with_an_ellipsis() -> None:
    said = render(POINTS, VALUES | {"昵称": "阿卜杜热合曼·买买提依明江·吐尔逊"}).data["thing3"]
    assert len(said) == 20
    assert said.endswith("…")


def test_a_missing_value_without_fallback_is_not_sent() -> None:
    with pytest.raises(ValueMissing) as refused:
        render(POINTS, {name: value for name, value in VALUES.items() if name not in ("原因", "昵称")} | {"时间": ""})
    assert set(refused.value.names) == {"原因", "时间"}


def test_what_the_platform_would_refuse_is_not_sent() -> None:
    with pytest.raises(FieldInvalid) as refused:
        render(POINTS, VALUES | {"变动": "十二"})
    assert refused.value.field == "character_string1"


def test_a_value_is_never_read_as_a_template() -> None:
    assert render(POINTS, VALUES | {"昵称": "{{原因}}", "原因": "购"}).data["thing3"] == "{{原因}}在门店购"
    link = WordsView(1, "oa_service", "wx1", body="看", link="https://a.cn/x?n={{昵称|无}}")
    assert render(link, {"昵称": "a&b=c#"}).link == "https://a.cn/x?n=a%26b%3Dc%23"


def test_a_text_message_fills_the_providers_parameters() -> None:
    words = WordsView(1, "sms", "", "SMS_1", {"change": "{{变动}}"}, body="积分变动${change}。")
    rendered = render(words, VALUES)
    assert rendered.data == {"change": "+120"}
    assert rendered.body == "积分变动+120。"
    with pytest.raises(FieldInvalid):
        render(words, {"变动": "1" * 36})


def test_a_tap_is_known_again() -> None:
    marked = tracked(render(POINTS, VALUES), mark="abc")
    assert marked.page == "pages/points/index?from=%E6%B6%88%E8%B4%B9&d=abc"
    assert marked.link is None


def test_ten_thousand_a_second() -> None:
    render(POINTS, VALUES)
    started = time.process_time()
    for _ in range(5000):
        render(POINTS, VALUES)
    assert 5000 / (time.process_time() - started) > 10_000
