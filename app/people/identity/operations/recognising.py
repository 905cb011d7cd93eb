"""Recognising people, giving them ids by name and taking ids away."""

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import text

from app.kernel import carrier
from app.kernel.database import Overtaken, db
from app.kernel.facts import announce
from app.people import privacy
from app.people.identity import queries, rules
from app.people.identity.facts import IdentityEnded
from app.people.identity.models import Identifier
from app.people.identity.operations import decisions, evidence, lives, settling
from app.people.identity.operations.evidence import GIVEN, Sighting
from app.people.identity.operations.lives import NewLife
from app.people.identity.operations.observing import Observation, observe
from app.people.identity.refusals import IdentifierInvalid, IdentityMissing, IdentityTaken


def recognise(identifiers: Sequence[Identifier], *, source: str, now: dt.datetime, proof: str = "proven") -> int:
    """Find or create the customer behind ids that arrived together just now, and remember that they did.

    Where they belong to several customers these become one person, or the conflict waits for review and the holder of the
    strongest id is given. However many callers ask at once, one customer results. Raises ValueError for no usable id.
    """
    seen = observe(Observation(tuple(identifiers), source, now, proof), now=now)
    if seen.customer_id is None:
        raise ValueError("at least one identifier that names somebody")
    return seen.customer_id


def attach(*, customer_id: int, identifier: Identifier, proof: str, now: dt.datetime) -> None:
    """Give a customer an id by name, and tell everybody upstairs when it is new. A stronger proof is kept, a weaker not.

    They may have several of a kind that way; that is decided, not observed. `proof`: stated, picked or proven (C02). Raises
    IdentityTaken when it is somebody else's living id, IdentifierInvalid for a value that names nobody, Overtaken where they
    have been merged into somebody else.
    """
    if rules.is_blocked(identifier.kind, identifier.value) or decisions.find_blocked([identifier.token]):
        raise IdentifierInvalid(kind=identifier.kind, part="blocked")
    lives.hold([identifier.token])
    if not lives.lock_customers([customer_id], whole=False):
        raise Overtaken
    row = queries.lock_living(identifier, customer_id=customer_id)
    if row is not None:
        row.proof = rules.stronger(row.proof, proof)
        db.session.flush()
        return
    rows = lives.find_lives([identifier.token]).get(identifier.token, [])
    if any(row.until is None for row in rows):
        raise IdentityTaken(kind=identifier.kind)
    life = (identifier.token, len(rows))
    new = {life: NewLife(identifier, life, proof, now, GIVEN)}
    _remember_given(customer_id, identifier, proof=proof, now=now)
    lives.tell(lives.write_lives({life: (customer_id, carrier.born(customer_id))}, new=new))


def _remember_given(customer_id: int, identifier: Identifier, *, proof: str, now: dt.datetime) -> None:
    """As evidence that needs no limit: with what the customer is known by, and with what they have of the same kind."""
    own = queries.list_living_tokens(customer_id)
    with_whom = {token for token, kind, scope in own if (kind, scope) == (identifier.kind, identifier.scope)}
    with_whom |= {token for token, _, _ in own[:1]}
    evidence.write(
        Sighting(min(token, identifier.token), max(token, identifier.token), GIVEN, proof, now, now)
        for token in with_whom
    )


def release(*, customer_id: int, identifier: Identifier, why: str, now: dt.datetime) -> None:
    """End an id of a customer, with a date and a reason (C06, C07); it is free for somebody else from now on.

    What was seen with it before stays with its former life. Raises IdentityMissing when it is not theirs now.
    """
    lives.hold([identifier.token])
    settling.hold_people()  # before anything of theirs is locked: others wait for that while they have the right to merge
    row = queries.lock_living(identifier, customer_id=customer_id)
    if row is None:
        raise IdentityMissing(kind=identifier.kind)
    row.until, row.why_ended = now, why
    db.session.flush()
    announce([IdentityEnded(customer_id, identifier.kind, identifier.scope, identifier.index, why, now)])
    tokens = lives.tokens_of([customer_id])
    if _is_anything_held(tokens):  # with one id less, what was held may join now
        settling.settle(tokens, new={}, by=settling.By({"rule": "evidence"}), now=now)


def _is_anything_held(tokens: set[uuid.UUID]) -> bool:
    found = db.session.execute(
        text("SELECT 1 FROM identity_held_evidence WHERE low = ANY(:tokens) OR high = ANY(:tokens) LIMIT 1"),
        {"tokens": list(tokens)},
    )
    return found.first() is not None


def show_phone(*, customer_id: int, staff_id: int, reason: str, now: dt.datetime) -> str:
    """The number in full for a staff member, who is written down with the reason (G08).

    Raises privacy's ReasonMissing, and IdentityMissing where there is no number.
    """
    phone = queries.find_phone(customer_id)
    if phone is None:
        raise IdentityMissing(kind="phone")
    privacy.log_look(customer_id=customer_id, staff_id=staff_id, field="phone", reason=reason, now=now)
    return phone
