"""Writing what is simple in a part: evidence, proofs, people, ids; and telling whose ids they are."""

import datetime as dt

import numpy as np
from sqlalchemy import text

from app.kernel import copying
from app.kernel.crypto import encrypt_many
from app.kernel.database import db
from app.kernel.facts import announce
from app.people.identity.facts import IdentityAttached, ManyIdentitiesAttached
from app.people.identity.operations import lives
from app.people.identity.operations.bulk_judging import NOBODY, Judged, Known, by_index
from app.people.identity.operations.gathering import Flags, Gathered
from app.people.identity.rules import PROOFS
from app.people.identity.rules.graphs import Numbers

FACTS_ONE_BY_ONE = 1_000  # of more ids it is told together
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Ready = dict[int, bytes]


def encrypted(part: Gathered, *, known: Known) -> Ready:
    """The values that nobody holds yet, encrypted. Computes only."""
    new = np.ones(len(part), dtype=bool)
    new[known.place[~known.ended]] = False
    places = np.flatnonzero(new).tolist()
    return dict(zip(places, encrypt_many([part.values[place] for place in places]), strict=True))


_KEEP = text(
    """
    INSERT INTO identity_evidence (low, high, source, proof, first_seen, last_seen)
    SELECT low, high, source, proof, first_seen, last_seen FROM bulk_pair ORDER BY low, high
    ON CONFLICT (low, high, source, proof) DO NOTHING
    """
)
_WIDEN = text(
    """
    UPDATE identity_evidence AS kept
    SET first_seen = least(kept.first_seen, told.first_seen), last_seen = greatest(kept.last_seen, told.last_seen)
    FROM bulk_pair AS told
    WHERE kept.low = told.low AND kept.high = told.high AND kept.source = told.source AND kept.proof = told.proof
        AND (told.first_seen < kept.first_seen OR told.last_seen > kept.last_seen)
    """
)


# One step for each id, instead of one for each pair and two more to keep it, tells almost all new pairs.
_SEEN_BEFORE = "SELECT place FROM bulk_id WHERE (SELECT true FROM identity_evidence WHERE low = token LIMIT 1)"


def write_evidence(part: Gathered, *, simple: Flags) -> None:
    """Write down what was seen together of simple ids; what is known is widened, never narrowed."""
    session = db.session()
    with by_index():
        places = copying.copy_out(session, _SEEN_BEFORE, [("place", ">i8")])["place"].astype(np.int64)
    before = np.zeros(len(part), dtype=bool)
    before[places] = True
    ours, known = simple[part.pairs.low], before[part.pairs.low]
    _copy_pairs("identity_evidence", part, np.flatnonzero(ours & ~known))
    if not len(these := np.flatnonzero(ours & known)):
        return
    _copy_pairs("bulk_pair", part, these)
    session.execute(text("ANALYZE bulk_pair"))
    with by_index():
        session.execute(_WIDEN)
    session.execute(_KEEP)


def _copy_pairs(table: str, part: Gathered, these: Numbers) -> None:
    pairs = part.pairs
    columns = {
        "low": copying.fixed(part.tokens[pairs.low[these]]),
        "high": copying.fixed(part.tokens[pairs.high[these]]),
        "source": copying.words(pairs.source[these], part.sources),
        "proof": copying.words(pairs.proof[these], PROOFS),
        "first_seen": copying.moments(pairs.first_seen[these]),
        "last_seen": copying.moments(pairs.last_seen[these]),
    }
    copying.copy_in(db.session(), table, columns, len(these))


_RAISE = text(
    "UPDATE identity SET proof = raised.proof FROM unnest(CAST(:rows AS bigint[]), CAST(:proofs AS text[]))"
    " AS raised (id, proof) WHERE identity.id = raised.id"
)


def raise_proofs(part: Gathered, *, known: Known, simple: Flags) -> None:
    """A stronger proof is kept, a weaker one is not."""
    raised = ~known.ended & simple[known.place] & (part.proof[known.place] > known.proof)
    if raised.any():
        proofs = [PROOFS[number] for number in part.proof[known.place[raised]].tolist()]
        db.session.execute(_RAISE, {"rows": known.row[raised].tolist(), "proofs": proofs})


# The sequence is looked for once: looking costs more than a number.
_NUMBERS = "(SELECT CAST(pg_get_serial_sequence('customer', 'id') AS regclass) AS name OFFSET 0) AS sequence"


def create_people(part: Gathered, *, judged: Judged, now: dt.datetime) -> Numbers:
    """Somebody new for each simple component that is nobody's; whose each component is then."""
    people = judged.owner.copy()
    ours = np.flatnonzero(judged.simple)
    since = part.seen.seen_at[part.first_row[ours]]
    order = np.lexsort((since, judged.label[ours]))
    labels, starts = np.unique(judged.label[ours][order], return_index=True)
    nobodys = people[labels] == NOBODY
    labels, first = labels[nobodys], ours[order][starts[nobodys]]
    if not len(labels):
        return people
    numbers = copying.copy_out(
        db.session(),
        f"SELECT nextval(name) FROM {_NUMBERS}, generate_series(1, {len(labels)})",  # noqa: S608
        [("id", ">i8")],
    )["id"].astype(np.int64)
    columns = {
        "id": copying.bigints(numbers),
        "source": copying.words(part.seen.source[part.first_row[first]], part.sources),
        "created_at": copying.moments(np.full(len(labels), (now - _EPOCH) // dt.timedelta(microseconds=1))),
    }
    copying.copy_in(db.session(), "customer", columns, len(labels))
    people[labels] = numbers
    return people


def give_ids(part: Gathered, *, judged: Judged, people: Numbers, ready: Ready) -> None:
    """Give new simple ids to the people of their components, and tell everybody."""
    places = np.flatnonzero(judged.simple & judged.new)
    if not len(places):
        return
    labels = judged.label[places]
    customers = people[labels]
    since = part.seen.seen_at[part.first_row[places]]
    columns = {
        "customer_id": copying.bigints(customers),
        "born_customer_id": copying.bigints(np.where(judged.born[labels] == NOBODY, customers, judged.born[labels])),
        "token": copying.fixed(part.tokens[places]),
        "kind": copying.words(part.column[places], [column.kind for column in part.columns]),
        "scope": copying.words(part.column[places], [column.scope for column in part.columns]),
        "value": copying.blobs([ready[place] for place in places.tolist()]),
        "value_index": copying.fixed(part.indexes[places]),
        "proof": copying.words(part.proof[places], PROOFS),
        "since": copying.moments(since),
    }
    copying.copy_in(db.session(), "identity", columns, len(places))
    if len(places) <= FACTS_ONE_BY_ONE:
        lives.tell(_facts(part, places, customers, since))
    else:
        announce([_fact_of_all(part, places, since)])


def _facts(part: Gathered, places: Numbers, customers: Numbers, since: Numbers) -> list[IdentityAttached]:
    columns = (part.columns[number] for number in part.column[places].tolist())
    return [
        IdentityAttached(customer, column.kind, column.scope, bytes(index), _EPOCH + dt.timedelta(microseconds=at))
        for customer, column, index, at in zip(
            customers.tolist(), columns, part.indexes[places], since.tolist(), strict=True
        )
    ]


def _fact_of_all(part: Gathered, places: Numbers, since: Numbers) -> ManyIdentitiesAttached:
    columns = part.column[places]
    groups = [
        (one.kind, one.scope, part.indexes[places[columns == number]].tobytes())
        for number, one in enumerate(part.columns)
    ]
    return ManyIdentitiesAttached(groups, _EPOCH + dt.timedelta(microseconds=int(since.max())))
