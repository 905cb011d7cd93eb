"""A message is wanted: a row in the transaction that wants it. Nothing is judged here, nothing leaves here."""

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from app.kernel import carrier
from app.kernel.database import Statement, db
from app.outreach import materials
from app.outreach.messaging.operations import dispatching

# Keys in order, so that two calls that want the same never wait for each other in a circle.
_WANT = Statement(
    lambda: text("""
    WITH wish AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
            dispatch_id bigint, purpose_id bigint, customer_id bigint, born_customer_id bigint, staff_id bigint,
            occasion text, values jsonb, due_at timestamptz, expires_at timestamptz)
    ), written AS (
        INSERT INTO delivery (dispatch_id, purpose_id, customer_id, born_customer_id, staff_id, occasion, values, state,
            due_at, expires_at, planned_at)
        SELECT dispatch_id, purpose_id, customer_id, born_customer_id, staff_id, occasion, values, 'planned',
            due_at, expires_at, :now
        FROM wish WHERE NOT EXISTS (
            SELECT FROM delivery AS known WHERE known.customer_id = wish.customer_id
            AND known.purpose_id = wish.purpose_id AND known.occasion = wish.occasion)
        ORDER BY customer_id, staff_id, purpose_id, occasion
        ON CONFLICT DO NOTHING RETURNING 1
    ) SELECT count(*) AS count FROM written""")
)
_CANCEL = Statement(
    lambda: text("""
    WITH gone AS (
        UPDATE delivery SET state = 'cancelled', reason = :why, ended_at = :now
        WHERE dispatch_id = (SELECT id FROM dispatch WHERE code = :code) AND state = 'planned'
        AND occasion = ANY(CAST(:occasions AS text[])) RETURNING 1
    ) SELECT count(*) AS count FROM gone""")
)
# By the key of each recipient, where a purpose has much planned ahead.
_CANCEL_OF = Statement(
    lambda: text("""
    WITH gone AS (
        UPDATE delivery SET state = 'cancelled', reason = :why, ended_at = :now
        WHERE purpose_id = (SELECT purpose_id FROM dispatch WHERE code = :code) AND state = 'planned'
        AND occasion = ANY(CAST(:occasions AS text[])) AND customer_id = ANY(CAST(:customer_ids AS bigint[]))
        RETURNING 1
    ) SELECT count(*) AS count FROM gone""")
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A message for a customer or for staff. `occasion`: what happened, once per purpose and recipient (`order:17:shipped`).

    `values`: the purpose's variables, as text. `due_at`: not before then (now where empty).
    """

    purpose: str
    occasion: str
    values: dict[str, Any] = field(default_factory=dict)
    customer_id: int | None = None
    born_customer_id: int | None = None
    staff_id: int | None = None
    due_at: dt.datetime | None = None


def want(wishes: Sequence[Wish], *, now: dt.datetime) -> int:
    """Plan messages in the caller's transaction; how many are new: one for purpose, recipient and occasion is there once.

    Raises PurposeUnknown; ValueError for a wish without exactly one recipient.
    """
    if not wishes:
        return 0
    if any((one.customer_id is None) == (one.staff_id is None) for one in wishes):
        raise ValueError("a wish is for a customer or for staff")
    known = {code: materials.purposes.find(code) for code in {one.purpose for one in wishes}}
    standing = dispatching.standing(list(known.values()), now=now)
    rows = []
    for one in wishes:
        purpose, due_at = known[one.purpose], one.due_at or now
        born = one.born_customer_id or (carrier.born(one.customer_id) if one.customer_id else None)
        rows.append(
            {
                "dispatch_id": standing[purpose.id],
                "purpose_id": purpose.id,
                "customer_id": one.customer_id,
                "born_customer_id": born,
                "staff_id": one.staff_id,
                "occasion": one.occasion,
                "values": one.values,
                "due_at": due_at.isoformat(),
                "expires_at": (due_at + dt.timedelta(minutes=purpose.valid_minutes)).isoformat(),
            }
        )
    db.session.flush()
    (written,) = _WANT.rows(db.session(), rows=json.dumps(rows), now=now)
    return int(written["count"])


def withdraw(
    purpose: str,
    *,
    occasions: Collection[str],
    why: str,
    now: dt.datetime,
    customer_ids: Collection[int] | None = None,
) -> int:
    """What is planned for these occasions is not wanted any more; how many were cancelled. What is under way goes on.

    Naming the customers makes it cheap where a purpose has much planned ahead.
    """
    db.session.flush()
    values: dict[str, Any] = {
        "code": dispatching.standing_code(purpose),
        "occasions": list(occasions),
        "why": why,
        "now": now,
    }
    if customer_ids is None:
        (gone,) = _CANCEL.rows(db.session(), **values)
    else:
        (gone,) = _CANCEL_OF.rows(db.session(), **values, customer_ids=list(customer_ids))
    return int(gone["count"])
