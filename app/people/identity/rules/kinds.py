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


@dataclass(frozen=True)
class Kind:
    """A kind of id. `scope`: "required" where an id means something only within an app, corp, shop or channel; "none" where
    it is worldwide; "any" where the channel decides. `form` names how it is normalised. `title` is shown to people."""

    title: str
    scope: str = "any"
    form: str = "exact"


KINDS: Mapping[str, Kind] = {
    "openid": Kind("微信", "required"),
    "unionid": Kind("微信", "none"),
    "phone": Kind("手机号", "none", "phone"),
    "card": Kind("会员卡号", "none", "code"),
    "external_userid": Kind("企业微信客户", "required"),
    "buyer": Kind("渠道买家", "required"),  # any channel's own number of a buyer
    "ouid": Kind("天猫买家（单店）", "required"),
    "omid": Kind("天猫买家（品牌）"),
    "taobao": Kind("淘宝账号"),
    "jd": Kind("京东账号"),
    "douyin": Kind("抖音账号"),
    "alipay": Kind("支付宝账号"),
    "weibo": Kind("微博账号"),
    "qq": Kind("QQ"),
    "wifi_mac": Kind("门店 Wi-Fi 设备", "any", "code"),
    "crm": Kind("原 CRM 编号"),
    "email": Kind("邮箱", "none", "email"),
}


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
