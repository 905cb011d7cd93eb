"""What a push means: who did what when, what it opens, allows, confirms or takes back. Names are compared without case."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

# Before official accounts were there: not a time but a sample's placeholder.
_FIRST = dt.datetime(2012, 1, 1, tzinfo=dt.UTC)
LONGEST_TEXT = 2_000
_PAID, _SCENE = "last_trade_no_", "qrscene_"
# A menu click that lets service messages through for a moment; a page that is opened does not.
_OPENING_CLICKS = {"click", "scancode_push", "scancode_waitmsg"}
_CLICKS = _OPENING_CLICKS | {"pic_sysphoto", "pic_photo_or_album", "pic_weixin", "location_select"}
_PAGES = {"view", "view_miniprogram"}
_CARDS = {
    "user_get_card", "user_del_card", "user_consume_card", "user_view_card", "user_gifting_card",
    "user_enter_session_from_card", "user_pay_from_pay_cell", "update_member_card", "submit_membercard_user_info",
}  # fmt: skip
# They speak of the account and come from the platform: nobody is meant.
_OF_THE_ACCOUNT = {"masssendjobfinish", "card_pass_check", "card_not_pass_check", "card_sku_remind", "card_pay_order"}
_SERVICE = {"kf_create_session": "begun", "kf_close_session": "ended", "kf_switch_session": "handed over"}
_WITHDRAWN = {
    "user_info_modified": "cleaned", "user_authorization_revoke": "revoked", "user_authorization_cancellation": "closed",
}  # fmt: skip
_GRANTS = {"subscribe_msg_popup_event", "subscribe_msg_change_event"}


Answer = Literal["accept", "reject", "cancel"]


@dataclass(frozen=True)
class Arrival:
    """What became of something that was sent. `code`: why it failed, in the platform's words."""

    platform_id: str
    template_id: str | None
    arrived: bool
    code: str


@dataclass(frozen=True)
class Meaning:
    """A push, read.

    `openid`: who did it, empty where nobody is meant; `is_met`: whoever it is, they were in touch with us, known or not.
    `follows`: they followed, or left; None for neither. `opens`: message, menu, follow, scan, or empty (C8). `grants`:
    template → accept, reject or cancel. `withdrawn`: cleaned, revoked or closed; `revoked`: the platform's numbers of what.
    `kind` and `data`: the event of the one stream.
    """

    openid: str
    at: dt.datetime
    is_met: bool = True
    unionid: str = ""
    follows: bool | None = None
    scene: str = ""
    way: str = ""
    opens: str = ""
    grants: tuple[tuple[str, Answer], ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    withdrawn: str = ""
    revoked: tuple[str, ...] = ()
    kind: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def read(fields: Mapping[str, Any], *, received_at: dt.datetime) -> Meaning:
    """What this push means; an unknown one is kept as such."""
    told = {str(name).strip().lower(): value for name, value in fields.items()}
    meant = Meaning(text(told, "fromusername"), _time(told, received_at), unionid=text(told, "unionid"))
    kind = text(told, "msgtype").lower()
    if kind != "event":
        return _message(meant, told, kind)
    event = text(told, "event").lower()
    for events, reader in _READERS:
        if event in events:
            return reader(meant, told, event)
    return replace(meant, is_met=False, kind="wechat_event", data=_known(event=event, key=text(told, "eventkey")))


def text(told: Mapping[str, Any], name: str) -> str:
    """A member as text that our tables can hold, at most LONGEST_TEXT letters."""
    value = told.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    clean = str(value).replace("\0", "").encode("utf-8", "ignore").decode()
    return clean.strip()[:LONGEST_TEXT]


def _time(told: Mapping[str, Any], received_at: dt.datetime) -> dt.datetime:
    """When it happened, by the platform's clock; what lies ahead, or before there were accounts, is now."""
    try:
        at = dt.datetime.fromtimestamp(int(text(told, "createtime")), dt.UTC)
    except (ValueError, OverflowError, OSError):
        return received_at
    return at if _FIRST <= at <= received_at else received_at


def _known(**data: str | float | None) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in ("", None)}


def _number(told: Mapping[str, Any], name: str, most: float) -> float | None:
    try:
        value = float(text(told, name))
    except ValueError:
        return None
    return value if -most <= value <= most else None


def _message(meant: Meaning, told: Mapping[str, Any], kind: str) -> Meaning:
    if kind == "location":
        place = _known(
            latitude=_number(told, "location_x", 90),
            longitude=_number(told, "location_y", 180),
            label=text(told, "label"),
        )
        return replace(meant, opens="message", kind="wechat_location", data=place | {"said": True})
    said = text(told, "content") or text(told, "recognition")
    data = _known(type=kind[:40], text=said, title=text(told, "title"), menu=text(told, "bizmsgmenuid"))
    return replace(meant, opens="message", kind="wechat_message", data=data)


