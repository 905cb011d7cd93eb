"""What was seen together: writing it down once, and reading what is known."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel.database import Statement, db

# Somebody gave this id to this person by name (a member's own phone at joining): it joins like a decision, without limits.
GIVEN = "given"
Pair = tuple[uuid.UUID, uuid.UUID, str, str]  # low, high, source, proof


@dataclass(slots=True)
class Sighting:
    """Two ids were seen together by a source, with a proof, first and last at these times. `low` < `high`."""

    low: uuid.UUID
    high: uuid.UUID
    source: str
    proof: str
    first_seen: dt.datetime
    last_seen: dt.datetime

    @property
    def pair(self) -> Pair:
        """What is unique."""
        return (self.low, self.high, self.source, self.proof)


_BY_PAIR = Statement(
    lambda: text(
        "SELECT low, high, source, proof, first_seen, last_seen FROM identity_evidence"
        " JOIN unnest(CAST(:lows AS uuid[]), CAST(:highs AS uuid[]), CAST(:sources AS text[]), CAST(:proofs AS text[]))"
        " AS wanted (low, high, source, proof) USING (low, high, source, proof)"
    )
)
_TOUCHING = Statement(
    lambda: text(
        "SELECT low, high, source, proof, first_seen, last_seen FROM identity_evidence"
        " WHERE low = ANY(CAST(:tokens AS uuid[]))"
        " UNION SELECT low, high, source, proof, first_seen, last_seen FROM identity_evidence"
        " WHERE high = ANY(CAST(:tokens AS uuid[]))"
    )
)
_WRITE = Statement(
    lambda: text(
        "INSERT INTO identity_evidence AS known (low, high, source, proof, first_seen, last_seen)"
        " SELECT * FROM unnest(CAST(:lows AS uuid[]), CAST(:highs AS uuid[]), CAST(:sources AS text[]),"
        " CAST(:proofs AS text[]), CAST(:firsts AS timestamptz[]), CAST(:lasts AS timestamptz[]))"
        " ON CONFLICT (low, high, source, proof) DO UPDATE SET"
        " first_seen = least(known.first_seen, excluded.first_seen),"
        " last_seen = greatest(known.last_seen, excluded.last_seen)"
    )
)


def find_pairs(wanted: Iterable[Sighting]) -> dict[Pair, Sighting]:
    """What is known of these pairs."""
    wanted = list(wanted)
    if not wanted:
        return {}
    rows = _BY_PAIR.rows(
        db.session(),
        lows=[one.low for one in wanted],
        highs=[one.high for one in wanted],
        sources=[one.source for one in wanted],
        proofs=[one.proof for one in wanted],
    )
    found = [Sighting(**row) for row in rows]
    return {one.pair: one for one in found}


def find_touching(tokens: Collection[uuid.UUID]) -> list[Sighting]:
    """All evidence about these ids."""
    return [Sighting(**row) for row in _TOUCHING.rows(db.session(), tokens=list(tokens))] if tokens else []


def write(sightings: Iterable[Sighting]) -> None:
    """Write down, each pair at most once; what is known is widened, never narrowed."""
    rows = sorted(sightings, key=lambda one: one.pair)
    if rows:
        _WRITE.rows(
            db.session(),
            lows=[one.low for one in rows],
            highs=[one.high for one in rows],
            sources=[one.source for one in rows],
            proofs=[one.proof for one in rows],
            firsts=[one.first_seen for one in rows],
            lasts=[one.last_seen for one in rows],
        )
