"""Growth: entries with a cause, and what they make of a member's tier."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert

from app.kernel import carrier, policy
from app.kernel.clock import BRAND_ZONE, brand_day, start_of_day
from app.kernel.database import db
from app.kernel.facts import announce
from app.membership.members.facts import TierChanged
from app.membership.members.models import GrowthEntry, Member
from app.membership.members.operations.standings import Outcome, write_outcomes
from app.membership.members.queries import history, members, pages, tiers
from app.membership.members.queries.history import BookedOrder
from app.membership.members.refusals import NotMember, TasksPayEnough
from app.membership.members.rules import joining
from app.membership.members.rules import tiers as tier_rules
from app.membership.members.rules.merging import Page
from app.trade.orders import OrderPaid, OrderRefunded

Booked = dict[tuple[int, int], BookedOrder]
NewEntry = dict[str, Any]


def credit_orders(*, facts: Sequence[OrderPaid | OrderRefunded], now: dt.datetime) -> None:
    """Count what orders of members bring and what their refunds take back, each once, and announce changed tiers.

    1 yuan of `base_fen` is 1 growth, rounded down once per order; refunds go by the running total, so that their order does
    not matter. Orders that do not earn (O05), or were paid before the member earns, bring nothing.
    """
    rows = members.lock_members({fact.customer_id for fact in facts})
    if rows:
        mine = [fact for fact in facts if fact.customer_id in rows]
        booked = history.booked_orders(rows, {fact.order_id for fact in mine})
        announce(book(rows=rows, facts=mine, booked=booked, now=now))


def book(
    *,
    rows: Mapping[int, Member],
    facts: Iterable[OrderPaid | OrderRefunded],
    booked: Booked,
    first: Sequence[NewEntry] = (),
    is_new: bool = False,
    now: dt.datetime,
) -> list[TierChanged]:
    """Write `first` and what the facts ask for into locked members' growth, paid orders before refunds.

    Gives the tier changes for the caller to announce. `is_new`: they have just joined, their first tier begins.
    """
    ladder = tiers.ladder()
    books = {customer_id: Book(rows[customer_id], page, ladder) for customer_id, page in pages.pages_of(rows).items()}
    new = [books[entry["customer_id"]].add(entry) for entry in first]
    for fact in sorted(facts, key=lambda fact: isinstance(fact, OrderRefunded)):
        own, key = books[fact.customer_id], (fact.customer_id, fact.order_id)
        entry = own.pay(fact, booked.get(key)) if isinstance(fact, OrderPaid) else own.refund(fact, booked.get(key))
        if entry is not None:
            new.append(own.add(entry))
            known = booked.get(key, BookedOrder(entry["counts_at"], entry["amount"], 0))
            booked[key] = replace(known, taken=known.taken + max(-entry["amount"], 0))
    if new:
        db.session.execute(insert(GrowthEntry), new)
    touched = {entry["customer_id"] for entry in new}
    outcomes = [own.outcome(is_new) for customer_id, own in books.items() if is_new or customer_id in touched]
    return write_outcomes(outcomes, now=now)


@dataclass(frozen=True)
class Book:
    """A member's page of the growth ledger while it is written."""

    row: Member
    page: Page
    ladder: tier_rules.Ladder

    def add(self, entry: NewEntry) -> NewEntry:
        """Put an entry on the page of the self it is born to."""
        own = self.page.self_of(entry["born_customer_id"]).born_customer_id
        self.page.add(members.entry_of(entry), page=own)
        return entry | {"page_customer_id": own}

    def pay(self, fact: OrderPaid, known: BookedOrder | None) -> NewEntry | None:
        """What a paid order brings; None for nothing, or nothing more."""
        amount = tier_rules.growth_of(fact.base_fen)
        if known is not None or not fact.earns or fact.paid_at < self.row.earns_since or amount <= 0:
            return None
        # Told late, of a year that was judged: it counts in the running one.
        counts_at = max(fact.paid_at, self._running_since(fact.born_customer_id))
        entry = new_entry(fact.customer_id, cause=f"order:{fact.order_id}", why="order", amount=amount, at=counts_at)
        born = {"born_customer_id": fact.born_customer_id}
        return entry | born | {"order_id": fact.order_id, "happened_at": fact.paid_at}

    def refund(self, fact: OrderRefunded, known: BookedOrder | None) -> NewEntry | None:
        """What a refund takes back; None where the order brought nothing, or nothing is left to take."""
        if known is None:
            return None
        # Sums may be told otherwise after the payment: a whole refund takes what was brought, no refund takes more.
        amount = left = known.brought - known.taken
        if not fact.fully:
            amount = min(left, tier_rules.growth_to_take_back(fact.base_fen, fact.refunded_total_fen, known.taken))
        if amount == 0:
            return None
        counts_at = self._refund_counts_at(fact, known)
        cause = f"refund:{fact.order_id}:{known.taken + amount}"
        entry = new_entry(fact.customer_id, cause=cause, why="refund", amount=-amount, at=counts_at)
        born = {"born_customer_id": fact.born_customer_id}
        return entry | born | {"order_id": fact.order_id, "of_at": known.counts_at, "happened_at": fact.refunded_at}

    def _running_since(self, born_customer_id: int) -> dt.datetime:
        """From when growth of a self can count: in their own running year, and in the member's."""
        own = self.page.self_of(born_customer_id).anchor.counts_from
        return own if self.page.is_joint else max(own, self.row.counts_from)

    def _refund_counts_at(self, fact: OrderRefunded, known: BookedOrder) -> dt.datetime:
        own = self.page.self_of(fact.born_customer_id)
        running_since = self._running_since(fact.born_customer_id)
        refunded = max(fact.refunded_at, known.counts_at, running_since)
        if not self.page.is_joint:
            entries = [entry for written in self.page.entries.values() for entry in written]
            return tier_rules.refund_counts_at(
                self.page.anchor, entries, ordered=known.counts_at, refunded=refunded, ladder=self.ladder
            )
        entries = self.page.entries.get(own.born_customer_id, [])
        return tier_rules.refund_counts_at(
            own.anchor, entries, ordered=known.counts_at, refunded=refunded, ladder=self.ladder
        )

    def outcome(self, is_new: bool) -> Outcome:
        """Where the member stands with all of it."""
        since, standing, steps = self.page.count(self.ladder)
        return Outcome(self.row, since, standing, steps, is_new)


