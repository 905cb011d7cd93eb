"""Who holds which id."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from app.kernel.database import db
from app.people.identity import rules
from app.people.identity.models import HeldEvidence, Identifier, IdentityRow, Key, token_of
from app.people.identity.refusals import IdentifierInvalid


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


class Holder(NamedTuple):
    """Whose a living id is, and to which former self of theirs it was given: what is done by it is born to that one."""

    customer_id: int
    born_customer_id: int


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
    "SELECT token, customer_id, born_customer_id FROM identity WHERE token = ANY(:tokens) AND until IS NULL"
).bindparams(bindparam("tokens", type_=ARRAY(Uuid)))


def find_holders(keys: Sequence[Key]) -> dict[Key, Holder]:
    """Whose living ids these are, by (kind, scope, index); nobody's are left out. One statement for any number."""
    if not keys:
        return {}
    tokens = {token_of(key): key for key in keys}
    rows = db.session.execute(_HOLDERS, {"tokens": list(tokens)})
    return {tokens[row.token]: Holder(row.customer_id, row.born_customer_id) for row in rows}


def find_customers(keys: Sequence[Key]) -> dict[Key, int]:
    """`find_holders` where only the person matters."""
    return {key: holder.customer_id for key, holder in find_holders(keys).items()}


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


def lock_living(wanted: Identifier, *, customer_id: int) -> IdentityRow | None:
    """The living row of an id if this customer holds it, locked until the transaction ends."""
    row = select(IdentityRow).where(
        IdentityRow.customer_id == customer_id,
        IdentityRow.token == wanted.token,
        IdentityRow.until.is_(None),
    )
    return db.session.execute(row.with_for_update().execution_options(populate_existing=True)).scalar_one_or_none()


def list_conflicts() -> list[HeldEvidence]:
    """Evidence that nobody has settled yet, oldest first."""
    waiting = select(HeldEvidence).where(HeldEvidence.settled_at.is_(None))
    return list(db.session.scalars(waiting.order_by(HeldEvidence.found_at, HeldEvidence.low)))


def list_living_tokens(customer_id: int) -> list[tuple[uuid.UUID, str, str]]:
    """Short name, kind and scope of every living id of a customer, what they are best known by first."""
    rows = db.session.execute(
        select(IdentityRow.token, IdentityRow.kind, IdentityRow.scope, IdentityRow.id)
        .where(IdentityRow.customer_id == customer_id, IdentityRow.until.is_(None))
    ).all()  # fmt: skip
    best = sorted(rows, key=lambda row: (-rules.KINDS[row.kind].first, row.id))
    return [(row.token, row.kind, row.scope) for row in best]
