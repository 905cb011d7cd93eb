"""The value rules of subscribe messages against a second statement of the table, written from the documents' words."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.platform.field_values import is_allowed

HAN = "\u4e00-\u9fff"
SYMBOLS = r"!-/:-@\[-`{-~￥¥（），。、！？：；“”‘’《》【】…·～—"
CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
M, D = "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|1[0-9]|2[0-8])"
DAY = rf"[12][0-9]{{3}}(?:年{M}月{D}日|-{M}-{D}|/{M}/{D}|\.{M}\.{D})"
MOMENT = rf"(?:{DAY} )?{CLOCK}"
DATE = rf"(?:{DAY}(?: {CLOCK})?|[12][0-9]{{3}}-(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8]))"

# One pattern per row of the table; length limits are written into the pattern. Days 29 to 31 are left to examples.
TABLE = {
    "thing1": r".{1,20}",
    "number2": r"(?=(?:\.?[0-9]){1,32}$)[0-9]+(?:\.[0-9]+)?",
    "letter3": r"[A-Za-z]{1,32}",
    "symbol4": rf"[{SYMBOLS}]{{1,5}}",
    "character_string5": rf"[A-Za-z0-9{SYMBOLS}]{{1,32}}",
    "time6": rf"{MOMENT}(?:~{MOMENT})?",
    "date7": rf"{DATE}(?:~(?:{DATE}|{CLOCK}))?",
    "amount8": r"[￥¥](?=(?:\.?[0-9]){1,10}元?$)[0-9]+(?:\.[0-9]+)?元?",
    "phone_number9": rf"[0-9{SYMBOLS}]{{1,17}}",
    "car_number10": rf"[{HAN}A-Z0-9](?:[A-Z0-9]{{0,6}}[{HAN}A-Z0-9])?",
    "name11": rf"(?! )(?:[A-Za-z {SYMBOLS}]{{1,20}}|[{HAN}A-Za-z {SYMBOLS}]{{1,10}})(?<! )",
    "phrase12": rf"[{HAN}]{{1,5}}",
}
LETTERS = string.ascii_uppercase + string.digits + ".:-~/ ￥¥年月日元预约通过粤!,+"
KEYS = sorted(TABLE)


@given(key=st.sampled_from(KEYS), data=st.data())
def test_what_the_table_allows_is_allowed(key: str, data: st.DataObject) -> None:
    value = data.draw(st.from_regex(TABLE[key], fullmatch=True))
    printable = not any(ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u2028\u2029" for char in value)
    assert is_allowed(value, key=key) is printable


@given(key=st.sampled_from(KEYS), value=st.text(LETTERS, min_size=1, max_size=40))
def test_nothing_else_is_allowed(key: str, value: str) -> None:
    assert is_allowed(value, key=key) is bool(re.fullmatch(TABLE[key], value))


@given(key=st.sampled_from(KEYS), line_end=st.sampled_from("\n\r\t\x00\x7f\u2028"))
def test_control_characters_are_refused_everywhere(key: str, line_end: str) -> None:
    assert not is_allowed(f"1{line_end}", key=key)


@pytest.mark.parametrize(
    ("key", "char", "longest"),
    [
        ("thing1", "字", 20),
        ("number1", "9", 32),
        ("letter1", "z", 32),
        ("symbol1", "!", 5),
        ("character_string1", "x", 32),
        ("phone_number1", "1", 17),
        ("car_number1", "A", 8),
        ("name1", "王", 10),
        ("name1", "w", 20),
        ("phrase1", "好", 5),
    ],
)
def test_the_longest_value_and_one_more(key: str, char: str, longest: int) -> None:
    assert is_allowed(char * longest, key=key)
    assert not is_allowed(char * (longest + 1), key=key)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("time1", "15:01"),
        ("time1", "2019年10月1日 15:01"),
        ("time1", "15:01:30~16:00"),
        ("date1", "2019年10月1日"),
        ("date1", "2018/01/01"),
        ("date1", "2018.01.01"),
        ("date1", "2018-01"),
        ("date1", "01-01"),
        ("date1", "2024-02-29"),
        ("date1", "2019年10月1日~2019年10月7日"),
        ("amount1", "￥100"),
        ("amount1", "¥29.90"),
        ("amount1", "$10元"),
        ("amount1", "￥12345678.90"),
        ("amount1", "￥1234567890元"),
        ("phone_number1", "+86-0766-66888866"),
        ("car_number1", "粤A8Z888挂"),
        ("name1", "阿不都拉·买买提"),
        ("enum_string1", "客厅"),
        ("thing1", "一二三四五六七八九十一二三四五六七八九十"),
        ("site01", "广州市新港中路397号"),
    ],
)
def test_documented_examples(key: str, value: str) -> None:
    assert is_allowed(value, key=key, choices=["客厅", "餐厅"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("phrase1", "13笔"),
        ("time1", "24:00"),
        ("time1", "2019年8月8日"),
        ("time1", "2019年2月30日 10:00"),
        ("date1", "2023-02-29"),
        ("date1", "15:01"),
        ("amount1", "￥12345678901"),
        ("amount1", "￥123456789.01"),
        ("amount1", "￥-1"),
        ("amount1", "100"),
        ("number1", "１２"),
        ("character_string1", "订单1"),
        ("enum_string1", "车顶"),
        ("name1", "张3"),
        ("name1", "一二三四五六七八九十一"),
        ("phone_number1", "+86-0766-668888661"),
        ("thing1", ""),
    ],
)
def test_refused_examples(key: str, value: str) -> None:
    assert not is_allowed(value, key=key, choices=["客厅", "餐厅"])
