"""The menu of an official account: written here, looked at as on a phone, published to the platform."""

from collections.abc import Mapping, Sequence
from typing import Any

import flask

from app.gateways.wechat.refusals import PlatformAway, PlatformRefused
from app.kernel import clock
from app.kernel.errors import Refusal
from app.kernel.settings import settings
from app.outreach import auto_replies
from app.outreach.auto_replies import menus
from app.web.guards import Staff
from console.bot import makers
from console.pages import Answer, pages, show

TOP, BELOW = 3, 5
# What a form's one field beside the kind means.
_TARGETS = {
    "click": "key", "view": "url", "miniprogram": "pagepath", "scancode_push": "key", "scancode_waitmsg": "key",
    "pic_sysphoto": "key", "pic_photo_or_album": "key", "pic_weixin": "key", "location_select": "key",
    "media_id": "media_id", "view_limited": "media_id", "article_id": "article_id", "article_view_limited": "article_id",
}  # fmt: skip


@pages.shows("/bot/menu")
def bot_menu(caller: Staff) -> Answer:
    """The menu of an account as it is being edited."""
    accounts = menus.list_accounts()
    account = flask.request.args.get("account", accounts[0] if accounts else "")
    if not accounts:
        return show("bot_menu.html", caller, heading="公众号菜单", menu=None, **_frame(caller))
    menu = menus.get(account)
    return _page(caller, menu, menu.buttons)


def _frame(caller: Staff) -> dict[str, Any]:
    return {
        "accounts": menus.list_accounts(),
        "queue": auto_replies.desk.count_open(),
        "kinds": menus.KINDS,
        "target_of": target_of,
        "may_make": caller.role in makers.roles,
        "done": flask.request.args.get("done", ""),
    }


def _page(caller: Staff, menu: menus.MenuView, buttons: Sequence[Mapping[str, Any]], problems: Any = ()) -> str:
    more = {"menu": menu, "buttons": buttons, "problems": problems}
    return show("bot_menu.html", caller, heading="公众号菜单", **_frame(caller), **more)


def target_of(button: Mapping[str, Any]) -> str:
    """The one thing of a button beside its name and kind: a page, an address, what it says."""
    return str(button.get(_TARGETS.get(str(button.get("type")), "key"), ""))


def _buttons() -> list[dict[str, Any]]:
    """The menu in the form; rows without a name and a target are none."""
    found = []
    for top in range(TOP):
        button = _button(f"b{top}")
        below = [one for place in range(BELOW) if (one := _button(f"b{top}.{place}"))]
        if below:
            found.append({"name": (button or {}).get("name", ""), "sub_button": below})
        elif button:
            found.append(button)
    return found


def _button(place: str) -> dict[str, Any]:
    form = flask.request.form
    name, kind = form.get(f"{place}.name", "").strip()[:100], form.get(f"{place}.type", "")
    target = form.get(f"{place}.target", "").strip()[:2_000]
    if not name and not target:
        return {}
    button = {"name": name, "type": kind, _TARGETS.get(kind, "key"): target}
    if kind == "miniprogram":
        button |= {"appid": settings().miniprogram_appid, "pagepath": target.removeprefix("/"), "url": menus.instead()}
    return button


@pages.acts("/bot/menu", guard=makers)
def save_menu(caller: Staff) -> Answer:
    """Keep the menu; nobody sees it before it is published."""
    account, buttons = flask.request.form.get("account", ""), _buttons()
    try:
        menus.save(account, buttons=buttons, now=clock.now(), staff_id=caller.staff_id)
    except auto_replies.MenuInvalid as invalid:
        return flask.make_response(_page(caller, menus.get(account), buttons, invalid.data["problems"]), 422)
    return flask.redirect(flask.url_for("console_pages.bot_menu", account=account, done="saved"), 303)


@pages.acts("/bot/menu/preview", guard=makers)
def preview_menu(caller: Staff) -> Answer:
    """The menu of the form on a phone, and what the platform would refuse: a fragment. Nothing is kept."""
    buttons = _buttons()
    more = {"buttons": menus.tidy(buttons), "problems": menus.check(buttons), "kinds": menus.KINDS}
    return show("bot_phone.html", caller, heading="预览", target_of=target_of, **more)


@pages.acts("/bot/menu/reset", guard=makers)
def reset_menu(caller: Staff) -> Answer:
    """Put the menu back that ships."""
    account = flask.request.form.get("account", "")
    menus.reset(account, now=clock.now(), staff_id=caller.staff_id)
    return flask.redirect(flask.url_for("console_pages.bot_menu", account=account, done="reset"), 303)


@pages.calls("/bot/menu/publish", guard=makers)
def publish_menu(caller: Staff) -> Answer:
    """Put the saved menu before the account's followers."""
    account = flask.request.form.get("account", "")
    auto_replies.errands.publish_menu(account, staff_id=caller.staff_id, now=clock.now())
    return flask.redirect(flask.url_for("console_pages.bot_menu", account=account, done="published"), 303)


@pages.shows("/bot/menu/live")
def live_menu(caller: Staff) -> Answer:
    """The menu that followers have now, as the platform tells it: a fragment."""
    account = flask.request.args.get("account", "")
    buttons: list[dict[str, Any]] = []
    trouble: Refusal | None = None
    try:
        buttons = auto_replies.errands.read_live_menu(account)
    except (PlatformAway, PlatformRefused) as refusal:
        trouble = refusal
    more = {"buttons": menus.tidy(buttons), "problems": (), "kinds": menus.KINDS, "trouble": trouble, "is_live": True}
    return show("bot_phone.html", caller, heading="线上", target_of=target_of, **more)
