"""What two accounts would be today, had they never been one: all movements told again, each side with its own lots.

Movements are never edited; which lots they used, what paid a debt and what ended may come out otherwise when each side has
only what was born to it. What was told among selves of one side alone is taken as it was recorded; what was told while
both sides shared an account is decided anew, by the rules of the ledger.
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.membership.points.rules.ledger import (
    Account,
    Draft,
    Lot,
    ending_all,
    given_to_lots,
    has_ended,
    joining,
    part_to_give_back,
    to_take_back,
)

_TAKING = frozenset({"spend", "hold", "adjust_down"})
_RETURNING = frozenset({"give_back", "release"})
_NO_DEBT = frozenset({"settle", "expire"})
PARTED = "part"  # the kind of the correction itself: told again it is nothing


@dataclass(frozen=True)
class Step:
    """A movement as it was recorded: `uses` of lots by their ids, and the lots it brought as they were that moment."""

    id: int
    born_customer_id: int
    cause: str
    kind: str
    amount: int
    at: dt.datetime
    gives_back: int | None
    explain: Mapping[str, Any]
    uses: Mapping[int, int] = field(default_factory=dict)
    brings: Sequence[Lot] = ()


@dataclass(frozen=True)
class Joined:
    """From the movements after `after_id` on, the selves of `gone_id` and `survivor_id` shared one account."""

    merge_id: int
    survivor_id: int
    gone_id: int
    after_id: int
    at: dt.datetime


@dataclass(frozen=True)
class Purchase:
    """What an order earned, and what is known of its refunds."""

    order_id: int
    born_customer_id: int
    number: str | None
    earned: int
    base_fen: int
    refunded_fen: int
    lot_id: int | None


@dataclass(frozen=True)
class History:
    """Everything that happened on an account, in order. `sums`: the entries' sums by self and pot."""

    steps: Sequence[Step]
    joined: Sequence[Joined]
    purchases: Mapping[int, Purchase]
    sums: Mapping[tuple[int, str], int] = field(default_factory=dict)


@dataclass
class Lack:
    """What a movement took and its side did not have: the next points of that side make up for it."""

    draft: Draft
    amount: int


@dataclass
class Own(Account):
    """What one side would have of an account that it shared."""

    lacks: list[Lack] = field(default_factory=list)

    def make_up(self, *, at: dt.datetime) -> None:
        """Let what is there now stand for what was taken before."""
        for lack in self.lacks:
            lack.amount -= self.take(lack.draft, lack.amount, target="", at=at)


@dataclass
class Party:
    """Selves who shared an account at some moment, and what of it each side would have had."""

    selves: set[int]
    accounts: dict[int, Own]

    @property
    def mixed(self) -> bool:
        """Whether both sides took part in it."""
        return len(self.accounts) > 1


