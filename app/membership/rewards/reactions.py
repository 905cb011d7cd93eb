"""What the mall does when identity announces."""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.membership.rewards import operations
from app.people import identity


@reacts_to(identity.PeopleMerged)
def gather_what_both_exchanged(facts: Sequence[identity.PeopleMerged]) -> None:
    """Exchanges of who was merged are the survivor's; limits that the two exceed together are noted."""
    operations.merge(facts)


@reacts_to(identity.PeopleSeparated)
def give_each_their_own(facts: Sequence[identity.PeopleSeparated]) -> None:
    """Exchanges go back to whom they were born to. Nothing here holds two together: an exchange, its points and its coupon
    have one birth; whether its points can be split, and its coupon, is asked of those rooms."""
    operations.separate(facts)
