"""People, stores and staff to test with. Plain functions: call them inside a test's transaction."""

import datetime as dt
import itertools
from typing import Any

from sqlalchemy import select

from app.kernel.database import reading
from app.people import identity, stores, teams
from app.people.identity.models import IdentityRow
from app.web import guards

_numbers = itertools.count(1)
APPID = "wx0123456789abcdef"
ALL_WEEK = {str(weekday): [["10:00", "13:00"], ["14:00", "21:00"]] for weekday in range(1, 8)}


def a_customer(now: dt.datetime, *, openid: str = "", phone: str = "") -> int:
    """A customer known by an openid, and by a phone number if one is given."""
    number = next(_numbers)
    known = identity.identifier("openid", openid or f"o-test-{number:06}", scope=APPID)
    customer_id = identity.recognise([known], source="miniprogram", now=now)
    if phone:
        number_of = identity.identifier("phone", phone)
        identity.attach(customer_id=customer_id, identifier=number_of, proof="picked", now=now)
    return customer_id


def a_phone() -> str:
    """A mainland number nobody has yet."""
    return f"139{next(_numbers):08}"


def a_store(now: dt.datetime, **more: Any) -> int:
    """A store in Shanghai, open every day from ten to nine with a break at one."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"S{number:03}",
        "name": f"门店 {number}",
        "city": "上海",
        "address": f"南京西路 {number} 号",
        "latitude": 31.23,
        "longitude": 121.47,
        "hours": ALL_WEEK,
    } | more
    return stores.save_stores([stores.StoreDraft(**values)], now=now)[values["code"]]


def a_staff(now: dt.datetime, *, role: str = "clerk", store_id: int | None = None, **more: Any) -> int:
    """Somebody at work, in one store if it is given. Returns the staff id."""
    number = next(_numbers)
    values: dict[str, Any] = {"code": f"E{number:03}", "name": f"员工 {number}", "role": role} | more
    if store_id is not None:
        values["store_codes"] = (stores.get_store(store_id).code,)
    return teams.save_staff([teams.StaffDraft(**values)], now=now)[values["code"]]


def signed_in(customer_id: int, *, openid: str = "") -> dict[str, str]:
    """The headers of a signed-in consumer, by this openid of theirs or by their oldest."""
    with reading() as connection:
        lives = connection.execute(
            select(IdentityRow.id, IdentityRow.value)
            .where(IdentityRow.customer_id == customer_id, IdentityRow.kind == "openid", IdentityRow.until.is_(None))
            .order_by(IdentityRow.id)
        ).all()
    life = next(life for life in lives if openid in ("", life.value))
    token = guards.sign_in_consumer(life_id=life.id, openid=life.value)
    return {"Authorization": f"Bearer {token}"}


def signed_in_staff(staff_id: int) -> dict[str, str]:
    """The headers of a signed-in staff member."""
    return {"Authorization": f"Bearer {guards.sign_in_staff(staff_id=staff_id)}"}
