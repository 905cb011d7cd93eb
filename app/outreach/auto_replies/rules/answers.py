"""What was read of a person, a store, an order, as it is said. Who has nothing of a thing has no value for it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.outreach.auto_replies.rules.wording import harmless

_WEEKDAYS = "一二三四五六日"
_STANDINGS = {
    "placed": "待付款", "paid": "待发货", "shipped": "已发货", "received": "已完成",
    "part_refunded": "部分退款", "refunded": "已退款",
}  # fmt: skip
MOST_LISTED = 3


@dataclass(frozen=True)
class StoreLine:
    """A store as it is listed. `hours`: today's open periods on the store's own clock; `open_until`: empty while closed."""

    name: str
    address: str
    phone: str | None
    metres: int
    hours: Sequence[tuple[dt.datetime, dt.datetime]]
    local: dt.datetime


@dataclass(frozen=True)
class OrderLine:
    """An order as it is listed."""

    ordered_on: dt.date
    paid_fen: int
    first_item: str
    items: int
    standing: str
    shipped_on: dt.date | None


def of_person(row: Mapping[str, Any], *, zone: dt.tzinfo) -> dict[str, str]:
    """Variables out of the one statement, whichever parts of it were read."""
    values: dict[str, str] = {}
    if row.get("card_number"):
        values |= {
            "等级": row["tier_name"] or "",
            "卡号尾号": row["card_number"][-4:],
            "成长值": f"{row['growth']:,}",
            "等级有效期": _last_day(row["level_until"], zone, with_year=True),
        }
        if row["next_threshold"] is not None:
            values |= {
                "下一等级": row["next_name"] or "",
                "差成长值": f"{max(row['next_threshold'] - row['growth'], 0):,}",
            }
    if row.get("spendable") is not None:
        values |= _of_points(row, zone)
    if row.get("usable") is not None:
        values["券数"] = f"{row['usable']:,}"
        values["券到期"] = _last_day(row["soonest_end"], zone)
    if row.get("booking_id"):
        at = row["starts_at"].astimezone(zone)
        when = f"{at.month}月{at.day}日 周{_WEEKDAYS[at.weekday()]} {at:%H:%M}"
        values["下次预约"] = harmless(f"{when} {row['service']} · {row['store_name']}")
    return values


def _of_points(row: Mapping[str, Any], zone: dt.tzinfo) -> dict[str, str]:
    values = {"积分": f"{row['spendable']:,}"}
    if row["pending"]:
        values["待生效积分"] = f"{row['pending']:,}"
    if row["expiring"]:
        values |= {"到期积分": f"{row['expiring']:,}", "到期日": _last_day(row["expires_at"], zone)}
    if row["owed"]:
        values["欠分"] = f"{row['owed']:,}"
    return values


def of_coupons(names_and_ends: Sequence[tuple[str, dt.datetime]], *, zone: dt.tzinfo) -> dict[str, str]:
    """The coupons that end soonest, one a line."""
    lines = [f"· {harmless(name)}（{_last_day(ends, zone)}前可用）" for name, ends in names_and_ends[:MOST_LISTED]]
    return {"券列表": "\n".join(lines)}


def of_orders(orders: Sequence[OrderLine]) -> dict[str, str]:
    """The latest orders, one a line, with what has become of each."""
    lines = []
    for order in orders[:MOST_LISTED]:
        more = f" 等 {order.items} 件" if order.items > 1 else ""
        standing = _STANDINGS.get(order.standing, "处理中")
        if order.standing == "shipped" and order.shipped_on:
            standing = f"{order.shipped_on.month}月{order.shipped_on.day}日已发货"
        what = f"{harmless(order.first_item)}{more}" if order.first_item else ""
        day = f"{order.ordered_on.month}月{order.ordered_on.day}日"
        lines.append(" ".join(filter(None, (f"· {day}", _yuan(order.paid_fen), what, standing))))
    return {"订单列表": "\n".join(lines)}


def of_birthday(birthday: dt.date | None) -> dict[str, str]:
    """The day, never the year."""
    return {"生日": f"{birthday.month}月{birthday.day}日"} if birthday else {}


def of_stores(found: Sequence[StoreLine]) -> dict[str, str]:
    """The nearest stores: how far, where, how long open, by which number reached."""
    return {"门店列表": "\n".join(_store(place, line) for place, line in enumerate(found[:MOST_LISTED], 1))}


def _store(place: int, store: StoreLine) -> str:
    name, address = harmless(store.name), harmless(store.address)
    phone = f" · {harmless(store.phone)}" if store.phone else ""
    return f"{place}. {name} · {_distance(store.metres)}\n{address}\n{_open(store)}{phone}"


def _open(store: StoreLine) -> str:
    for opens, closes in store.hours:
        if opens <= store.local < closes:
            return f"营业中，到 {closes:%H:%M}"
        if store.local < opens:
            return f"休息中，今天 {opens:%H:%M} 开门"
    return "今天已打烊" if store.hours else "今天不营业"


def _distance(metres: int) -> str:
    if metres < 950:
        return f"{max(round(metres, -1), 10)} 米"
    return f"{metres / 1000:.1f} 公里" if metres < 99_500 else f"{round(metres / 1000):,} 公里"


def of_guesses(words: Sequence[str]) -> dict[str, str]:
    """Keywords that one can tap: tapping says them."""
    lines = [f'<a href="weixin://bizmsgmenu?msgmenucontent={word}&msgmenuid=1">{word}</a>' for word in words]
    return {"猜你想问": "\n".join(lines)}


def of_waiting(ahead: int, *, minutes: int) -> dict[str, str]:
    """How many wait before them and how long it takes; nobody before them is no number."""
    waiting = f"{minutes} 分钟" if minutes < 60 else f"{minutes // 60} 小时以上"
    return {"等待时间": waiting} | ({"排队人数": f"{ahead:,}"} if ahead else {})


def _last_day(moment: dt.datetime | None, zone: dt.tzinfo, *, with_year: bool = False) -> str:
    """The last day of what ends before a moment."""
    if moment is None:
        return ""
    day = (moment - dt.timedelta(microseconds=1)).astimezone(zone)
    return f"{day.year}年{day.month}月{day.day}日" if with_year else f"{day.month}月{day.day}日"


def _yuan(fen: int) -> str:
    whole, rest = divmod(fen, 100)
    return f"¥{whole:,}" + (f".{rest:02d}" if rest else "")
