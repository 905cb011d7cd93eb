"""How many came to what in a minute: written with what it counts, the row that everybody wants last."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import text

from app.kernel.database import Statement, db

# (dispatch, what, reason): see DispatchMinute.
Counted = tuple[int, str, str]

# In the order of the keys, so that two transactions with the same rows never wait for each other in a circle.
COUNT = Statement(
    lambda: text("""
    INSERT INTO dispatch_minute (dispatch_id, minute, what, reason, number)
    SELECT dispatch_id, CAST(:minute AS timestamptz), what, reason, number
    FROM unnest(CAST(:dispatch_ids AS bigint[]), CAST(:whats AS text[]), CAST(:reasons AS text[]),
        CAST(:numbers AS bigint[])) AS counted (dispatch_id, what, reason, number)
    ORDER BY dispatch_id, what, reason
    ON CONFLICT (dispatch_id, minute, what, reason)
    DO UPDATE SET number = dispatch_minute.number + excluded.number""")
)


def count(numbers: Mapping[Counted, int], *, now: dt.datetime) -> None:
    """Add to the minute's numbers. Its rows stay locked until the end of the transaction: call it last."""
    rows = [(*key, number) for key, number in numbers.items() if number]
    if not rows:
        return
    dispatch_ids, whats, reasons, counts = map(list, zip(*rows, strict=True))
    COUNT.rows(
        db.session(),
        minute=now.replace(second=0, microsecond=0),
        dispatch_ids=dispatch_ids,
        whats=whats,
        reasons=reasons,
        numbers=counts,
    )
