"""POST /cgi-bin/message/custom/send and /custom/typing, of accounts and of mini-programs (fact sheet C8)."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.world import Person, windows
from sandbox.world.received import SERVICE
from sandbox.world.sending import receive

LONGEST_TEXT = 2048
TYPING_SECONDS, INTERACTION_SECONDS = 15.0, 30.0
Checker = Callable[[Mapping[str, Any]], str]


@endpoint("/cgi-bin/message/custom/send", method="POST")
def send(call: Call) -> dict[str, Any]:
    """One message out of a living bucket. There is no key against repeats."""
    person = _receiver(call)
    kind = text(call.body, name="msgtype")
    known = ACCOUNT_TYPES if call.app.is_account else MINIPROGRAM_TYPES
    if kind not in known:
        raise PlatformError(40008)
    content = call.body.get(kind)
    if not isinstance(content, dict):
        raise PlatformError(47001)
    shown = known[kind](content)
    record = person.followers.get(call.app.appid)
    if record is not None and record.blocked:
        raise PlatformError(48002)
    room = windows.take(person, appid=call.app.appid, now=call.now)
    if room is None:
        raise PlatformError(45015)
    if not room:
        raise PlatformError(45047)
    call.world.typing.pop((call.app.appid, person.person_id), None)
    message = {"type": kind, "text": shown, "content": content, "msgid": str(call.world.next_message_id())}
    receive(call.world, person=person, app=call.app, kind=SERVICE, message=message)
    return ok()


def _receiver(call: Call) -> Person:
    person = call.world.people.by_openid(call.app.appid, openid=text(call.body, name="touser"))
    if person is None:
        raise PlatformError(40003)
    record = person.followers.get(call.app.appid)
    if record is not None and record.blacklisted:
        raise PlatformError(43019)
    return person


def _text(content: Mapping[str, Any]) -> str:
    said = text(content, name="content")
    if not said:
        raise PlatformError(44004)
    if len(said.encode()) > LONGEST_TEXT:
        raise PlatformError(45002)
    return said


def _media(content: Mapping[str, Any]) -> str:
    if not text(content, name="media_id"):
        raise PlatformError(40007)
    return str(content.get("title") or "[媒体]")


def _music(content: Mapping[str, Any]) -> str:
    if not text(content, name="thumb_media_id"):
        raise PlatformError(40007)
    return text(content, name="title") or "[音乐]"


def _news(content: Mapping[str, Any]) -> str:
    articles = content.get("articles")
    if not isinstance(articles, list) or not all(isinstance(one, dict) for one in articles) or not articles:
        raise PlatformError(44003)
    if len(articles) > 1:
        raise PlatformError(45008)
    return text(articles[0], name="title") or "[图文]"


def _menu(content: Mapping[str, Any]) -> str:
    entries = content.get("list")
    if not isinstance(entries, list) or not entries:
        raise PlatformError(47001)
    if not all(isinstance(one, dict) and one.get("id") and one.get("content") for one in entries):
        raise PlatformError(47001)
    return text(content, name="head_content") or "[菜单]"


def _page(content: Mapping[str, Any]) -> str:
    if not text(content, name="pagepath"):
        raise PlatformError(40035)
    if not text(content, name="thumb_media_id"):
        raise PlatformError(40007)
    return text(content, name="title") or "[小程序]"


def _link(content: Mapping[str, Any]) -> str:
    if not text(content, name="url"):
        raise PlatformError(40035)
    return text(content, name="title") or "[链接]"


def _named(name: str, *, shown: str) -> Checker:
    def check(content: Mapping[str, Any]) -> str:
        if not text(content, name=name):
            raise PlatformError(40035)
        return shown

    return check


ACCOUNT_TYPES: dict[str, Checker] = {
    "text": _text,
    "image": _media,
    "voice": _media,
    "video": _media,
    "music": _music,
    "news": _news,
    "mpnews": _media,
    "mpnewsarticle": _named("article_id", shown="[图文]"),
    "msgmenu": _menu,
    "wxcard": _named("card_id", shown="[卡券]"),
    "miniprogrampage": _page,
}
MINIPROGRAM_TYPES: dict[str, Checker] = {"text": _text, "image": _media, "link": _link, "miniprogrampage": _page}


@endpoint("/cgi-bin/message/custom/typing", method="POST")
def typing(call: Call) -> dict[str, Any]:
    """Shows "typing" for fifteen seconds, only soon after the person did something."""
    person = _receiver(call)
    command = text(call.body, name="command")
    if command not in ("Typing", "CancelTyping"):
        raise PlatformError(45072)
    key = (call.app.appid, person.person_id)
    if command == "CancelTyping":
        call.world.typing.pop(key, None)
        return ok()
    last = windows.last_act(person, appid=call.app.appid)
    if last is None or call.now - last > INTERACTION_SECONDS:
        raise PlatformError(45080)
    if 0 <= call.now - call.world.typing.get(key, -TYPING_SECONDS) < TYPING_SECONDS:
        raise PlatformError(45081)
    call.world.typing[key] = call.now
    return ok()
