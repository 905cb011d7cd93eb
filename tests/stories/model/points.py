"""Points of one person: lots, debts, holds (M01 to M05)."""

import datetime as dt
import zoneinfo
from typing import Any

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
Lot = dict[str, Any]
Taken = list[tuple[Lot, int]]


def end_of_life(moment: dt.datetime) -> dt.datetime:
    """M04: twelve months, to the month's end."""
    day = moment.astimezone(SHANGHAI)
    year, month = divmod(day.year * 12 + day.month - 1 + 13, 12)
    return dt.datetime(year, month + 1, 1, tzinfo=SHANGHAI)


class Points:
    """`lots` in the order they came; `moved` says what every cause did, so that it does it once."""

    def __init__(self) -> None:
        self.lots: list[Lot] = []
        self.owed = 0
        self.moved: dict[str, tuple[str, int]] = {}
        self.taken: dict[str, dict[str, Any]] = {}
        self.holds: dict[str, dict[str, Any]] = {}

    @property
    def spendable(self) -> int:
        """What can be spent."""
        return sum(lot["left"] for lot in self.lots if lot["open"])

    @property
    def pending(self) -> int:
        """What waits for the end of a return period."""
        return sum(lot["left"] for lot in self.lots if not lot["open"])

    @property
    def held(self) -> int:
        """What is set aside."""
        return sum(hold["amount"] for hold in self.holds.values() if hold["state"] == "open")

    def in_line(self) -> list[Lot]:
        """Spendable lots, the first to end first, of these the first that came."""
        return sorted((lot for lot in self.lots if lot["open"] and lot["left"]), key=lambda lot: lot["ends"])

    def add(self, amount: int, *, ends: dt.datetime, opened: bool = True, opens: dt.datetime | None = None) -> Lot:
        """A new lot; what is owed is paid of it first (M03)."""
        lot = {"left": amount, "ends": ends, "open": False, "opens": opens, "expired": 0}
        self.lots.append(lot)
        if opened:
            self.open(lot)
        return lot

    def open(self, lot: Lot) -> None:
        """Pending points become spendable (M02)."""
        lot["open"] = True
        self._pay(lot)

    def _pay(self, lot: Lot) -> None:
        paid = min(self.owed, lot["left"])
        self.owed -= paid
        lot["left"] -= paid

    def _known(self, cause: str, kind: str, amount: int) -> str | None:
        if cause not in self.moved:
            return None
        return "ok" if self.moved[cause] == (kind, amount) else "points.cause_reused"

    def earn(self, cause: str, amount: int, *, now: dt.datetime) -> str:
        """Points for some deed."""
        if (known := self._known(cause, "earn", amount)) is None:
            self.add(amount, ends=end_of_life(now))
            self.moved[cause] = ("earn", amount)
        return known or "ok"

    def spend(self, cause: str, amount: int) -> str:
        """Spend for good."""
        if known := self._known(cause, "spend", amount):
            return known
        if why := self._why_not(amount):
            return why
        self.moved[cause] = ("spend", amount)
        self.taken[cause] = {"used": self._take(amount), "given": 0, "amount": amount}
        return "ok"

    def hold(self, cause: str, amount: int, *, now: dt.datetime) -> str:
        """Set aside for half an hour."""
        if known := self._known(cause, "hold", amount):
            return known
        if why := self._why_not(amount):
            return why
        self.moved[cause] = ("hold", amount)
        until = now + dt.timedelta(minutes=30)
        self.holds[cause] = {"used": self._take(amount), "amount": amount, "state": "open", "until": until}
        return "ok"

    def _why_not(self, amount: int) -> str | None:
        if self.owed:
            return "points.in_debt"
        return "points.insufficient" if self.spendable < amount else None

    def _take(self, amount: int) -> Taken:
        used = []
        for lot in self.in_line():
            part = min(lot["left"], amount)
            lot["left"] -= part
            amount -= part
            if part:
                used.append((lot, part))
        return used

    def settle(self, cause: str, *, now: dt.datetime) -> str:
        """Spend what was set aside, in time."""
        hold = self.holds[cause]
        if hold["state"] == "settled":
            return "ok"
        if hold["state"] != "open" or hold["until"] <= now:
            return "points.hold_ended"
        hold["state"] = "settled"
        self.taken[cause] = {"used": hold["used"], "given": 0, "amount": hold["amount"]}
        return "ok"

    def release(self, cause: str, *, now: dt.datetime) -> str:
        """Return what was set aside."""
        hold = self.holds[cause]
        if hold["state"] == "settled":
            return "points.hold_ended"
        if hold["state"] == "open":
            hold["state"] = "released"
            self._return(hold["used"], now=now)
        return "ok"

    def give_back(self, cause: str, amount: int, *, of: str, now: dt.datetime) -> str:
        """Return a part of a spend to the lots it came from; the points that would live longest come back first."""
        if known := self._known(cause, "give_back", amount):
            return known
        spent = self.taken.get(of)
        if spent is None:
            return "points.movement_unknown"
        if amount > spent["amount"] - spent["given"]:
            return "points.too_much_given_back"
        self.moved[cause] = ("give_back", amount)
        skip, wanted, part = spent["given"], amount, []
        numbered = [(lot["ends"], self.lots.index(lot), lot, taken) for lot, taken in spent["used"]]
        for _, _, lot, taken in sorted(numbered, key=lambda one: one[:2], reverse=True):
            passed = min(skip, taken)
            back = min(taken - passed, wanted)
            skip, wanted = skip - passed, wanted - back
            part.append((lot, back))
        spent["given"] += amount
        self._return(part, now=now)
        return "ok"

    def _return(self, used: Taken, *, now: dt.datetime) -> None:
        for lot, amount in used:
            paid = min(self.owed, amount)
            self.owed -= paid
            if amount - paid and lot["ends"] <= now:  # M04: given back after their end they live 30 days more
                self.add(amount - paid, ends=now + dt.timedelta(days=30))
            else:
                lot["left"] += amount - paid

    def take_back(self, lot: Lot | None, amount: int) -> None:
        """A refund is never blocked: from its own lot, then from others, the rest is owed (M03)."""
        own = min(lot["left"], amount) if lot else 0
        if lot:
            lot["left"] -= own
        amount -= own
        amount -= sum(part for _, part in self._take(amount))
        self.owed += amount

    def pass_time(self, now: dt.datetime) -> None:
        """What is over by now: holds return, lots end, pending ones open."""
        for hold in sorted(self.holds.values(), key=lambda hold: hold["until"]):
            if hold["state"] == "open" and hold["until"] <= now:
                hold["state"] = "released"
                self._return(hold["used"], now=now)
        self._end(now)
        for lot in self.lots:
            if not lot["open"] and lot["left"] and lot["opens"] is not None and lot["opens"] <= now:
                self.open(lot)
        self._end(now)

    def _end(self, now: dt.datetime) -> None:
        for lot in self.lots:
            if lot["open"] and lot["ends"] <= now:
                lot["expired"] += lot["left"]
                lot["left"] = 0
