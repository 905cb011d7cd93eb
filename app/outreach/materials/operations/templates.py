"""What the platforms tell of the brand's accounts: templates that are there, came, changed or went; quotas; or why not."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.kernel.settings import settings
from app.outreach.materials.models import BrandAccount, PlatformTemplate, Purpose
from app.outreach.materials.operations.stock import Accounts, ship_stock
from app.outreach.materials.queries import seen
from app.outreach.materials.rules import fields

LONGEST_NAME = 40
LONGEST_TROUBLE = 300


@dataclass(frozen=True)
class Told:
    """One template as an account's platform lists it: `fields` key → label, `choices` key → its only values."""

    template_id: str
    channel: str
    title: str
    fields: Mapping[str, str]
    choices: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Synced:
    """What a synchronising found: templates there, new ones, gone ones; or why the platform did not answer."""

    found: int = 0
    new: int = 0
    gone: int = 0
    trouble: str | None = None


def accounts_of_the_brand() -> Accounts:
    """Every account of the environment, by kind."""
    known = settings().wechat_accounts.values()
    return Accounts(
        official_accounts=tuple(one.appid for one in known if one.kind == "official_account"),
        miniprograms=tuple(one.appid for one in known if one.kind == "miniprogram"),
    )


def begin(account: str, *, now: dt.datetime) -> str:
    """Write down that the platform is being asked."""
    _write(account, tried_at=now)
    return account


def not_tried_since(moment: dt.datetime) -> str | None:
    """An account that was not asked about since then; None when all were."""
    tried = select(BrandAccount.account).where(BrandAccount.tried_at >= moment)
    done = set(db.session.scalars(tried))
    return next((appid for appid in settings().wechat_accounts if appid not in done), None)


def keep(account: str, *, told: Sequence[Told], quotas: Mapping[str, Any], now: dt.datetime) -> Synced:
    """Make our list the platform's: what is not in it any more is gone, from now on. Words of the stock that had no template
    take theirs by its title."""
    before = set(
        db.session.scalars(
            select(PlatformTemplate.template_id).where(
                PlatformTemplate.account == account, PlatformTemplate.gone_at.is_(None)
            )
        )
    )
    present = {one.template_id: one for one in told}
    if present:
        _upsert(account, list(present.values()), now)
    missing = update(PlatformTemplate).where(
        PlatformTemplate.account == account,
        PlatformTemplate.gone_at.is_(None),
        PlatformTemplate.template_id.not_in(present),
    )
    db.session.execute(missing.values(gone_at=now))
    _write(account, synced_at=now, trouble=None, quotas=dict(quotas))
    if db.session.scalar(select(exists().where(Purpose.builtin))):
        ship_stock(now=now, accounts=accounts_of_the_brand())
    seen.forget()
    return Synced(len(present), len(present.keys() - before), len(before - present.keys()))


def note_trouble(account: str, *, words: str) -> Synced:
    """The platform did not answer; what was known stays."""
    trouble = words[:LONGEST_TROUBLE]
    _write(account, trouble=trouble)
    return Synced(trouble=trouble)


def rename(account: str, *, name: str) -> str:
    """Call an account so from now on; up to 40 letters, empty for its appid. Gives the name as kept."""
    kept = " ".join(name.split())[:LONGEST_NAME]
    _write(account, name=kept)
    return kept


def _upsert(account: str, told: Sequence[Told], now: dt.datetime) -> None:
    rows = [
        {
            "account": account,
            "template_id": one.template_id,
            "channel": one.channel,
            "title": one.title,
            "fields": {key: _about(key, label, one.choices) for key, label in one.fields.items()},
            "seen_at": now,
        }
        for one in told
    ]
    fresh = insert(PlatformTemplate).values(rows)
    changing = {name: fresh.excluded[name] for name in ("channel", "title", "fields", "seen_at")}
    db.session.execute(
        fresh.on_conflict_do_update(index_elements=["account", "template_id"], set_=changing | {"gone_at": None})
    )


def _about(key: str, label: str, choices: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    about: dict[str, Any] = {"label": label, "kind": fields.kind_of(key)}
    return about | ({"choices": list(choices[key])} if choices.get(key) else {})


def _write(account: str, **columns: Any) -> None:
    fresh = insert(BrandAccount).values(**({"account": account, "name": "", "quotas": {}} | columns))
    db.session.execute(fresh.on_conflict_do_update(index_elements=["account"], set_=columns))
