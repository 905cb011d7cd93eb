"""Who somebody is today, by the life of an id or by a customer's id that may be a former one."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel import crypto
from app.kernel.database import Statement, db, reading
from app.people.identity.models import Customer, Identifier, IdentityRow
from app.people.identity.queries.addresses import ADDRESSES as ADDRESSES
from app.people.identity.queries.addresses import SELVES as SELVES
from app.people.identity.queries.addresses import Address as Address
from app.people.identity.queries.addresses import addresses_in as addresses_in
from app.people.identity.queries.holding import indexes_for as indexes_for

# Above this many customers a count is an estimate: nobody waits seconds for the last digit.
COUNTED_BELOW = 100_000


@dataclass(frozen=True)
class Life:
    """One life of an id: `customer_id` is whose it is today, `born_customer_id` the former self it was given to."""

    id: int
    customer_id: int
    born_customer_id: int


_LIFE = "SELECT id, customer_id, born_customer_id FROM identity"
_BY_TOKEN = Statement(lambda: text(f"{_LIFE} WHERE token = CAST(:token AS uuid) AND until IS NULL"))
_BY_ID = Statement(lambda: text(f"{_LIFE} WHERE id = :life_id AND until IS NULL"))
# A merge or an undoing that would re-point the id waits until our transaction ends.
_HELD = Statement(lambda: text(f"{_LIFE} WHERE id = :life_id AND until IS NULL FOR SHARE"))
_PRESENT = Statement(
    lambda: text(
        "SELECT id FROM customer WHERE id = :customer_id"
        " UNION ALL SELECT customer_id FROM former_customer WHERE id = :customer_id"
    )
)


_OWNERS = Statement(
    lambda: text(
        "SELECT id AS named, id FROM customer WHERE id = ANY(:customer_ids)"
        " UNION ALL SELECT id, customer_id FROM former_customer WHERE id = ANY(:customer_ids)"
    )
)


def find_by_token(wanted: Identifier) -> Life | None:
    """The present life of an id, as the present transaction sees it; None where it is nobody's."""
    row = _BY_TOKEN.row(db.session(), token=str(wanted.token))
    return Life(**row) if row else None


def life_of(token: ColumnElement[uuid.UUID]) -> LateralFromClause:
    """The present life of an id as a lateral subquery of at most one row, for pages that compose: customer_id,
    born_customer_id."""
    row = IdentityRow.__table__.c
    living = select(row.customer_id, row.born_customer_id).where(row.token == token, row.until.is_(None))
    return living.lateral("life")


def find_life(life_id: int) -> Life | None:
    """This life, with whose it is today; None once it ended, though the id may live on with somebody else."""
    with reading() as connection:
        row = _BY_ID.row(connection, life_id=life_id)
    return Life(**row) if row else None


def hold_life(life_id: int) -> Life | None:
    """`find_life` within a transaction; it stays as it is until the end of that transaction."""
    row = _HELD.row(db.session(), life_id=life_id)
    return Life(**row) if row else None


def find_owners(customer_ids: Sequence[int]) -> dict[int, int]:
    """Who these customers are today, as the present transaction sees it: each id with its present person's."""
    rows = _OWNERS.rows(db.session(), customer_ids=list(customer_ids))
    return {row["named"]: row["id"] for row in rows}


def find_present(customer_id: int) -> int | None:
    """Who this customer is today: themselves, or the person they were merged into; None for nobody's id."""
    with reading() as connection:
        row = _PRESENT.row(connection, customer_id=customer_id)
    return row["id"] if row else None


def everybody(*, after_id: int, limit: int) -> tuple[Select[int], int]:
    """The next `limit` customers after this id, as a SELECT of `customer_id`; and the id it reaches, `after_id` when nobody
    is left."""
    page = select(Customer.id).where(Customer.id > after_id).order_by(Customer.id).limit(limit).subquery()
    reached = db.session.execute(select(func.max(page.c.id))).scalar_one()
    upto = after_id if reached is None else int(reached)
    return select(Customer.id.label("customer_id")).where(Customer.id > after_id, Customer.id <= upto), upto


def some_of_everybody(number: int) -> list[int]:
    """So many customers chosen by chance, all where there are fewer."""
    everybody = count_everybody()
    # Rows are taken one by one with this chance; twice as many as wanted, so that hardly ever too few are.
    percent = min(100.0, 200.0 * number / max(everybody, 1))
    chosen = text(f"SELECT id FROM customer TABLESAMPLE BERNOULLI ({percent}) ORDER BY random() LIMIT :number")  # noqa: S608
    return list(db.session.execute(chosen, {"number": number}).scalars())


def count_everybody() -> int:
    """How many customers there are: the planner's estimate where they are many, counted where they are few."""
    estimate = int(
        db.session.execute(text("SELECT reltuples FROM pg_class WHERE oid = 'customer'::regclass")).scalar_one()
    )
    if estimate >= COUNTED_BELOW:
        return estimate
    return int(db.session.execute(select(func.count()).select_from(Customer)).scalar_one())


_MERGED = Statement(
    lambda: text("SELECT DISTINCT customer_id FROM former_customer WHERE customer_id = ANY(CAST(:ids AS bigint[]))")
)


def which_are_merged(customer_ids: Collection[int]) -> set[int]:
    """Which of these customers consist of more than one self, as the present transaction sees it."""
    return {row["customer_id"] for row in _MERGED.rows(db.session(), ids=list(customer_ids))}


_VALUES = Statement(
    lambda: text("SELECT token, value FROM identity WHERE token = ANY(CAST(:tokens AS uuid[])) AND until IS NULL")
)


def values_of(tokens: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The living ids of these short names, in full; whose id ended is left out. One statement for any number."""
    rows = _VALUES.rows(db.session(), tokens=list(tokens)) if tokens else []
    return {row["token"]: crypto.decrypt(bytes(row["value"])) for row in rows}
