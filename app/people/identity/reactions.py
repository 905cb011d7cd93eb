"""What identity does at the end of a merge, when everybody upstairs has reacted."""

from collections.abc import Sequence

from sqlalchemy import delete

from app.kernel.database import db
from app.kernel.facts import reacts_to
from app.people.identity.facts import CustomerEmptied, PeopleMerged, PeopleSeparated
from app.people.identity.models import Customer
from app.people.identity.operations import proposing


@reacts_to(CustomerEmptied)
def let_the_row_go(facts: Sequence[CustomerEmptied]) -> None:
    """The foreign keys of every room prove that nothing was left behind."""
    db.session.execute(delete(Customer).where(Customer.id.in_([fact.customer_id for fact in facts])))


@reacts_to(PeopleMerged)
def re_point_proposals(facts: Sequence[PeopleMerged]) -> None:
    """What was proposed of those who went is of those who stay; what was proposed of the two is answered."""
    proposing.re_point([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])


@reacts_to(PeopleSeparated)
def give_proposals_back(facts: Sequence[PeopleSeparated]) -> None:
    """What was proposed of those who come back is theirs again."""
    proposing.re_point([(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])
