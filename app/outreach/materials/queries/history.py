"""Who changed what messages say, and the templates that the accounts have."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.kernel.database import reading
from app.outreach.materials.models import PlatformTemplate, WordsChange


@dataclass(frozen=True)
class Change:
    """One change: `act` saved, reset or switched; `changed` the places; `said` what stands there since."""

    channel: str
    account: str
    act: str
    changed: list[str]
    said: dict[str, Any]
    staff_id: int | None
    at: dt.datetime


def list_changes(purpose_id: int, *, limit: int = 20) -> list[Change]:
    """What was changed of a purpose, the newest first."""
    columns = [WordsChange.__table__.c[name] for name in Change.__dataclass_fields__]
    rows = select(*columns).where(WordsChange.purpose_id == purpose_id).order_by(WordsChange.id.desc()).limit(limit)
    with reading() as connection:
        return [Change(**row) for row in connection.execute(rows).mappings()]


@dataclass(frozen=True)
class TemplateView:
    """A template that an account has. `fields`: key → {label, kind, choices?}, in the platform's order."""

    account: str
    template_id: str
    channel: str
    title: str
    fields: dict[str, dict[str, Any]]


def list_templates(channel: str, *, account: str) -> list[TemplateView]:
    """What an account can send in a channel, by title; only what the platform still has."""
    columns = [PlatformTemplate.__table__.c[name] for name in TemplateView.__dataclass_fields__]
    rows = select(*columns).where(
        PlatformTemplate.channel == channel, PlatformTemplate.account == account, PlatformTemplate.gone_at.is_(None)
    )
    with reading() as connection:
        found = connection.execute(rows.order_by(PlatformTemplate.title, PlatformTemplate.template_id)).mappings()
        return [TemplateView(**{**row, "fields": _in_order(row["fields"])}) for row in found]


def _in_order(fields: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """jsonb keeps no order; the number in a field's key is its place on the card."""
    return dict(sorted(fields.items(), key=lambda pair: (int("".join(filter(str.isdigit, pair[0])) or 0), pair[0])))
