"""Kinds of ids as data, and the one form in which each is compared."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import phonenumbers

LONGEST = 128
HOME_REGION = "CN"
# How sure we are that the id is theirs, from weak to strong (C02): said, picked from the phone's own list, proven.
PROOFS = ("stated", "picked", "proven")

_MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
_PHONE_NOISE = re.compile(r"[\s\-().·]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


# Of how many ids a person with more is rather a counter, a household or a mistake: people look at it first.
CROWD = 20


@dataclass(frozen=True)
class Kind:
    """A kind of id, as data.

    `scope`: "required" where an id means something only within an app, corp, shop or channel; "none" where it is worldwide;
    "any" where the channel decides. `form` names how it is normalised. `most`: how many a person has in one scope before
    evidence is held for review; where it is one, only ids that are more than stated count. `weight`: how much is meant by
    being seen with it: 3 an account's own number, 2 what people are known by, 1 weak: it goes with a person and never joins
    two. `first`: higher comes first where one id stands for a person. `title` is shown to people.
    """

    title: str
    scope: str = "any"
    form: str = "exact"
    most: int = CROWD
    weight: int = 3
    first: int = 0


KINDS: Mapping[str, Kind] = {
    "unionid": Kind("微信", "none", most=1, first=9),
    "phone": Kind("手机号", "none", "phone", most=1, weight=2, first=8),
    "card": Kind("会员卡号", "none", "code", weight=2, first=7),
    "openid": Kind("微信", "required", most=1, first=6),
    "external_userid": Kind("企业微信客户", "required", most=5, first=5),
    "omid": Kind("天猫买家（品牌）", most=5, first=4),
    "crm": Kind("原 CRM 编号", weight=2, first=4),
    "taobao": Kind("淘宝账号", most=5, first=3),
    "jd": Kind("京东账号", most=5, first=3),
    "douyin": Kind("抖音账号", most=5, first=3),
    "alipay": Kind("支付宝账号", most=5, first=3),
    "ouid": Kind("天猫买家（单店）", "required", first=2),
    "buyer": Kind("渠道买家", "required", first=2),  # any channel's own number of a buyer
    "weibo": Kind("微博账号", most=5, first=2),
    "qq": Kind("QQ", most=5, first=2),
    "email": Kind("邮箱", "none", "email", most=10, weight=2, first=1),
    "wifi_mac": Kind("门店 Wi-Fi 设备", "any", "code", weight=1),
}

# Typed to get past a field. The brand adds its own (the shop's phone) as blocked ids.
_NOBODY = frozenset(
    "ANONYMOUS UNKNOWN NULL NONE NIL NAN N/A NA TEST TESTER GUEST UNDEFINED USER"  # noqa: SIM905  (a list to read)
    " 匿名 匿名用户 散客 无 未知 游客 测试 顾客".split()
)
_NOBODYS_PHONE = re.compile(r"\+861(?:3800138000|\d\d(\d)\1{7})")
_NOBODYS_MAIL = re.compile(r"(?:test|no|none|noreply|no-reply|null|a|aa|abc|123|1)@.*|.*@(?:example|test)\.[a-z]+")


def is_blocked(kind: str, value: str) -> bool:
    """Whether a normalised value names nobody: zeros, dashes, one sign repeated, test numbers, "anonymous"."""
    form = KINDS[kind].form
    if form == "phone":
        return _NOBODYS_PHONE.fullmatch(value) is not None
    if form == "email":
        return _NOBODYS_MAIL.fullmatch(value) is not None
    signs = set(value) - set("-_:. ")
    return len(signs) <= 1 or value.upper() in _NOBODY


# Where what arrives with an order is the receiver's: virtual numbers, masked, dead after weeks, another's (O01, O02).
MARKETPLACES = ("tmall", "taobao", "jd", "douyin", "pdd", "kuaishou", "xiaohongshu", "vip", "suning")
_RECEIVERS = frozenset({"phone", "email"})


def is_receivers(kind: str, *, source: str, proof: str) -> bool:
    """Whether an id may be somebody else's, the receiver's: it joins nobody, unless the person proved it there (会员通)."""
    return kind in _RECEIVERS and proof == "stated" and source.lower().startswith(MARKETPLACES)


class NotAnIdentifier(ValueError):
    """The text is no id of this kind; the message says what is wrong and never repeats the text."""


def check_scope(kind: str, scope: str) -> None:
    """Raise NotAnIdentifier for an unknown kind or a scope that does not go with it."""
    if kind not in KINDS:
        raise NotAnIdentifier("kind")
    wanted = KINDS[kind].scope
    if (wanted == "required" and not scope) or (wanted == "none" and scope) or len(scope) > LONGEST:
        raise NotAnIdentifier("scope")


def normalise(kind: str, value: str) -> str:
    """The one form of a value by which equal ids are equal. Raises NotAnIdentifier."""
    text = unicodedata.normalize("NFKC", value).strip()
    form = KINDS[kind].form
    if form == "phone":
        return _phone(text)
    if form == "email":
        if len(text) > LONGEST or not _EMAIL.fullmatch(text) or not text.isprintable():
            raise NotAnIdentifier("email")
        return text.lower()
    if form == "code":
        text = text.replace(" ", "").upper()
    if len(text) > LONGEST or not text or not text.isprintable() or " " in text:
        raise NotAnIdentifier("value")
    return text


def _phone(text: str) -> str:
    """E.164. Mainland mobile numbers by their pattern, all others, overseas ones welcome (C12), by their country's plan."""
    bare = _PHONE_NOISE.sub("", text[:40])
    if mainland := _MAINLAND.fullmatch(bare):
        return f"+86{mainland[1]}"
    try:
        number = phonenumbers.parse(bare, HOME_REGION)
    except phonenumbers.NumberParseException:
        raise NotAnIdentifier("phone") from None
    if number.extension or not phonenumbers.is_valid_number(number):
        raise NotAnIdentifier("phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def stronger(proof: str, other: str) -> str:
    """The stronger of two proofs."""
    return max(proof, other, key=PROOFS.index)


def mask_phone(phone: str) -> str:
    """A number with its middle hidden, as people other than its holder see it: 138****5678, +852****4567."""
    local = phone.removeprefix("+86")
    if local.startswith("+"):
        return f"{local[:4]}****{local[-4:]}"
    return f"{local[:3]}****{local[-4:]}"
