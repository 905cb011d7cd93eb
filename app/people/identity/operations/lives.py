"""Lives of ids: looking them up, locking whose they are, giving new ones to people."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, text

from app.kernel.database import Statement, db, in_one_trip
from app.kernel.facts import announce
from app.people.identity import rules
from app.people.identity.facts import IdentityAttached
from app.people.identity.models import Customer, Identifier, IdentityRow
from app.people.identity.rules.resolving import Group, Life, Node


@dataclass(slots=True)
class LifeRow:
    """One life of an id as it is stored. `number`: how many lives of the id had ended before it."""

    id: int
    customer_id: int
    born_customer_id: int
    token: uuid.UUID
    kind: str
    scope: str
    value_index: bytes
    proof: str
    since: dt.datetime
    until: dt.datetime | None
    number: int

    @property
    def life(self) -> Life:
        """Its name in the rules."""
        return (self.token, self.number)

    @property
    def node(self) -> Node:
        """What the rules look at."""
        return node_of(self.life, kind=self.kind, scope=self.scope, proof=self.proof, ended=self.until is not None)


@dataclass(slots=True)
class NewLife:
    """An id that nobody holds yet, or not any more."""

    identifier: Identifier
    life: Life
    proof: str
    since: dt.datetime
    source: str

    @property
    def node(self) -> Node:
        """What the rules look at."""
        return node_of(self.life, kind=self.identifier.kind, scope=self.identifier.scope, proof=self.proof, ended=False)


def node_of(life: Life, *, kind: str, scope: str, proof: str, ended: bool) -> Node:
    """A life that has ended counts towards nothing, nor does one of a single kind that is only stated."""
    about = rules.KINDS[kind]
    counts = not ended and about.weight > 1 and not (about.most == 1 and proof == "stated")
    return Node(life, (kind, scope) if counts else None, weak=about.weight == 1)


def limit_of(group: Group) -> int:
    """How many ids of this kind and scope a person has at most."""
    return rules.KINDS[group[0]].most


# The gate first: an aggregate is computed when its rows are there, and each of them has passed the gate.
_HOLD = text(
    "WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(:gate))"
    " SELECT count(pg_advisory_xact_lock(number)) FROM gate,"
    " (SELECT unnest(CAST(:numbers AS bigint[])) AS number ORDER BY 1) AS ordered"
)
_HOLD_ALONE = text("SELECT pg_advisory_xact_lock(:gate)")
GATE = 0x6F6E656964  # taken shared by everybody who observes, alone by whoever resolves a whole file


def hold(tokens: Iterable[uuid.UUID]) -> None:
    """One at a time for each id; always in the same order, so that two callers never wait for each other."""
    numbers = sorted(int.from_bytes(token.bytes[:8], "big", signed=True) for token in tokens)
    db.session.execute(_HOLD, {"gate": GATE, "numbers": numbers})


def hold_alone() -> None:
    """Nobody else observes until the transaction ends; waits for those who do."""
    db.session.execute(_HOLD_ALONE, {"gate": GATE})


_COLUMNS = "id, customer_id, born_customer_id, token, kind, scope, value_index, proof, since, until"
_BY_TOKEN = Statement(
    lambda: text(
        f"SELECT {_COLUMNS}, row_number() OVER (PARTITION BY token ORDER BY until NULLS LAST, id) - 1 AS number"  # noqa: S608
        " FROM identity WHERE token = ANY(CAST(:tokens AS uuid[])) ORDER BY token, number"
    )
)


def find_lives(tokens: Collection[uuid.UUID]) -> dict[uuid.UUID, list[LifeRow]]:
    """All lives of these ids, oldest first, the living one last."""
    found: dict[uuid.UUID, list[LifeRow]] = {}
    if tokens:
        for row in _BY_TOKEN.rows(db.session(), tokens=list(tokens)):
            row["value_index"] = bytes(row["value_index"])
            found.setdefault(row["token"], []).append(LifeRow(**row))
    return found


def ended_of(rows: Iterable[LifeRow]) -> list[dt.datetime]:
    """When lives of an id ended."""
    return [row.until for row in rows if row.until is not None]


_TOKENS_OF = Statement(
    lambda: text("SELECT DISTINCT token FROM identity WHERE customer_id = ANY(CAST(:ids AS bigint[]))")
)


def tokens_of(customer_ids: Collection[int]) -> set[uuid.UUID]:
    """The ids these people have or had."""
    if not customer_ids:
        return set()
    return {row["token"] for row in _TOKENS_OF.rows(db.session(), ids=list(customer_ids))}


_BEFORE = Statement(lambda: text("SAVEPOINT people_locked"))
_LET_GO = Statement(lambda: text("ROLLBACK TO SAVEPOINT people_locked"))
_LOCK = {
    True: Statement(
        lambda: text("SELECT id FROM customer WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR UPDATE")
    ),
    False: Statement(
        lambda: text("SELECT id FROM customer WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE")
    ),
}


def lock_customers(customer_ids: Collection[int], *, whole: bool) -> bool:
    """Lock people in the order of their ids; False when one of them has been merged away meanwhile.

    `whole`: also against everybody who writes rows of theirs, for merging; else only against others who give them ids.
    `let_go` undoes it.
    """
    _, locked = in_one_trip(db.session(), (_BEFORE, {}), (_LOCK[whole], {"ids": sorted(customer_ids)}))
    return len(locked) == len(set(customer_ids))


def let_go() -> None:
    """Unlock whom the last `lock_customers` locked: whoever waits for something else meanwhile holds nobody up."""
    _LET_GO.rows(db.session())


_COUNTS = Statement(
    lambda: text(
        "SELECT customer_id, kind, scope, count(*) AS held FROM identity"
        " WHERE customer_id = ANY(CAST(:ids AS bigint[])) AND until IS NULL"
        " AND NOT (proof = 'stated' AND kind = ANY(CAST(:single AS text[])))"
        " AND NOT kind = ANY(CAST(:weak AS text[]))"
        " GROUP BY customer_id, kind, scope"
    )
)
_SINGLE = [kind for kind, about in rules.KINDS.items() if about.most == 1]
_WEAK = [kind for kind, about in rules.KINDS.items() if about.weight == 1]


def counts_of(customer_ids: Collection[int]) -> dict[int, dict[Group, int]]:
    """How many ids that count each of these people has, by kind and scope."""
    found: dict[int, dict[Group, int]] = {customer_id: {} for customer_id in customer_ids}
    if customer_ids:
        for row in _COUNTS.rows(db.session(), ids=list(customer_ids), single=_SINGLE, weak=_WEAK):
            found[row["customer_id"]][row["kind"], row["scope"]] = row["held"]
    return found


def create_customers(sources: Sequence[str], *, now: dt.datetime) -> list[int]:
    """New people, known to nobody yet, one for each source, in their order."""
    rows = [{"source": source, "created_at": now} for source in sources]
    statement = insert(Customer).returning(Customer.id, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, rows)) if rows else []


def write_lives(given: Mapping[Life, tuple[int, int]], *, new: Mapping[Life, NewLife]) -> list[IdentityAttached]:
    """Give new lives to customers: by life (customer, the self it is born to). The facts, to be announced."""
    rows = []
    facts = []
    for life, (customer_id, born_id) in given.items():
        one = new[life].identifier
        rows.append(
            {
                "customer_id": customer_id,
                "born_customer_id": born_id,
                "token": one.token,
                "kind": one.kind,
                "scope": one.scope,
                "value": one.value,
                "value_index": one.index,
                "proof": new[life].proof,
                "since": new[life].since,
            }
        )
        facts.append(IdentityAttached(customer_id, one.kind, one.scope, one.index, new[life].since))
    if rows:
        db.session.execute(insert(IdentityRow), rows)
    return facts


def tell(facts: Sequence[IdentityAttached]) -> None:
    """Announce what was attached, if anything was."""
    if facts:
        announce(facts)
