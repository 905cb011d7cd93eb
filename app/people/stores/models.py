"""Stores."""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Date, Double, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.kernel.personal import not_personal

PUBLIC_PLACE = not_personal("the public place of a store")


class Store(Base):
    """A store. `x, y, z`: its place on the unit sphere, kept equal to latitude and longitude by `save_stores`.

    `hours`: weekday "1" (Monday) to "7" → open periods [["10:00", "13:00"], …]; `special_days`: ISO date → periods.
    """

    __tablename__ = "store"
    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="place"),
        # Euclidean distance of points on a sphere grows with the distance along it: nearest neighbours are exact.
        Index("ix_store_place", text("cube(ARRAY[x, y, z])"), postgresql_using="gist"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    city: Mapped[str]
    address: Mapped[str] = mapped_column(info=PUBLIC_PLACE)
    phone: Mapped[str | None] = mapped_column(info=not_personal("the number on the shop's door"))
    latitude: Mapped[float] = mapped_column(Double, info=PUBLIC_PLACE)
    longitude: Mapped[float] = mapped_column(Double, info=PUBLIC_PLACE)
    x: Mapped[float] = mapped_column(Double)
    y: Mapped[float] = mapped_column(Double)
    z: Mapped[float] = mapped_column(Double)
    zone: Mapped[str]
    services: Mapped[list[str]] = mapped_column(ARRAY(Text))
    hours: Mapped[dict[str, Any]]
    special_days: Mapped[dict[str, Any]]
    closed_on: Mapped[dt.date | None] = mapped_column(Date)
    saved_at: Mapped[dt.datetime]
