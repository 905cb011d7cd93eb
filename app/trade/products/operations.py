"""Changes to the list of products."""

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.trade.products.models import ProductRow
from app.trade.products.refusals import ProductInvalid
from app.trade.products.rules import ProductDraft, why_not

ROWS_A_STATEMENT = 2000
_KEPT = [field.name for field in dataclasses.fields(ProductDraft) if field.name != "code"]


def save_products(drafts: Sequence[ProductDraft], *, now: dt.datetime) -> int:
    """Add or change products by code; how many really changed. The last of several drafts of one code counts.

    Raises ProductInvalid, with nothing saved, naming code and field of the first that cannot be kept.
    """
    for draft in drafts:
        if (field := why_not(draft)) is not None:
            raise ProductInvalid(product_code=draft.code[:64], field=field)
    # Sorted, so that two lists saved at once wait for each other instead of locking each other out.
    rows = [_row(draft, now) for _, draft in sorted({draft.code: draft for draft in drafts}.items())]
    return sum(_save(rows[start : start + ROWS_A_STATEMENT]) for start in range(0, len(rows), ROWS_A_STATEMENT))


def _row(draft: ProductDraft, now: dt.datetime) -> dict[str, object]:
    return {**dataclasses.asdict(draft), "tags": sorted(set(draft.tags)), "changed_at": now}


def _save(rows: list[dict[str, object]]) -> int:
    told = insert(ProductRow).values(rows)
    differs = or_(*(getattr(ProductRow, name).is_distinct_from(told.excluded[name]) for name in _KEPT))
    statement = told.on_conflict_do_update(
        index_elements=["code"],
        set_={name: told.excluded[name] for name in [*_KEPT, "changed_at"]},
        where=differs,
    )
    return len(db.session.execute(statement.returning(ProductRow.id)).all())
