"""Bookings of one store (K08, K09): the same seats for every service, the first free one is taken."""

import datetime as dt
import zoneinfo
from typing import Any

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
Booking = dict[str, Any]
HOURS = ((10, 13), (14, 21))
OPEN = ("held", "confirmed")


def minutes(count: int) -> dt.timedelta:
    """So many minutes."""
    return dt.timedelta(minutes=count)


class Bookings:
    """`services` say how many minutes they last; `seats` is how many chairs there are."""

    def __init__(self, services: dict[str, int], seats: int) -> None:
        self.services, self.seats = services, seats
        self.bookings: list[Booking] = []

    def hold(self, who: int, service: str, starts: dt.datetime, *, now: dt.datetime) -> tuple[str, Booking | None]:
        """Keep a place five minutes; an earlier hold of this service is given up for it."""
        mine = [booking for booking in self.bookings if booking["who"] == who]
        if self._is_blocked(mine, now):
            return "booking.blocked_online", None
        if any(booking["service"] == service and booking["state"] == "confirmed" for booking in mine):
            return "booking.already_booked", None
        former = [booking for booking in mine if booking["service"] == service and booking["state"] == "held"]
        ends = starts + minutes(self.services[service])
        why, seat = self._place(starts, ends, now=now, but=former)
        if why is None and len([b for b in mine if b["state"] in OPEN and b not in former]) >= 3:
            why = "booking.too_many_open"
        if why is not None:
            return why, None
        for booking in former:
            booking["state"] = "expired"
        held = {
            "who": who, "service": service, "starts": starts, "ends": ends, "seat": seat, "state": "held",
            "until": now + minutes(5), "moves": 0, "redeemed": False,
        }  # fmt: skip
        self.bookings.append(held)
        return "ok", held

    @staticmethod
    def _is_blocked(mine: list[Booking], now: dt.datetime) -> bool:
        """K09: three no-shows in 90 days, 30 days without online booking."""
        missed = sorted(booking["starts"] for booking in mine if booking["state"] == "no_show")
        return any(
            last - first <= dt.timedelta(days=90) and now < last + dt.timedelta(days=30)
            for first, last in zip(missed, missed[2:], strict=False)
        )

    def _place(
        self, starts: dt.datetime, ends: dt.datetime, *, now: dt.datetime, but: list[Booking]
    ) -> tuple[str | None, int | None]:
        """K08: at most 14 days ahead, at least two hours before, on the half hour, within the hours."""
        local = starts.astimezone(SHANGHAI)
        ahead = (local.date() - now.astimezone(SHANGHAI).date()).days
        if starts < now + minutes(120) or ahead > 14:
            return "booking.not_a_slot", None
        from_midnight = local.hour * 60 + local.minute
        length = int((ends - starts).total_seconds()) // 60
        fits = any(a * 60 <= from_midnight and from_midnight + length <= b * 60 for a, b in HOURS)
        if not fits or local.minute % 30:
            return "booking.not_a_slot", None
        for seat in range(self.seats):
            if not any(self._meets(other, seat, starts, ends) for other in self.bookings if other not in but):
                return None, seat
        return "booking.slot_taken", None

    @staticmethod
    def _meets(other: Booking, seat: int, starts: dt.datetime, ends: dt.datetime) -> bool:
        occupies = other["state"] in ("held", "confirmed", "redeemed")
        return occupies and other["seat"] == seat and other["starts"] < ends and starts < other["ends"]

    def confirm(self, booking: Booking, *, now: dt.datetime) -> str:
        """Make a hold stand, in time."""
        if booking["state"] == "confirmed":
            return "ok"
        if booking["state"] == "expired":
            return "booking.hold_expired"
        if booking["state"] != "held":
            return "booking.not_open"
        booking["state"] = "confirmed"
        return "ok"

    def cancel(self, booking: Booking, *, now: dt.datetime) -> str:
        """K08: free until two hours before; a hold is given up at any moment, one that ran out has nothing to give up."""
        if booking["state"] in ("cancelled", "expired"):
            return "ok"
        if booking["state"] not in OPEN:
            return "booking.not_open"
        if booking["state"] == "confirmed" and now > booking["starts"] - minutes(120):
            return "booking.too_late_to_change"
        booking["state"] = "cancelled"
        return "ok"

    def move(self, booking: Booking, starts: dt.datetime, *, now: dt.datetime) -> str:
        """K08: one move until two hours before; refused, the old time stands."""
        ends = starts + minutes(self.services[booking["service"]])
        why, seat = self._place(starts, ends, now=now, but=[booking])
        if why is not None:
            return why
        if booking["state"] != "confirmed":
            return "booking.not_open"
        if booking["moves"]:
            return "booking.already_moved"
        if now > booking["starts"] - minutes(120):
            return "booking.too_late_to_change"
        booking |= {"starts": starts, "ends": ends, "seat": seat, "moves": 1}
        return "ok"

    def redeem(self, booking: Booking, *, now: dt.datetime) -> str:
        """The person is here, on the day; once ever."""
        if booking["redeemed"]:
            return "booking.already_redeemed"
        if booking["state"] != "confirmed":
            return "booking.not_redeemable"
        if booking["starts"].astimezone(SHANGHAI).date() != now.astimezone(SHANGHAI).date():
            return "booking.other_day"
        booking |= {"state": "redeemed", "redeemed": True}
        return "ok"

    def pass_time(self, now: dt.datetime) -> None:
        """Holds run out, visits are over, half an hour after the end nobody has come (K09)."""
        for booking in self.bookings:
            if booking["state"] == "held" and booking["until"] <= now:
                booking["state"] = "expired"
            if booking["state"] == "redeemed" and booking["ends"] <= now:
                booking["state"] = "done"
            if booking["state"] == "confirmed" and booking["ends"] + minutes(30) <= now:
                booking["state"] = "no_show"
