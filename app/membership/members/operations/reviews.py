"""What time does to tiers: validities end, given tiers end; and the recount that proves the rows from the entries."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from app.kernel.database import db
from app.kernel.facts import announce
from app.membership.members.facts import TierChanged
from app.membership.members.models import Member, MemberSelf, TierPeriod
from app.membership.members.operations.standings import Outcome, set_standing, write_outcomes
from app.membership.members.queries import members, pages, tiers
from app.membership.members.refusals import NotMember, TierUnknown
from app.membership.members.rules import merging
from app.membership.members.rules import tiers as tier_rules
from app.membership.members.rules.merging import Page

LARGEST_PIECE = 1000


def review_tiers_due(*, now: dt.datetime, limit: int) -> int:
    """Judge up to `limit` members whose earned validity or given tier has ended; how many there were (M08, M10).

    The keep line reached: renewed; else one level down. Whoever lay for years is judged for each of them.
    """
    due = select(Member).where(Member.review_at <= now).order_by(Member.review_at, Member.customer_id).limit(limit)
    rows = list(db.session.scalars(due.with_for_update(skip_locked=True).execution_options(populate_existing=True)))
    if not rows:
        return 0
    facts = _end_given([row for row in rows if row.given_until is not None and row.given_until <= now], now=now)
    ended = {row.customer_id: row for row in rows if row.earned_until <= now}
    counted = pages.pages_of(ended) if ended else {}
    outcomes = [_reviewed(row, counted[customer_id], now) for customer_id, row in ended.items()]
    announce([*facts, *write_outcomes(outcomes, now=now)])
    return len(rows)


def _reviewed(row: Member, page: Page, now: dt.datetime) -> Outcome:
    since, standing, steps = page.count(tiers.ladder())
    standing, later = tier_rules.review_until(standing, now, tiers.ladder())
    return Outcome(row, since, standing, [*steps, *later])


def _end_given(rows: list[Member], *, now: dt.datetime) -> list[TierChanged]:
    facts = []
    for row in rows:
        former = members.level_of(row)
        db.session.execute(
            update(TierPeriod)
            .where(
                TierPeriod.customer_id == row.customer_id,
                TierPeriod.source == "given",
                TierPeriod.valid_until <= now,
                TierPeriod.ended_at.is_(None),
                TierPeriod.voided_at.is_(None),
            )
            .values(ended_at=TierPeriod.valid_until)
        )
        _drop_given(row, now)
        set_standing(row, standing=members.standing_of(row))
        if members.level_of(row) < former:
            facts.append(TierChanged(row.customer_id, former, members.level_of(row), "fell", now))
    db.session.flush()
    return facts


def _drop_given(row: Member, now: dt.datetime) -> None:
    """Take ended given tiers away; one that another self of the member has still counts on."""
    selves = pages.list_selves([row.customer_id]).get(row.customer_id, [])
    everybody: list[Member | MemberSelf] = [row, *selves]
    for known in everybody:
        if known.given_until is not None and known.given_until <= now:
            known.given_level = known.given_until = known.given_source = None
    given = merging.fold_all(map(members.traits_of, everybody[1:] or [row]), customer_id=row.customer_id)
    row.given_level, row.given_until, row.given_source = given.given_level, given.given_until, given.given_source


def give_tier(*, customer_id: int, level: int, until: dt.datetime, source: str, now: dt.datetime) -> None:
    """Give a tier beside the earned one, with its own source and end; the higher one counts (M10).

    A new gift takes the place of a former one. Raises NotMember, TierUnknown (no such level, or an end in the past).
    """
    rows = members.lock_members([customer_id])
    if not rows:
        raise NotMember
    if level not in {tier.level for tier in tiers.list_tiers()} or until <= now:
        raise TierUnknown(level=level)
    row = rows[customer_id]
    former, own = members.level_of(row), pages.own_rows(row)
    born = own[-1].born_customer_id
    db.session.execute(
        update(TierPeriod)
        .where(
            TierPeriod.customer_id == customer_id,
            TierPeriod.born_customer_id == born,
            TierPeriod.source == "given",
            TierPeriod.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    period = {"source": "given", "level": level, "why": source, "since": now, "valid_until": until}
    db.session.execute(insert(TierPeriod).values(customer_id=customer_id, born_customer_id=born, **period))
    for known in own:
        known.given_level, known.given_until, known.given_source = level, until, source
    set_standing(row, standing=members.standing_of(row))
    db.session.flush()
    if members.level_of(row) != former:
        announce([TierChanged(customer_id, former, members.level_of(row), "given", now)])


@dataclass(frozen=True)
class Difference:
    """A member whose row does not say what the growth entries say."""

    customer_id: int
    stands: tier_rules.Standing
    counted: tier_rules.Standing


def recount(*, now: dt.datetime, customer_id: int | None = None, repair: bool = False) -> list[Difference]:
    """Count all growth again from the entries and compare with what the rows say; with `repair` the rows follow.

    Goes through the members in pieces of a thousand, in order; the entries are the truth.
    """
    found: list[Difference] = []
    last = 0
    while True:
        piece = select(Member).where(Member.customer_id > last).order_by(Member.customer_id).limit(LARGEST_PIECE)
        if customer_id is not None:
            piece = piece.where(Member.customer_id == customer_id)
        if repair:
            piece = piece.with_for_update()
        rows = list(db.session.scalars(piece.execution_options(populate_existing=True)))
        if not rows:
            return found
        found += _compare(rows, repair=repair, now=now)
        last = rows[-1].customer_id
        db.session.expunge_all()


def _compare(rows: list[Member], *, repair: bool, now: dt.datetime) -> list[Difference]:
    counted_pages = pages.pages_of({row.customer_id: row for row in rows})
    outcomes, found = [], []
    for row in rows:
        stands = members.standing_of(row)
        since, counted, steps = counted_pages[row.customer_id].count(tiers.ladder())
        if counted != stands:
            found.append(Difference(row.customer_id, stands, counted))
            outcomes.append(Outcome(row, since, counted, steps))
    if repair:
        announce(write_outcomes(outcomes, now=now))
    return found
