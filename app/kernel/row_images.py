"""Rows kept as they were, so that a merge can be undone: the before-image of what a merge rewrites or takes away.

A row of state (one per customer: a balance, a standing) cannot be re-pointed when two customers become one. A room keeps
its image, removes the row that goes and recomputes the one that stays; undoing puts the image back. Images are whole rows
as jsonb: encrypted columns stay encrypted.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, db
from app.kernel.personal import personal


class RowImage(Base):
    """One row of `of_table` as it was when merge `merge_id` was about to change it."""

    __tablename__ = "row_image"
    __table_args__ = (Index("ix_row_image_merge_id", "merge_id", "of_table", "customer_id"),)
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    merge_id: Mapped[int]
    customer_id: Mapped[int]
    of_table: Mapped[str]
    row: Mapped[dict[str, Any]] = mapped_column(
        info=personal("set wrongly merged people apart again", "contract", "membership")
    )


def keep(table: type[Base], *, of: Sequence[tuple[int, int]]) -> None:
    """Keep every row of the table whose customer is named: pairs of (merge id, customer id). One statement."""
    name = table.__tablename__
    db.session.flush()
    db.session.execute(
        text(
            "INSERT INTO row_image (merge_id, customer_id, of_table, row)"  # noqa: S608  (a table of ours)
            f" SELECT kept.merge_id, kept.customer_id, '{name}', to_jsonb(it) FROM {name} AS it"
            " JOIN unnest(CAST(:merges AS bigint[]), CAST(:customers AS bigint[])) AS kept (merge_id, customer_id)"
            " USING (customer_id)"
        ),
        {"merges": [merge for merge, _ in of], "customers": [customer for _, customer in of]},
    )


def find(table: type[Base], *, merge_id: int, customer_id: int) -> list[dict[str, Any]]:
    """The rows kept of a customer at a merge, as jsonb gives them (times and bytes as text)."""
    rows = db.session.execute(
        text(
            "SELECT row FROM row_image WHERE merge_id = :merge_id AND customer_id = :customer_id AND of_table = :name"
            " ORDER BY id"
        ),
        {"merge_id": merge_id, "customer_id": customer_id, "name": table.__tablename__},
    )
    return [row.row for row in rows]


def put_back(table: type[Base], *, of: Sequence[tuple[int, int]]) -> None:
    """Write the kept rows of these (merge id, customer id) into their table again, byte for byte, ids included."""
    name = table.__tablename__
    db.session.execute(
        text(
            f"INSERT INTO {name} OVERRIDING SYSTEM VALUE"  # noqa: S608  (a table of ours)
            f" SELECT it.* FROM row_image AS image, jsonb_populate_record(CAST(NULL AS {name}), image.row) AS it"
            " WHERE image.of_table = :name AND (image.merge_id, image.customer_id) IN"
            " (SELECT * FROM unnest(CAST(:merges AS bigint[]), CAST(:customers AS bigint[])))"
        ),
        {"name": name, "merges": [merge for merge, _ in of], "customers": [customer for _, customer in of]},
    )
