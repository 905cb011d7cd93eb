"""Recognising people, giving them ids and taking ids away."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.kernel import carrier
from app.kernel.database import db
from app.kernel.facts import announce
from app.kernel.locks import lock
from app.people import privacy
from app.people.identity import queries, rules
from app.people.identity.facts import IdentityAttached, IdentityEnded
from app.people.identity.models import Customer, HeldEvidence, Identifier, IdentityRow, Key, token_of
from app.people.identity.refusals import IdentityMissing, IdentityTaken


def recognise(identifiers: Sequence[Identifier], *, source: str, now: dt.datetime, proof: str = "proven") -> int:
    """Find or create the customer behind ids that arrived together, strongest first; attach those that are free.

    Where they belong to several customers, the holder of the first one stands, and each of the others is written down as a
    conflict for review: nothing is merged. However many callers ask at once, one customer results. `source` says where a
    new customer came from. Raises ValueError for no identifiers.
    """
    if not identifiers:
        raise ValueError("at least one identifier")
    keys = [wanted.key for wanted in identifiers]
    holders = queries.find_customers(keys)
    if len(holders) < len(set(keys)):  # something is free: alone from here on, and looked at again
        _hold(identifiers)
        holders = queries.find_customers(keys)
    customer_id = next((holders[key] for key in keys if key in holders), None) or _create(source=source, now=now)
    free = {wanted.key: wanted for wanted in identifiers if wanted.key not in holders}
    _write(customer_id=customer_id, identifiers=list(free.values()), proof=proof, now=now)
    foreign = {key: holder for key, holder in holders.items() if holder != customer_id}
    if foreign:
        _note_conflicts(customer_id=customer_id, foreign=foreign, source=source, now=now)
    return customer_id


def attach(*, customer_id: int, identifier: Identifier, proof: str, now: dt.datetime) -> None:
    """Give a customer an id, and tell everybody upstairs when it is new. A stronger proof is kept, a weaker one is not.

    `proof`: stated, picked or proven (C02). Raises IdentityTaken when it is somebody else's living id.
    """
    _hold([identifier])
    row = queries.lock_living(identifier, customer_id=customer_id)
    if row is not None:
        row.proof = rules.stronger(row.proof, proof)
        db.session.flush()
        return
    if queries.find_customer(identifier) is not None:
        raise IdentityTaken(kind=identifier.kind)
    _write(customer_id=customer_id, identifiers=[identifier], proof=proof, now=now)


def release(*, customer_id: int, identifier: Identifier, why: str, now: dt.datetime) -> None:
    """End an id of a customer, with a date and a reason (C06); it is free for somebody else from now on.

    Raises IdentityMissing when it is not this customer's living id.
    """
    _hold([identifier])
    row = queries.lock_living(identifier, customer_id=customer_id)
    if row is None:
        raise IdentityMissing(kind=identifier.kind)
    row.until, row.why_ended = now, why
    db.session.flush()
    announce([IdentityEnded(customer_id, identifier.kind, identifier.scope, identifier.index, why, now)])


def show_phone(*, customer_id: int, staff_id: int, reason: str, now: dt.datetime) -> str:
    """The number in full for a staff member, who is written down with the reason (G08).

    Raises privacy's ReasonMissing, and IdentityMissing where there is no number.
    """
    phone = queries.find_phone(customer_id)
    if phone is None:
        raise IdentityMissing(kind="phone")
    privacy.log_look(customer_id=customer_id, staff_id=staff_id, field="phone", reason=reason, now=now)
    return phone


def _hold(identifiers: Sequence[Identifier]) -> None:
    """One at a time for each id; always in the same order, so that two callers never wait for each other."""
    for kind, scope, index in sorted({wanted.key for wanted in identifiers}):
        lock(db.session(), f"identity:{kind}:{scope}:{index.hex()}")


def _create(*, source: str, now: dt.datetime) -> int:
    created = insert(Customer).values(source=source, created_at=now).returning(Customer.id)
    return int(db.session.execute(created).scalar_one())


def _write(*, customer_id: int, identifiers: Sequence[Identifier], proof: str, now: dt.datetime) -> None:
    if not identifiers:
        return
    rows = [
        {
            "customer_id": customer_id,
            "born_customer_id": carrier.born(customer_id),
            "token": new.token,
            "kind": new.kind,
            "scope": new.scope,
            "value": new.value,
            "value_index": new.index,
            "proof": proof,
            "since": now,
        }
        for new in identifiers
    ]
    db.session.execute(insert(IdentityRow), rows)
    announce([IdentityAttached(customer_id, new.kind, new.scope, new.index, now) for new in identifiers])


def _note_conflicts(*, customer_id: int, foreign: dict[Key, int], source: str, now: dt.datetime) -> None:
    own = select(IdentityRow.token).where(IdentityRow.customer_id == customer_id).order_by(IdentityRow.id).limit(1)
    anchor = db.session.execute(own).scalar_one()
    rows = [
        {
            "low": min(anchor, token_of(key)),
            "high": max(anchor, token_of(key)),
            "reason": "limit",
            "data": {},
            "source": source,
            "found_at": now,
        }
        for key in foreign
    ]
    db.session.execute(upsert(HeldEvidence).on_conflict_do_nothing(), rows)
