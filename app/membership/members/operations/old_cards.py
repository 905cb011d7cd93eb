"""Old cards: imported, waiting, bound (C08, C09, O04, O05)."""

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from app.kernel import carrier
from app.kernel.clock import end_of_day
from app.kernel.database import db
from app.kernel.facts import announce
from app.kernel.locks import lock_person
from app.membership.members.facts import OldCardBound, OpeningLot
from app.membership.members.models import Member, OldCard
from app.membership.members.operations.growth import NewEntry, book, new_entry
from app.membership.members.queries import members, old_cards, pages, tiers
from app.membership.members.refusals import TierUnknown
from app.membership.members.rules.old_cards import BadLine, ParsedCard, parse_line
from app.people import identity
from app.trade import orders

PIECE = 1000


@dataclass
class ImportReport:
    """What an import came to. `kept`: new or changed; `bound_before`: left alone, since they have their holder."""

    read: int = 0
    kept: int = 0
    bound_before: int = 0
    rejected: int = 0


def import_old_cards(
    *,
    lines: Iterable[Mapping[str, str | None]],
    cut_over_at: dt.datetime,
    now: dt.datetime,
    reject: Callable[[int, str], None],
) -> ImportReport:
    """Take over the cards of the former system with their opening balances, in pieces, as often as one likes.

    `lines`: mappings with the columns of rules.old_cards, as csv.DictReader gives them; only a piece is held at a time. A
    bad line goes to `reject(line number, reason)` and good ones are kept. Cards of numbers that are members are bound at once.
    """
    report = ImportReport()
    numbered = enumerate(lines, start=2)  # the header is line 1
    while piece := list(itertools.islice(numbered, PIECE)):
        report.read += len(piece)
        good = _read_piece(piece, report, reject)
        rows = list({row["number_index"]: row for row in _rows(good, cut_over_at, now, report, reject)}.values())
        if rows:
            kept = _upsert(rows)
            report.kept += kept
            report.bound_before += len(rows) - kept
            _bind_to_members([row["phone_index"] for row in rows if row["phone_index"]], now=now)
    return report


Row = dict[str, Any]


def _read_piece(
    piece: Sequence[tuple[int, Mapping[str, str | None]]], report: ImportReport, reject: Callable[[int, str], None]
) -> list[tuple[int, ParsedCard]]:
    good = []
    for number, line in piece:
        try:
            good.append((number, parse_line(line)))
        except BadLine as why:
            report.rejected += 1
            reject(number, str(why))
    return good


def _rows(
    cards: Sequence[tuple[int, ParsedCard]],
    cut_over_at: dt.datetime,
    now: dt.datetime,
    report: ImportReport,
    reject: Callable[[int, str], None],
) -> list[Row]:
    indexes = identity.who.indexes_for("card", [card.number for _, card in cards])
    phones = identity.who.indexes_for("phone", [card.phone or "" for _, card in cards])
    rows: list[Row] = []
    for (number, card), index, phone in zip(cards, indexes, phones, strict=True):
        level = _level(card)
        wrong = "card_number" if index is None else "phone" if card.phone and not phone else "tier" if level < 0 else ""
        if wrong:
            report.rejected += 1
            reject(number, wrong)
            continue
        lots = [{"points": points, "expires_at": end_of_day(day).isoformat()} for points, day in card.lots]
        rows.append(
            {
                "number_index": index,
                "number": card.number,
                "phone_index": phone,
                "name_hash": old_cards.name_hash(card.name) if card.name else None,
                "tier_level": level,
                "tier_until": end_of_day(card.tier_last_day) if card.tier_last_day else None,
                "growth": card.growth,
                "lots": lots,
                "joined_on": card.joined_on,
                "cut_over_at": cut_over_at,
                "imported_at": now,
            }
        )
    return rows


def _level(card: ParsedCard) -> int:
    """The level of the card's tier; -1 for a tier we do not have."""
    if card.tier_code is None:
        return 0
    try:
        return tiers.level_of(card.tier_code)
    except TierUnknown:
        return -1


def _upsert(rows: Sequence[Row]) -> int:
    new = insert(OldCard)
    changed = {name: new.excluded[name] for name in rows[0] if name != "number_index"}
    statement = new.on_conflict_do_update(
        index_elements=["number_index"], set_=changed, where=OldCard.bound_customer_id.is_(None)
    )
    return len(db.session.scalars(statement.returning(OldCard.number_index), list(rows)).all())


def _bind_to_members(phone_indexes: Sequence[bytes], *, now: dt.datetime) -> None:
    holders = identity.find_holders([("phone", "", index) for index in phone_indexes])
    rows = members.lock_members({holder.customer_id for holder in holders.values()})
    for (_, _, index), holder in sorted(holders.items()):
        if holder.customer_id in rows:
            with carrier.carried_by({holder.customer_id: holder.born_customer_id}):
                bind(row=rows[holder.customer_id], cards=old_cards.lock_waiting_by_phone(index), now=now)


