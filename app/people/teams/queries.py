"""Who works here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ClauseElement, LargeBinary, any_, bindparam, exists, func, select

from app.kernel.database import Statement, db, reading
from app.people import identity
from app.people.teams.models import StaffRow, StaffStore


@dataclass(frozen=True)
class StaffMember:
    """Somebody at work. `store_ids`: where they work, in order."""

    staff_id: int
    code: str
    name: str
    role: str
    team_id: int | None
    store_ids: tuple[int, ...]


def _at_work() -> Any:
    stores = (
        select(func.array_agg(StaffStore.store_id)).where(StaffStore.staff_id == StaffRow.id).correlate(StaffRow)
    ).scalar_subquery()
    columns = (StaffRow.id, StaffRow.code, StaffRow.name, StaffRow.role, StaffRow.team_id, stores.label("store_ids"))
    return select(*columns).where(StaffRow.left_at.is_(None))


def _by_id() -> ClauseElement:
    statement: ClauseElement = _at_work().where(StaffRow.id == bindparam("staff_id"))
    return statement


def _by_code() -> ClauseElement:
    statement: ClauseElement = _at_work().where(StaffRow.code == bindparam("code"))
    return statement


_BY_ID = Statement(_by_id)
_BY_CODE = Statement(_by_code)


def find_at_work(staff_id: int) -> StaffMember | None:
    """Somebody who works here now; None for who never did or has left. Asked with every staff request (G03)."""
    with reading() as connection:
        row = _BY_ID.row(connection, staff_id=staff_id)
    return member_of(row) if row else None


def find_by_code(code: str) -> StaffMember | None:
    """Somebody who works here now, by the number on their badge."""
    with reading() as connection:
        row = _BY_CODE.row(connection, code=code)
    return member_of(row) if row else None


def member_of(row: dict[str, Any]) -> StaffMember:
    """A row as others see it."""
    return StaffMember(
        staff_id=row["id"],
        code=row["code"],
        name=row["name"],
        role=row["role"],
        team_id=row["team_id"],
        store_ids=tuple(sorted(row["store_ids"] or ())),
    )


def list_staff(*, store_id: int | None = None) -> list[StaffMember]:
    """Everybody at work, by code; with a store, only those who work there."""
    statement = _at_work().order_by(StaffRow.code)
    if store_id is not None:
        statement = statement.where(exists().where(StaffStore.staff_id == StaffRow.id, StaffStore.store_id == store_id))
    return [member_of(dict(row)) for row in db.session.execute(statement).mappings()]


def names_of(staff_ids: Sequence[int]) -> dict[int, str]:
    """The names of staff by id, also of those who left."""
    named = select(StaffRow.id, StaffRow.name).where(StaffRow.id.in_(staff_ids))
    return {row.id: row.name for row in db.session.execute(named)}


def phones_of(staff_ids: Collection[int]) -> dict[int, str]:
    """The phone numbers (E.164) of staff at work, by their id; who has none is left out."""
    at_work = select(StaffRow.id, StaffRow.phone).where(
        StaffRow.id.in_(staff_ids), StaffRow.left_at.is_(None), StaffRow.phone.is_not(None)
    )
    return {row.id: row.phone for row in db.session.execute(at_work)}


def are_staff(customer_ids: Sequence[int]) -> set[int]:
    """Which of these customers work here, by their phone numbers (X01): no new-customer gift, draw or ranking for them."""
    held = identity.phones.phone_indexes_of(customer_ids)
    at_work = select(StaffRow.phone_index).where(
        StaffRow.left_at.is_(None), StaffRow.phone_index == any_(bindparam("indexes", type_=ARRAY(LargeBinary)))
    )
    found = db.session.scalars(at_work, {"indexes": list(held)})
    return {held[index] for index in map(bytes, filter(None, found))}


def codes_at_work(customer_id: int) -> set[str]:
    """The staff numbers by which a customer works here, by phone (X01); more than one is a mistake to be looked at."""
    indexes = list(identity.phones.phone_indexes_of([customer_id]))
    own = select(StaffRow.code).where(StaffRow.left_at.is_(None), StaffRow.phone_index.in_(indexes))
    return set(db.session.scalars(own))


def is_oneself(*, staff_id: int, customer_id: int) -> bool:
    """Whether this customer is this staff member, by phone number (X04: no clerk serves themselves at the till)."""
    indexes = list(identity.phones.phone_indexes_of([customer_id]))
    own = select(StaffRow.id).where(StaffRow.id == staff_id, StaffRow.phone_index.in_(indexes))
    return db.session.execute(own).first() is not None
