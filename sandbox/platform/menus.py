"""The account's menu, conditional ones, and what is shown to whom (fact sheet C11)."""

from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.platform.followers import person_of
from sandbox.platform.menu_rules import Known, checked
from sandbox.world.apps import MINIPROGRAM, OFFICIAL_ACCOUNT

MOST_CONDITIONAL = 1000


def _buttons(call: Call) -> list[dict[str, Any]]:
    apps, media = call.world.apps, call.book.media
    known = Known(
        is_linked=lambda appid: appid in apps and apps[appid].kind == MINIPROGRAM,
        has_media=lambda media_id: media_id in media,
    )
    return checked(call.body.get("button"), known=known)


def _next_id(call: Call) -> int:
    number = call.book.next_menu_id
    call.book.next_menu_id += 1
    return number


@endpoint("/cgi-bin/menu/create", method="POST", kind=OFFICIAL_ACCOUNT)
def create(call: Call) -> dict[str, Any]:
    """Takes the place of the menu before; conditional menus stay."""
    buttons = _buttons(call)
    call.book.menu = {"button": buttons}
    call.book.menu_id = _next_id(call)
    call.world.touch(call.book)
    return ok()


@endpoint("/cgi-bin/menu/get", method="GET", kind=OFFICIAL_ACCOUNT)
def get(call: Call) -> dict[str, Any]:
    """Menu ids are named once there are conditional menus."""
    book = call.book
    if book.menu is None:
        raise PlatformError(46003)
    if not book.conditional:
        return {"menu": book.menu}
    conditional = [{**one, "menuid": int(menu_id)} for menu_id, one in reversed(book.conditional.items())]
    return {"menu": {**book.menu, "menuid": book.menu_id}, "conditionalmenu": conditional}


@endpoint("/cgi-bin/menu/delete", method="GET", kind=OFFICIAL_ACCOUNT)
def delete(call: Call) -> dict[str, Any]:
    """Conditional menus go too."""
    call.book.menu = None
    call.book.conditional.clear()
    call.world.touch(call.book)
    return ok()


@endpoint("/cgi-bin/get_current_selfmenu_info", method="GET", kind=OFFICIAL_ACCOUNT)
def current(call: Call) -> dict[str, Any]:
    """The menu as it stands, in the older shape: entries below hang in `list`."""
    if call.book.menu is None:
        return {"is_menu_open": 0, "selfmenu_info": {"button": []}}
    return {"is_menu_open": 1, "selfmenu_info": {"button": [_older(one) for one in call.book.menu["button"]]}}


def _older(entry: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in entry.items() if name != "sub_button"}
    if entry["sub_button"]:
        shown["sub_button"] = {"list": [_older(one) for one in entry["sub_button"]]}
    return shown


@endpoint("/cgi-bin/menu/addconditional", method="POST", kind=OFFICIAL_ACCOUNT)
def addconditional(call: Call) -> dict[str, Any]:
    """For the followers whom `matchrule` fits; the newest that fits is shown."""
    book = call.book
    if book.menu is None:
        raise PlatformError(65303)
    rule = call.body.get("matchrule")
    if not isinstance(rule, dict) or not any(rule.values()):
        raise PlatformError(65304)
    if not call.body.get("button"):
        raise PlatformError(65307)
    if len(book.conditional) >= MOST_CONDITIONAL:
        raise PlatformError(65305)
    buttons = _buttons(call)
    menu_id = str(_next_id(call))
    book.conditional[menu_id] = {"button": buttons, "matchrule": rule}
    call.world.touch(book)
    return {"menuid": menu_id}


@endpoint("/cgi-bin/menu/delconditional", method="POST", kind=OFFICIAL_ACCOUNT)
def delconditional(call: Call) -> dict[str, Any]:
    if call.book.conditional.pop(str(call.body.get("menuid")), None) is None:
        raise PlatformError(65301)
    call.world.touch(call.book)
    return ok()


@endpoint("/cgi-bin/menu/trymatch", method="POST", kind=OFFICIAL_ACCOUNT)
def trymatch(call: Call) -> dict[str, Any]:
    """What this person would see."""
    try:
        person = person_of(call, openid=text(call.body, name="user_id"))
    except PlatformError:
        raise PlatformError(65302) from None
    found = call.book.menu_for(person.follower_of(call.app.appid).tag_ids)
    if found is None:
        raise PlatformError(46003)
    return {"button": found["button"]}
