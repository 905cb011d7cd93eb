"""Coupons of everybody: templates with their numbers, coupons with their uses (K02 to K04)."""

import datetime as dt
import zoneinfo
from typing import Any

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
Coupon = dict[str, Any]


def end_of_day_after(moment: dt.datetime, days: int) -> dt.datetime:
    """K04: ends at the last second of the brand's day, the taking day being day 0."""
    day = moment.astimezone(SHANGHAI).date() + dt.timedelta(days=days + 1)
    return dt.datetime.combine(day, dt.time(), SHANGHAI)


class Coupons:
    """`coupons` by (customer, cause). A use is {"till", "back"}; at most one of a coupon stands."""

    def __init__(self, templates: dict[str, dict[str, int]]) -> None:
        self.templates = templates
        self.coupons: dict[tuple[int, str], Coupon] = {}

    def of(self, template: str) -> list[Coupon]:
        """All coupons of a template."""
        return [coupon for coupon in self.coupons.values() if coupon["template"] == template]

    def take(self, who: int, cause: str, template: str, *, now: dt.datetime, is_member: bool, granted: bool) -> str:
        """Take, or be granted, one coupon."""
        if not granted and not is_member:
            return "coupon.members_only"
        if (who, cause) in self.coupons:
            return "ok" if self.coupons[who, cause]["template"] == template else "coupon.cause_reused"
        rules = self.templates[template]
        mine = [coupon for coupon in self.of(template) if coupon["who"] == who and coupon["taken"]]
        if not granted and len(mine) >= rules["each"]:
            return "coupon.limit_reached"
        if len(self.of(template)) >= rules["total"]:
            return "coupon.sold_out"
        ends = end_of_day_after(now, rules["days"])
        self.coupons[who, cause] = {
            "who": who, "template": template, "taken": not granted, "state": "usable", "ends": ends,
            "until": None, "for": None, "uses": {},
        }  # fmt: skip
        return "ok"

    def _judge(self, coupon: Coupon, order: str, now: dt.datetime) -> str | None:
        own = coupon["state"] == "locked" and coupon["for"] == order
        if coupon["state"] == "redeemed":
            return "coupon.already_redeemed"
        if coupon["state"] == "locked" and not own:
            return "coupon.in_use"
        if coupon["state"] == "expired" or (coupon["ends"] <= now and not own):
            return "coupon.ended"
        return None

    def _stacks(self, coupon: Coupon, order: str) -> bool:
        """K02: one coupon of a level an order; all of these templates are of one level."""
        return not any(
            other is not coupon and other["who"] == coupon["who"] and self.standing(other) == order
            for other in self.coupons.values()
        )

    @staticmethod
    def standing(coupon: Coupon) -> str | None:
        """The order that has used it."""
        return next((order for order, use in coupon["uses"].items() if not use["back"]), None)

    def lock(self, coupon: Coupon, order: str, *, now: dt.datetime) -> str:
        """K04: kept for an unpaid order, half an hour."""
        if not self._stacks(coupon, order):
            return "coupon.not_together"
        if why := self._judge(coupon, order, now):
            return why
        if coupon["state"] != "locked":
            coupon |= {"state": "locked", "until": now + dt.timedelta(minutes=30), "for": order}
        return "ok"

    def unlock(self, coupon: Coupon, order: str, *, now: dt.datetime) -> str:
        """The unpaid order was given up."""
        if coupon["state"] == "locked" and coupon["for"] == order:
            coupon |= {"state": "usable" if coupon["ends"] > now else "expired", "until": None, "for": None}
        elif coupon["state"] not in ("usable", "expired"):
            return "coupon.not_locked"
        return "ok"

    def redeem(self, coupon: Coupon, order: str, *, now: dt.datetime) -> str:
        """Used at the till, once; the same order again is answered the same."""
        if not self._stacks(coupon, order):
            return "coupon.not_together"
        if (standing := self.standing(coupon)) is not None:
            return "ok" if standing == order and coupon["uses"][order]["till"] else "coupon.already_redeemed"
        if why := self._judge(coupon, order, now):
            return why
        self._use(coupon, order, till=True)
        return "ok"

    def _use(self, coupon: Coupon, order: str, *, till: bool) -> None:
        coupon |= {"state": "redeemed", "until": None, "for": None}
        coupon["uses"][order] = {"till": till, "back": False}

    def paid_with(self, coupon: Coupon, order: str) -> None:
        """A shop tells that an order was paid with it: a fact, also where it had ended."""
        if order not in coupon["uses"] and self.standing(coupon) is None:
            self._use(coupon, order, till=False)

    def give_back(self, coupon: Coupon, order: str, *, now: dt.datetime) -> str:
        """K03: after a full refund it is back with its old end; past is dead, unless the template prolongs."""
        use = coupon["uses"].get(order)
        if use is None:
            return "coupon.not_redeemed"
        if use["back"]:
            return "ok"
        use["back"] = True
        longer = self.templates[coupon["template"]]["longer"]
        if coupon["ends"] <= now and longer:
            coupon["ends"] = end_of_day_after(now, longer)
        coupon["state"] = "usable" if coupon["ends"] > now else "expired"
        return "ok"

    def pass_time(self, now: dt.datetime) -> None:
        """Locks that were not paid in time are free, ended coupons are dead."""
        for coupon in self.coupons.values():
            if coupon["state"] == "locked" and coupon["until"] <= now:
                coupon |= {"state": "usable", "until": None, "for": None}
            if coupon["state"] == "usable" and coupon["ends"] <= now:
                coupon["state"] = "expired"
