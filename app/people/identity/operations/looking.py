"""Looking at a person as a whole: written down, who and why (G08)."""

import datetime as dt
from collections.abc import Iterable

from app.people import privacy
from app.people.identity import queries
from app.people.identity.models import Identifier
from app.people.identity.operations.recognising import show_phone as show_phone
from app.people.identity.queries import reviewing
from app.people.identity.queries.reviewing import PersonView

WHOLE = "person"


def open_person(
    customer_id: int, *, why: str, now: dt.datetime, staff_id: int | None = None, machine: str | None = None
) -> PersonView | None:
    """Everything known of a person, ids masked, by their id or a former one; one look is written down.

    None for nobody's id. Raises privacy's ReasonMissing.
    """
    found = reviewing.find_person(customer_id)
    if found is None:
        return None
    look([found.customer_id], why=why, now=now, staff_id=staff_id, machine=machine)
    return found


def open_person_of(identifier: Identifier, *, why: str, now: dt.datetime, machine: str) -> PersonView | None:
    """The same by any living id."""
    customer_id = queries.find_customer(identifier)
    return open_person(customer_id, why=why, now=now, machine=machine) if customer_id is not None else None


def look(
    customer_ids: Iterable[int], *, why: str, now: dt.datetime, staff_id: int | None = None, machine: str | None = None
) -> None:
    """Write down that somebody sees these people as a whole, a line for each."""
    for customer_id in customer_ids:
        privacy.log_look(customer_id=customer_id, field=WHOLE, reason=why, now=now, staff_id=staff_id, machine=machine)
