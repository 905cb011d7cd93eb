"""What contacts does when people become one, or two again."""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.kernel.re_pointing import re_point
from app.people.contacts.models import Follower
from app.people.identity import PeopleMerged, PeopleSeparated


@reacts_to(PeopleMerged)
def take_followers_over(facts: Sequence[PeopleMerged]) -> None:
    """Accounts that who goes followed are followed by the survivor."""
    re_point(Follower, [(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])


@reacts_to(PeopleSeparated)
def give_followers_back(facts: Sequence[PeopleSeparated]) -> None:
    """What the selves that leave follow goes with them."""
    re_point(Follower, [(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])
