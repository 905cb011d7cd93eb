"""Dispatches: deliveries that go, pause and stop together; planning many of them at once."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, Literal, TypedDict, Unpack

from psycopg.types.json import Jsonb
from sqlalchemy import ColumnElement, Select, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import Statement, db
from app.outreach import materials
from app.outreach.messaging.models import Delivery, Dispatch
from app.outreach.messaging.operations import counting
from app.outreach.messaging.refusals import DispatchStopped, DispatchUnknown

State = Literal["running", "paused", "stopped"]


class Terms(TypedDict, total=False):
    """What a dispatch may differ in. `priority`: the lower goes first, the purpose's own where it is empty."""

    control_percent: int
    control_salt: str
    priority: int | None
    state: State


# A wave waits for nothing: rows of whom nobody knows any more are left out, those who were told are told once.
_PLAN = """
    INSERT INTO delivery (dispatch_id, purpose_id, customer_id, born_customer_id, occasion, values, state, due_at,
        expires_at, planned_at)
    SELECT CAST(:dispatch_id AS bigint), CAST(:purpose_id AS bigint), customer.id, given.born_customer_id,
        CAST(:occasion AS text), given.values, 'planned', CAST(:due_at AS timestamptz),
        CAST(:expires_at AS timestamptz), CAST(:now AS timestamptz)
    FROM ({given}) AS given JOIN customer ON customer.id = given.customer_id
    ON CONFLICT DO NOTHING"""
_GIVEN_IDS = """
    SELECT coalesce(former.customer_id, named.id) AS customer_id, named.id AS born_customer_id,
        CAST(:values AS jsonb) AS values
    FROM unnest(CAST(:ids AS bigint[])) AS named (id) LEFT JOIN former_customer AS former ON former.id = named.id"""


def open(code: str, *, purpose: str, name: str, now: dt.datetime, **terms: Unpack[Terms]) -> int:
    """Open a dispatch, or find the one of that code; its id. Raises PurposeUnknown."""
    found = materials.purposes.find(purpose)
    priority = terms.get("priority")
    db.session.execute(
        insert(Dispatch)
        .values(
            code=code,
            purpose_id=found.id,
            name=name,
            state=terms.get("state", "running"),
            priority=found.priority if priority is None else priority,
            control_percent=terms.get("control_percent", 0),
            control_salt=terms.get("control_salt", ""),
            opened_at=now,
            changed_at=now,
        )
        .on_conflict_do_nothing()
    )
    # Behind the insert, which waited for whoever was opening it too.
    return int(db.session.execute(select(Dispatch.id).where(Dispatch.code == code)).scalar_one())


def standing_code(purpose: str) -> str:
    """The code of the dispatch in which a purpose's single messages stand."""
    return f"purpose:{purpose}"


_STANDING = Statement(
    lambda: text("SELECT id, purpose_id, code FROM dispatch WHERE code = ANY(CAST(:codes AS text[]))")
)


def standing(purposes: Sequence[materials.PurposeView], *, now: dt.datetime) -> dict[int, int]:
    """The standing dispatches of these purposes, by purpose id; opened where they are first needed."""
    codes = {standing_code(one.code): one for one in purposes}
    found = {row["purpose_id"]: row["id"] for row in _STANDING.rows(db.session(), codes=list(codes))}
    for code, one in sorted(codes.items()):
        if one.id not in found:
            found[one.id] = open(code, purpose=one.code, name=one.name, now=now)
    return found


def plan(
    dispatch_id: int,
    *,
    people: Select[Any] | Collection[int],
    occasion: str,
    due_at: dt.datetime,
    now: dt.datetime,
    values: dict[str, Any] | None = None,
) -> int:
    """Plan a message for each of these people, in one statement; how many are new.

    `people`: ids, or a SELECT of `customer_id` and, where it has them, `born_customer_id` and `values`. `values`: the same for
    all of them. Raises DispatchUnknown, DispatchStopped.
    """
    dispatch = db.session.get(Dispatch, dispatch_id, populate_existing=True)
    if dispatch is None:
        raise DispatchUnknown(dispatch_id=dispatch_id)
    if dispatch.state == "stopped":
        raise DispatchStopped(dispatch_id=dispatch_id)
    valid = materials.purposes.get(dispatch.purpose_id).valid_minutes
    fixed = {
        "dispatch_id": dispatch_id,
        "purpose_id": dispatch.purpose_id,
        "occasion": occasion,
        "due_at": due_at,
        "expires_at": due_at + dt.timedelta(minutes=valid),
        "now": now,
    }
    if isinstance(people, Select):
        count = _plan_selected(people, fixed, values or {})
    else:
        given = {"ids": list(people), "values": Jsonb(values or {})}
        count = db.session.execute(text(_PLAN.format(given=_GIVEN_IDS)), fixed | given).rowcount  # type: ignore[attr-defined]
    counting.count({(dispatch_id, "planned", ""): count}, now=now)
    return int(count)


def _plan_selected(people: Select[Any], fixed: dict[str, Any], values: dict[str, Any]) -> int:
    given = people.subquery("given")
    own: ColumnElement[Any] = given.c["values"] if "values" in given.c else literal(values, Delivery.values.type)
    born = given.c.born_customer_id if "born_customer_id" in given.c else given.c.customer_id
    columns: dict[str, ColumnElement[Any]] = {name: literal(value) for name, value in fixed.items() if name != "now"}
    columns |= {"customer_id": given.c.customer_id, "born_customer_id": born, "values": own}
    columns |= {"state": literal("planned"), "planned_at": literal(fixed["now"])}
    rows = select(*[column.label(name) for name, column in columns.items()])
    statement = insert(Delivery).from_select(list(columns), rows, include_defaults=False).on_conflict_do_nothing()
    db.session.flush()
    return int(db.session.execute(statement, execution_options={"preserve_rowcount": True}).rowcount)  # type: ignore[attr-defined]


def pause(dispatch_id: int, *, now: dt.datetime) -> None:
    """Nothing more of it is taken; what is being sent is sent. Raises DispatchUnknown, DispatchStopped."""
    _change(dispatch_id, "paused", now=now)


def resume(dispatch_id: int, *, now: dt.datetime) -> None:
    """Let it go on. Raises DispatchUnknown, DispatchStopped."""
    _change(dispatch_id, "running", now=now)


def stop(dispatch_id: int, *, now: dt.datetime) -> None:
    """For good: nothing more of it is taken, and what is planned is cancelled by the next sweeps. Raises DispatchUnknown."""
    _change(dispatch_id, "stopped", now=now)


def _change(dispatch_id: int, state: State, *, now: dt.datetime) -> None:
    changed = (
        update(Dispatch)
        .where(Dispatch.id == dispatch_id, (Dispatch.state != "stopped") | (Dispatch.state == literal(state)))
        .values(state=state, changed_at=now)
        .execution_options(synchronize_session=False)
    )
    if db.session.execute(changed).rowcount:  # type: ignore[attr-defined]
        return
    known = db.session.execute(select(func.count()).where(Dispatch.id == dispatch_id)).scalar_one()
    raise DispatchStopped(dispatch_id=dispatch_id) if known else DispatchUnknown(dispatch_id=dispatch_id)
