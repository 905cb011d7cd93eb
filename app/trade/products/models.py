"""The list of what is sold."""

import datetime as dt

from sqlalchemy import CheckConstraint, Identity, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base


class ProductRow(Base):
    """One product of the brand; colour variants are products of their own within one series."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("price_fen >= 0", name="price"),
        Index("ix_product_tags", "tags", postgresql_using="gin"),
        Index("ix_product_category_series", "category", "series"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    category: Mapped[str]
    series: Mapped[str]
    colour: Mapped[str]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    price_fen: Mapped[int]
    image_url: Mapped[str]
    on_sale: Mapped[bool]
    changed_at: Mapped[dt.datetime]