class Retelling:
    """The history told again for two sides: the selves `leaving`, who are `to_id`, and the others, who are `from_id`.

    Afterwards: `lots` by id, as they would be (new ones have ids from `fresh_ids` on); `told`, what each movement did to
    them; `short`, how many points a side spent that it had neither then nor since; `settled`, debts paid at merges that
    no movement tells.
    """

    def __init__(
        self, history: History, *, leaving: Collection[int], from_id: int, to_id: int, afterlife: dt.timedelta
    ):
        self._history, self._leaving, self._afterlife = history, frozenset(leaving), afterlife
        self._from_id, self._to_id = from_id, to_id
        self._parties: dict[int, Party] = {}
        self._given: dict[int, int] = defaultdict(int)
        self._recorded = {lot.id: lot for step in history.steps for lot in step.brings}
        self.fresh_ids = 1 + max((lot_id or 0 for lot_id in self._recorded), default=0)
        self._fresh: Iterator[int] = itertools.count(self.fresh_ids)
        self.lots: dict[int, Lot] = {}
        self.lot_of_step: dict[int, int] = {}
        self.told: dict[int, Draft] = {}
        self.settled: dict[tuple[int, int], Draft] = {}
        self.reversed: dict[int, int] = defaultdict(int)
        self.expired: dict[int, int] = defaultdict(int)
        self._tell_all()

    def side_of(self, born_customer_id: int) -> int:
        """To whom a self belongs once they are apart."""
        return self._to_id if born_customer_id in self._leaving else self._from_id

    @property
    def short(self) -> dict[int, int]:
        """By side."""
        short: dict[int, int] = defaultdict(int)
        for own in {id(own): own for party in self._parties.values() for own in party.accounts.values()}.values():
            short[own.customer_id] += sum(lack.amount for lack in own.lacks)
        return {side: points for side, points in short.items() if points}

    def account_of(self, side: int) -> Account:
        """All that a side would have now."""
        mine = {id(party): party.accounts[side] for party in self._parties.values() if side in party.accounts}
        lots = [lot for account in mine.values() for lot in account.lots]
        return Account(side, owed=sum(account.owed for account in mine.values()), lots=lots)

    def _tell_all(self) -> None:
        joined = sorted(self._history.joined, key=lambda one: (one.after_id, one.merge_id))
        recorded = {step.cause for step in self._history.steps if step.kind == "merge"}
        for step in sorted(self._history.steps, key=lambda step: step.id):
            while joined and joined[0].after_id < step.id:
                self._join(joined.pop(0), recorded)
            self._tell(step)
        for one in joined:
            self._join(one, recorded)

    def _party(self, born_customer_id: int) -> Party:
        side = self.side_of(born_customer_id)
        return self._parties.setdefault(born_customer_id, Party({born_customer_id}, {side: Own(side, owed=0)}))

    def _join(self, one: Joined, recorded: Collection[str]) -> None:
        first, second = self._party(one.survivor_id), self._party(one.gone_id)
        if first is second:
            return
        party = Party(first.selves | second.selves, first.accounts | second.accounts)
        self._parties |= dict.fromkeys(party.selves, party)
        for side in set(first.accounts) & set(second.accounts):
            here, there = first.accounts[side], second.accounts[side]
            both = Own(side, owed=here.owed + there.owed, lots=here.lots + there.lots, lacks=here.lacks + there.lacks)
            party.accounts[side] = both
            if party.mixed or f"merge:{one.merge_id}" not in recorded:
                born = one.survivor_id if self.side_of(one.survivor_id) == side else side
                draft = joining(both, merge_id=one.merge_id, survivor_id=born, at=one.at)
                if draft:
                    self.settled[one.merge_id, side] = draft
            both.make_up(at=one.at)

    def _tell(self, step: Step) -> None:
        party = self._party(step.born_customer_id)
        side = self.side_of(step.born_customer_id)
        account = party.accounts[side]
        draft = Draft(side, step.born_customer_id, step.cause, step.kind, step.amount, step.explain)
        if step.kind == "merge" and party.mixed:
            draft = self.settled.pop((_number_in(step.cause), side), draft)
        elif party.mixed:
            self._enact(account, step, draft)
        else:
            self._repeat(account, step, draft)
        account.make_up(at=step.at)
        self.told[step.id] = draft
        if step.gives_back is not None:
            self._given[step.gives_back] += step.amount
        if step.kind == "expire":
            for lot, amount in draft.uses:
                lot.expired += amount
                self.expired[side] += amount
        elif step.kind == "refund" and (purchase := self._purchase(step)):
            self.reversed[purchase.order_id] += draft.amount

    def _repeat(self, account: Own, step: Step, draft: Draft) -> None:
        """As it was recorded."""
        for lot in step.brings:
            self._bring(step, lot)
            account.lots.append(lot)
        for lot_id, amount in step.uses.items():
            draft.use(self._recorded[lot_id], amount)  # perhaps one that came later and made up for what was lacking
        if step.kind == "open":
            self.lots[_number_in(step.cause)].state = "open"
        used = sum(step.uses.values())
        if step.kind == "refund" or step.kind in _TAKING:
            account.owed += step.amount - used
        elif step.kind in _RETURNING:
            account.owed -= step.amount + used - sum(lot.amount for lot in step.brings)
        elif step.kind not in _NO_DEBT:
            account.owed -= used

    def _enact(self, account: Own, step: Step, draft: Draft) -> None:
        """As the ledger would have done it on this side's account alone."""
        if step.kind in _TAKING:
            account.lacks.append(Lack(draft, step.amount - account.take(draft, step.amount, target="", at=step.at)))
        elif step.kind in _RETURNING:
            self._return(account, step, draft)
        elif step.kind == "refund":
            self._take_back(account, step, draft)
        elif step.kind == "open":
            account.open(draft, self.lots[_number_in(step.cause)])
        elif step.kind == "expire":
            if lot := self.lots.get(_number_in(step.cause)):  # else it came of a return that now goes elsewhere
                account.expire(draft, lot)
        elif step.kind not in {"settle", PARTED}:
            for lot in step.brings:
                self._bring(step, lot)
            account.credit(draft, step.brings)

    def _return(self, account: Own, step: Step, draft: Draft) -> None:
        assert step.gives_back is not None  # noqa: S101  (the ledger writes it with both kinds)
        taken = self.told[step.gives_back]
        used = sorted(taken.uses, key=lambda use: (use[0].expires_at, use[0].id or 0))
        given = given_to_lots(used, taken=taken.amount, given=self._given[step.gives_back])
        amount = step.amount
        for lack in account.lacks:
            if lack.draft is taken:  # what is given back of it never had to be there
                amount -= (cancelled := min(lack.amount, amount))
                lack.amount -= cancelled
        if step.kind == "give_back":
            used = part_to_give_back(used, given=given, amount=amount)
        afterlife = step.brings[0].expires_at - step.at if step.brings else self._afterlife
        account.give_back(draft, used, source="", now=step.at, afterlife=afterlife)
        for heir, known in itertools.zip_longest(draft.brings, step.brings[: len(draft.brings)]):
            heir.id = known.id if known else next(self._fresh)
            heir.born_customer_id = step.born_customer_id
            self._bring(step, heir)

    def _take_back(self, account: Account, step: Step, draft: Draft) -> None:
        lot = None
        if purchase := self._purchase(step):
            draft.amount = self._due(purchase, step.explain["refunded_fen"], at=step.at)
            lot = self.lots.get(purchase.lot_id or 0)
        account.take_back(draft, None if lot is None or has_ended(lot, step.at) else lot, draft.amount, at=step.at)

    def _due(self, purchase: Purchase, refunded_fen: int, *, at: dt.datetime) -> int:
        lot = self.lots.get(purchase.lot_id or 0)
        over = 0 if lot is None else lot.expired + (lot.remaining if has_ended(lot, at) else 0)
        due = to_take_back(earned=purchase.earned, expired=over, refunded_fen=refunded_fen, base_fen=purchase.base_fen)
        return max(due - self.reversed[purchase.order_id], 0)

    def _purchase(self, step: Step) -> Purchase | None:
        prefix, number, *_ = [*step.cause.split(":"), ""]
        return self._history.purchases.get(int(number)) if prefix == "order" and number.isdigit() else None

    def _bring(self, step: Step, lot: Lot) -> None:
        assert lot.id is not None  # noqa: S101  (it was written, or has a fresh number)
        self.lots[lot.id] = lot
        self.lot_of_step[lot.id] = step.id

    def outstanding(self, side: int, *, merge_id: int, now: dt.datetime) -> list[Draft]:
        """What a side's entries lack of what was told: debts paid, refunds that had found points gone, ends before debts,
        and one correction of what movements did otherwise than they would have."""
        account, drafts = self.account_of(side), [self.settled[key] for key in sorted(self.settled) if key[1] == side]
        for purchase in self._history.purchases.values():
            amount = self._due(purchase, purchase.refunded_fen, at=now)
            if amount and self.side_of(purchase.born_customer_id) == side:
                drafts.append(self._late_refund(account, purchase, amount, now=now))
        ends = ending_all(account, now=now) if account.owed else []
        self.expired[side] += sum(draft.amount for draft in ends)
        drafts += ends
        return drafts + self._correction(account, drafts, merge_id=merge_id)

    def _late_refund(self, account: Account, purchase: Purchase, amount: int, *, now: dt.datetime) -> Draft:
        cause = f"order:{purchase.order_id}:refunded:{purchase.refunded_fen}"
        explain = {
            "order_number": purchase.number,
            "refunded_fen": purchase.refunded_fen,
            "base_fen": purchase.base_fen,
        }
        draft = Draft(account.customer_id, purchase.born_customer_id, cause, "refund", amount, explain)
        lot = self.lots.get(purchase.lot_id or 0)
        account.take_back(draft, None if lot is None or has_ended(lot, now) else lot, amount, at=now)
        self.reversed[purchase.order_id] += amount
        return draft

    def _correction(self, account: Account, drafts: Sequence[Draft], *, merge_id: int) -> list[Draft]:
        side = account.customer_id
        target = {
            "member": sum(lot.remaining for lot in account.lots if lot.state == "open"),
            "pending": sum(lot.remaining for lot in account.lots if lot.state == "pending"),
            "owed": -account.owed,
            "expired": self.expired[side],
        }
        for (born, pot), amount in self._history.sums.items():
            if pot in target and self.side_of(born) == side:
                target[pot] -= amount
        for draft in drafts:
            for pot in target:
                target[pot] -= draft.pots.get(pot, 0)
        pots = {pot: amount for pot, amount in {**target, "issued": -sum(target.values())}.items() if amount}
        if not pots:
            return []
        moved = sum(amount for amount in pots.values() if amount > 0)
        return [Draft(side, side, f"merge:{merge_id}:undone", PARTED, moved, {}, pots=pots)]


def _number_in(cause: str) -> int:
    """Of which lot or merge a cause of this room's own tells: `lot:7:expire`."""
    return int(cause.split(":")[1])