def new_entry(customer_id: int, *, cause: str, why: str, amount: int, at: dt.datetime) -> NewEntry:
    """A row of growth_entry, born to the self who carries what is done; on whose page it goes is seen when it is added."""
    return {
        "customer_id": customer_id,
        "born_customer_id": carrier.born(customer_id),
        "cause": cause,
        "why": why,
        "amount": amount,
        "order_id": None,
        "counts_at": at,
        "of_at": None,
        "happened_at": at,
        "lift_level": None,
        "lift_until": None,
    }


def add_growth(*, customer_id: int, amount: int, cause: str, why: str, now: dt.datetime) -> None:
    """Add growth that no order brought, once per cause. `why`: task or correction (which may be negative).

    Tasks add at most 200 in a calendar year of the brand. Raises NotMember, TasksPayEnough (data: `left`).
    """
    rows = members.lock_members([customer_id])
    if not rows:
        raise NotMember
    if history.has_cause(customer_id, cause):
        return
    if why == "task":
        _check_task_limit(customer_id, amount, now)
    entry = new_entry(customer_id, cause=cause, why=why, amount=amount, at=max(now, rows[customer_id].counts_from))
    announce(book(rows=rows, facts=[], booked={}, first=[entry], now=now))


def _check_task_limit(customer_id: int, amount: int, now: dt.datetime) -> None:
    limit = policy.current(joining.MembersPolicy).task_growth_a_year
    year_began = start_of_day(brand_day(now).replace(month=1, day=1), BRAND_ZONE)
    left = limit - history.task_growth_since(customer_id, year_began)
    if amount > left:
        raise TasksPayEnough(left=max(left, 0))
