"""What orders do when people become known."""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.people.identity import IdentityAttached
from app.trade.orders.operations.claiming import claim_orders


@reacts_to(IdentityAttached)
def claim_what_waited(attached: Sequence[IdentityAttached]) -> None:
    """Orders that name these ids are these customers' from now on."""
    ids = [(fact.customer_id, fact.kind, fact.scope, fact.value_index) for fact in attached]
    claim_orders(ids, now=max(fact.at for fact in attached))
