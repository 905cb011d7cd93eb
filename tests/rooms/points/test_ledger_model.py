"""The ledger against a plain model in Python, over random lives of two members."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from app.kernel.errors import Refusal
from app.membership import points
from tests.conftest import FULL_SIZE, NOW
from tests.factories.people import a_customer

DAY = dt.timedelta(days=1)
AMOUNTS = st.integers(1, 60)
WHO = st.sampled_from([0, 1])


@dataclass
class Lot:
    left: int
    ends: int
    born: int


@dataclass
class Model:
    """What one member has, counted the slow and obvious way. Days are counted from the beginning."""

    owed: int = 0
    lots: list[Lot] = field(default_factory=list)
    taken: dict[str, list[tuple[Lot, int]]] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)

    def usable(self, day: int) -> list[Lot]:
        return sorted((lot for lot in self.lots if lot.ends > day and lot.left), key=lambda lot: (lot.ends, lot.born))

    def spendable(self, day: int) -> int:
        return sum(lot.left for lot in self.usable(day))

    def pay(self, amount: int) -> int:
        paid = min(self.owed, amount)
        self.owed -= paid
        return amount - paid

    def take(self, amount: int, day: int) -> list[tuple[Lot, int]]:
        used = []
        for lot in self.usable(day):
            part = min(lot.left, amount)
            lot.left -= part
            amount -= part
            used += [(lot, part)] if part else []
        return used

    def give_back(self, used: list[tuple[Lot, int]], day: int, born: int) -> None:
        for lot, part in used:
            part = self.pay(part)
            if lot.ends <= day and part:
                self.lots.append(Lot(part, day + 30, born))
            else:
                lot.left += part


class Lives(RuleBasedStateMachine):
    """Earning, spending, holding, giving back, time passing; every step also told twice."""

    def __init__(self) -> None:
        super().__init__()
        self.day, self.number = 0, 0
        self.ids = [a_customer(NOW), a_customer(NOW)]
        self.models = [Model(), Model()]

    @property
    def now(self) -> dt.datetime:
        return NOW + self.day * DAY

    def cause(self, what: str) -> str:
        self.number += 1
        return f"{what}:{self.number}"

    def twice(self, act: Callable[[], points.Movement]) -> bool:
        """Whether it was done; a repetition gives the same movement."""
        try:
            first = act()
        except Refusal:
            return False
        assert act() == first
        return True

    @rule(who=WHO, amount=AMOUNTS, days=st.integers(1, 90))
    def earn(self, who: int, amount: int, days: int) -> None:
        given = {"customer_id": self.ids[who], "amount": amount, "cause": self.cause("gift"), "why": "礼"}
        assert self.twice(lambda: points.earn(**given, now=self.now, expires_at=self.now + days * DAY))
        model = self.models[who]
        model.lots.append(Lot(model.pay(amount), self.day + days, self.number))

    @rule(who=WHO, amount=AMOUNTS, held=st.booleans())
    def take(self, who: int, amount: int, held: bool) -> None:
        model, cause = self.models[who], self.cause("take")
        given = {"customer_id": self.ids[who], "amount": amount, "cause": cause, "why": "换", "now": self.now}
        end = self.now + 1000 * DAY
        done = self.twice(lambda: points.hold(**given, until=end) if held else points.spend(**given))
        assert done == (not model.owed and model.spendable(self.day) >= amount)
        if done:
            model.taken[cause] = model.take(amount, self.day)
            if held:
                model.held[cause] = amount

    @precondition(lambda self: any(model.held for model in self.models))
    @rule(data=st.data(), settled=st.booleans())
    def end_hold(self, data: st.DataObject, settled: bool) -> None:
        who = data.draw(st.sampled_from([place for place in (0, 1) if self.models[place].held]))
        model = self.models[who]
        cause = data.draw(st.sampled_from(sorted(model.held)))
        end = points.settle_hold if settled else points.release_hold
        assert self.twice(lambda: end(customer_id=self.ids[who], cause=cause, now=self.now))
        del model.held[cause]
        if not settled:
            model.give_back(model.taken.pop(cause), self.day, self.born())

    @precondition(lambda self: any(set(model.taken) - set(model.held) for model in self.models))
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        spent = [
            (who, cause) for who in (0, 1) for cause in sorted(set(self.models[who].taken) - set(self.models[who].held))
        ]
        who, cause = data.draw(st.sampled_from(spent))
        back = {"customer_id": self.ids[who], "cause_of_spend": cause, "cause": self.cause("back"), "now": self.now}
        assert self.twice(lambda: points.give_back(**back))
        used = self.models[who].taken.pop(cause)
        latest_first = sorted(used, key=lambda one: (one[0].ends, one[0].born), reverse=True)
        self.models[who].give_back(latest_first, self.day, self.born())

    def born(self) -> int:
        self.number += 1
        return self.number

    @rule(who=WHO, amount=AMOUNTS)
    def owe(self, who: int, amount: int) -> None:
        """As a refund does whose points are spent: what can be is taken, the rest is owed."""
        refund(self.ids[who], amount, self.cause("refund"), self.now)
        model = self.models[who]
        every = -1  # lots past their end that nobody cleared yet count too
        model.owed += amount - sum(part for _, part in model.take(amount, every))

    @rule(days=st.integers(1, 40), cleared=st.booleans())
    def pass_days(self, days: int, cleared: bool) -> None:
        self.day += days
        if cleared:
            while points.due.expire_due(now=self.now, limit=3):
                pass
            for model in self.models:
                model.lots = [lot for lot in model.lots if lot.ends > self.day]

    @invariant()
    def the_ledger_says_what_the_model_says(self) -> None:
        for customer_id, model in zip(self.ids, self.models, strict=True):
            found = points.get_balance(customer_id, now=self.now)
            assert found.spendable == model.spendable(self.day)
            assert (found.held, found.owed) == (sum(model.held.values()), model.owed)
            assert found.spendable >= 0
        assert points.recount() == []


def refund(customer_id: int, amount: int, cause: str, now: dt.datetime) -> None:
    """Take points back as refunds do."""
    from app.kernel.database import db
    from app.membership.points import queries
    from app.membership.points.operations import ledger
    from app.membership.points.rules import Draft

    account = queries.lock_accounts(db.session(), [customer_id]).accounts[customer_id]
    queries.load_lots(db.session(), [account])
    draft = Draft(customer_id, customer_id, cause, "refund", amount, {"refunded_fen": 0, "base_fen": 0})
    account.take_back(draft, None, amount)
    ledger.write([draft], now=now)


@pytest.mark.usefixtures("database")
def test_the_ledger_keeps_its_promises_over_random_lives(database: Session) -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=150 if FULL_SIZE else 12,
            stateful_step_count=40 if FULL_SIZE else 20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
