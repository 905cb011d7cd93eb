"""What ships is put in place, kept up to date where the brand left it alone, and never put over what the brand changed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.outreach.materials.models import PlatformTemplate, Purpose, Words
from app.outreach.materials.operations.saving import PurposeDraft, save
from app.outreach.materials.queries import seen
from app.outreach.materials.rules.stock import StockPurpose, StockWords
from app.outreach.materials.rules.stock_notices import STOCK

Ids = dict[tuple[str, str], str]
SAID = ("fields", "body", "link", "page")


@dataclass(frozen=True)
class Accounts:
    """Where the stock goes. `template_ids`: (appid, title) → id, for what the platform has not told us yet.

    Texts: ("", code) → code for those that this brand's provider approved as they ship; others wait for the brand's own.
    """

    official_accounts: tuple[str, ...] = ()
    miniprograms: tuple[str, ...] = ()
    template_ids: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, channel: str) -> tuple[str, ...]:
        """The accounts that a channel's words are for; texts and calls have none."""
        if channel.startswith("oa_"):
            return self.official_accounts
        return self.miniprograms if channel == "mp_subscription" else ("",)


def ship_stock(*, now: dt.datetime, accounts: Accounts) -> int:
    """Put every notice of the stock in place; how many purposes were new.

    Again and again without harm: a purpose that is there keeps its properties, words that the brand changed stay, others
    become what ships today, and words whose template was not known take its id when it is.
    """
    known = set(db.session.scalars(select(Purpose.code)))
    ids = _ids(accounts)
    for stock in STOCK:
        if stock.code not in known:
            save(_draft(stock), now=now, builtin=True)
    by_code = {row.code: row.id for row in db.session.execute(select(Purpose.code, Purpose.id))}
    for stock in STOCK:
        for words in stock.words:
            for account in accounts.of(words.channel):
                _ship(by_code[stock.code], account, words, template_id=_id_of(words, account, ids), now=now)
    seen.forget()
    return len({stock.code for stock in STOCK} - known)


def _draft(stock: StockPurpose) -> PurposeDraft:
    return PurposeDraft(
        code=stock.code,
        name=stock.name,
        kind="service",
        channels=stock.channels,
        priority=stock.priority,
        when_in_doubt=stock.when_in_doubt,
        valid_minutes=stock.valid_minutes,
        pressing=stock.pressing,
        variables=stock.variables,
    )


def _ids(accounts: Accounts) -> Ids:
    """Every account's templates by channel and title: those that the platform told of, then those we were given."""
    told = select(
        PlatformTemplate.account, PlatformTemplate.title, PlatformTemplate.channel, PlatformTemplate.template_id
    )
    rows = db.session.execute(told.where(PlatformTemplate.gone_at.is_(None)).order_by(PlatformTemplate.template_id))
    return dict(accounts.template_ids) | {(row.account, row.title): row.template_id for row in rows}


def _id_of(words: StockWords, account: str, ids: Ids) -> str | None:
    return ids.get((account, words.code or words.title))


def _ship(purpose_id: int, account: str, words: StockWords, *, template_id: str | None, now: dt.datetime) -> None:
    shipped: dict[str, Any] = {
        "fields": dict(words.fields),
        "body": words.body or None,
        "link": None,
        "page": words.page or None,
    }
    row = db.session.get(Words, (purpose_id, words.channel, account), populate_existing=True)
    if row is None:
        where = {"purpose_id": purpose_id, "channel": words.channel, "account": account}
        fresh = insert(Words).values(**where, template_id=template_id, **shipped, shipped=shipped, changed_at=now)
        db.session.execute(fresh.on_conflict_do_nothing())
        return
    untouched = row.shipped is not None and {name: getattr(row, name) for name in SAID} == row.shipped
    if untouched and row.shipped != shipped:
        for name, value in shipped.items():
            setattr(row, name, value)
        row.changed_at = now
    if row.template_id is None and template_id is not None:
        row.template_id, row.changed_at = template_id, now
    if row.shipped != shipped:
        row.shipped = shipped
    db.session.flush()
