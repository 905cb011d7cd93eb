"""What is known of the people a message goes to, as variables: for many at once, and only what the words use."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Set

from sqlalchemy import BigInteger, ClauseElement, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import bindparam

from app.kernel.database import Statement, db
from app.membership import members, points
from app.people import stores
from app.trade import orders

Values = dict[str, str]


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


_OF_MEMBER: dict[str, Callable[[members.listing.Addressed], str | None]] = {
    "昵称": lambda one: one.full_name,
    "姓名": lambda one: one.full_name,
    "卡号尾号": lambda one: one.card_number[-4:],
    "等级": lambda one: members.list_tiers()[one.level].name,
    "成长值": lambda one: str(one.growth),
    "生日月": lambda one: f"{one.birthday.month}月" if one.birthday else None,
    "入会日期": lambda one: _day(one.member_since),
}


def values_of(customer_ids: Collection[int], *, wanted: Set[str], now: dt.datetime) -> dict[int, Values]:
    """The profile's variables by customer, of those `wanted`; what a person lacks is left out, so that fallbacks apply."""
    ids = list(dict.fromkeys(customer_ids))
    found: dict[int, Values] = {customer_id: {} for customer_id in ids}
    for asked, look in _SOURCES:
        if ids and asked & wanted:
            for customer_id, values in look(ids, now=now).items():
                found[customer_id] |= {name: value for name, value in values.items() if name in wanted}
    return found


def _of_members(ids: list[int], *, now: dt.datetime) -> Mapping[int, Values]:
    return {
        customer_id: {name: said for name, say in _OF_MEMBER.items() if (said := say(one))}
        for customer_id, one in members.listing.addressed(ids).items()
    }


def _spendable() -> ClauseElement:
    ids = bindparam("ids", type_=ARRAY(BigInteger))
    asked = func.unnest(ids).table_valued(column("id", BigInteger)).render_derived(name="asked")
    purse = points.summary_of(asked.c.id)
    return select(asked.c.id, purse.c.spendable).select_from(asked.join(purse, true()))


_SPENDABLE = Statement(_spendable)


def _of_points(ids: list[int], *, now: dt.datetime) -> Mapping[int, Values]:
    rows = _SPENDABLE.rows(db.session(), ids=ids, now=now)
    return {row["id"]: {"积分": str(row["spendable"])} for row in rows}


def _of_orders(ids: list[int], *, now: dt.datetime) -> Mapping[int, Values]:
    bought = orders.purchases.last_of(ids)
    codes = {one.store_code for one in bought.values() if one.store_code}
    names = {code: store.name for code, store in stores.find_stores_by_codes(sorted(codes)).items()}
    return {
        one.customer_id: {
            name: said
            for name, said in (("门店", names.get(one.store_code or "")), ("最近购买", one.product_name))
            if said
        }
        for one in bought.values()
    }


_SOURCES = (
    (frozenset(_OF_MEMBER), _of_members),
    (frozenset({"积分"}), _of_points),
    (frozenset({"门店", "最近购买"}), _of_orders),
)
