"""What bookings do when teams announce."""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.membership.bookings.operations import fault
from app.people.teams import StaffLeft


@reacts_to(StaffLeft)
def hand_bookings_to_the_lead(facts: Sequence[StaffLeft]) -> None:
    """Somebody left (G03): no new bookings with them, and their open ones are shown to the lead with a suggestion."""
    for fact in facts:
        fault.orphan(fact.staff_id, now=fact.at)
