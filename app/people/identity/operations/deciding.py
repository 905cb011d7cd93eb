"""What people decide about people: the same, apart for ever, later; take a merge back; a value that names nobody."""

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy import Update, delete, insert, select, update

from app.kernel.database import db
from app.kernel.facts import announce, ask
from app.people.identity import rules
from app.people.identity.facts import IdentityAttached, IdentityEnded, MergeProposed, SeparationProposed
from app.people.identity.models import BlockedId, Customer, FormerCustomer, HeldEvidence, Identifier, IdentityRow, Merge
from app.people.identity.operations import decisions, evidence, lives, merging, settling
from app.people.identity.operations.lives import LifeRow
from app.people.identity.operations.objections import hear_objections_due as hear_objections_due
from app.people.identity.operations.recognising import release as release
from app.people.identity.refusals import (
    IdentityMissing,
    MergeRefused,
    MergeStands,
    MergeUnknown,
    NobodyKnown,
    SamePerson,
)
from app.people.identity.rules.resolving import Life

BLOCKED = "blocked"


def merge_people(first_id: int, *, other_id: int, staff_id: int | None, why: str, now: dt.datetime) -> int:
    """Two customers are the same person, somebody says; gives who they are now. Former ids are welcome.

    Raises NobodyKnown, SamePerson when they are one already, MergeRefused with all objections before anything is written.
    """
    settling.hold_people()
    first, other = present(first_id), present(other_id)
    if first == other:
        raise SamePerson
    if said := [*ask(MergeProposed(first, other)), *ask(MergeProposed(other, first))]:
        raise MergeRefused(objections=_once(settling.told(said)))
    ours, theirs = _lives(first), _lives(other)
    _let_together(ours, theirs, now=now)
    sides = (_lives(first, living=True), _lives(other, living=True))
    number = decisions.write_verdict("same", sides=sides, why=why, staff_id=staff_id, now=now)
    _settle_held(ours, theirs, now=now)
    settling.settle(_tokens(*sides), new={}, by=settling.By({"decision": number, "why": why}, staff_id), now=now)
    return present(first)


def keep_apart(first_id: int, *, other_id: int, staff_id: int | None, why: str, now: dt.datetime) -> None:
    """Two customers are two people for ever, whatever is seen. Raises NobodyKnown, SamePerson (undo their merge)."""
    settling.hold_people()
    first, other = present(first_id), present(other_id)
    if first == other:
        raise SamePerson
    ours, theirs = _lives(first), _lives(other)
    decisions.write_verdict("apart", sides=(ours, theirs), why=why, staff_id=staff_id, now=now)
    _settle_held(ours, theirs, now=now)


def put_off(first_id: int, *, other_id: int, until: dt.datetime) -> None:
    """Look at a conflict later. Raises NobodyKnown."""
    ours, theirs = (lives.tokens_of([present(one)]) for one in (first_id, other_id))
    db.session.execute(_between(ours, theirs).values(later_until=until))


def undo_merge(merge_id: int, *, staff_id: int | None, why: str, now: dt.datetime) -> int:
    """Set apart whom a merge made one, also when it was not the latest; gives the number of who is back.

    Both are as they were, with what happened since by the ids of each; they stay apart whatever is seen. Raises
    MergeUnknown (or undone already), MergeStands with all objections before anything is written.
    """
    settling.hold_people()
    merge = db.session.get(Merge, merge_id)
    former = db.session.get(FormerCustomer, merge.gone_id) if merge is not None else None
    if merge is None or former is None or former.merge_id != merge_id:
        raise MergeUnknown
    lives.lock_customers([former.customer_id], whole=True)
    selves = below(merge.gone_id, of=former.customer_id)
    if said := ask(SeparationProposed(merge_id, former.customer_id, merge.gone_id, tuple(selves))):
        raise MergeStands(objections=_once(settling.told(said)))
    rows = [row for found in lives.find_lives(lives.tokens_of([former.customer_id])).values() for row in found]
    rows = [row for row in rows if row.customer_id == former.customer_id]
    theirs = {row.life for row in rows if row.born_customer_id in selves}
    ours = {row.life for row in rows} - theirs
    decisions.write_verdict("apart", sides=(ours, theirs), why=why, staff_id=staff_id, now=now)
    settling.settle(_tokens(ours, theirs), new={}, by=settling.By({"why": why}, staff_id, why), now=now)
    if present(merge.gone_id) == former.customer_id:  # none of their ids is left to say so
        born = tuple(below(merge.gone_id, of=former.customer_id))
        parting = merging.Parting(merge_id, former.customer_id, merge.gone_id, born, staff_id, why)
        merging.separate(parting, now=now)
    return merge.gone_id


def below(self_id: int, *, of: int) -> list[int]:
    """A former self of a customer and those that came with it, by merges that stand."""
    rows = db.session.execute(
        select(FormerCustomer.id, Merge.survivor_id)
        .join(Merge, Merge.id == FormerCustomer.merge_id)
        .where(FormerCustomer.customer_id == of)
    ).all()
    found = [self_id]
    for one in found:
        found += sorted(row.id for row in rows if row.survivor_id == one)
    return found


