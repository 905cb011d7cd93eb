"""People become one, or are set apart: whose card it is then, and where they stand (C08, M10).

Whoever has the card keeps a row of their own (`member_self`) from their first merge on. Rows of growth, periods, attempts
and old cards are re-pointed; the member's row is written anew from the selves who are one now.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import delete, text

from app.kernel.database import Statement, db
from app.kernel.re_pointing import Move, re_point
from app.membership.members.facts import TierChanged
from app.membership.members.models import (
    CARD_COLUMNS,
    GrowthEntry,
    JoiningGiftClaim,
    Member,
    MemberSelf,
    OldCardAttempts,
    TierPeriod,
)
from app.membership.members.operations.standings import Outcome, write_outcomes
from app.membership.members.queries import members, pages, tiers
from app.membership.members.rules import merging
from app.membership.members.rules.tiers import review_until
from app.people import identity
from app.people.identity import PeopleMerged, PeopleSeparated

_CARD = ", ".join(CARD_COLUMNS)
_KEEP = Statement(
    lambda: text(
        f"INSERT INTO member_self (customer_id, born_customer_id, merge_ids, merged_at, {_CARD})"  # noqa: S608
        f" SELECT customer_id, born_customer_id, '{{}}', '{{}}', {_CARD} FROM member"
        " WHERE customer_id = ANY(CAST(:customer_ids AS bigint[]))"
        " AND customer_id NOT IN (SELECT customer_id FROM member_self"
        " WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])))"
    )
)
_CAME = Statement(
    lambda: text(
        "UPDATE member_self AS own SET merge_ids = own.merge_ids || came.merge_id, merged_at = own.merged_at || came.at"
        " FROM unnest(CAST(:gone AS bigint[]), CAST(:merges AS bigint[]), CAST(:at AS timestamptz[]))"
        " AS came (gone_id, merge_id, at) WHERE own.customer_id = came.gone_id"
    )
)
# The card of the self who stayed, else of who joined first: as rules.merging has it.
_WRITE = Statement(
    lambda: text(
        f"INSERT INTO member (customer_id, born_customer_id, {_CARD})"  # noqa: S608
        f" SELECT DISTINCT ON (customer_id) customer_id, born_customer_id, {_CARD} FROM member_self"
        " WHERE customer_id = ANY(CAST(:customer_ids AS bigint[]))"
        " ORDER BY customer_id, born_customer_id <> customer_id, joined_at, born_customer_id"
    )
)
_OLD_CARDS = Statement(
    lambda: text(
        "UPDATE old_card SET bound_customer_id = move.target"
        " FROM unnest(CAST(:sources AS bigint[]), CAST(:targets AS bigint[]), CAST(:born AS bigint[]))"
        " AS move (source, target, born)"
        " WHERE bound_customer_id = move.source AND bound_born_customer_id = move.born"
    )
)
_END_PERIODS = Statement(
    lambda: text(
        "UPDATE tier_period SET ended_at = :at WHERE customer_id = ANY(CAST(:customer_ids AS bigint[]))"
        " AND source = 'earned' AND voided_at IS NULL AND (ended_at IS NULL OR ended_at > :at)"
    )
)
_FORGET = Statement(
    lambda: text(
        "WITH guests AS (SELECT id FROM unnest(CAST(:customer_ids AS bigint[])) AS asked (id)"
        "  WHERE NOT EXISTS (SELECT FROM member WHERE member.customer_id = asked.id)),"
        " periods AS (DELETE FROM tier_period USING guests WHERE customer_id = guests.id)"
        " DELETE FROM growth_entry USING guests WHERE customer_id = guests.id"
    )
)


def merge_members(facts: Sequence[PeopleMerged]) -> list[TierChanged]:
    """What they had becomes one's: the card of who stays, else of who comes; second cards are noted. Gives changed tiers."""
    known = members.lock_members({one for fact in facts for one in (fact.survivor_id, fact.gone_id)})
    came = [fact for fact in facts if fact.gone_id in known]
    former: dict[int, int] = {}
    for fact in facts:
        for row in (known[one] for one in (fact.survivor_id, fact.gone_id) if one in known):
            former[fact.survivor_id] = max(former.get(fact.survivor_id, 0), members.level_of(row))
    _KEEP.rows(db.session(), customer_ids=list(known))
    _CAME.rows(
        db.session(),
        gone=[fact.gone_id for fact in came],
        merges=[fact.merge_id for fact in came],
        at=[fact.at for fact in came],
    )
    _note_second_cards(came, known)
    _take_away(known.values())
    _re_point([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])
    now = max(fact.at for fact in facts)
    rows = _compose(list(former), now=now)
    risen = [row for row in rows if members.level_of(row) > former[row.customer_id]]
    return [_changed(row, former[row.customer_id], "raised", now) for row in risen]


