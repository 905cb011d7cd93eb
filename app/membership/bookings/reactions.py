"""What bookings do when teams and identity announce."""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.membership.bookings.operations import fault, merging
from app.people import identity
from app.people.teams import StaffLeft


@reacts_to(StaffLeft)
def hand_bookings_to_the_lead(facts: Sequence[StaffLeft]) -> None:
    """Somebody left (G03): no new bookings with them, and their open ones are shown to the lead with a suggestion."""
    for fact in facts:
        fault.orphan(fact.staff_id, now=fact.at)


@reacts_to(identity.PeopleMerged)
def gather_what_both_booked(facts: Sequence[identity.PeopleMerged]) -> None:
    """Bookings of who was merged are the survivor's; limits that the two exceed together are noted."""
    merging.merge(facts)


@reacts_to(identity.PeopleSeparated)
def give_each_their_own(facts: Sequence[identity.PeopleSeparated]) -> None:
    """Bookings go back to whom they were born to. Nothing here holds two together: a booking, what was paid for it and what
    was given for its failing have one birth; whether the points paid can be split is asked of points."""
    merging.separate(facts)
