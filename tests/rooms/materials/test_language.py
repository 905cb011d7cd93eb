"""The template language: text and variables, and no way to anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outreach.materials.rules import language
from app.outreach.materials.rules.language import TextInvalid, Variable, understand


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("{{昵称|顾客}}，您好", {"昵称": "晓晓"}, "晓晓，您好"),
        ("{{昵称|顾客}}，您好", {}, "顾客，您好"),
        ("{{ 昵称 ｜ 亲爱的 朋友 }}，您好", {"昵称": ""}, "亲爱的 朋友，您好"),
        ("{{ 昵称 or '顾客' }}", {}, "顾客"),
        ("{{昵称|it's}}", {}, "it's"),
        ("{{昵称|a\\b}}", {}, "a\\b"),
        ("{{昵称|“'\"”}}", {}, "“'\"”"),
        ("积分 {{变动}} 分\n", {"变动": "+1"}, "积分 +1 分\n"),
        ("一分钱 {一} 分货 100%", {}, "一分钱 {一} 分货 100%"),
    ],
)
def test_what_one_writes_is_what_is_said(text: str, values: dict[str, str], said: str) -> None:
    assert understand(text).fill(values) == said


@pytest.mark.parametrize(
    "text",
    [
        "{{ 昵称.__class__ }}", "{{ 昵称['a'] }}", "{{ 昵称() }}", "{{ 昵称|upper }}x{{ 1 }}", "甲{# 乙 #}丙", "{{ 1 + 1 }}",
        "{% for a in 昵称 %}{{a}}{% endfor %}", "{% if 昵称 %}x{% endif %}", "{% set a = 1 %}", "{% raw %}{{a}}{% endraw %}",
        "{{ 昵称 or 姓名 }}", "{{ 昵称 or 1 }}", "{{ 昵称 if a else b }}", "{{ [1,2] }}", "{{ '顾客' }}", "{{ }}", "{{}}",
        "{{昵称|}}", "{{昵称", "昵称}}", "{{昵称}", "{{昵称|{{姓名}}}}", "｛｛昵称｝｝", "{{ ''.join(昵称) }}",
        "{{ 昵称 ~ 'x' }}",
        "{{ not 昵称 }}", "{{ self }}{{ self.x }}", "{{1昵称}}", "x" * 2001, "a\0",
    ],
)  # fmt: skip
def test_nothing_else_is_understood(text: str) -> None:
    with pytest.raises(TextInvalid) as refused:
        understand(text)
    assert any("一" <= char <= "龥" for char in str(refused.value))


def test_what_looks_like_a_filter_is_a_fallback() -> None:
    assert understand("{{ 昵称|upper }}").pieces == (Variable("昵称", "upper"),)


@given(st.text("{}%#|'\" ._()[]ab昵称or1\\\n", max_size=40))
def test_whatever_is_typed_is_understood_or_refused(text: str) -> None:
    try:
        found = understand(text)
    except TextInvalid:
        return
    said = found.fill({}, each=lambda value: f"<{value}>")
    assert all(isinstance(piece, str | Variable) for piece in found.pieces)
    assert isinstance(said, str)


@given(st.text(max_size=30), st.text(max_size=30))
def test_values_go_in_as_they_are(value: str, around: str) -> None:
    if any(mark in around for mark in ("}}", "｝｝", "｛｛", "{", "\0", "\r")):
        return
    assert understand(around + "{{甲|乙}}" + around).fill({"甲": value}) == around + (value or "乙") + around


def test_what_is_missing_is_named_and_understood_once() -> None:
    text = understand("{{甲}}{{乙|无}}{{丙}}{{甲}}")
    assert list(text.missing({"丙": "x"})) == ["甲", "甲"]
    assert understand("{{甲}}{{乙|无}}{{丙}}{{甲}}") is text
    assert language.LONGEST == 2000
