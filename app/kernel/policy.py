"""The brand's settings, typed: every room declares a frozen dataclass of defaults, one row may change some of them.

    @policy("points")
    @dataclass(frozen=True)
    class PointsPolicy:
        return_days: int = 7

    current(PointsPolicy).return_days

Values are those in ⟨ ⟩ of the field rules. A change is seen by every process within LOOK_EVERY_SECONDS.
"""

import dataclasses
import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, db, reading
from app.kernel.errors import Unprocessable

P = TypeVar("P")
LOOK_EVERY_SECONDS = 5.0


class BrandPolicy(Base):
    """What the brand has set differently from the defaults, one row a room."""

    __tablename__ = "brand_policy"
    name: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]]


class PolicyUnknown(Unprocessable):
    code = "policy.unknown"
    title = "没有这个设置"


_names: dict[type, str] = {}
_seen: dict[type, tuple[float, Any]] = {}


def policy(name: str) -> Callable[[type[P]], type[P]]:
    """Register a frozen dataclass of defaults under a name."""

    def register(kind: type[P]) -> type[P]:
        _names[kind] = name
        return kind

    return register


def list_policies() -> dict[str, type]:
    """All registered policies by name."""
    return {name: kind for kind, name in _names.items()}


def current(kind: type[P]) -> P:
    """The policy in force, cached in process for a few seconds."""
    looked_at, value = _seen.get(kind, (float("-inf"), None))
    if time.monotonic() - looked_at > LOOK_EVERY_SECONDS:
        with reading() as connection:
            row = connection.execute(
                BrandPolicy.__table__.select().where(BrandPolicy.name == _names[kind])
            ).one_or_none()
        stored = row._mapping["values"] if row else {}
        value = _of(kind, stored)
        _seen[kind] = (time.monotonic(), value)
    return value  # type: ignore[no-any-return]


def _of(kind: type[P], stored: dict[str, Any]) -> P:
    # A setting that a newer version no longer has is left where it is and means nothing.
    return kind(**{name: stored[name] for name in stored.keys() & _fields(kind)})


def _fields(kind: type[Any]) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def change(kind: type[P], **values: Any) -> P:
    """Set some values. Raises PolicyUnknown for a name the policy does not have."""
    if unknown := sorted(set(values) - _fields(kind)):
        raise PolicyUnknown(names=unknown)
    statement = insert(BrandPolicy).values(name=_names[kind], values=values)
    merged = BrandPolicy.__table__.c["values"].op("||")(statement.excluded["values"])
    kept = statement.on_conflict_do_update(index_elements=["name"], set_={"values": merged})
    stored = db.session.execute(kept.returning(BrandPolicy.__table__.c["values"])).scalar_one()
    # Not through the cache, which would read what was in force before this transaction and keep that for a while.
    forget()
    return _of(kind, stored)


def forget() -> None:
    """Drop what this process has cached; for tests and after a change."""
    _seen.clear()
