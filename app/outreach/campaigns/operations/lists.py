"""Lists that come as files: one person a line, by phone number, card number, or openid in any of the brand's accounts."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import func, select, text, update

from app.kernel import carrier
from app.kernel.database import db
from app.kernel.settings import settings
from app.membership import members
from app.outreach.campaigns.models import Recipient, RecipientList
from app.outreach.campaigns.queries import listing
from app.outreach.campaigns.refusals import ListEmpty
from app.people import identity

PHONE, CARD, OPENID = "手机号", "会员卡号", "openid"
COLUMNS = {
    PHONE: PHONE, "phone": PHONE, "电话": PHONE, CARD: CARD, "卡号": CARD, "card_number": CARD, OPENID: OPENID,
}  # fmt: skip
LINES_AT_ONCE = 5_000

_WRITE = text(
    "INSERT INTO recipient (customer_id, list_id, born_customer_id)"
    " SELECT * FROM unnest(CAST(:customers AS bigint[]), CAST(:lists AS bigint[]), CAST(:born AS bigint[]))"
    " ORDER BY 1 ON CONFLICT DO NOTHING"
)


def import_list(lines: Iterable[str], *, name: str, staff_id: int | None, now: dt.datetime) -> int:
    """Keep a list from the lines of a CSV file; its id. The first line names the columns: 手机号, 会员卡号 or openid.

    Lines that name nobody are counted, not kept. Raises ListEmpty when nobody was found.
    """
    kept = RecipientList(
        name=name.strip()[:80] or "名单", lines=0, found=0, unknown=0, repeated=0, imported_by=staff_id, imported_at=now
    )
    db.session.add(kept)
    db.session.flush()
    named = 0
    told = _read(lines)
    while page := list(islice(told, LINES_AT_ONCE)):
        holders = _holders(page)
        kept.lines += len(page)
        named += len(holders)
        rows = {
            "customers": [holder.customer_id for holder in holders],
            "lists": [kept.id] * len(holders),
            "born": [holder.born_customer_id for holder in holders],
        }
        db.session.execute(_WRITE, rows)
    kept.found = db.session.execute(
        select(func.count(Recipient.customer_id.distinct())).where(Recipient.list_id == kept.id)
    ).scalar_one()
    kept.unknown, kept.repeated = kept.lines - named, named - kept.found
    db.session.flush()
    if not kept.found:
        raise ListEmpty(lines=kept.lines, unknown=kept.unknown)
    return kept.id


def leave(list_id: int, *, customer_ids: Sequence[int], now: dt.datetime) -> int:
    """Take people off a list: what is planned for them because of it does not leave; how many were on it."""
    listing.get_list(list_id)
    gone = (
        update(Recipient)
        .where(Recipient.list_id == list_id, Recipient.customer_id.in_(customer_ids), Recipient.left_at.is_(None))
        .values(left_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]


def _read(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(what it is, value) of each line that is not empty."""
    rows = csv.reader(line.replace("\0", "") for line in lines)
    head = [cell.strip().lstrip("\ufeff") for cell in next(rows, [])]
    columns = [(place, COLUMNS[cell.lower()]) for place, cell in enumerate(head) if cell.lower() in COLUMNS]
    if not columns:
        raise ListEmpty(lines=0, unknown=0)
    for row in rows:
        told = [(kind, row[place].strip()) for place, kind in columns if place < len(row) and row[place].strip()]
        if told:
            yield told[0]
        elif any(cell.strip() for cell in row):
            yield (PHONE, "")


def _holders(page: Sequence[tuple[str, str]]) -> list[identity.Holder]:
    phones = identity.who.indexes_for("phone", [value for kind, value in page if kind == PHONE])
    keys = [("phone", "", index) for index in phones if index is not None]
    by_phone = identity.find_holders(sorted(set(keys)))
    found = [by_phone[key] for key in keys if key in by_phone]
    found += _holders_of_openids([value for kind, value in page if kind == OPENID])
    cards = members.listing.holders_of_cards([value for kind, value in page if kind == CARD])
    return found + [identity.Holder(customer_id, carrier.born(customer_id)) for customer_id in cards]


def _holders_of_openids(openids: Sequence[str]) -> list[identity.Holder]:
    """Whose these are; an openid says nothing of its account, and no two accounts have the same."""
    keys = {
        ("openid", appid, index): openid
        for appid in settings().wechat_accounts
        for openid, index in zip(openids, identity.who.indexes_for("openid", openids, scope=appid), strict=True)
        if index is not None
    }
    holders = {keys[key]: holder for key, holder in identity.find_holders(sorted(keys)).items()}
    return [holders[openid] for openid in openids if openid in holders]
