"""What needs the platform between two transactions: publishing a menu, and seeing which one people have."""

import datetime as dt
from typing import Any

from app.gateways import official_account
from app.gateways.wechat.refusals import RequestInvalid
from app.kernel.errands import Errand, run_errand
from app.outreach.auto_replies.operations import menus
from app.outreach.auto_replies.refusals import MenuInvalid, MenuRefused


def publish_menu(account: str, *, staff_id: int | None, now: dt.datetime) -> None:
    """Put an account's menu before its followers; their phones show it within a day.

    Raises MenuInvalid before anybody is asked, MenuRefused with the platform's words, and what the gateway raises besides;
    then the menu that people had stays.
    """

    def prepare() -> list[Any]:
        buttons = list(menus.get(account).buttons)
        if problems := menus.check(buttons):
            raise MenuInvalid(problems=[{"place": one.place, "why": one.why} for one in problems])
        menus.save(account, buttons=buttons, now=now, staff_id=staff_id)
        return buttons

    def go(buttons: list[Any]) -> str | None:
        try:
            official_account.menus.write(account, buttons)
        except RequestInvalid as refusal:
            return f"{refusal.data.get('errmsg') or ''}（{refusal.data.get('errcode')}）"
        return None

    def settle(buttons: list[Any], trouble: str | None) -> str | None:
        if trouble is None:
            menus.note_published(account, buttons=buttons, staff_id=staff_id, now=now)
        else:
            menus.note_trouble(account, trouble=trouble)
        return trouble

    if trouble := run_errand(Errand(prepare, go, settle)):
        raise MenuRefused(why=trouble)


def read_live_menu(account: str) -> list[dict[str, Any]]:
    """The menu that the platform shows now; empty where there is none. Raises what the gateway raises."""
    return official_account.menus.read(account)
