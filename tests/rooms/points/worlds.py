"""Selves who live through the same, in a world where some were merged and in one where they never were."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import text

from app.kernel.carrier import carried_by
from app.kernel.database import db
from app.kernel.errors import Refusal
from app.membership import points
from app.membership.members import MemberJoined
from app.membership.points import reactions
from app.membership.points.operations.orders import credit_orders
from app.people.identity import PeopleMerged
from app.trade.orders import OrderLine, OrderPaid, OrderReceived, OrderRefunded
from tests.conftest import NOW
from tests.factories import merging
from tests.factories.people import a_customer

DAY = dt.timedelta(days=1)
OWN_KINDS = {"merge", "part"}


@dataclass
class World:
    """Selves by place, whose they are now, and a clock of days. `offset` keeps two worlds' orders apart."""

    count: int
    offset: int
    day: int = 0
    selves: list[int] = field(default_factory=list)
    holder: dict[int, int] = field(default_factory=dict)
    merges: dict[tuple[int, int], PeopleMerged] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.selves = [a_customer(NOW) for _ in range(self.count)]
        self.holder = {one: one for one in self.selves}
        for one in self.selves:
            reactions.credit_the_past_of_new_members([MemberJoined(one, f"C{one}", NOW, NOW - DAY, None, NOW)])

    @property
    def now(self) -> dt.datetime:
        return NOW + self.day * DAY

    def merge(self, stays: int, goes: int) -> None:
        survivor, gone = self.holder[self.selves[stays]], self.holder[self.selves[goes]]
        self.merges[stays, goes] = merging.merge(survivor, gone, now=self.now)
        for one, holder in self.holder.items():
            if holder == gone:
                self.holder[one] = survivor

    def undo(self, stays: int, goes: int) -> None:
        merged = self.merges.pop((stays, goes))
        merging.undo(merged, now=self.now, holder_id=self.holder[merged.gone_id])
        for one in merged.born_ids:
            self.holder[one] = merged.gone_id

    def act(self, place: int, what: str, number: int, amount: int) -> bool:
        """One deed of a self; whether it was allowed."""
        born = self.selves[place]
        with carried_by({self.holder[born]: born}):
            try:
                getattr(self, what)(self.holder[born], born, number, amount)
            except Refusal:
                return False
        return True

    def earn(self, customer_id: int, born: int, number: int, amount: int) -> None:
        ends = self.now + (1 + number * 7 % 60) * DAY
        points.earn(
            customer_id=customer_id, amount=amount, cause=f"gift:{number}", why="礼", now=self.now, expires_at=ends
        )

    def spend(self, customer_id: int, born: int, number: int, amount: int) -> None:
        points.spend(customer_id=customer_id, amount=amount, cause=f"buy:{number}", why="换", now=self.now)

    def hold(self, customer_id: int, born: int, number: int, amount: int) -> None:
        until = self.now + (500 if number % 2 else 20) * DAY
        points.hold(customer_id=customer_id, amount=amount, cause=f"hold:{number}", why="留", now=self.now, until=until)

    def settle(self, customer_id: int, born: int, number: int, amount: int) -> None:
        points.settle_hold(customer_id=customer_id, cause=f"hold:{amount}", now=self.now)

    def release(self, customer_id: int, born: int, number: int, amount: int) -> None:
        points.release_hold(customer_id=customer_id, cause=f"hold:{amount}", now=self.now)

    def give_back(self, customer_id: int, born: int, number: int, amount: int) -> None:
        spent, part = amount, 3 if number % 2 else None
        points.give_back(
            customer_id=customer_id, cause_of_spend=f"buy:{spent}", cause=f"back:{number}", now=self.now, amount=part
        )

    def adjust(self, customer_id: int, born: int, number: int, amount: int) -> None:
        by = points.Adjustment("补登", "工单", staff_id=1, is_lead=True)
        signed = amount if number % 2 else -amount
        points.adjust(customer_id=customer_id, amount=signed, cause=f"adjust:{number}", adjustment=by, now=self.now)

    def order(self, customer_id: int, born: int, number: int, amount: int) -> None:
        lines = (OrderLine("P1", 1, amount * 100),)
        at_once = bool(number % 2)
        order = OrderPaid(
            self.offset + number, customer_id, born, "shop", f"N{number}", None, self.now, amount * 100, True, at_once,
            lines, (), self.now,
        )  # fmt: skip
        credit_orders([order], now=self.now)

    def receive(self, customer_id: int, born: int, number: int, amount: int) -> None:
        credit_orders([OrderReceived(self.offset + amount, customer_id, born, self.now, self.now)], now=self.now)

    def refund(self, customer_id: int, born: int, number: int, amount: int) -> None:
        base = db.session.execute(
            text("SELECT base_fen FROM points_order WHERE order_id = :id"), {"id": self.offset + amount}
        ).scalar()
        total = (base or 0) if number % 2 else (base or 0) // 2
        told = OrderRefunded(
            self.offset + amount, customer_id, born, f"R{number}", total, total, base or 0, bool(number % 2), (), self.now,
            self.now,
        )  # fmt: skip
        credit_orders([told], now=self.now)


def sweep(now: dt.datetime) -> None:
    """What time does to points, in all worlds."""
    while points.due.expire_due(now=now, limit=100) or points.due.release_pending_due(now=now, limit=100):
        pass


def seen(customer_id: int, now: dt.datetime) -> dict[str, object]:
    """All there is to see of one account, but what merging itself added to the history."""
    asked = {"id": customer_id}
    lots = db.session.execute(
        text("SELECT earned_at, expires_at, amount, remaining, state FROM points_lot WHERE customer_id = :id"), asked
    )
    pots = db.session.execute(
        text("SELECT pot, sum(amount) FROM points_entry WHERE customer_id = :id GROUP BY pot HAVING sum(amount) <> 0"),
        asked,
    )
    return {
        "balance": points.get_balance(customer_id, now=now),
        "lots": Counter(tuple(row) for row in lots),
        "pots": {row[0]: int(row[1]) for row in pots},
    }


def lines(customer_id: int) -> list[points.Line]:
    return list(points.explain(customer_id, limit=200).items)


def history(customer_id: int) -> Counter[tuple[object, ...]]:
    """What members read, line by line; when a sweep came by is not the same in two worlds."""
    return Counter(
        (line.kind, line.words, line.kind != "expire" and line.at, line.spendable, line.pending, line.held, line.owed)
        for line in lines(customer_id)
    )
