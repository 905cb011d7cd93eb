"""Questions about products."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, select
from sqlalchemy.sql import ColumnElement

from app.kernel.database import db, reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.trade.products.models import ProductRow
from app.trade.products.refusals import ProductNotFound


@dataclass(frozen=True)
class Product:
    """A product as others see it."""

    id: int
    code: str
    name: str
    category: str
    series: str
    colour: str
    tags: tuple[str, ...]
    price_fen: int
    image_url: str
    on_sale: bool


@dataclass(frozen=True)
class ProductFilter:
    """What a list is narrowed to; None narrows nothing. `words` are looked for in name and code."""

    category: str | None = None
    series: str | None = None
    colour: str | None = None
    tag: str | None = None
    words: str | None = None
    on_sale: bool | None = True


_COLUMNS = [column for column in ProductRow.__table__.columns if column.name != "changed_at"]


def _product(row: Any) -> Product:
    return Product(**dict(row._mapping) | {"tags": tuple(row.tags)})


def get_product(product_id: int) -> Product:
    """One product. Raises ProductNotFound."""
    with reading() as connection:
        row = connection.execute(select(*_COLUMNS).where(ProductRow.id == product_id)).one_or_none()
    if row is None:
        raise ProductNotFound
    return _product(row)


def find_products_by_codes(codes: Iterable[str]) -> dict[str, Product]:
    """Those of the codes that are known, off sale included."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    known = select(*_COLUMNS).where(ProductRow.code == any_(bindparam("codes", type_=ARRAY(Text))))
    return {row.code: _product(row) for row in db.session.execute(known, {"codes": wanted})}


def list_products(narrowed: ProductFilter, *, cursor: str | None = None, limit: int = 20) -> Page[Product]:
    """Products by age, oldest first: what is added meanwhile comes at the end. Raises CursorInvalid."""
    wanted = select(*_COLUMNS).where(*_conditions(narrowed)).order_by(ProductRow.id).limit(limit + 1)
    if cursor is not None:
        wanted = wanted.where(ProductRow.id > _after(cursor))
    with reading() as connection:
        rows = [_product(row) for row in connection.execute(wanted)]
    return page_of(rows, limit, lambda product: [product.id])


def _after(cursor: str) -> int:
    values = decode_cursor(cursor)
    if len(values) != 1 or not isinstance(values[0], int):
        raise CursorInvalid
    return values[0]


def _conditions(narrowed: ProductFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name in ("category", "series", "colour", "on_sale"):
        value = getattr(narrowed, name)
        if value is not None:
            found.append(getattr(ProductRow, name) == value)
    if narrowed.tag is not None:
        found.append(ProductRow.tags.contains([narrowed.tag]))
    if narrowed.words is not None:
        found.append(
            ProductRow.name.icontains(narrowed.words, autoescape=True)
            | ProductRow.code.icontains(narrowed.words, autoescape=True)
        )
    return found
