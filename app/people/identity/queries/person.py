"""Everything known of one person and why: ids with their lives, evidence, merges, decisions, former selves."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, text

from app.kernel.database import Statement, db
from app.kernel.facts import Objection
from app.people.identity.models import Customer, FormerCustomer, IdentityRow, Merge, MergeNote
from app.people.identity.queries.conflicts import Tie, hear_separation, ties
from app.people.identity.queries.shown import ShownId, ids_of, shown

MOST_TIES = 200


@dataclass(frozen=True)
class MergeView:
    """Two customers became one. `before`: the ids of each as they were, survivor's first; `notes`: code and data of what it
    led to; `stands`: it can still be undone."""

    merge_id: int
    survivor_id: int
    gone_id: int
    born_ids: tuple[int, ...]
    why: dict[str, Any]
    before: tuple[tuple[ShownId, ...], tuple[ShownId, ...]]
    notes: tuple[Objection, ...]
    staff_id: int | None
    merged_at: dt.datetime
    undone_at: dt.datetime | None
    undone_by: int | None
    undone_why: str | None
    stands: bool


@dataclass(frozen=True)
class DecisionView:
    """What somebody decided about this person and `others` (who they are today)."""

    verdict: str
    why: str
    staff_id: int | None
    made_at: dt.datetime
    withdrawn_at: dt.datetime | None
    others: tuple[int, ...]


@dataclass(frozen=True)
class PersonView:
    """One person. `ties` are at most MOST_TIES, the newest first; `ties_count` says how many there are."""

    customer_id: int
    source: str
    created_at: dt.datetime
    former_ids: tuple[int, ...]
    ids: tuple[ShownId, ...]
    ties: tuple[Tie, ...]
    ties_count: int
    merges: tuple[MergeView, ...]
    decisions: tuple[DecisionView, ...]


@dataclass(frozen=True)
class Undoing:
    """What undoing a merge would do: `ids` leave as `to_id`, `rest` stays with `from_id`; objections stop it."""

    merge: MergeView
    from_id: int
    to_id: int
    ids: tuple[ShownId, ...]
    rest: tuple[ShownId, ...]
    objections: tuple[Objection, ...]


_TIES = Statement(
    lambda: text(
        """
        WITH seen AS (
            SELECT * FROM identity_evidence WHERE low = ANY(CAST(:tokens AS uuid[]))
            UNION SELECT * FROM identity_evidence WHERE high = ANY(CAST(:tokens AS uuid[]))
        )
        SELECT seen.*, count(*) OVER () AS count, EXISTS (SELECT FROM identity_held_evidence AS held
            WHERE held.low = seen.low AND held.high = seen.high AND held.settled_at IS NULL) AS held
        FROM seen ORDER BY last_seen DESC, low, high, source, proof LIMIT :limit
        """
    )
)
_DECISIONS = Statement(
    lambda: text(
        """
        SELECT made.verdict, made.why, made.staff_id, made.made_at, made.withdrawn_at,
               ARRAY(SELECT DISTINCT held.customer_id FROM identity_decision_side AS other
                     JOIN identity AS held ON held.token = other.token
                     WHERE other.decision_id = made.id AND held.customer_id <> :customer_id ORDER BY 1) AS others
        FROM identity_decision AS made
        WHERE made.id IN (SELECT decision_id FROM identity_decision_side WHERE token = ANY(CAST(:tokens AS uuid[])))
        ORDER BY made.made_at DESC, made.id DESC
        """
    )
)
# Former selves that came over with one of them, by merges that stand.
_BELOW = Statement(
    lambda: text(
        """
        WITH RECURSIVE below AS (
            SELECT former.id FROM former_customer AS former WHERE former.id = :gone_id AND former.merge_id = :merge_id
            UNION
            SELECT former.id FROM below JOIN identity_merge AS made ON made.survivor_id = below.id
            JOIN former_customer AS former ON former.merge_id = made.id
        )
        SELECT below.id, former.customer_id FROM below JOIN former_customer AS former USING (id) ORDER BY 1
        """
    )
)


def find_person(customer_id: int) -> PersonView | None:
    """Everything known of who this customer is today; a former id is welcome. None for nobody's id."""
    present = select(FormerCustomer.customer_id).where(FormerCustomer.id == customer_id)
    row = db.session.scalar(select(Customer).where(or_(Customer.id == customer_id, Customer.id.in_(present))))
    if row is None:
        return None
    ids = ids_of([row.id])[row.id]
    tokens = {one.token: one for one in ids}
    seen = _TIES.rows(db.session(), tokens=list(tokens), limit=MOST_TIES)
    former = db.session.scalars(select(FormerCustomer.id).where(FormerCustomer.customer_id == row.id)).all()
    return PersonView(
        customer_id=row.id,
        source=row.source,
        created_at=row.created_at,
        former_ids=tuple(sorted(former)),
        ids=tuple(ids),
        ties=tuple(ties(seen, known=tokens)),
        ties_count=seen[0]["count"] if seen else 0,
        merges=tuple(list_merges([row.id, *former])),
        decisions=tuple(_decisions(row.id, list(tokens))),
    )


