"""People of a part who become one: those whose union nothing speaks against, heard one by one, carried out set-wise."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import text

from app.kernel.database import Statement, db
from app.kernel.facts import ask
from app.people.identity import rules
from app.people.identity.facts import MergeProposed
from app.people.identity.operations import lives, merging
from app.people.identity.operations.bulk_judging import NOBODY, Judged
from app.people.identity.operations.gathering import Gathered
from app.people.identity.operations.merging import Union

AT_ONCE = 1_000
_SHOWN = 5
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# Whoever has held evidence, a decision, an id that ended or a weak one is looked at whole by the exact resolver.
_PLAIN = Statement(
    lambda: text(
        """
        SELECT customer.id, customer.created_at,
               EXISTS (SELECT FROM identity WHERE customer_id = customer.id AND kind = 'card') AS carded
        FROM customer WHERE id = ANY(CAST(:ids AS bigint[])) AND NOT EXISTS (
            SELECT FROM identity AS held WHERE held.customer_id = customer.id AND (
                held.until IS NOT NULL OR held.kind = ANY(CAST(:weak AS text[]))
                OR EXISTS (SELECT FROM identity_held_evidence WHERE low = held.token)
                OR EXISTS (SELECT FROM identity_held_evidence WHERE high = held.token)
                OR EXISTS (SELECT FROM identity_decision_side WHERE token = held.token)))
        """
    )
)
_WEAK = [kind for kind, about in rules.KINDS.items() if about.weight == 1]


def plan_merges(part: Gathered, *, judged: Judged) -> list[Union]:
    """Who goes into whom; components in which something speaks against it are not simple any more. Nothing is written."""
    several = {label: owners for label, owners in judged.several.items() if not judged.complex[label]}
    ids = sorted(one for owners in several.values() for one in owners)
    if not ids:
        return []
    lives.lock_customers(ids, whole=True)
    plain = {row["id"]: row for row in _PLAIN.rows(db.session(), ids=ids, weak=_WEAK)}
    unions = []
    evidence = _evidence(part, judged)
    for label, owners in several.items():
        if not all(one in plain for one in owners):
            judged.complex[label] = True
            continue
        stays = min(owners, key=lambda one: (not plain[one]["carded"], plain[one]["created_at"], one))
        goes = [one for one in owners if one != stays]
        if any(list(ask(MergeProposed(stays, gone))) for gone in goes):
            judged.complex[label] = True
            continue
        judged.owner[label], judged.born[label] = stays, NOBODY
        why = {"rule": "evidence", "evidence": evidence.get(label, [])}
        unions += [Union(stays, gone, why) for gone in goes]
    return unions


def carry_out(unions: Sequence[Union], *, now: dt.datetime) -> None:
    """Make them one; everybody is told."""
    for start in range(0, len(unions), AT_ONCE):
        merging.merge_all(unions[start : start + AT_ONCE], now=now)


def _evidence(part: Gathered, judged: Judged) -> Mapping[int, list[dict[str, Any]]]:
    """What was seen together in components of several people, for the record: five pairs of each at most."""
    pairs = part.pairs
    labels = judged.label[pairs.low]
    found: dict[int, list[dict[str, Any]]] = {}
    for place in np.flatnonzero(np.isin(labels, list(judged.several))).tolist():
        shown = found.setdefault(int(labels[place]), [])
        if len(shown) < _SHOWN:
            ends = (int(pairs.low[place]), int(pairs.high[place]))
            shown.append(
                {
                    "kinds": [part.columns[part.column[end]].kind for end in ends],
                    "tokens": [str(part.token(end)) for end in ends],
                    "source": part.sources[pairs.source[place]],
                    "proof": rules.PROOFS[pairs.proof[place]],
                    "seen": (_EPOCH + dt.timedelta(microseconds=int(pairs.first_seen[place]))).isoformat(),
                }
            )
    return found
