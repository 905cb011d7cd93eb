"""Weak evidence in its one form, and what its agreement is called: names, birthdays, phones, addresses.

Weak evidence never makes two customers one (O01): masked names, masked and virtual phones count as not given at all.
"""

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class WeakRecord:
    """What a source says of a customer, as it says it; what it does not know stays empty.

    `name` is the whole name, or the given one where `surname` is known apart. `birthday` in any usual form. `number`: any
    other number the person has (not a phone). `address` in one text, or its parts: `street`, `door` (house, building,
    room), `area` (city, district or suburb), `postcode`.
    """

    customer_id: int
    name: str = ""
    surname: str = ""
    birthday: str | dt.date = ""
    phone: str = ""
    number: str = ""
    address: str = ""
    street: str = ""
    door: str = ""
    area: str = ""
    postcode: str = ""


class Plain(NamedTuple):
    """A weak record in its one form; None is "not given". The columns of the matching's table, in their order."""

    customer_id: int
    surname: str | None
    given: str | None
    surname_sound: str | None
    given_sound: str | None
    birthday: str | None
    phone: str | None
    number: str | None
    street: str | None
    door: str | None
    area: str | None
    postcode: str | None


def plain(record: WeakRecord) -> Plain:
    """The record in its one form."""
    surname, given = _name_parts(record.name, record.surname)
    street, door, area = _address_parts(record)
    return Plain(
        customer_id=record.customer_id,
        surname=surname,
        given=given,
        surname_sound=_sound(surname, family=True),
        given_sound=_sound(given),
        birthday=birthday(record.birthday),
        phone=phone(record.phone),
        number=re.sub(r"\W|_", "", _folded(record.number)) or None,
        street=street,
        door=door,
        area=area,
        postcode=re.sub(r"\W", "", _folded(record.postcode)) or None,
    )


_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_ONLY = re.compile(f"[{_HAN}]+")
_MASKED = re.compile(r"[*＊×某xX]{1,}$")
_TITLES = re.compile("(先生|女士|小姐|太太|老师|同学|阿姨|大姐|师傅|经理|总)$")
_NOBODY = {
    "匿名",
    "会员",
    "顾客",
    "客户",
    "测试",
    "未知",
    "无",
    "无名",
    "微信用户",
    "用户",
    "test",
    "none",
    "null",
    "unknown",
}
_DOUBLE = frozenset(
    re.findall("..", "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐长孙宇文司徒夏侯端木南宫独孤轩辕钟离闻人澹台歐陽東方")
)
# How these are read as a family name, unlike elsewhere.
_READ_AS = {"曾": "zeng", "仇": "qiu", "单": "shan", "單": "shan", "解": "xie", "查": "zha", "任": "ren", "朴": "piao",
            "区": "ou", "尉": "wei", "盖": "ge", "翟": "zhai", "缪": "miao", "乐": "yue", "华": "hua", "盛": "sheng",
            "尹": "yin", "覃": "qin", "褚": "chu", "冼": "xian", "黑": "he", "折": "she", "繁": "po", "种": "chong"}  # fmt: skip
_SYLLABLE = re.compile(
    r"(?:[bpmf]|[dtnl]|[gkh]|[jqx]|zh|ch|sh|[rzcsyw])?(?:[aeiouv]{1,3}(?:ng|n|r)?)", re.IGNORECASE | re.ASCII
)
_FAMILY_SOUNDS = frozenset(
    re.findall(
        r"\w+",
        "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang"
        " feng yu dong xiao cheng cao yuan deng fu shen zeng peng lv lu su jiang cai jia ding wei xue ye yan pan du dai xia"
        " zhong tian ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan"
        " duan qian yin chang wen qiao lai gong ouyang",
    )
)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _name_parts(name: str, surname: str) -> tuple[str | None, str | None]:
    """Family and given name; a title, a mask or a word for nobody is not part of either."""
    text = re.sub(r"\s+", " ", _folded(name))
    if surname.strip():
        return _letters(_folded(surname)), _letters(text)
    if text in _NOBODY:
        return None, None
    masked = "*" in text
    text = _MASKED.sub("", text.replace(" ", "")) if masked else _TITLES.sub("", text)
    if _HAN_ONLY.fullmatch(text.replace(" ", "")):
        return _han_parts(text.replace(" ", ""), whole=not masked)
    if masked:
        return None, None
    return _foreign_parts([part for part in re.split(r"[ ·•,.．・‧-]+", text) if _letters(part)])


def _han_parts(text: str, *, whole: bool) -> tuple[str | None, str | None]:
    length = 2 if text[:2] in _DOUBLE else 1
    return text[:length], (text[length:] or None) if whole else None


def _foreign_parts(parts: list[str]) -> tuple[str | None, str | None]:
    if len(parts) < 2:
        return None, _letters(parts[0]) if parts else None
    if parts[0] in _FAMILY_SOUNDS and all(re.fullmatch(f"(?:{_SYLLABLE.pattern})+", part) for part in parts):
        return parts[0], _letters("".join(parts[1:]))  # pinyin, in the order in which Chinese names are said
    return _letters(parts[-1]), _letters("".join(parts[:-1]))


