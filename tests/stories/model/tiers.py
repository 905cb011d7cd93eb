"""Tier of one member by growth value (M08, M09); the stock ladder of the field rules, part 2.1."""

import datetime as dt
from typing import Any

LINES, KEEPS, RATES = (0, 1_000, 3_000, 8_000), (0, 800, 2_400, 6_000), (100, 110, 125, 150)
YEAR = dt.timedelta(days=365)


class Tiers:
    """`entries` is the growth of the running year; `past` the periods of judged years, (since, level)."""

    def __init__(self, now: dt.datetime) -> None:
        self.base, self.begins, self.ends = 0, now, now + YEAR
        self.entries: list[dict[str, Any]] = []
        self.past: list[tuple[dt.datetime, int]] = []

    def add(self, at: dt.datetime, amount: int, *, of: dict[str, Any] | None = None) -> dict[str, Any]:
        """Growth of an order, or with `of` and a minus what a refund takes: from where it was, if that year still runs."""
        belongs = of["at"] if of and of["at"] >= self.begins else at
        # What was judged is not judged again: what is told late counts in the running year.
        entry = {"at": max(belongs, self.begins), "amount": amount}
        self.entries.append(entry)
        return entry

    def standing(self) -> dict[str, Any]:
        """Where the growth of the running year leads, and the periods on the way."""
        level, since, ends = self.base, self.begins, self.ends
        growth = kept = 0
        periods = [(since, level)]
        for at in sorted({entry["at"] for entry in self.entries}):
            amount = sum(entry["amount"] for entry in self.entries if entry["at"] == at)
            growth += amount
            kept += amount if at > since else 0
            reached = max(number for number, line in enumerate(LINES) if growth >= line or number == 0)
            if reached > level:
                level, since, ends, kept = reached, at, at + YEAR, 0
                periods.append((since, level))
        return {"level": level, "ends": ends, "kept": kept, "periods": periods}

    @property
    def level(self) -> int:
        """The tier now."""
        return int(self.standing()["level"])

    def rate_before(self, moment: dt.datetime) -> int:
        """The rate in percent just before a payment (M01); 100 before there was a card."""
        level = 0
        for since, then in self.past + self.standing()["periods"]:
            if since < moment:
                level = then
        return RATES[level]

    def pass_time(self, now: dt.datetime) -> None:
        """M08: at its end renewed if the keep line is reached, else one level down, and the count begins anew."""
        while (here := self.standing())["ends"] <= now:
            stays = here["level"] == 0 or here["kept"] >= KEEPS[here["level"]]
            self.past += here["periods"]
            self.base, self.begins = here["level"] - (not stays), here["ends"]
            self.ends, self.entries = self.begins + YEAR, []
