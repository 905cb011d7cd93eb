"""Staff come, change and leave."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.kernel.facts import announce
from app.kernel.settings import settings
from app.people import identity, stores
from app.people.teams import queries
from app.people.teams.facts import StaffLeft
from app.people.teams.models import StaffRow, StaffStore, Team
from app.people.teams.queries import StaffMember
from app.people.teams.refusals import DemoOnly, StaffInvalid, StaffUnknown
from app.people.teams.rules import ROLES


@dataclass(frozen=True)
class StaffDraft:
    """Somebody as the brand knows them. `role`: a key of ROLES; `phone` marks them among members (X01)."""

    code: str
    name: str
    role: str
    team_code: str | None = None
    store_codes: tuple[str, ...] = ()
    phone: str | None = None


def save_teams(names: dict[str, str], *, now: dt.datetime) -> dict[str, int]:
    """Create or rename teams, code → name; their ids by code."""
    if not names:
        return {}
    statement = insert(Team)
    statement = statement.on_conflict_do_update(index_elements=["code"], set_={"name": statement.excluded.name})
    rows = [{"code": code, "name": name} for code, name in names.items()]
    return {row.code: row.id for row in db.session.execute(statement.returning(Team.code, Team.id), rows)}


def save_staff(drafts: Sequence[StaffDraft], *, now: dt.datetime) -> dict[str, int]:
    """Create or change staff by code, all or none, the last of equal codes; their ids by code.

    Somebody who had left is at work again. Raises StaffInvalid for an unknown role, team or store, or no phone number.
    """
    if not drafts:
        return {}
    latest = {draft.code: draft for draft in drafts}
    teams = {team.code: team.id for team in db.session.scalars(select(Team))}
    known = stores.find_stores_by_codes([code for draft in latest.values() for code in draft.store_codes])
    rows = [_row(draft, teams=teams, known=known, now=now) for draft in latest.values()]
    statement = insert(StaffRow)
    kept = {"id", "code", "joined_at"}
    changed = {name.name: statement.excluded[name.name] for name in StaffRow.__table__.columns if name.name not in kept}
    statement = statement.on_conflict_do_update(index_elements=["code"], set_=changed)
    saved = db.session.execute(statement.returning(StaffRow.code, StaffRow.id), rows)
    ids = {row.code: row.id for row in saved}
    _place({ids[draft.code]: [known[code].store_id for code in draft.store_codes] for draft in latest.values()})
    return ids


def leave(*, staff_id: int, why: str, now: dt.datetime) -> None:
    """Write down that somebody left: from the commit on no guard lets them in, whatever session they hold (G03).

    Raises StaffUnknown when nobody with this id is at work.
    """
    row = db.session.execute(
        select(StaffRow).where(StaffRow.id == staff_id, StaffRow.left_at.is_(None)).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise StaffUnknown
    row.left_at, row.why_left = now, why
    db.session.flush()
    announce([StaffLeft(staff_id, row.team_id, why, now)])


def sign_in_as(*, staff_code: str, now: dt.datetime) -> StaffMember:
    """Who this is, for the demo sign-in. Raises DemoOnly outside the demo brand, StaffUnknown for nobody at work."""
    if not settings().demo:
        raise DemoOnly
    member = queries.find_by_code(staff_code)
    if member is None:
        raise StaffUnknown
    return member


def _row(
    draft: StaffDraft, *, teams: dict[str, int], known: dict[str, stores.StoreView], now: dt.datetime
) -> dict[str, Any]:
    if draft.role not in ROLES:
        raise StaffInvalid(code=draft.code, field="role", why="unknown role")
    if draft.team_code is not None and draft.team_code not in teams:
        raise StaffInvalid(code=draft.code, field="team_code", why="unknown team")
    if missing := sorted(set(draft.store_codes) - set(known)):
        raise StaffInvalid(code=draft.code, field="store_codes", why=f"unknown stores {', '.join(missing)}")
    phone = _phone(draft)
    return {
        "code": draft.code,
        "name": draft.name,
        "role": draft.role,
        "team_id": teams[draft.team_code] if draft.team_code else None,
        "phone": phone.value if phone else None,
        "phone_index": phone.index if phone else None,
        "joined_at": now,
        "left_at": None,
        "why_left": None,
    }


def _phone(draft: StaffDraft) -> identity.Identifier | None:
    if draft.phone is None:
        return None
    try:
        return identity.identifier("phone", draft.phone)
    except identity.IdentifierInvalid:
        raise StaffInvalid(code=draft.code, field="phone", why="not a phone number") from None


_PLACES = text("INSERT INTO staff_store (staff_id, store_id) SELECT * FROM unnest(:staff_ids, :store_ids)").bindparams(
    bindparam("staff_ids", type_=ARRAY(BigInteger)), bindparam("store_ids", type_=ARRAY(BigInteger))
)


def _place(places: dict[int, list[int]]) -> None:
    db.session.execute(delete(StaffStore).where(StaffStore.staff_id.in_(places)))
    pairs = [(staff_id, store_id) for staff_id, store_ids in places.items() for store_id in dict.fromkeys(store_ids)]
    if pairs:
        staff_ids, store_ids = zip(*pairs, strict=True)
        db.session.execute(_PLACES, {"staff_ids": list(staff_ids), "store_ids": list(store_ids)})
