"""What people say to an account, or to a mini-program's customer service, and which menu entries they press."""

import secrets
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.world import ids, windows
from sandbox.world.apps import App, BadWorldInput
from sandbox.world.following import needs_follower
from sandbox.world.people import Person
from sandbox.world.world import World

MINIPROGRAM_TYPES = ("text", "image", "miniprogrampage")
CLICKS_THAT_COUNT = ("CLICK", "scancode_push", "scancode_waitmsg")


def _media(body: Mapping[str, Any], name: str = "media_id") -> str:
    return str(body.get(name) or secrets.token_urlsafe(48))


def _text(body: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"Content": str(body.get("text") or "")}
    if not fields["Content"]:
        raise BadWorldInput("a text message needs text")
    return fields | ({"bizmsgmenuid": str(body["menu_message_id"])} if body.get("menu_message_id") else {})


def _image(body: Mapping[str, Any]) -> dict[str, Any]:
    picture = f"http://mmbiz.qpic.cn/mmbiz_jpg/{ids.ticket()}/0"
    return {"PicUrl": str(body.get("pic_url") or picture), "MediaId": _media(body)}


def _voice(body: Mapping[str, Any]) -> dict[str, Any]:
    fields = {"MediaId": _media(body), "Format": str(body.get("format") or "amr")}
    return fields | ({"Recognition": str(body["recognition"])} if body.get("recognition") else {})


def _video(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"MediaId": _media(body), "ThumbMediaId": _media(body, "thumb_media_id")}


def _location(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Location_X": Decimal(f"{float(body['lat']):.6f}"),
        "Location_Y": Decimal(f"{float(body['lng']):.6f}"),
        "Scale": int(body.get("scale", 20)),
        "Label": str(body.get("label") or ""),
    }


def _link(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Title": str(body.get("title") or ""),
        "Description": str(body.get("description") or ""),
        "Url": str(body["url"]),
    }


def _page(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Title": str(body.get("title") or ""),
        "AppId": str(body["miniprogram_appid"]),
        "PagePath": str(body["pagepath"]),
        "ThumbUrl": str(body.get("thumb_url") or f"http://mmbiz.qpic.cn/mmbiz_jpg/{ids.ticket()}/0"),
        "ThumbMediaId": _media(body, "thumb_media_id"),
    }


TYPES: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
    "miniprogrampage": _page,
}


def say(world: World, *, person: Person, app: App, body: Mapping[str, Any]) -> dict[str, Any]:
    """The person sends a message of `type` (text when none is given), and opens the 48-hour window. With
    `menu_message_id` a text is a press on a menu message, which counts as a menu click."""
    kind = str(body.get("type") or "text")
    if kind not in TYPES or not (app.is_account or kind in MINIPROGRAM_TYPES):
        raise BadWorldInput(f"type is one of {', '.join(TYPES if app.is_account else MINIPROGRAM_TYPES)}")
    needs_follower(person, app=app)
    fields = TYPES[kind](body)
    number = world.next_message_id()
    bucket = windows.CLICK if "bizmsgmenuid" in fields else windows.MESSAGE
    count = world.switches.service_messages_after_message if bucket == windows.MESSAGE else None
    windows.act(person, appid=app.appid, bucket=bucket, now=world.now(), count=count)
    shown = {name: value if isinstance(value, int | str) else str(value) for name, value in fields.items()}
    person.chat(app.appid, by="person", kind=kind, at=world.now(), text=fields.get("Content", ""), said=shown)
    world.touch(person)
    menu_id = {"bizmsgmenuid": fields.pop("bizmsgmenuid")} if "bizmsgmenuid" in fields else {}
    world.push(app, person=person, fields={"MsgType": kind, **fields, "MsgId": number, **menu_id}, shows_replies=True)
    return {"msgid": str(number)}


def enter(world: World, *, person: Person, app: App, session_from: str = "") -> dict[str, Any]:
    """The person opens a mini-program's customer-service chat."""
    if app.is_account:
        raise BadWorldInput("only a mini-program's customer service is entered")
    windows.act(person, appid=app.appid, bucket=windows.ENTER, now=world.now())
    world.touch(person)
    fields = {"MsgType": "event", "Event": "user_enter_tempsession", "SessionFrom": session_from}
    world.push(app, person=person, fields=fields)
    return {"entered": True}


def click(world: World, *, person: Person, app: App, body: Mapping[str, Any]) -> dict[str, Any]:
    """The person presses a menu entry. `event` is CLICK unless given: scancode_push and scancode_waitmsg (with
    `result`) send what was scanned."""
    needs_follower(person, app=app)
    event = str(body.get("event") or "CLICK")
    if event not in CLICKS_THAT_COUNT:
        raise BadWorldInput(f"event is one of {', '.join(CLICKS_THAT_COUNT)}")
    fields: dict[str, Any] = {"MsgType": "event", "Event": event, "EventKey": str(body["key"])}
    if event != "CLICK":
        scanned = {"ScanType": str(body.get("scan_type") or "qrcode"), "ScanResult": str(body.get("result") or "")}
        fields["ScanCodeInfo"] = scanned
    windows.act(person, appid=app.appid, bucket=windows.CLICK, now=world.now())
    person.chat(app.appid, by="person", kind="click", at=world.now(), text=str(body.get("name") or body["key"]))
    world.touch(person)
    world.push(app, person=person, fields=fields, shows_replies=event != "scancode_push")
    return {"clicked": fields["EventKey"]}


def view(world: World, *, person: Person, app: App, body: Mapping[str, Any]) -> dict[str, Any]:
    """The person opens a link of the menu (`url`), or a mini-program's page (`pagepath`). No answer reaches them."""
    needs_follower(person, app=app)
    page = body.get("pagepath")
    fields: dict[str, Any] = {
        "MsgType": "event",
        "Event": "view_miniprogram" if page else "VIEW",
        "EventKey": str(page or body["url"]),
    }
    if body.get("menu_id"):
        fields["MenuId"] = int(body["menu_id"])
    world.push(app, person=person, fields=fields)
    return {"viewed": fields["EventKey"]}
