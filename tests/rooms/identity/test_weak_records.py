"""Weak evidence in its one form, and why two records may be one person, in words."""

import datetime as dt

import pytest

from app.people.identity.rules.proposing import WeakRecord, birthday, phone, plain, reasons_in_words


def named(name: str, surname: str = "") -> tuple[str | None, str | None]:
    known = plain(WeakRecord(1, name=name, surname=surname))
    return known.surname, known.given


def said(name: str) -> tuple[str | None, str | None]:
    known = plain(WeakRecord(1, name=name))
    return known.surname_sound, known.given_sound


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("张伟", ("张", "伟")),
        (" 欧阳 修 ", ("欧阳", "修")),
        ("李女士", ("李", None)),
        ("王*", ("王", None)),
        ("匿名", (None, None)),
        ("阿依古丽·买买提", ("买买提", "阿依古丽")),
        ("Zhang Xiao Ming", ("zhang", "xiaoming")),
        ("Renée O'Connor", ("oconnor", "renee")),
        ("😀", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_name_is_taken_apart(name: str, parts: tuple[str | None, str | None]) -> None:
    assert named(name) == parts


def test_names_that_sound_alike_are_said_alike() -> None:
    assert said("张晓明") == said("章小鸣") == said("Zhang Xiaoming") == ("zhang", "xiaoming")
    assert said("单雄") == ("shan", "xiong"), "as a family name, not dan"


def test_a_known_family_name_is_not_searched_for_in_the_name() -> None:
    assert named("mary ann", "smith") == ("smith", "maryann")


@pytest.mark.parametrize(
    ("given", "day"),
    [
        (dt.date(1990, 5, 2), "19900502"),
        ("1990-5-2", "19900502"),
        ("1990年5月2日", "19900502"),
        ("19901302", "19901302"),  # a slip is still nearly right
        ("1900-01-01", None),
        ("5月2日", None),
        ("", None),
    ],
)
def test_a_birthday_is_eight_digits_or_none(given: str | dt.date, day: str | None) -> None:
    assert birthday(given) == day


@pytest.mark.parametrize(
    ("given", "digits"),
    [
        ("+86 138-0000-1234", "13800001234"),
        ("008613800001234", "13800001234"),
        ("+85251234567", "85251234567"),
        ("138****1234", None),
        ("13800001234-8899", None),
        ("13800001234转8899", None),
        ("11111111111", None),
        ("12", None),
    ],
)
def test_O01_masked_and_virtual_phones_are_not_evidence(given: str, digits: str | None) -> None:
    assert phone(given) == digits


@pytest.mark.parametrize(
    "address",
    [
        "浙江省杭州市西湖区文三路478号3幢1202室",
        "中国浙江省杭州市西湖区 文三路478号 3-1202",
        "杭州市西湖区文三路478-3-1202",
        "浙江杭州市西湖区文三路478号3幢1202",
    ],
)
def test_one_home_is_one_home_however_it_is_written(address: str) -> None:
    known = plain(WeakRecord(1, address=address))
    assert (known.area, known.street, known.door) == ("杭州西湖", "文三路", "478-3-1202")


def test_a_road_named_after_a_province_is_a_road() -> None:
    known = plain(WeakRecord(1, address="北京东路88号"))
    assert (known.area, known.street, known.door) == (None, "北京东路", "88")


def test_a_municipality_is_its_district() -> None:
    known = plain(WeakRecord(1, address="上海市静安区南京西路1266号"))
    assert (known.area, known.street, known.door) == ("静安", "南京西路", "1266")


def test_reasons_are_told_in_words_and_differences_are_not() -> None:
    levels = {"surname": "same", "given": "same", "birthday": "same", "phone": "slip", "home": "other"}
    assert reasons_in_words(levels) == ("姓名相同", "生日相同", "手机号差一位")
    assert reasons_in_words({"surname": "sound", "given": "same", "birthday": "turned"}) == ("姓名同音", "生日月日写反")
    assert reasons_in_words({"surname": "turned"}) == ("姓和名写反",)
    assert reasons_in_words({"surname": "same", "given": "other", "home": "same", "area": "same"}) == ("地址相同",)
    assert reasons_in_words({"phone": "other"}) == ()
