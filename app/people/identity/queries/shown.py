"""Ids as pages and machines see them: masked, with their life."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.database import db
from app.people.identity import rules
from app.people.identity.models import Identifier, IdentityRow
from app.people.identity.queries.holding import find_customers, identifier
from app.people.identity.refusals import IdentifierInvalid
from app.people.identity.rules.masking import mask


@dataclass(frozen=True)
class ShownId:
    """One life of an id. `masked`: its value with the middle hidden; `born_customer_id`: the former self it was given to."""

    life_id: int
    token: uuid.UUID
    customer_id: int
    born_customer_id: int
    kind: str
    title: str
    scope: str
    masked: str
    proof: str
    since: dt.datetime
    until: dt.datetime | None
    why_ended: str | None


def shown(row: IdentityRow) -> ShownId:
    """A row as it may be seen."""
    return ShownId(
        life_id=row.id,
        token=row.token,
        customer_id=row.customer_id,
        born_customer_id=row.born_customer_id,
        kind=row.kind,
        title=rules.KINDS[row.kind].title,
        scope=row.scope,
        masked=mask(row.kind, row.value),
        proof=row.proof,
        since=row.since,
        until=row.until,
        why_ended=row.why_ended,
    )


def ids_of(customer_ids: Iterable[int]) -> dict[int, list[ShownId]]:
    """Every id these customers have or had, the living first, then by age; who has none has an empty list."""
    found: dict[int, list[ShownId]] = {customer_id: [] for customer_id in customer_ids}
    rows = select(IdentityRow).where(IdentityRow.customer_id.in_(list(found)))
    for row in db.session.scalars(rows.order_by(IdentityRow.until.is_not(None), IdentityRow.since, IdentityRow.id)):
        found[row.customer_id].append(shown(row))
    return found


def newest_lives(tokens: Collection[uuid.UUID]) -> dict[uuid.UUID, ShownId]:
    """The living life of each of these ids, else its last."""
    wanted = IdentityRow.token == any_(bindparam("tokens", type_=ARRAY(Uuid)))
    rows = select(IdentityRow).where(wanted).order_by(IdentityRow.until.asc().nulls_last())
    return {row.token: shown(row) for row in db.session.scalars(rows, {"tokens": list(tokens)})}


def find_identifier(life_id: int) -> Identifier | None:
    """The id that this is a life of; None for nobody's."""
    row = db.session.get(IdentityRow, life_id)
    return Identifier(row.kind, row.scope, row.value) if row else None


def find_by_value(value: str, *, scope: str = "") -> int | None:
    """Whose living id this text is, of whatever kind; None for nobody's."""
    wanted = []
    for kind in rules.KINDS:
        try:
            wanted.append(identifier(kind, value, scope=scope))
        except IdentifierInvalid:
            continue
    holders = find_customers([one.key for one in wanted])
    return next((holders[one.key] for one in wanted if one.key in holders), None)
