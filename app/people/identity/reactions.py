"""What identity does at the end of a merge, when everybody upstairs has reacted."""

from collections.abc import Sequence

from sqlalchemy import delete

from app.kernel.database import db
from app.kernel.facts import reacts_to
from app.people.identity.facts import CustomerEmptied
from app.people.identity.models import Customer


@reacts_to(CustomerEmptied)
def let_the_row_go(facts: Sequence[CustomerEmptied]) -> None:
    """The foreign keys of every room prove that nothing was left behind."""
    db.session.execute(delete(Customer).where(Customer.id.in_([fact.customer_id for fact in facts])))
