"""The brand as a whole: who is a member, what the shops told about orders, and what follows from it (M01 to M03, M09, K03)."""

import datetime as dt
from typing import Any

from tests.stories.model.bookings import Bookings
from tests.stories.model.coupons import Coupon, Coupons
from tests.stories.model.points import Points, end_of_life
from tests.stories.model.tiers import Tiers

Order = dict[str, Any]
RETURN_PERIOD = dt.timedelta(days=7)
HISTORY = dt.timedelta(days=365)


class Brand:
    """`told` holds, of every order by its number, what the shops have told so far."""

    def __init__(self, *, coupons: Coupons, bookings: Bookings) -> None:
        self.coupons, self.bookings = coupons, bookings
        self.points: dict[int, Points] = {}
        self.tiers: dict[int, Tiers] = {}
        self.joined: dict[int, dt.datetime] = {}
        self.told: dict[str, Order] = {}

    def of(self, who: int) -> Points:
        """Somebody's points."""
        return self.points.setdefault(who, Points())

    def join(self, who: int, *, now: dt.datetime) -> str:
        """Take the card; orders of the last 365 days count from this moment (O05)."""
        if who not in self.joined:
            self.joined[who] = now
            self.tiers[who] = Tiers(now)
            for order in sorted(self.told.values(), key=lambda order: order["paid"] or now):
                if order["who"] == who and order["paid"]:
                    self._grow(order)
            for order in sorted(self.told.values(), key=lambda order: order["paid"] or now):
                if order["who"] == who and order["paid"]:
                    self._reward(order, now=now)
        return "ok"

    def tell(self, real: Order, parts: set[str], *, now: dt.datetime) -> str:
        """A shop tells parts of what really happened: paid, received, and refunds by their number."""
        order = self.told.setdefault(
            real["number"], {"who": real["who"], "paid": None, "received": None, "refunds": {}, "earned": None}
            | {"lot": None, "reversed": 0, "growth": None, "taken": 0, "coupon": None, "full": False},
        )  # fmt: skip
        first = "paid" in parts and order["paid"] is None
        if first:
            order |= {name: real[name] for name in ("paid", "base", "shop", "number", "coupon")}
        if "received" in parts:
            order["received"] = real["received"]
        order["refunds"] |= {number: fen for number, fen in real["refunds"].items() if number in parts}
        if order["paid"] is not None:
            if order["who"] in self.joined:
                self._grow(order)
                self._reward(order, now=now)
            self._follow_coupon(order, now=now)
        return "ok"

    def _refunded(self, order: Order) -> int:
        return min(sum(order["refunds"].values()), order["base"])

    def _earns(self, order: Order) -> bool:
        return bool(order["paid"] >= self.joined[order["who"]] - HISTORY)

    def _grow(self, order: Order) -> None:
        """1 yuan is 1 growth, rounded down once per order; what is left after refunds stays."""
        if not self._earns(order):
            return
        tiers = self.tiers[order["who"]]
        if order["growth"] is None:
            order["growth"] = tiers.add(order["paid"], order["base"] // 100)
        due = order["base"] // 100 - (order["base"] - self._refunded(order)) // 100
        if due > order["taken"]:
            tiers.add(tiers.begins, order["taken"] - due, of=order["growth"])
            order["taken"] = due

    def _reward(self, order: Order, *, now: dt.datetime) -> None:
        """M01, M02: base × rate, down once; in a shop at once, else a week after receipt. M03: refunds in proportion."""
        points, tiers = self.of(order["who"]), self.tiers[order["who"]]
        if not self._earns(order):
            return
        opens = order["paid"] if order["shop"] else order["received"] and order["received"] + RETURN_PERIOD
        opened = opens is not None and opens <= now
        if order["earned"] is None:
            before = order["paid"] <= self.joined[order["who"]]
            rate = 100 if before else tiers.rate_before(order["paid"])
            order["earned"] = order["base"] * rate // 10_000
            if order["earned"]:
                order["lot"] = points.add(order["earned"], ends=end_of_life(order["paid"]), opened=opened, opens=opens)
        lot = order["lot"]
        if lot is None:
            return
        if not lot["open"]:
            lot["opens"] = opens
            if opened and lot["left"]:
                points.open(lot)
        whole = self._refunded(order) >= order["base"]
        due = order["earned"] if whole else order["earned"] * self._refunded(order) // order["base"]
        due = min(due, order["earned"] - lot["expired"])
        if due > order["reversed"]:
            points.take_back(lot, due - order["reversed"])
            order["reversed"] = due

    def _follow_coupon(self, order: Order, *, now: dt.datetime) -> None:
        coupon: Coupon | None = order["coupon"]
        if coupon is None:
            return
        name = f"demo-shop/{order['number']}"
        if not order.get("used"):
            order["used"] = True
            self.coupons.paid_with(coupon, name)
        if self._refunded(order) >= order["base"] and not order["full"]:
            order["full"] = True
            if name in coupon["uses"]:
                self.coupons.give_back(coupon, name, now=now)

    def pass_time(self, now: dt.datetime) -> None:
        """The jobs of the night."""
        for points in self.points.values():
            points.pass_time(now)
        for tiers in self.tiers.values():
            tiers.pass_time(now)
        self.coupons.pass_time(now)
        self.bookings.pass_time(now)
