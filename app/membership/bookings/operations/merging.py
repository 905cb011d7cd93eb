"""Bookings of people who became one, or two again. What limits a person is counted from the rows: no counter is kept."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from app.kernel.database import Base, db
from app.kernel.policy import current
from app.kernel.re_pointing import Move, re_point
from app.membership.bookings import rules
from app.membership.bookings.models import Booking, BookingLog, BookingWaiting
from app.people import identity

TABLES: tuple[type[Base], ...] = (Booking, BookingLog, BookingWaiting)

# Once over all services (`service_id` is null) and once for each of them.
_OVER_LIMIT = text(
    """
    SELECT fact.merge_id, booking.service_id, count(*) AS open, count(self.born) AS brought,
           CASE WHEN booking.service_id IS NULL THEN CAST(:limit AS bigint) ELSE 1 END AS limit
    FROM unnest(CAST(:merges AS bigint[]), CAST(:survivors AS bigint[])) AS fact (merge_id, survivor_id)
    JOIN booking ON booking.customer_id = fact.survivor_id AND booking.state IN ('held', 'confirmed')
         AND (booking.hold_until IS NULL OR booking.hold_until > :now)
    LEFT JOIN unnest(CAST(:merges_of_born AS bigint[]), CAST(:born AS bigint[])) AS self (merge_id, born)
         ON self.merge_id = fact.merge_id AND self.born = booking.born_customer_id
    GROUP BY GROUPING SETS ((fact.merge_id), (fact.merge_id, booking.service_id))
    HAVING count(self.born) > 0 AND count(*) > CASE WHEN booking.service_id IS NULL THEN :limit ELSE 1 END
    ORDER BY fact.merge_id, booking.service_id NULLS FIRST
    """
)


def merge(facts: Sequence[identity.PeopleMerged]) -> None:
    """Bookings of who is gone are the survivor's. All of them stand; what the two have open beyond a limit is noted (K08)."""
    _go_over([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])
    _note_what_is_too_many(facts, now=max(fact.at for fact in facts))


def _note_what_is_too_many(facts: Sequence[identity.PeopleMerged], *, now: dt.datetime) -> None:
    brought = [(fact.merge_id, born) for fact in facts for born in fact.born_ids]
    given = {
        "merges": [fact.merge_id for fact in facts],
        "survivors": [fact.survivor_id for fact in facts],
        "merges_of_born": [merge_id for merge_id, _ in brought],
        "born": [born for _, born in brought],
        "limit": current(rules.BookingPolicy).open_at_once,
        "now": now,
    }
    for row in db.session.execute(_OVER_LIMIT, given).mappings().all():
        data = {name: row[name] for name in ("service_id", "open", "limit", "brought")}
        identity.merging.note(merge_id=row["merge_id"], code="booking.over_limit", data=data)


def separate(facts: Sequence[identity.PeopleSeparated]) -> None:
    """Bookings, their logs and what is waited for go back to whom they were born to."""
    _go_over([(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])


def _go_over(moves: Sequence[Move]) -> None:
    db.session.flush()
    for row in [row for row in db.session if isinstance(row, TABLES)]:
        db.session.expunge(row)  # whose it is changes beneath it
    for table in TABLES:
        re_point(table, moves)