def open_cards(*, row: Member, cards: Sequence[OldCard], now: dt.datetime) -> tuple[list[NewEntry], list[OldCardBound]]:
    """Make cards the member's (C08): the growth entries they bring, and the facts to announce.

    Growth is added, the highest tier comes with its own end, point lots keep their expiry, the earliest joining day counts,
    and orders before the cut-over earn nothing any more (O05).
    """
    entries, facts = [], []
    at, own = max(now, row.counts_from), pages.own_rows(row)
    for card in cards:
        card.bound_customer_id, card.bound_at = row.customer_id, now
        card.bound_born_customer_id = carrier.born(row.customer_id)
        for known in own:
            known.earns_since = max(known.earns_since, card.cut_over_at)
            known.member_since = min(known.member_since, card.joined_on or known.member_since)
        entry = new_entry(
            row.customer_id, cause=f"old_card:{card.number_index.hex()}", why="old_card", amount=card.growth, at=at
        )
        if card.tier_level and card.tier_until and card.tier_until > at:
            entry |= {"lift_level": card.tier_level, "lift_until": card.tier_until}
        entries.append(entry)
        lots = tuple(OpeningLot(lot["points"], dt.datetime.fromisoformat(lot["expires_at"])) for lot in card.lots)
        facts.append(OldCardBound(row.customer_id, card.number, lots, now))
    db.session.flush()
    return entries, facts


def bind(*, row: Member, cards: Sequence[OldCard], now: dt.datetime) -> None:
    """Bind unbound cards to a member whose row is locked, and tell everybody upstairs. No cards: nothing to do."""
    if not cards:
        return
    entries, facts = open_cards(row=row, cards=cards, now=now)
    changes = book(rows={row.customer_id: row}, facts=[], booked={}, first=entries, now=now)
    announce([*facts, *changes])
    name_holder(own_number=row.card_number, numbers=[card.number for card in cards], now=now)


def name_holder(*, own_number: str, numbers: Sequence[str], now: dt.datetime) -> None:
    """From now on these card numbers mean the holder of `own_number`: orders that name them are theirs.

    A number by which somebody else is known already is written down as a conflict for review, never taken away.
    """
    known = [identity.identifier("card", number) for number in [own_number, *numbers]]
    identity.recognise(known, source="old_card", proof="picked", now=now)


@dataclass(frozen=True)
class OldCardClaim:
    """What somebody knows about their old card: number and name, and its phone or the number of one purchase (C09)."""

    card_number: str
    full_name: str
    phone: str | None = None
    order_number: str | None = None


def bind_claimed(*, customer_id: int, claim: OldCardClaim, now: dt.datetime) -> bool:
    """Bind the card if everything fits together; False otherwise, whatever did not fit. Theirs already: nothing to do."""
    try:
        number = identity.identifier("card", claim.card_number)
    except identity.IdentifierInvalid:
        return False
    card = old_cards.lock_by_number(number.index)
    if card is None or not _is_proven(card, number, claim):
        return False
    if card.bound_customer_id is None:
        row = members.lock_members([customer_id])[customer_id]
        bind(row=row, cards=[card], now=now)
    return card.bound_customer_id == customer_id


def _is_proven(card: OldCard, number: identity.Identifier, claim: OldCardClaim) -> bool:
    if card.name_hash != old_cards.name_hash(claim.full_name):
        return False
    if claim.phone is not None and card.phone_index is not None:
        return identity.who.indexes_for("phone", [claim.phone]) == [card.phone_index]
    return claim.order_number is not None and orders.names_buyer(number, number=claim.order_number)


# Each former self of a person keeps its own count; together they are held against the limit.
_COUNT_ATTEMPT = text(
    "WITH so_far AS (SELECT coalesce(sum(failures), 0) AS failures FROM old_card_attempts"
    " WHERE customer_id = :customer_id AND day = :day)"
    " INSERT INTO old_card_attempts (customer_id, born_customer_id, day, failures)"
    " SELECT :customer_id, :born_customer_id, :day, 1 FROM so_far WHERE so_far.failures < :most"
    " ON CONFLICT (customer_id, born_customer_id, day) DO UPDATE SET failures = old_card_attempts.failures + 1"
    " RETURNING (SELECT failures FROM so_far) + 1"
)
_UNCOUNT_ATTEMPT = text(
    "UPDATE old_card_attempts SET failures = failures - 1"
    " WHERE customer_id = :customer_id AND born_customer_id = :born_customer_id AND day = :day"
)


def count_attempt(*, customer_id: int, day: dt.date, most: int) -> int | None:
    """Count an attempt on a day before its outcome is known; how many there were, None when no more are allowed (C09)."""
    lock_person(db.session(), f"old_card_attempts:{customer_id}", customer_id=customer_id)
    values = {"customer_id": customer_id, "born_customer_id": carrier.born(customer_id), "day": day, "most": most}
    counted = db.session.execute(_COUNT_ATTEMPT, values).scalar()
    return None if counted is None else int(counted)


def forgive_attempt(*, customer_id: int, day: dt.date) -> None:
    """Take back a counted attempt that succeeded."""
    values = {"customer_id": customer_id, "born_customer_id": carrier.born(customer_id), "day": day}
    db.session.execute(_UNCOUNT_ATTEMPT, values)
