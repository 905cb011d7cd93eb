"""Who follows an account, and what the platform tells of them: no name and no picture since 2021."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.gateways.wechat.client import ask, fields

INFO_AT_ONCE = 100


@dataclass(frozen=True)
class Follower:
    """One person as an account sees them. Without `subscribed` only `openid` and `unionid` are filled.

    `subscribed_at` is seconds since 1970, of the last following.
    """

    openid: str
    subscribed: bool
    unionid: str | None = None
    subscribed_at: int | None = None
    remark: str = ""
    tag_ids: tuple[int, ...] = ()
    came_by: str | None = None
    scene: str | None = None


@dataclass(frozen=True)
class Page:
    """A part of the list: go on with `next_openid`; None when this was the last."""

    total: int
    openids: tuple[str, ...]
    next_openid: str | None


def user_info_batch(appid: str, openids: Sequence[str]) -> list[Follower]:
    """What is known of up to 100 openids, in their order. Raises ValueError for more."""
    if len(openids) > INFO_AT_ONCE:
        raise ValueError(f"at most {INFO_AT_ONCE} at once")
    if not openids:
        return []
    body = {"user_list": [{"openid": openid, "lang": "zh_CN"} for openid in openids]}
    answer = fields(ask(appid, "post", "/cgi-bin/user/info/batchget", data=body), "user_info_list")
    return [_follower(item) for item in answer["user_info_list"]]


def page(appid: str, after: str | None = None) -> Page:
    """Up to 10,000 openids of followers that come after `after`."""
    answer = fields(ask(appid, "get", "/cgi-bin/user/get", params={"next_openid": after or ""}), "total")
    found = tuple((answer.get("data") or {}).get("openid", ()))
    return Page(int(answer["total"]), found, answer.get("next_openid") or None if found else None)


def list_followers(appid: str) -> Iterator[tuple[str, ...]]:
    """All openids, page by page."""
    after: str | None = None
    while (part := page(appid, after)).openids:
        yield part.openids
        if part.next_openid is None or part.next_openid == after:
            return
        after = part.next_openid


def remark(appid: str, openid: str, words: str) -> None:
    """Give a follower a remark of under 30 letters, seen in the platform's own console."""
    ask(appid, "post", "/cgi-bin/user/info/updateremark", data={"openid": openid, "remark": words})


def _follower(item: dict[str, Any]) -> Follower:
    subscribed = bool(item.get("subscribe"))
    scene = item.get("qr_scene_str") or item.get("qr_scene") or None
    return Follower(
        openid=str(item["openid"]),
        subscribed=subscribed,
        unionid=item.get("unionid") or None,
        subscribed_at=int(item["subscribe_time"]) if subscribed and item.get("subscribe_time") else None,
        remark=str(item.get("remark") or ""),
        tag_ids=tuple(item.get("tagid_list") or ()),
        came_by=item.get("subscribe_scene") or None,
        scene=str(scene) if scene else None,
    )
