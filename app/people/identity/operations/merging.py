"""Carrying out merges and separations that were decided elsewhere: rows are re-pointed, nothing is judged here.

The order within a merge is: record with before-image → former selves and ids → everybody reacts → the customer's row goes,
which the foreign keys of every room allow only when nothing was left behind. The caller has locked the customers.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text

from app.kernel.database import Statement, db, in_one_trip
from app.kernel.facts import announce
from app.people import privacy
from app.people.identity.facts import CustomerEmptied, PeopleMerged, PeopleSeparated
from app.people.identity.models import MergeNote


@dataclass(frozen=True)
class Union:
    """`gone_id` goes into `survivor_id`; `why` is what the record shows: evidence, decision or rule, in data."""

    survivor_id: int
    gone_id: int
    why: Mapping[str, Any] = field(default_factory=dict)
    staff_id: int | None = None


_RECORD = Statement(
    lambda: text(
        """
        INSERT INTO identity_merge (survivor_id, gone_id, born_ids, why, before, staff_id, merged_at)
        SELECT pair.survivor_id, pair.gone_id,
               pair.gone_id || ARRAY(SELECT former.id FROM former_customer AS former
                                     WHERE former.customer_id = pair.gone_id ORDER BY former.id),
               pair.why,
               (SELECT jsonb_object_agg(customer.id, jsonb_build_object(
                    'customer', to_jsonb(customer),
                    'former', ARRAY(SELECT former.id FROM former_customer AS former
                                    WHERE former.customer_id = customer.id ORDER BY former.id),
                    'identities', ARRAY(SELECT held.id FROM identity AS held
                                        WHERE held.customer_id = customer.id ORDER BY held.id)))
                FROM customer WHERE customer.id IN (pair.survivor_id, pair.gone_id)),
               pair.staff_id, :now
        FROM unnest(CAST(:survivors AS bigint[]), CAST(:gone AS bigint[]), CAST(:whys AS jsonb[]),
                    CAST(:staff AS bigint[])) AS pair (survivor_id, gone_id, why, staff_id)
        RETURNING id, survivor_id, gone_id, born_ids
        """
    )
)
_MOVE = Statement(
    lambda: text(
        """
        WITH moves AS (
            SELECT * FROM unnest(CAST(:merges AS bigint[]), CAST(:survivors AS bigint[]), CAST(:gone AS bigint[]))
                AS move (merge_id, survivor_id, gone_id)
        ), ids AS (
            UPDATE identity SET customer_id = moves.survivor_id FROM moves WHERE identity.customer_id = moves.gone_id
        ), selves AS (
            UPDATE former_customer SET customer_id = moves.survivor_id FROM moves
            WHERE former_customer.customer_id = moves.gone_id
        )
        INSERT INTO former_customer (id, customer_id, merge_id) SELECT gone_id, survivor_id, merge_id FROM moves
        """
    )
)


def merge_all(unions: Sequence[Union], *, now: dt.datetime) -> list[PeopleMerged]:
    """Carry out unions, none of whose survivors goes in another, in a handful of statements; everybody is told."""
    if not unions:
        return []
    rows = _RECORD.rows(
        db.session(),
        survivors=[union.survivor_id for union in unions],
        gone=[union.gone_id for union in unions],
        whys=[Jsonb(dict(union.why)) for union in unions],
        staff=[union.staff_id for union in unions],
        now=now,
    )
    facts = [PeopleMerged(row["id"], row["survivor_id"], row["gone_id"], tuple(row["born_ids"]), now) for row in rows]
    _MOVE.rows(
        db.session(),
        merges=[fact.merge_id for fact in facts],
        survivors=[fact.survivor_id for fact in facts],
        gone=[fact.gone_id for fact in facts],
    )
    privacy.re_point([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])
    announce([*facts, *(CustomerEmptied(fact.gone_id) for fact in facts)])
    return facts


_REVIVE = Statement(
    lambda: text(
        """
        WITH undone AS (
            UPDATE identity_merge SET undone_at = :now, undone_by = CAST(:staff_id AS bigint), undone_why = :why
            WHERE id = :merge_id RETURNING before -> CAST(:to_id AS text) -> 'customer' AS kept
        )
        INSERT INTO customer (id, source, created_at) OVERRIDING SYSTEM VALUE
        SELECT :to_id, kept ->> 'source', CAST(kept ->> 'created_at' AS timestamptz) FROM undone
        """
    )
)
_TAKE_BACK = Statement(
    lambda: text(
        """
        WITH ids AS (
            UPDATE identity SET customer_id = :to_id
            WHERE customer_id = :from_id AND born_customer_id = ANY(CAST(:born_ids AS bigint[]))
        ), gone AS (
            DELETE FROM former_customer WHERE id = :to_id
        )
        UPDATE former_customer SET customer_id = :to_id
        WHERE id = ANY(CAST(:born_ids AS bigint[])) AND id <> :to_id
        """
    )
)


@dataclass(frozen=True)
class Parting:
    """`born_ids` leave `from_id` as `to_id` again; merge `merge_id` ends with it."""

    merge_id: int
    from_id: int
    to_id: int
    born_ids: tuple[int, ...]
    staff_id: int | None = None
    why: str = ""


def separate(parting: Parting, *, now: dt.datetime) -> PeopleSeparated:
    """Carry out one parting; everybody is told."""
    session = db.session()
    _REVIVE.rows(
        session,
        merge_id=parting.merge_id,
        to_id=parting.to_id,
        staff_id=parting.staff_id,
        why=parting.why,
        now=now,
    )
    born = list(parting.born_ids)
    _TAKE_BACK.rows(session, to_id=parting.to_id, from_id=parting.from_id, born_ids=born)
    privacy.re_point([(parting.from_id, parting.to_id, parting.born_ids)])
    fact = PeopleSeparated(parting.merge_id, parting.from_id, parting.to_id, parting.born_ids, now)
    announce([fact])
    return fact


HOLD_PRESENT = Statement(
    lambda: text(
        """
        SELECT self.id AS self_id, customer.id AS customer_id
        FROM unnest(CAST(:selves AS bigint[])) AS self (id)
        LEFT JOIN former_customer AS former ON former.id = self.id
        JOIN customer ON customer.id = coalesce(former.customer_id, self.id)
        ORDER BY customer.id, self.id FOR KEY SHARE OF customer
        """
    )
)


def hold_present(selves: Sequence[int]) -> dict[int, int]:
    """Who these former selves are today, held until the transaction ends: no merge takes a held one away meanwhile.

    For rows without a foreign key to their customer. A self that is nobody's is left out. On hot paths HOLD_PRESENT may be
    sent along with other questions (in_one_trip), twice as here.
    """
    asked = (HOLD_PRESENT, {"selves": sorted(set(selves))})
    while True:
        # The second look sees what the first one waited for; when they agree, what was seen is what is held.
        first, second = in_one_trip(db.session(), asked, asked)
        if first == second:
            return {row["self_id"]: row["customer_id"] for row in second}


def note(*, merge_id: int, code: str, data: Mapping[str, Any]) -> None:
    """A room reports what a merge led to, for whoever reads its record: `coupon.over_limit`, with the facts."""
    db.session.add(MergeNote(merge_id=merge_id, code=code, data=dict(data)))
