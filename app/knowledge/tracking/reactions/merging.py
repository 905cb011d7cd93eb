"""Events of people who were merged or set apart go over to whose they are now."""

from collections.abc import Sequence

from sqlalchemy import text

from app.kernel.database import db
from app.kernel.facts import reacts_to
from app.kernel.re_pointing import re_point
from app.knowledge.tracking.models import Event
from app.people.identity import PeopleMerged, PeopleSeparated


@reacts_to(PeopleMerged)
def take_events_over(facts: Sequence[PeopleMerged]) -> None:
    """All events of who goes are the survivor's."""
    _wait_for_writers([fact.gone_id for fact in facts])
    re_point(Event, [(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])


@reacts_to(PeopleSeparated)
def give_events_back(facts: Sequence[PeopleSeparated]) -> None:
    """What was born to the selves that leave goes with them, old and new."""
    _wait_for_writers([fact.from_id for fact in facts])
    re_point(Event, [(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])


def _wait_for_writers(customer_ids: Sequence[int]) -> None:
    """Whoever writes events holds the customer: once they are through, the next statement sees what they wrote."""
    db.session.execute(
        text("SELECT id FROM customer WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE"),
        {"ids": list(customer_ids)},
    )
