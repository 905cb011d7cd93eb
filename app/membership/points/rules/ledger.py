"""What a change does to an account: to its pots, to what is owed, and to which lots."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kernel.money import proportion

# The pots of the double entry. A member's are the first four; `owed` runs into minus while something is owed.
POTS = ("member", "pending", "held", "owed", "issued", "redeemed", "expired")


def to_take_back(*, earned: int, expired: int, refunded_fen: int, base_fen: int) -> int:
    """How much of an order's points its refunds take back in all: in proportion, everything once nothing is left.

    What has ended unspent is gone already and is not asked for again.
    """
    return min(proportion(earned, refunded_fen, base_fen), earned - expired) if refunded_fen > 0 else 0


@dataclass
class Lot:
    """A lot as a change sees it; `id` is None until it is written."""

    id: int | None
    amount: int
    remaining: int
    earned_at: dt.datetime
    expires_at: dt.datetime
    state: str = "open"
    opens_at: dt.datetime | None = None
    order_id: int | None = None
    expired: int = 0
    born_customer_id: int = 0


@dataclass
class Draft:
    """A movement about to be written: what it does to the pots and to the lots.

    `born_customer_id`: the former self it is born to, and the lots it brings with it.
    """

    customer_id: int
    born_customer_id: int
    cause: str
    kind: str
    amount: int
    explain: Mapping[str, Any]
    rule_version: int | None = None
    gives_back: int | None = None
    pots: dict[str, int] = field(default_factory=dict)
    uses: list[tuple[Lot, int]] = field(default_factory=list)
    brings: list[Lot] = field(default_factory=list)
    opened: list[Lot] = field(default_factory=list)

    def move(self, *, source: str, target: str, amount: int) -> None:
        """Move points from pot to pot."""
        if amount:
            self.pots[source] = self.pots.get(source, 0) - amount
            self.pots[target] = self.pots.get(target, 0) + amount

    def use(self, lot: Lot, amount: int) -> None:
        """Take points of a lot, or with a minus give some back to it."""
        if amount:
            lot.remaining -= amount
            self.uses.append((lot, amount))


@dataclass
class Account:
    """A locked account with the lots that still hold something, and what a series of changes makes of it."""

    customer_id: int
    owed: int
    lots: list[Lot] = field(default_factory=list)

    def open_lots(self, *, at: dt.datetime | None = None) -> list[Lot]:
        """Open lots with something left, the first to end first; `at`: only those that have not ended by then."""
        found = [lot for lot in self.lots if lot.state == "open" and lot.remaining]
        found = [lot for lot in found if at is None or lot.expires_at > at]
        return sorted(found, key=lambda lot: (lot.expires_at, lot.id or 0))

    def credit(self, draft: Draft, lots: Iterable[Lot], *, source: str = "issued") -> None:
        """Add lots: pending ones wait, open ones pay what is owed first (M03)."""
        for lot in lots:
            self.lots.append(lot)
            draft.brings.append(lot)
            if lot.state == "pending":
                draft.move(source=source, target="pending", amount=lot.amount)
            else:
                self._settle(draft, lot, source=source)

    def open(self, draft: Draft, lot: Lot) -> None:
        """Make a pending lot spendable; what is owed is paid first."""
        lot.state = "open"
        draft.opened.append(lot)
        self._settle(draft, lot, source="pending")

    def _settle(self, draft: Draft, lot: Lot, *, source: str) -> None:
        coming = lot.remaining
        paid = min(self.owed, coming)
        self.owed -= paid
        draft.use(lot, paid)
        draft.move(source=source, target="owed", amount=paid)
        draft.move(source=source, target="member", amount=coming - paid)

    def take_back(self, draft: Draft, lot: Lot | None, amount: int, *, at: dt.datetime | None = None) -> None:
        """Take points back to where they were issued: from their own lot, then from others, the rest is owed (M03)."""
        if lot is not None:
            taken = min(lot.remaining, amount)
            draft.use(lot, taken)
            draft.move(source="pending" if lot.state == "pending" else "member", target="issued", amount=taken)
            amount -= taken
        amount -= self.take(draft, amount, target="issued", at=at)
        self.owed += amount
        draft.move(source="owed", target="issued", amount=amount)

    def take(self, draft: Draft, amount: int, *, target: str, at: dt.datetime | None = None) -> int:
        """Take at most so many points of open lots, the first to end first; how many."""
        wanted = amount
        for lot in self.open_lots(at=at):
            taken = min(lot.remaining, wanted)
            draft.use(lot, taken)
            draft.move(source="member", target=target, amount=taken)
            wanted -= taken
        return amount - wanted

    def pay_debt(self, draft: Draft, *, at: dt.datetime) -> int:
        """Pay what is owed from what can be spent, where two who were merged bring the one and the other; how much."""
        paid = self.take(draft, self.owed, target="owed", at=at)
        self.owed -= paid
        return paid

    def expire(self, draft: Draft, lot: Lot) -> None:
        """End what is left of a lot."""
        draft.move(source="member", target="expired", amount=lot.remaining)
        draft.use(lot, lot.remaining)

    def give_back(
        self, draft: Draft, used: Sequence[tuple[Lot, int]], *, source: str, now: dt.datetime, afterlife: dt.timedelta
    ) -> None:
        """Return points to the lots they came from, paying what is owed first.

        A lot that has ended is not opened again: its points live on for `afterlife` in a lot of their own (M04).
        """
        for lot, amount in used:
            paid = min(self.owed, amount)
            self.owed -= paid
            draft.move(source=source, target="owed", amount=paid)
            draft.move(source=source, target="member", amount=amount - paid)
            left = amount - paid
            if left and lot.expires_at <= now:
                heir = Lot(None, left, left, earned_at=lot.earned_at, expires_at=now + afterlife)
                self.lots.append(heir)
                draft.brings.append(heir)
            else:
                draft.use(lot, -left)


def part_to_give_back(used: Sequence[tuple[Lot, int]], *, given: int, amount: int) -> list[tuple[Lot, int]]:
    """Which lots the next `amount` returns to, after `given` has returned: the last to end comes back first."""
    part, skip = [], given
    for lot, taken in sorted(used, key=lambda one: (one[0].expires_at, one[0].id or 0), reverse=True):
        passed = min(skip, taken)
        skip -= passed
        back = min(taken - passed, amount)
        amount -= back
        if back:
            part.append((lot, back))
    return part


def given_to_lots(used: Sequence[tuple[Lot, int]], *, taken: int, given: int) -> int:
    """How much of what was given back went to lots, where fewer points of lots were used than were taken.

    So it is after two were set apart of whom one had taken and given back what the other had: it was nobody's lot's.
    """
    return max(given - (taken - sum(amount for _, amount in used)), 0)


def opening(account: Account, lot: Lot, *, order_number: str | None) -> Draft:
    """A pending lot becomes spendable."""
    explain = {"order_number": order_number}
    draft = Draft(account.customer_id, lot.born_customer_id, f"lot:{lot.id}:open", "open", lot.remaining, explain)
    account.open(draft, lot)
    return draft


def ending(account: Account, lot: Lot) -> Draft:
    """What is left of a lot ends."""
    draft = Draft(account.customer_id, lot.born_customer_id, f"lot:{lot.id}:expire", "expire", lot.remaining, {})
    account.expire(draft, lot)
    return draft


def has_ended(lot: Lot, at: dt.datetime) -> bool:
    """Whether a lot's time is over."""
    return lot.state == "open" and lot.expires_at <= at


def ending_all(account: Account, *, now: dt.datetime) -> list[Draft]:
    """What is left of lots that are past their end ends."""
    over = [lot for lot in account.lots if lot.remaining > 0 and has_ended(lot, now)]
    return [ending(account, lot) for lot in sorted(over, key=lambda lot: lot.id or 0)]


def joining(account: Account, *, merge_id: int, survivor_id: int, at: dt.datetime) -> Draft | None:
    """Where one of two who become one owes and the other has points, these pay the debt (M03)."""
    draft = Draft(account.customer_id, survivor_id, f"merge:{merge_id}", "merge", 0, {})
    draft.amount = account.pay_debt(draft, at=at)
    return draft if draft.amount else None
