"""The brand's accounts as operators know them, with their templates, and who uses which."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.kernel.database import db
from app.kernel.settings import AccountKind, settings
from app.outreach.materials.models import BrandAccount, PlatformTemplate, Purpose, Words

KINDS: Mapping[AccountKind, str] = {"official_account": "公众号", "miniprogram": "小程序"}


@dataclass(frozen=True)
class TemplateView:
    """A template of an account; `used_by`: the purposes whose words are made for it. `gone_at`: not at the platform since."""

    template_id: str
    channel: str
    title: str
    fields: Mapping[str, Mapping[str, Any]]
    seen_at: dt.datetime
    gone_at: dt.datetime | None
    used_by: tuple[str, ...]


@dataclass(frozen=True)
class AccountView:
    """An account of the brand. `name`: what operators call it, else kind and the end of the appid. `wordless`: purposes that
    want to write through it and have no living template."""

    account: str
    kind: AccountKind
    name: str
    given_name: str
    takes_pushes: bool
    encrypts: bool
    synced_at: dt.datetime | None
    tried_at: dt.datetime | None
    trouble: str | None
    quotas: Mapping[str, Mapping[str, int]]
    templates: tuple[TemplateView, ...]
    wordless: tuple[str, ...]


def list_accounts() -> list[AccountView]:
    """Every account of the environment, as its order says."""
    known = {row.account: row for row in db.session.scalars(select(BrandAccount))}
    users, wordless = _users()
    templates = defaultdict(list)
    listed = select(PlatformTemplate).order_by(PlatformTemplate.gone_at.is_not(None), PlatformTemplate.title)
    for row in db.session.scalars(listed):
        templates[row.account].append(_template(row, users.get((row.account, row.template_id), ())))
    return [_view(appid, known.get(appid), tuple(templates[appid]), wordless) for appid in settings().wechat_accounts]


def find_account(account: str) -> AccountView | None:
    """One account of the environment."""
    return next((one for one in list_accounts() if one.account == account), None)


def account_names() -> dict[str, str]:
    """What to call every account of the environment."""
    given = {row.account: row.name for row in db.session.scalars(select(BrandAccount))}
    return {appid: given.get(appid) or _plain_name(appid) for appid in settings().wechat_accounts}


def _plain_name(appid: str) -> str:
    return f"{KINDS[settings().wechat_accounts[appid].kind]} …{appid[-4:]}"


def _users() -> tuple[dict[tuple[str, str], tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Names of the purposes by the template they use, and by the account where they have none that lives."""
    alive = {
        (row.account, row.template_id)
        for row in db.session.execute(
            select(PlatformTemplate.account, PlatformTemplate.template_id).where(PlatformTemplate.gone_at.is_(None))
        )
    }
    said = (
        select(Words.account, Words.template_id, Words.channel, Purpose.name)
        .join(Purpose, Purpose.id == Words.purpose_id)
        .where(Words.account != "", Words.channel != "oa_service", Purpose.enabled)
        .order_by(Purpose.priority, Purpose.id)
    )
    users, wordless = defaultdict(list), defaultdict(list)
    for row in db.session.execute(said):
        if row.template_id:
            users[row.account, row.template_id].append(row.name)
        if (row.account, row.template_id) not in alive:
            wordless[row.account].append(row.name)
    return (
        {key: tuple(dict.fromkeys(names)) for key, names in users.items()},
        {key: tuple(dict.fromkeys(names)) for key, names in wordless.items()},
    )


def _template(row: PlatformTemplate, used_by: tuple[str, ...]) -> TemplateView:
    # The database keeps no order of members; the platform numbers them as they stand on the card.
    in_order = dict(sorted(row.fields.items(), key=lambda one: int("".join(filter(str.isdecimal, one[0])) or 0)))
    return TemplateView(row.template_id, row.channel, row.title, in_order, row.seen_at, row.gone_at, used_by)


def _view(
    appid: str,
    known: BrandAccount | None,
    templates: tuple[TemplateView, ...],
    wordless: Mapping[str, tuple[str, ...]],
) -> AccountView:
    account = settings().wechat_accounts[appid]
    return AccountView(
        account=appid,
        kind=account.kind,
        name=(known.name if known else "") or _plain_name(appid),
        given_name=known.name if known else "",
        takes_pushes=bool(account.push_token),
        encrypts=bool(account.push_keys),
        synced_at=known.synced_at if known else None,
        tried_at=known.tried_at if known else None,
        trouble=known.trouble if known else None,
        quotas=known.quotas if known else {},
        templates=templates,
        wordless=wordless.get(appid, ()),
    )