def _follow(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    if event == "unsubscribe":
        return replace(meant, follows=False)
    key = text(told, "eventkey")
    if key.startswith(_PAID):
        return replace(meant, follows=True, opens="follow", way="paid")
    scene = key.removeprefix(_SCENE)
    return replace(meant, follows=True, opens="follow", scene=scene, way="qr_code" if scene else "")


def _scan(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    return replace(meant, opens="scan", kind="wechat_scan", data=_known(scene=text(told, "eventkey")))


def _click(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    scanned = told.get("scancodeinfo")
    result = (
        text({str(name).lower(): value for name, value in scanned.items()}, "scanresult")
        if isinstance(scanned, dict)
        else ""
    )
    data = _known(type=event, key=text(told, "eventkey"), scanned=result)
    return replace(meant, opens="menu" if event in _OPENING_CLICKS else "", kind="wechat_menu", data=data)


def _place(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    place = _known(latitude=_number(told, "latitude", 90), longitude=_number(told, "longitude", 180))
    return replace(meant, kind="wechat_location", data=place)


def _card(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    data = _known(type=event, card=text(told, "cardid"), code=text(told, "usercardcode"), from_=text(told, "outerstr"))
    return replace(meant, kind="wechat_card", data={name.rstrip("_"): value for name, value in data.items()})


def _service(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    who = text(told, "kfaccount") or text(told, "tokfaccount")
    return replace(meant, kind="wechat_service", data=_known(what=_SERVICE[event], by=who))


def _grants(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    given: list[tuple[str, Answer]] = []
    for item in _items(told, event):
        template, status = text(item, "templateid"), text(item, "subscribestatusstring").lower()
        if template and status in ("accept", "reject"):
            off = event == "subscribe_msg_change_event" and status == "reject"
            given.append((template, "cancel" if off else "accept" if status == "accept" else "reject"))
    return replace(meant, grants=tuple(given), kind="wechat_subscribe" if given else "", data={"answers": dict(given)})


def _sent(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    found = []
    for item in _items(told, event):
        code, status = text(item, "errorcode"), text(item, "errorstatus")
        arrived = code == "0" or (not code and status.lower() == "success")
        said = "" if arrived else code or status
        found.append(Arrival(text(item, "msgid"), text(item, "templateid") or None, arrived, said))
    return replace(meant, is_met=False, arrivals=tuple(found))


def _finished(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    """`success`, `failed:user block`, `failed: system failed`, and `send success` of a mass send; blanks come and go."""
    status = " ".join(text(told, "status").lower().replace(":", ": ").split())
    arrived = status in ("success", "send success")
    arrival = Arrival(text(told, "msgid"), None, arrived, "" if arrived else status)
    return replace(meant, is_met=False, arrivals=(arrival,))


def _mass(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    meant = replace(meant, openid="", is_met=False)
    return _finished(meant, told, event) if event == "masssendjobfinish" else meant


def _withdrawal(meant: Meaning, told: Mapping[str, Any], event: str) -> Meaning:
    """It comes from the platform itself; whom it is about stands in `openid`."""
    revoked = tuple(filter(None, text(told, "revokeinfo").replace(",", " ").replace("|", " ").split()))
    meant = replace(meant, openid=text(told, "openid"), is_met=False, withdrawn=_WITHDRAWN[event], revoked=revoked)
    return replace(meant, kind="wechat_authorization", data=_known(what=_WITHDRAWN[event], of=" ".join(revoked)))


def _items(told: Mapping[str, Any], event: str) -> list[dict[str, Any]]:
    """The templates an event speaks of: XML nests them, JSON has them on top, one alone is no list."""
    nested = told.get(event.replace("_", ""))
    place = {str(name).strip().lower(): value for name, value in nested.items()} if isinstance(nested, dict) else told
    found = place.get("list", [])
    listed = found if isinstance(found, list) else [found]
    return [
        {str(name).strip().lower(): value for name, value in one.items()} for one in listed if isinstance(one, dict)
    ]


_Reader = Callable[[Meaning, Mapping[str, Any], str], Meaning]
_READERS: tuple[tuple[set[str], _Reader], ...] = (
    ({"subscribe", "unsubscribe"}, _follow),
    ({"scan"}, _scan),
    (_CLICKS | _PAGES, _click),
    ({"location"}, _place),
    ({"templatesendjobfinish"}, _finished),
    ({"subscribe_msg_sent_event"}, _sent),
    (_GRANTS, _grants),
    (_CARDS, _card),
    (set(_SERVICE), _service),
    (_OF_THE_ACCOUNT, _mass),
    (set(_WITHDRAWN), _withdrawal),
)
