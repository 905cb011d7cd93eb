"""Rows of a person who was merged or set apart go over to whose they are now; nothing else about them changes.

What has a `born_customer_id` (app.kernel.carrier) always belongs to the present owner of the self it was born to.
"""

from collections.abc import Sequence

from sqlalchemy import text

from app.kernel.database import Base, db

# From whom, to whom, and the former selves whose rows go over.
Move = tuple[int, int, Sequence[int]]


def re_point(table: type[Base], moves: Sequence[Move]) -> None:
    """`customer_id` of rows that belong to `from` and were born to one of the selves becomes `to`. One statement."""
    flat = [(source, target, born) for source, target, selves in moves for born in selves]
    db.session.flush()
    db.session.execute(
        text(
            f"UPDATE {table.__tablename__} AS it SET customer_id = move.target"  # noqa: S608  (a table of ours)
            " FROM unnest(CAST(:sources AS bigint[]), CAST(:targets AS bigint[]), CAST(:born AS bigint[]))"
            " AS move (source, target, born)"
            " WHERE it.customer_id = move.source AND it.born_customer_id = move.born"
        ),
        {"sources": [one[0] for one in flat], "targets": [one[1] for one in flat], "born": [one[2] for one in flat]},
    )
