"""Who works here."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, bindparam, func, select

from app.kernel.database import Statement, reading
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


_BY_ID = Statement(_by_id)


def find_at_work(staff_id: int) -> StaffMember | None:
    """Somebody who works here now; None for who never did or has left. Asked with every staff request (G03)."""
    with reading() as connection:
        row = _BY_ID.row(connection, staff_id=staff_id)
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
