"""Deliveries of people who were merged or set apart go over to whose they are now.

Two that are planned for one purpose and occasion stay two rows until they are judged: one is told already then.
"""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.kernel.re_pointing import re_point
from app.outreach.messaging.models import Delivery
from app.people.identity import PeopleMerged, PeopleSeparated


@reacts_to(PeopleMerged)
def take_deliveries_over(facts: Sequence[PeopleMerged]) -> None:
    """All deliveries of who goes are the survivor's, those under way among them."""
    re_point(Delivery, [(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])


@reacts_to(PeopleSeparated)
def give_deliveries_back(facts: Sequence[PeopleSeparated]) -> None:
    """What was born to the selves that leave goes with them."""
    re_point(Delivery, [(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])