def separate_members(facts: Sequence[PeopleSeparated]) -> list[TierChanged]:
    """Each takes their own card back and stands where their own growth puts them, what happened since included."""
    sides = {one for fact in facts for one in (fact.from_id, fact.to_id)}
    known = members.lock_members({fact.from_id for fact in facts})
    now = max(fact.at for fact in facts)
    _take_away([known[customer_id] for customer_id in pages.list_selves(known)])
    _re_point([(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])
    with_selves = list(pages.list_selves(sides))
    _compose(with_selves, now=now, parted=True)
    rows = members.lock_members(sides)
    rest = {customer_id: row for customer_id, row in rows.items() if customer_id not in with_selves}
    _recount(rest, now=now, judged=True)
    _FORGET.rows(db.session(), customer_ids=sorted(sides))
    _let_go_of_selves(with_selves)
    return [change for fact in facts for change in _fallen(fact, known, rows)]


def _fallen(fact: PeopleSeparated, known: Mapping[int, Member], rows: Mapping[int, Member]) -> list[TierChanged]:
    """Who is lower now than the two were together: returned where only the two together had risen so high (M09)."""
    if fact.from_id not in known:
        return []
    former = members.level_of(known[fact.from_id])
    two = [rows[one] for one in (fact.from_id, fact.to_id) if one in rows]
    why = "parted" if any(members.level_of(row) == former for row in two) else "returned"
    return [_changed(row, former, why, fact.at) for row in two if members.level_of(row) < former]


def _changed(row: Member, former: int, why: str, at: dt.datetime) -> TierChanged:
    return TierChanged(row.customer_id, former, members.level_of(row), why, at)


def _note_second_cards(came: Iterable[PeopleMerged], known: Mapping[int, Member]) -> None:
    """Who has two cards now should know which one is shown; the other goes on meaning them, as an id."""
    has_card = {customer_id for customer_id in known if customer_id not in {fact.gone_id for fact in came}}
    for fact in came:
        if fact.survivor_id in has_card:
            tail = known[fact.gone_id].card_number[-4:]
            identity.merging.note(merge_id=fact.merge_id, code="member.second_card", data={"card_tail": tail})
        has_card.add(fact.survivor_id)


def _take_away(rows: Iterable[Member]) -> None:
    """Take members' rows away; they are written anew from the selves."""
    gone = list(rows)
    db.session.flush()
    for row in gone:
        db.session.expunge(row)
    db.session.execute(delete(Member).where(Member.customer_id.in_([row.customer_id for row in gone])))


def _re_point(moves: Sequence[Move]) -> None:
    for table in (GrowthEntry, TierPeriod, MemberSelf, Member, OldCardAttempts, JoiningGiftClaim):
        re_point(table, moves)
    flat = [(source, target, born) for source, target, selves in moves for born in selves]
    sources, targets, born = ([one[place] for one in flat] for place in range(3))
    _OLD_CARDS.rows(db.session(), sources=sources, targets=targets, born=born)


def _compose(customer_ids: Sequence[int], *, now: dt.datetime, parted: bool = False) -> list[Member]:
    """Write the rows of these members from their selves, none of which is there."""
    if not customer_ids:
        return []
    _WRITE.rows(db.session(), customer_ids=customer_ids)
    rows = members.lock_members(customer_ids)
    selves = pages.list_selves(rows)
    for customer_id, row in rows.items():
        whole = merging.fold_all(map(members.traits_of, selves[customer_id]), customer_id=customer_id)
        for name in members.TRAITS:  # what is as it was keeps its bytes
            if getattr(row, name) != getattr(whole, name):
                setattr(row, name, getattr(whole, name))
        if len(selves[customer_id]) > 1:
            row.base_why = merging.MERGED
    joint = [customer_id for customer_id, own in selves.items() if len(own) > 1]
    if joint and not parted:
        _END_PERIODS.rows(db.session(), customer_ids=joint, at=now)
    _recount(rows, now=now, judged=parted)
    return list(rows.values())


def _recount(rows: Mapping[int, Member], *, now: dt.datetime, judged: bool) -> None:
    """Where these members stand by the entries as they are; with `judged` what ended while they were one is judged too."""
    ladder, outcomes = tiers.ladder(), []
    for customer_id, page in pages.pages_of(rows).items():
        since, standing, steps = page.count(ladder)
        if judged:
            standing, later = review_until(standing, now, ladder)
            steps += later
        outcomes.append(Outcome(rows[customer_id], since, standing, steps, is_new=True))
    write_outcomes(outcomes, now=now)


def _let_go_of_selves(customer_ids: Collection[int]) -> None:
    """Who is nobody but themselves again needs no row of a self beside the member's."""
    alone = set(customer_ids) - identity.who.which_are_merged(customer_ids)
    db.session.execute(delete(MemberSelf).where(MemberSelf.customer_id.in_(alone)))