def block(identifier: Identifier, *, why: str, staff_id: int | None, now: dt.datetime) -> None:
    """A value that names nobody (the shop's own phone): it is no id from now on, and whom it joined is set apart again."""
    token = identifier.token
    lives.hold([token])  # whoever sees it just now is done before, or is told afterwards
    settling.hold_people()
    known = db.session.execute(select(BlockedId).where(BlockedId.token == token)).first()
    if known:
        return
    db.session.execute(
        insert(BlockedId).values(
            token=token, kind=identifier.kind, value=identifier.value, why=why, staff_id=staff_id, blocked_at=now
        )
    )
    held = [row for row in lives.find_lives([token]).get(token, []) if row.until is None]
    db.session.execute(
        update(IdentityRow)
        .where(IdentityRow.token == token, IdentityRow.until.is_(None))
        .values(until=now, why_ended=BLOCKED)
    )
    announce([IdentityEnded(row.customer_id, row.kind, row.scope, row.value_index, BLOCKED, now) for row in held])
    around = {end for one in evidence.find_touching([token]) for end in (one.low, one.high)} - {token}
    rows = _rows_of({row.customer_id for row in held})
    weak = {row.token for row in rows if rules.KINDS[row.kind].weight == 1}
    around |= {row.token for row in rows}
    # A weak id goes to whoever it is best seen with now, who may be somebody else.
    around |= {end for one in evidence.find_touching(weak) for end in (one.low, one.high)}
    around -= {token}
    db.session.execute(delete(HeldEvidence).where((HeldEvidence.low == token) | (HeldEvidence.high == token)))
    if around:
        settling.settle(around, new={}, by=settling.By({"blocked": str(token)}, staff_id, why), now=now)


def unblock(identifier: Identifier, *, why: str, staff_id: int | None, now: dt.datetime) -> None:
    """The value names somebody after all: it is its holder's again, and joins whom it joined. Nothing if not blocked."""
    token = identifier.token
    lives.hold([token])
    settling.hold_people()
    if not decisions.find_blocked([token]):
        return
    db.session.execute(delete(BlockedId).where(BlockedId.token == token))
    ended = lives.find_lives([token]).get(token, [])[-1:]
    back = db.session.execute(
        update(IdentityRow)
        .where(IdentityRow.id == (ended[0].id if ended else None), IdentityRow.why_ended == BLOCKED)
        .values(until=None, why_ended=None)
        .returning(IdentityRow.customer_id)
    ).all()
    kind, scope, index = identifier.key
    announce([IdentityAttached(row.customer_id, kind, scope, index, now) for row in back])
    if ended:
        settling.settle({token}, new={}, by=settling.By({"unblocked": str(token), "why": why}, staff_id), now=now)


def present(customer_id: int) -> int:
    """Who this is today. Raises NobodyKnown."""
    row = db.session.execute(
        select(Customer.id).where(Customer.id == customer_id)
        .union_all(select(FormerCustomer.customer_id).where(FormerCustomer.id == customer_id))
    ).first()  # fmt: skip
    if row is None:
        raise NobodyKnown
    return int(row.id)


def _rows_of(customer_ids: Collection[int]) -> list[LifeRow]:
    return [row for found in lives.find_lives(lives.tokens_of(customer_ids)).values() for row in found]


def _lives(customer_id: int, *, living: bool = False) -> set[Life]:
    """The lives of ids that are theirs. Raises IdentityMissing for none."""
    rows = [row for row in _rows_of([customer_id]) if row.customer_id == customer_id]
    if not (found := {row.life for row in rows if row.until is None or not living}):
        raise IdentityMissing(kind="any")
    return found


def _tokens(*sides: Collection[Life]) -> set[uuid.UUID]:
    return {token for side in sides for token, _ in side}


def _let_together(ours: set[Life], theirs: set[Life], *, now: dt.datetime) -> None:
    """Withdraw what keeps these two apart. Whoever else those decisions were about stays apart, from the two as well."""
    both = ours | theirs
    over = [
        one
        for one in decisions.find_verdicts(_tokens(both))
        if one.verdict == "apart" and any(one.sides[here] & ours and one.sides[1 - here] & theirs for here in (0, 1))
    ]
    decisions.withdraw([one.id for one in over], now=now)
    for verdict in over:
        one, other = verdict.sides
        for sides in ((one - both, other), (one & both, other - both)):
            if all(sides):
                decisions.write_verdict("apart", sides=sides, why=verdict.why, staff_id=verdict.staff_id, now=now)


def _between(ours: Collection[uuid.UUID], theirs: Collection[uuid.UUID]) -> Update:
    one = HeldEvidence.low.in_(list(ours)) & HeldEvidence.high.in_(list(theirs))
    other = HeldEvidence.low.in_(list(theirs)) & HeldEvidence.high.in_(list(ours))
    return update(HeldEvidence).where(one | other)


def _settle_held(ours: Collection[Life], theirs: Collection[Life], *, now: dt.datetime) -> None:
    db.session.execute(_between(_tokens(ours), _tokens(theirs)).values(settled_at=now))


def _once(objections: list[dict[str, object]]) -> list[dict[str, object]]:
    return [one for place, one in enumerate(objections) if one not in objections[:place]]
