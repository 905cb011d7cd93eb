"""What orders do when people become known, become one, or are set apart."""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.kernel.re_pointing import Move, re_point
from app.people.identity import IdentityAttached, ManyIdentitiesAttached, PeopleMerged, PeopleSeparated
from app.trade.orders.models import ClaimAttempts, OrderRow
from app.trade.orders.operations.claiming import claim_orders, claim_orders_of_many


@reacts_to(IdentityAttached)
def claim_what_waited(attached: Sequence[IdentityAttached]) -> None:
    """Orders that name these ids are these customers' from now on."""
    ids = [(fact.kind, fact.scope, fact.value_index) for fact in attached]
    claim_orders(ids, now=max(fact.at for fact in attached))


@reacts_to(ManyIdentitiesAttached)
def claim_what_waited_for_many(attached: Sequence[ManyIdentitiesAttached]) -> None:
    """The same for ids of a whole file."""
    for fact in attached:
        claim_orders_of_many(fact.keys(), now=fact.at)


@reacts_to(PeopleMerged)
def bring_orders_along(merged: Sequence[PeopleMerged]) -> None:
    """Orders, and attempts to claim one, belong to who stays; nothing is announced again."""
    _re_point([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in merged])


@reacts_to(PeopleSeparated)
def give_orders_back(separated: Sequence[PeopleSeparated]) -> None:
    """Orders go with the self whose id named their buyer, those since the merge too."""
    _re_point([(fact.from_id, fact.to_id, fact.born_ids) for fact in separated])


def _re_point(moves: Sequence[Move]) -> None:
    for table in (OrderRow, ClaimAttempts):
        re_point(table, moves)
