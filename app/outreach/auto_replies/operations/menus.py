"""Menus of accounts: edited here, checked before anybody sees them, published by an errand."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.kernel import policy
from app.kernel.database import db
from app.kernel.settings import settings
from app.outreach.auto_replies.models import AccountMenu
from app.outreach.auto_replies.refusals import AccountUnknown, MenuInvalid
from app.outreach.auto_replies.rules import menus, stock
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy
from app.outreach.auto_replies.rules.menus import KINDS as KINDS
from app.outreach.auto_replies.rules.menus import tidy as tidy

Buttons = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class MenuView:
    """The menu of an account. `is_published`: what is edited is what was published; `trouble`: why the platform refused."""

    account: str
    buttons: tuple[Mapping[str, Any], ...]
    published: tuple[Mapping[str, Any], ...] | None
    published_at: dt.datetime | None
    trouble: str | None
    is_stock: bool

    @property
    def is_published(self) -> bool:
        """Nothing was changed since it was published."""
        return self.published is not None and menus.is_same(self.buttons, self.published)


def list_accounts() -> list[str]:
    """The official accounts of the brand, by appid."""
    return [appid for appid, account in settings().wechat_accounts.items() if account.kind == "official_account"]


def get(account: str) -> MenuView:
    """An account's menu; the stock's where none was ever saved. Raises AccountUnknown."""
    _check_account(account)
    row = db.session.get(AccountMenu, account, populate_existing=True)
    buttons = tuple(row.buttons) if row else tuple(shipped())
    return MenuView(
        account=account,
        buttons=buttons,
        published=tuple(row.published) if row and row.published is not None else None,
        published_at=row.published_at if row else None,
        trouble=row.trouble if row else None,
        is_stock=menus.is_same(buttons, shipped()),
    )


def check(buttons: Buttons) -> list[menus.Problem]:
    """Why the platform would refuse it."""
    return menus.problems(tidy(buttons))


def save(account: str, *, buttons: Buttons, now: dt.datetime, staff_id: int | None = None) -> None:
    """Keep a menu that can be published; nobody sees it before that. Raises MenuInvalid with every problem, AccountUnknown."""
    _check_account(account)
    if problems := check(buttons):
        raise MenuInvalid(problems=[asdict(problem) for problem in problems])
    _write(account, buttons=tidy(buttons), trouble=None, changed_at=now, changed_by=staff_id)


def reset(account: str, *, now: dt.datetime, staff_id: int | None = None) -> None:
    """Put the menu back that ships, for the account's next publishing."""
    save(account, buttons=shipped(), now=now, staff_id=staff_id)


def ship_stock(*, now: dt.datetime) -> int:
    """Give every official account that has none the menu that ships; how many. It is published by a person."""
    rows = [{"account": account, "buttons": shipped(), "changed_at": now} for account in list_accounts()]
    if not rows:
        return 0
    new = insert(AccountMenu).on_conflict_do_nothing().returning(AccountMenu.account)
    return len(db.session.execute(new, rows).all())


def note_published(account: str, *, buttons: Buttons, staff_id: int | None, now: dt.datetime) -> None:
    """The platform has taken this menu."""
    published = {"published": list(buttons), "published_at": now, "published_by": staff_id}
    db.session.execute(_update(account).values(**published, trouble=None))


def note_trouble(account: str, *, trouble: str) -> None:
    """The platform has not taken it."""
    db.session.execute(_update(account).values(trouble=trouble[:500]))


def instead() -> str:
    """Where a button into the mini-program leads on a phone that cannot open it."""
    return policy.current(AutoReplyPolicy).links_instead


def shipped() -> list[dict[str, Any]]:
    """The menu that ships, into this brand's mini-program."""
    into = {"appid": settings().miniprogram_appid, "url": instead()}

    def whole(button: Mapping[str, Any]) -> dict[str, Any]:
        below = {"sub_button": [whole(one) for one in button["sub_button"]]} if "sub_button" in button else {}
        return {**(into if button.get("type") == "miniprogram" else {}), **button, **below}

    return tidy([whole(button) for button in stock.MENU])


def _check_account(account: str) -> None:
    if account not in list_accounts():
        raise AccountUnknown


def _update(account: str) -> Any:
    return update(AccountMenu).where(AccountMenu.account == account)


def _write(account: str, **columns: Any) -> None:
    row = insert(AccountMenu).values(account=account, **columns)
    db.session.execute(row.on_conflict_do_update(index_elements=["account"], set_=columns))
