"""What a menu may be (wechat.md C11): three buttons of five below each, names by their bytes, each kind with what it needs."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.outreach.auto_replies.rules.contents import Problem

MOST_BUTTONS, MOST_BELOW = 3, 5
NAME_BYTES, NAME_BYTES_BELOW, KEY_BYTES, ADDRESS_BYTES = 16, 60, 128, 1_024
# Kind → what it is called, and which parts it needs.
KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "click": ("回复内容", ("key",)),
    "view": ("打开网页", ("url",)),
    "miniprogram": ("打开小程序", ("appid", "pagepath", "url")),
    "scancode_push": ("扫一扫", ("key",)),
    "scancode_waitmsg": ("扫一扫并等回复", ("key",)),
    "pic_sysphoto": ("拍照", ("key",)),
    "pic_photo_or_album": ("拍照或相册", ("key",)),
    "pic_weixin": ("相册", ("key",)),
    "location_select": ("选择位置", ("key",)),
    "media_id": ("发送素材", ("media_id",)),
    "view_limited": ("打开图文素材", ("media_id",)),
    "article_id": ("发送文章", ("article_id",)),
    "article_view_limited": ("打开文章", ("article_id",)),
}
PARTS = ("key", "url", "appid", "pagepath", "media_id", "article_id")
_TITLES = {
    "key": "关键词", "url": "网址", "appid": "小程序", "pagepath": "页面路径", "media_id": "素材", "article_id": "文章",
}  # fmt: skip


def problems(buttons: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Why the platform would refuse this menu, each with its place; nothing where it takes it."""
    if not buttons:
        return [Problem("菜单", "至少要有一个按钮")]
    found = [Problem("菜单", f"一级按钮最多 {MOST_BUTTONS} 个")] if len(buttons) > MOST_BUTTONS else []
    for place, button in enumerate(buttons, 1):
        where = f"第 {place} 个按钮"
        below = button.get("sub_button") or []
        found += _name(button, where, NAME_BYTES)
        if len(below) > MOST_BELOW:
            found.append(Problem(where, f"二级按钮最多 {MOST_BELOW} 个"))
        for deeper, one in enumerate(below, 1):
            inner = f"{where}的第 {deeper} 项"
            found += _name(one, inner, NAME_BYTES_BELOW) + _kind(one, inner)
            if one.get("sub_button"):
                found.append(Problem(inner, "菜单只有两级"))
        if not below:
            found += _kind(button, where)
    return found


def _name(button: Mapping[str, Any], where: str, limit: int) -> list[Problem]:
    name = str(button.get("name", ""))
    size = len(name.encode())
    if not name.strip():
        return [Problem(where, "写上名字")]
    return [Problem(where, f"“{name}”有 {size} 字节，最多 {limit}（一个汉字 3 字节）")] if size > limit else []


def _kind(button: Mapping[str, Any], where: str) -> list[Problem]:
    kind = KINDS.get(str(button.get("type")))
    if kind is None:
        return [Problem(where, "选点了以后做什么")]
    found = [Problem(where, f"写上{_TITLES[part]}") for part in kind[1] if not str(button.get(part, "")).strip()]
    limits = {"key": KEY_BYTES, "url": ADDRESS_BYTES}
    for part, limit in limits.items():
        if len(str(button.get(part, "")).encode()) > limit:
            found.append(Problem(where, f"{_TITLES[part]}最多 {limit} 字节"))
    if button.get("url") and not str(button["url"]).startswith(("https://", "http://")):
        found.append(Problem(where, "网址以 https:// 开头"))
    return found


def tidy(buttons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The menu with what belongs to it only: a button with others below does nothing itself."""
    return [_tidy(button) for button in buttons]


def _tidy(button: Mapping[str, Any]) -> dict[str, Any]:
    name = str(button.get("name", "")).strip()
    if below := button.get("sub_button"):
        return {"name": name, "sub_button": [_tidy(one) for one in below]}
    kind = str(button.get("type"))
    parts = KINDS[kind][1] if kind in KINDS else ()
    return {"type": kind, "name": name} | {part: str(button.get(part, "")).strip() for part in parts}


def is_same(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two menus do the same: the platform says empty lists where we say nothing."""
    return tidy(one) == tidy(other)
