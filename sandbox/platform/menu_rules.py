"""What a menu may hold: counts, lengths in bytes, and what each kind of entry needs (fact sheet C11)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.platform.errors import PlatformError

MOST_TOP, MOST_SUB = 3, 5
LONGEST_KEY, LONGEST_URL = 128, 1024
KEYED = (
    "click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select",
)  # fmt: skip
BY_MEDIA = ("media_id", "view_limited")
BY_ARTICLE = ("article_id", "article_view_limited")


@dataclass(frozen=True, slots=True)
class _Codes:
    """The refusals of one level of a menu."""

    kind: int
    name: int
    key: int
    url: int
    domain: int
    longest_name: int


_TOP = _Codes(kind=40017, name=40018, key=40019, url=40020, domain=40055, longest_name=16)
_SUB = _Codes(kind=40024, name=40025, key=40026, url=40027, domain=40054, longest_name=60)


@dataclass(frozen=True, slots=True)
class Known:
    """What entries may point to: mini-programs that are linked, media that were uploaded."""

    is_linked: Callable[[str], bool]
    has_media: Callable[[str], bool]


def checked(given: object, *, known: Known) -> list[dict[str, Any]]:
    """The entries as menu/get shows them, each with its `sub_button`; raises PlatformError with the code of what is
    wrong."""
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_TOP:
        raise PlatformError(40016)
    return [_top(entry, known=known) for entry in given]


def _top(entry: object, *, known: Known) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise PlatformError(47001)
    name = _name(entry, codes=_TOP)
    below = entry.get("sub_button") or []
    if not isinstance(below, list):
        raise PlatformError(40023)
    if not below:
        return {**_leaf(entry, codes=_TOP, known=known), "name": name, "sub_button": []}
    if len(below) > MOST_SUB:
        raise PlatformError(40023)
    return {"name": name, "sub_button": [_sub(one, known=known) for one in below]}


def _sub(entry: object, *, known: Known) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise PlatformError(47001)
    if entry.get("sub_button"):
        raise PlatformError(40022)
    return {**_leaf(entry, codes=_SUB, known=known), "name": _name(entry, codes=_SUB), "sub_button": []}


def _name(entry: Mapping[str, Any], *, codes: _Codes) -> str:
    name = entry.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= codes.longest_name:
        raise PlatformError(codes.name)
    return name


def _leaf(entry: Mapping[str, Any], *, codes: _Codes, known: Known) -> dict[str, Any]:
    kind = str(entry.get("type", ""))
    if kind in KEYED:
        key = str(entry.get("key") or "")
        if not 1 <= len(key.encode()) <= LONGEST_KEY:
            raise PlatformError(codes.key)
        return {"type": kind, "key": key}
    if kind == "view":
        return {"type": kind, "url": _url(entry, codes=codes)}
    if kind == "miniprogram":
        if not known.is_linked(str(entry.get("appid") or "")):
            raise PlatformError(45064)
        if not entry.get("pagepath"):
            raise PlatformError(40165)
        page = {"appid": entry["appid"], "pagepath": entry["pagepath"]}
        return {"type": kind, "url": _url(entry, codes=codes), **page}
    if kind in BY_MEDIA:
        if not known.has_media(str(entry.get("media_id") or "")):
            raise PlatformError(40007)
        return {"type": kind, "media_id": entry["media_id"]}
    if kind in BY_ARTICLE and entry.get("article_id"):
        return {"type": kind, "article_id": entry["article_id"]}
    raise PlatformError(codes.kind)


def _url(entry: Mapping[str, Any], *, codes: _Codes) -> str:
    url = str(entry.get("url") or "")
    if not 1 <= len(url.encode()) <= LONGEST_URL:
        raise PlatformError(codes.url)
    if not url.startswith(("http://", "https://")):
        raise PlatformError(codes.domain)
    return url
