"""What a phone shows of an official account: the chat, the menu, templates to subscribe to; and texts and calls."""

import itertools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.world import App, Person, World
from sandbox.world.apps import SUBSCRIPTION
from sandbox.world.clock import BEIJING
from sandbox.world.lines import Answer, LineKind
from sandbox.world.telecom import Text, VoiceCall

SHOWN = 60
QUIET_SECONDS = 300
MENU_EVENTS = {"click": "CLICK", "scancode_push": "scancode_push", "scancode_waitmsg": "scancode_waitmsg"}
PLACES = (
    ("上海人民广场", 31.230416, 121.473701),
    ("北京国贸", 39.908722, 116.459808),
    ("深圳福田", 22.543099, 114.057868),
    ("成都春熙路", 30.657420, 104.080770),
    ("乌鲁木齐友好路", 43.815880, 87.583690),
)
LINE_KINDS = {
    LineKind.NORMAL: "正常",
    LineKind.EMPTY: "空号",
    LineKind.OFF: "关机",
    LineKind.SUSPENDED: "停机",
    LineKind.BLOCKED: "在黑名单",
    LineKind.VIRTUAL: "虚拟号",
}
ANSWERS = {
    Answer.ANSWERED: "接听并听完",
    Answer.HUNG_UP: "接听后提前挂断",
    Answer.BUSY: "占线",
    Answer.NO_ANSWER: "不接",
    Answer.REFUSED: "拒接",
}


def account_shown(world: World, *, person: Person, app: App) -> dict[str, Any]:
    """The chat's lines with their times, the menu as this person sees it, and subscriptions."""
    follower = person.follower_of(app.appid)
    menu = world.book(app.appid).menu_for(follower.tag_ids)
    screen = world.screens.get((person.person_id, app.appid), {})
    subscriptions = [one for one in app.templates.values() if one.channel == SUBSCRIPTION]
    return {
        "follower": follower,
        "lines": _with_times([_line(said) for said in person.chats.get(app.appid, [])[-SHOWN:]]),
        "menu": menu["button"] if menu else [],
        "places": PLACES,
        "codes": [code for code in world.qr_codes.values() if code.appid == app.appid and code.lives(world.now())][
            -20:
        ],
        "templates": [
            {"template": one, "left": person.grants_left(app.appid, template_id=one.template_id)}
            for one in subscriptions
        ],
        "notice": screen.get("notice"),
        "openid": person.openid_in(app.appid),
    }


def _line(said: dict[str, Any]) -> dict[str, Any]:
    side = {"person": "mine", "account": "theirs"}.get(str(said["by"]), "middle")
    act = _ACTS.get(str(said.get("kind")))
    if side != "theirs" and act is not None:
        return {"side": "middle", "at": said["at"], "text": act(said)}
    content = said.get("said") or said.get("content") or {}
    kind = str(said.get("type") or said.get("kind") or "text")
    return {**said, "side": side, "form": kind, "content": content, "articles": _articles(said, content=content)}


_ACTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "follow": lambda said: "关注了公众号" + (f"（扫码 {said['scene']}）" if said.get("scene") else ""),
    "unfollow": lambda said: "取消了关注",
    "scan": lambda said: f"扫码 {said.get('scene', '')}",
    "click": lambda said: f"点了菜单「{said.get('text', '')}」",
    "notice": lambda said: str(said.get("text", "")),
    "transfer": lambda said: "已转给人工客服",
}


def _articles(said: dict[str, Any], *, content: dict[str, Any]) -> list[dict[str, str]]:
    """Passive replies spell the names of an article with a capital letter, service messages without."""
    rows = said.get("articles") or content.get("articles") or []
    return [
        {
            "title": str(row.get("title") or row.get("Title") or ""),
            "text": str(row.get("description") or row.get("Description") or ""),
            "url": str(row.get("url") or row.get("Url") or ""),
        }
        for row in rows
    ]


def _with_times(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A time stands above a line that comes five minutes after the one before."""
    before = itertools.chain([float("-inf")], (line["at"] for line in lines))
    return [{**line, "time": minute(line["at"]) if line["at"] - at > QUIET_SECONDS else ""}
            for line, at in zip(lines, before, strict=False)]  # fmt: skip


def minute(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).strftime("%-m月%-d日 %H:%M")


def telecom_shown(world: World, *, person: Person) -> dict[str, Any]:
    """Texts and calls of the person's number, oldest first, and what their line does."""
    telecom = world.telecom
    happened: list[Text | VoiceCall] = [text for text in telecom.texts if text.phone == person.phone]
    happened += [call for call in telecom.calls if call.phone == person.phone]
    happened.sort(key=lambda one: one.sent_at if isinstance(one, Text) else one.called_at)
    screen = world.screens.get((person.person_id, "telecom"), {})
    return {
        "lines": _with_times([_happening(one) for one in happened[-SHOWN:]]),
        "line": telecom.lines.get(person.phone),
        "line_kinds": LINE_KINDS,
        "answers": ANSWERS,
        "notice": screen.get("notice"),
    }


def _happening(one: Text | VoiceCall) -> dict[str, Any]:
    if isinstance(one, Text):
        state = {1: "发送中", 2: f"没有送达 {one.err_code}", 3: "已送达"}[one.state]
        words = f"{state} · {one.pieces} 条" + (" · 推广" if one.promotion else "")
        return {"at": one.sent_at, "form": "text", "text": one.content, "words": words, "good": one.state == 3}
    heard = one.spoken if one.seconds else ""
    words = f"{one.words} · {one.seconds} 秒" if one.seconds else one.words
    return {"at": one.called_at, "form": "call", "text": heard, "words": words, "good": bool(one.seconds)}