def _letters(text: str) -> str | None:
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if letter.isalnum())
    return bare or None


@functools.lru_cache(maxsize=65_536)
def _read(character: str) -> str:
    import pypinyin  # megabytes of readings, which a web process never needs

    return pypinyin.lazy_pinyin(character)[0]


def _sound(text: str | None, *, family: bool = False) -> str | None:
    """How a name is said, without tones: 张伟 and 章玮 and Zhang Wei are said alike."""
    if text is None:
        return None
    if family and text in _READ_AS:
        return _READ_AS[text]
    return "".join(_read(letter) for letter in text).replace("ü", "v")


_NO_DAY = {"19000101", "19700101", "00000000", "11111111", "19010101"}


def birthday(given: str | dt.date) -> str | None:
    """Eight digits, year first; an impossible date is kept, since it is a slip of the pen; a default date is none."""
    if isinstance(given, dt.date):
        return f"{given:%Y%m%d}"
    parts = re.findall(r"\d+", unicodedata.normalize("NFKC", given)[:40])
    in_parts = len(parts) >= 3 and len(parts[0]) == 4
    text = f"{parts[0]}{parts[1]:>02}{parts[2]:>02}" if in_parts else "".join(parts)
    return text if len(text) == 8 and text not in _NO_DAY else None


def phone(given: str) -> str | None:
    """Its digits, without the mainland's prefix; none for a masked or virtual one (O01) and for one digit repeated."""
    text = unicodedata.normalize("NFKC", given)[:40]
    if re.search(r"[*x#转,]|\d{11}-\d{1,5}$", text, re.IGNORECASE):
        return None
    digits = re.sub(r"\D", "", text)
    digits = re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$)", "", digits)
    return digits if 6 <= len(digits) <= 15 and len(set(digits)) > 2 else None


_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海"
    "|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PROVINCE = re.compile(  # and not 北京东路
    rf"^(?:中国)?(?:{_PROVINCES})(?!.?[路街道巷弄])(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?"
)
_CITY = re.compile(r"^[^\d路街巷弄]{2,7}?(?:市(?!场)|自治州|地区|盟)")
_DISTRICT = re.compile(r"^[^\d路街巷弄]{1,6}?(?:区|县|旗|市(?!场))")
_STREET = re.compile(r"^(.{1,14}?(?:大道|路|街道|街|道|巷|弄|胡同|村|镇|乡|里))")


def _address_parts(record: WeakRecord) -> tuple[str | None, str | None, str | None]:
    """Street, door and area. Doors are what is counted: 3幢1202室 and 3-1202 are one door."""
    if not record.address.strip():
        return _text(record.street), _door(record.door), _text(record.area)
    text = re.sub(r"[\s,，.。;；、()（）#]+", "", _folded(record.address))
    area = []
    for place in (_PROVINCE, _CITY, _DISTRICT):
        if found := place.match(text):
            text = text[found.end() :]
            if place is not _PROVINCE:
                area.append(found[0].rstrip("市区县旗"))
    street = found[1] if (found := _STREET.match(text)) else re.split(r"\d", text, maxsplit=1)[0]
    return street or None, _door(text[len(street) :]), "".join(area) or _text(record.area)


def _door(text: str) -> str | None:
    return "-".join(re.findall(r"\d+|[a-z]+", _folded(text))) or None


def _text(text: str) -> str | None:
    return re.sub(r"\s+", " ", _folded(text)) or None


# What the agreement of a part is called, by part and level; the levels stand in rules.likeness.
_WORDS: Mapping[str, Mapping[str, str]] = {
    "birthday": {
        "same": "生日相同",
        "slip": "生日差一位",
        "turned": "生日月日写反",
        "day": "生日同月同日",
        "near": "生日相近",
    },
    "phone": {"same": "手机号相同", "slip": "手机号差一位", "near": "手机号差两位", "tail": "手机号后四位相同"},
    "number": {"same": "证件或编号相同", "slip": "证件或编号差一位", "near": "证件或编号相近"},
    "home": {"same": "地址相同", "street": "住在同一条路", "alike": "地址相近"},
    "area": {"same": "同一地区", "postcode": "邮编相同", "alike": "地区写法相近"},
}


def reasons_in_words(levels: Mapping[str, str]) -> tuple[str, ...]:
    """Why two records may be one person, the name first: 姓名相同、生日相同、手机号差一位. What differs is not told."""
    words = [_name_in_words(levels.get("surname"), levels.get("given"))]
    words += [_WORDS[part].get(levels.get(part, ""), "") for part in _WORDS if part != "area"]
    if levels.get("home") != "same":
        words.append(_WORDS["area"].get(levels.get("area", ""), ""))
    return tuple(word for word in words if word)


def _name_in_words(surname: str | None, given: str | None) -> str:
    if surname == given == "same":
        return "姓名相同"
    if surname == "turned":
        return "姓和名写反"
    close = {"same", "sound"}
    if surname in close and given in close:
        return "姓名同音"
    if surname in close | {"alike"} and given in close | {"alike"}:
        return "姓名相近"
    if surname == "same" and given is None:
        return "姓相同"
    return "名相同" if given == "same" else ""
