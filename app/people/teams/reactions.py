"""What staff say when two customers are about to become one."""

from collections.abc import Iterable

from app.kernel.facts import Objection, hears
from app.people.identity import MergeProposed
from app.people.teams.queries import codes_at_work


@hears(MergeProposed)
def object_to_two_staff(proposal: MergeProposed) -> Iterable[Objection]:
    """Two who work here are two people, whatever ids they share: a till's phone, a demo account (X01)."""
    survivor, gone = codes_at_work(proposal.survivor_id), codes_at_work(proposal.gone_id)
    if survivor and gone and len(survivor | gone) > 1:
        yield Objection("teams.two_staff", {"staff": sorted(survivor | gone)})
