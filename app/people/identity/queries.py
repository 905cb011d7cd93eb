"""Who holds which id."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, LargeBinary, Text, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.database import db
from app.people.identity import rules
from app.people.identity.models import Identifier, IdentityConflict, IdentityRow
from app.people.identity.refusals import IdentifierInvalid

Key = tuple[str, str, bytes]


@dataclass(frozen=True)
class HeldIdentity:
    """One id in a customer's history. `value` in full: doors mask it."""

    kind: str
    title: str
    scope: str
    value: str
    proof: str
    since: dt.datetime
    until: dt.datetime | None
    why_ended: str | None


def identifier(kind: str, value: str, *, scope: str = "") -> Identifier:
    """An id in its one form. Raises IdentifierInvalid."""
    try:
        rules.check_scope(kind, scope)
        return Identifier(kind, scope, rules.normalise(kind, value))
    except rules.NotAnIdentifier as wrong:
        raise IdentifierInvalid(kind=kind[:40], part=str(wrong)) from None


def indexes_for(kind: str, values: Iterable[str], *, scope: str = "") -> list[bytes | None]:
    """Blind indexes of many values of one kind, in their order; None where a value is no such id. For imports."""
    found: list[bytes | None] = []
    for value in values:
        try:
            found.append(identifier(kind, value, scope=scope).index)
        except IdentifierInvalid:
            found.append(None)
    return found


def find_customer(wanted: Identifier) -> int | None:
    """Whose living id this is, None for nobody's."""
    return find_customers([wanted.key]).get(wanted.key)


_HOLDERS = text(
    "SELECT wanted.kind, wanted.scope, wanted.value_index, identity.customer_id"
    " FROM unnest(:kinds, :scopes, :indexes) AS wanted (kind, scope, value_index)"
    " JOIN identity ON identity.kind = wanted.kind AND identity.scope = wanted.scope"
    " AND identity.value_index = wanted.value_index AND identity.until IS NULL"
).bindparams(
    bindparam("kinds", type_=ARRAY(Text)),
    bindparam("scopes", type_=ARRAY(Text)),
    bindparam("indexes", type_=ARRAY(LargeBinary)),
)


def find_customers(keys: Sequence[Key]) -> dict[Key, int]:
    """Whose living ids these are, by (kind, scope, index); nobody's are left out. One statement for any number."""
    if not keys:
        return {}
    kinds, scopes, indexes = zip(*keys, strict=True)
    rows = db.session.execute(_HOLDERS, {"kinds": list(kinds), "scopes": list(scopes), "indexes": list(indexes)})
    return {(row.kind, row.scope, bytes(row.value_index)): row.customer_id for row in rows}


def find_phone(customer_id: int) -> str | None:
    """The customer's phone number in full (E.164), the newest where there are several."""
    return phones_of([customer_id]).get(customer_id)


def phones_of(customer_ids: Sequence[int]) -> dict[int, str]:
    """Phone numbers in full (E.164) by customer; who has none is left out."""
    living = (
        select(IdentityRow.customer_id, IdentityRow.value)
        .where(
            IdentityRow.customer_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
            IdentityRow.kind == "phone",
            IdentityRow.until.is_(None),
        )
        .order_by(IdentityRow.since, IdentityRow.id)
    )  # the newest comes last and stays
    return {row.customer_id: row.value for row in db.session.execute(living, {"ids": list(customer_ids)})}


def phone_indexes_of(customer_ids: Sequence[int]) -> dict[bytes, int]:
    """The blind indexes of these customers' living phone numbers, each with its holder."""
    living = select(IdentityRow.customer_id, IdentityRow.value_index).where(
        IdentityRow.customer_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
        IdentityRow.kind == "phone",
        IdentityRow.until.is_(None),
    )
    rows = db.session.execute(living, {"ids": list(customer_ids)})
    return {bytes(row.value_index): row.customer_id for row in rows}


def list_identities(customer_id: int, *, with_ended: bool = False) -> list[HeldIdentity]:
    """The ids of a customer, oldest first; with the ended ones on demand."""
    rows = select(IdentityRow).where(IdentityRow.customer_id == customer_id).order_by(IdentityRow.since, IdentityRow.id)
    if not with_ended:
        rows = rows.where(IdentityRow.until.is_(None))
    return [_held(row) for row in db.session.scalars(rows)]


def _held(row: IdentityRow) -> HeldIdentity:
    return HeldIdentity(
        kind=row.kind,
        title=rules.KINDS[row.kind].title,
        scope=row.scope,
        value=row.value,
        proof=row.proof,
        since=row.since,
        until=row.until,
        why_ended=row.why_ended,
    )


def list_conflicts() -> list[IdentityConflict]:
    """Conflicts nobody has reviewed yet, oldest first."""
    waiting = select(IdentityConflict).where(IdentityConflict.reviewed_at.is_(None))
    return list(db.session.scalars(waiting.order_by(IdentityConflict.found_at, IdentityConflict.customer_id)))


def lock_living(wanted: Identifier, *, customer_id: int) -> IdentityRow | None:
    """The living row of an id if this customer holds it, locked until the transaction ends."""
    row = select(IdentityRow).where(
        IdentityRow.customer_id == customer_id,
        IdentityRow.kind == wanted.kind,
        IdentityRow.scope == wanted.scope,
        IdentityRow.value_index == wanted.index,
        IdentityRow.until.is_(None),
    )
    return db.session.execute(row.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()
