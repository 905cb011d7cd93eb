"""Taking back what a person let a platform tell us of them: ids end, and their values are erased, not only ended."""

import datetime as dt
import os
from dataclasses import dataclass

from sqlalchemy import select, update

from app.kernel.database import db
from app.people.identity import queries
from app.people.identity.facts import ManyIdentitiesAttached
from app.people.identity.models import Identifier, IdentityRow
from app.people.identity.operations import recognising

PICKED = "picked"


@dataclass(frozen=True)
class Withdrawal:
    """Somebody, known by an openid, takes back what the platform told us (L04).

    `account`: their account there is closed, its ids name nobody any more. `phone`: the number that they picked there; one
    that was proven elsewhere stays. The person stays with all they have, by their other ids.
    """

    openid: Identifier
    account: bool = False
    phone: bool = False

    def carry_out(self, *, now: dt.datetime) -> int:
        """End these ids and erase their values; how many. Nothing is left of a value but the keyed name of the id."""
        customer_id = queries.find_customer(self.openid)
        if customer_id is None:
            return 0
        gone = [row for row in _living(customer_id) if self._concerns(row)]
        for row in gone:
            known = Identifier(row.kind, row.scope, row.value)
            recognising.release(customer_id=customer_id, identifier=known, why="withdrawn", now=now)
        for row in gone:
            noise = os.urandom(ManyIdentitiesAttached.INDEX_BYTES)
            erased = update(IdentityRow).where(IdentityRow.id == row.id).values(value="", value_index=noise)
            db.session.execute(erased.execution_options(synchronize_session=False))
            db.session.expire(row)
        return len(gone)

    def _concerns(self, row: IdentityRow) -> bool:
        if row.kind == "phone":
            return self.phone and row.proof == PICKED
        return self.account and (row.kind == "unionid" or row.token == self.openid.token)


def _living(customer_id: int) -> list[IdentityRow]:
    rows = select(IdentityRow).where(IdentityRow.customer_id == customer_id, IdentityRow.until.is_(None))
    return list(db.session.scalars(rows.order_by(IdentityRow.id)))
