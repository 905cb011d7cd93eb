"""What a person agreed to, and who looked."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.kernel.database import Statement, db, reading
from app.people.privacy.models import Look
from app.people.privacy.rules import PURPOSES


@dataclass(frozen=True)
class ConsentView:
    """How things stand for one purpose. `granted` is None where the person was never asked, which means no."""

    purpose: str
    title: str
    granted: bool | None
    version: str | None
    place: str | None
    given_at: dt.datetime | None


@dataclass(frozen=True)
class LookView:
    """Who saw what, when and why: a staff member, or a machine by name."""

    staff_id: int | None
    field: str
    reason: str
    looked_at: dt.datetime
    machine: str | None = None


_NEWEST = (
    "SELECT DISTINCT ON (customer_id, purpose) customer_id, purpose, granted, version, place, given_at"
    " FROM consent WHERE customer_id = ANY(:customer_ids) ORDER BY customer_id, purpose, id DESC"
)
_CONSENTS = Statement(lambda: text(_NEWEST))
# Asks for `customer_ids` and `purpose`; where a trip to the server counts it goes along with other questions.
AGREED = Statement(lambda: text(f"SELECT customer_id FROM ({_NEWEST}) AS newest WHERE purpose = :purpose AND granted"))  # noqa: S608


def list_consents(customer_id: int) -> list[ConsentView]:
    """How things stand for every purpose, in the order in which they are asked."""
    with reading() as connection:
        return consents_in(connection, customer_id)


def consents_in(connection: Connection | Session, customer_id: int) -> list[ConsentView]:
    """The same, as this connection sees it."""
    rows = {row["purpose"]: row for row in _CONSENTS.rows(connection, customer_ids=[customer_id])}
    return [_view(purpose, rows.get(purpose, {})) for purpose in PURPOSES]


def who_agreed(customer_ids: Sequence[int], purpose: str) -> set[int]:
    """Which of these customers said yes to a purpose, and have not taken it back."""
    rows = AGREED.rows(db.session(), customer_ids=list(customer_ids), purpose=purpose)
    return {row["customer_id"] for row in rows}


def list_looks(customer_id: int, *, limit: int | None = None) -> list[LookView]:
    """Who looked at this customer, newest first."""
    looks = select(Look).where(Look.customer_id == customer_id).order_by(Look.id.desc()).limit(limit)
    rows = db.session.scalars(looks)
    return [LookView(row.staff_id, row.field, row.reason, row.looked_at, row.machine) for row in rows]


def _view(purpose: str, row: dict[str, object]) -> ConsentView:
    names = ("granted", "version", "place", "given_at")
    return ConsentView(purpose, PURPOSES[purpose], *(row.get(name) for name in names))  # type: ignore[arg-type]