def list_merges(selves: Collection[int]) -> list[MergeView]:
    """Merges that any of these present or former customers took part in, the newest first."""
    wanted = select(Merge).where(or_(Merge.survivor_id.in_(selves), Merge.gone_id.in_(selves)))
    return _views(db.session.scalars(wanted.order_by(Merge.merged_at.desc(), Merge.id.desc())).all())


def preview_undo(merge_id: int) -> Undoing | None:
    """What undoing a merge would do. None where there is no such merge, or it does not stand any more."""
    found = db.session.get(Merge, merge_id)
    below = _BELOW.rows(db.session(), gone_id=found.gone_id, merge_id=merge_id) if found else []
    if found is None or not below:
        return None
    holder, born = below[0]["customer_id"], [row["id"] for row in below]
    ids = ids_of([holder])[holder]
    return Undoing(
        merge=_views([found])[0],
        from_id=holder,
        to_id=found.gone_id,
        ids=tuple(one for one in ids if one.born_customer_id in born),
        rest=tuple(one for one in ids if one.born_customer_id not in born),
        objections=tuple(hear_separation(merge_id=merge_id, from_id=holder, to_id=found.gone_id, born_ids=born)),
    )


def _views(rows: Sequence[Merge]) -> list[MergeView]:
    notes: dict[int, list[Objection]] = {row.id: [] for row in rows}
    said = select(MergeNote).where(MergeNote.merge_id.in_(notes)).order_by(MergeNote.id)
    for note in db.session.scalars(said):
        notes[note.merge_id].append(Objection(note.code, note.data))
    stand = set(db.session.scalars(select(FormerCustomer.merge_id).where(FormerCustomer.merge_id.in_(notes))))
    images = _before(rows)
    return [
        MergeView(
            merge_id=row.id,
            survivor_id=row.survivor_id,
            gone_id=row.gone_id,
            born_ids=tuple(row.born_ids),
            why=row.why,
            before=(images[row.id, row.survivor_id], images[row.id, row.gone_id]),
            notes=tuple(notes[row.id]),
            staff_id=row.staff_id,
            merged_at=row.merged_at,
            undone_at=row.undone_at,
            undone_by=row.undone_by,
            undone_why=row.undone_why,
            stands=row.id in stand,
        )
        for row in rows
    ]


def _before(rows: Sequence[Merge]) -> dict[tuple[int, int], tuple[ShownId, ...]]:
    named = {
        (row.id, who): (row.before or {}).get(str(who), {}).get("identities", [])
        for row in rows
        for who in (row.survivor_id, row.gone_id)
    }
    wanted = {life_id for lives in named.values() for life_id in lives}
    known = {row.id: shown(row) for row in db.session.scalars(select(IdentityRow).where(IdentityRow.id.in_(wanted)))}
    return {place: tuple(known[life_id] for life_id in lives if life_id in known) for place, lives in named.items()}


def _decisions(customer_id: int, tokens: list[uuid.UUID]) -> list[DecisionView]:
    rows = _DECISIONS.rows(db.session(), customer_id=customer_id, tokens=tokens)
    return [DecisionView(**{**row, "others": tuple(row["others"])}) for row in rows]
