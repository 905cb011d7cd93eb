"""Purposes are kept, switched on and off."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.outreach.materials.models import CHANNELS, Purpose, WordsChange
from app.outreach.materials.queries import seen
from app.outreach.materials.refusals import PurposeInvalid
from app.outreach.materials.rules.saying import PurposeView


@dataclass(frozen=True)
class PurposeDraft:
    """What a purpose is to be. `variables`: what each occasion brings: name → {title, sample}; see models.Purpose."""

    code: str
    name: str
    kind: str
    channels: tuple[str, ...]
    priority: int = 500
    when_in_doubt: str = "hold"
    valid_minutes: int = 24 * 60
    pressing: bool = False
    enabled: bool = True
    variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def save(draft: PurposeDraft, *, now: dt.datetime, builtin: bool = False) -> PurposeView:
    """Keep a purpose under its code; one that was there takes the new properties. Raises PurposeInvalid."""
    if not set(draft.channels) <= set(CHANNELS) or len(set(draft.channels)) != len(draft.channels):
        raise PurposeInvalid(channels=list(draft.channels))
    # R01: the platform takes no marketing by template; an account that sends it is closed.
    if draft.kind == "marketing" and "oa_template" in draft.channels:
        raise PurposeInvalid(channels=["oa_template"])
    columns: dict[str, Any] = asdict(draft) | {"channels": list(draft.channels), "changed_at": now}
    row = insert(Purpose).values(**columns, builtin=builtin)
    row = row.on_conflict_do_update(index_elements=[Purpose.code], set_=columns)
    saved = db.session.execute(row.returning(*Purpose.__table__.columns)).mappings().one()
    seen.forget()
    return seen.purpose_of(saved)


def switch(purpose_id: int, *, enabled: bool, now: dt.datetime, staff_id: int | None = None) -> None:
    """Send for this purpose, or do not: what is due while it is off is held back. Raises PurposeUnknown."""
    seen.get(purpose_id)
    turned = update(Purpose).where(Purpose.id == purpose_id, Purpose.enabled != enabled)
    if db.session.execute(turned.values(enabled=enabled, changed_at=now).returning(Purpose.id)).first():
        said = {"enabled": enabled}
        where = {"purpose_id": purpose_id, "channel": "", "account": ""}
        db.session.add(WordsChange(**where, act="switched", changed=["enabled"], said=said, staff_id=staff_id, at=now))
        db.session.flush()
    seen.forget()
