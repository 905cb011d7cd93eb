"""A second state machine: people are seen together, merged and set apart while they buy, spend and book.

The model is small on purpose: what each self brought and took, in points net of everything, and what it holds. Nothing may
be made or lost by a merge; when all are undone each self has what is its own.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import text

from app.kernel.carrier import carried_by
from app.kernel.database import db, unit_of_work
from app.kernel.errors import Refusal
from app.membership import coupons, members, points
from app.people import identity
from app.trade import orders
from tests.conftest import NOW
from tests.factories.members import NOTICE
from tests.stories import proofs
from tests.stories.world import LIMITS, World

SELVES = 3
WHO = st.integers(0, SELVES - 1)
BORN = ("points_movement", "points_lot", "growth_entry", "coupon", "sales_order", "booking", "tier_period")
Observation = identity.observing.Observation


class Families(RuleBasedStateMachine):
    """Three selves, who may be one, two or three people at a time. `world` is set by the test."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.world.connection.begin_nested()
        self.now = NOW
        self.net = [0] * SELVES  # points, whatever pot they are in, less what is owed
        self.bought: dict[str, tuple[int, int]] = {}  # order number → self, yuan
        self.coupons: list[tuple[int, str]] = []
        self.merges: list[int] = []
        self.count = 0

    def teardown(self) -> None:
        """Undo every merge that can be undone: then each self has its own again. Then the whole story."""
        try:
            self.recounts_find_nothing()
            if all(self.undo(which=0) for _ in range(len(self.merges))):
                self.each_has_their_own()
            self.recounts_find_nothing()
        finally:
            db.session.remove()
            self.savepoint.rollback()

    def new(self, what: str) -> str:
        """A cause nobody had."""
        self.count += 1
        return f"{what}:{self.count}"

    def present(self, who: int) -> int:
        """Whose rows a self's are now."""
        held = identity.find_customer(identity.identifier("phone", self.world.phones[who]))
        assert held is not None
        return held

    def try_as(self, who: int, real: Callable[[int], Any]) -> Any:
        """Do something as this self; None where it is refused, and then nothing has changed."""
        try:
            with unit_of_work():
                customer_id = self.present(who)
                with carried_by({customer_id: self.world.people[who]}):
                    return real(customer_id) or True
        except Refusal:
            return None

    # What people do

    @initialize()
    def everybody_has_a_card(self) -> None:
        profile = members.Profile(notice_version=NOTICE)
        for who in range(SELVES):
            self.try_as(who, lambda customer_id: members.join(customer_id=customer_id, profile=profile, now=self.now))

    @rule(who=WHO, yuan=st.integers(1, 300))
    def buy(self, who: int, yuan: int) -> None:
        """In a shop, by their own number; below the line of the next tier, so that the rate stays 1."""
        number = self.new("F")
        if sum(each for _, each in self.bought.values()) + yuan > 900:
            return
        order = {
            "number": number,
            "who": who,
            "paid": self.now,
            "base": yuan * 100,
            "shop": True,
            "code": None,
            "refunds": {},
        }
        self._report(order, {"paid"})
        self.bought[number] = (who, yuan)
        self.net[who] += yuan

    @precondition(lambda self: self.bought)
    @rule(which=st.integers(0, 9))
    def bring_back(self, which: int) -> None:
        """All of an order is refunded."""
        number = sorted(self.bought)[which % len(self.bought)]
        who, yuan = self.bought.pop(number)
        refunds = {self.new("T"): yuan * 100}
        order = {"number": number, "who": who, "paid": self.now, "base": yuan * 100, "shop": True, "code": None}
        self._report(order | {"refunds": refunds}, set(refunds))
        self.net[who] -= yuan

    def _report(self, order: dict[str, Any], parts: set[str]) -> None:
        with unit_of_work():
            report = self.world.report(order, parts, now=self.now)
            (outcome,) = orders.report_orders([report], source="test", now=self.now)
        assert outcome.status != "refused", outcome.reason

    @rule(who=WHO, amount=st.integers(1, 200))
    def earn(self, who: int, amount: int) -> None:
        cause = self.new("gift")
        if self.try_as(
            who, lambda one: points.earn(customer_id=one, amount=amount, cause=cause, why="礼", now=self.now)
        ):
            self.net[who] += amount

    @rule(who=WHO, amount=st.integers(1, 300))
    def spend(self, who: int, amount: int) -> None:
        cause = self.new("exchange")
        if self.try_as(
            who, lambda one: points.spend(customer_id=one, amount=amount, cause=cause, why="兑", now=self.now)
        ):
            self.net[who] -= amount

    @rule(who=WHO, template=st.sampled_from(sorted(LIMITS)))
    def take_coupon(self, who: int, template: str) -> None:
        cause, template_id = self.new("coupon"), self.world.templates[template]
        taken = self.try_as(
            who, lambda one: coupons.take(customer_id=one, template_id=template_id, cause=cause, now=self.now)
        )
        if taken:
            self.coupons.append((who, taken.code))

    @rule(minutes=st.sampled_from([1, 60, 1_500]))
    def pass_time(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)
        self.world.run_jobs(self.now)

    # What makes them one

    @rule(one=WHO, other=WHO, shared=st.integers(0, 2), proof=st.sampled_from(["stated", "picked", "proven"]))
    def observe(self, one: int, other: int, shared: int, proof: str) -> None:
        """A card at a counter is seen with the numbers of both: each has a number, so that is held."""
        card = identity.identifier("crm", f"SHARED-{shared}")
        before = {self.present(who) for who in range(SELVES)}
        with unit_of_work():
            for who in (one, other):
                phone = identity.identifier("phone", self.world.phones[who])
                identity.observing.observe(Observation((phone, card), "counter", self.now, proof), now=self.now)
        assert {self.present(who) for who in range(SELVES)} == before

    @rule(one=WHO, other=WHO)
    def merge(self, one: int, other: int) -> None:
        """A colleague says that they are the same."""
        first, second = self.present(one), self.present(other)
        try:
            with unit_of_work():
                identity.deciding.merge_people(first, other_id=second, staff_id=None, why="同一人", now=self.now)
        except identity.SamePerson:
            assert first == second
            return
        self.merges = list(
            db.session.scalars(text("SELECT id FROM identity_merge WHERE undone_at IS NULL ORDER BY id DESC"))
        )

    @precondition(lambda self: self.merges)
    @rule(which=st.integers(0, 3))
    def look_again(self, which: int) -> None:
        """Somebody finds that a merge was wrong."""
        self.undo(which=which)

    def undo(self, which: int) -> bool:
        """Set apart again, the latest or an earlier one; refused where points or coupons were used together."""
        if not self.merges:
            return True
        merge_id = self.merges[which % len(self.merges)]
        try:
            with unit_of_work():
                identity.deciding.undo_merge(merge_id, staff_id=None, why="不是同一人", now=self.now)
        except identity.MergeStands:
            return False
        self.merges = list(
            db.session.scalars(text("SELECT id FROM identity_merge WHERE undone_at IS NULL ORDER BY id DESC"))
        )
        return True

    # What must hold

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        nets = self._nets()
        people: dict[int, int] = {}
        for who in range(SELVES):
            people[self.present(who)] = people.get(self.present(who), 0) + self.net[who]
        assert nets == people
        held = set(db.session.scalars(text("SELECT code FROM coupon")))
        assert held == {code for _, code in self.coupons}
        assert proofs.broken() == []

    @invariant()
    def every_row_is_whose_its_self_is(self) -> None:
        for table in BORN:
            stray = db.session.execute(
                text(
                    f"SELECT count(*) FROM {table} AS it LEFT JOIN former_customer AS former"
                    " ON former.id = it.born_customer_id"
                    " WHERE it.customer_id <> coalesce(former.customer_id, it.born_customer_id)"
                )
            ).scalar_one()
            assert stray == 0, table

    def _nets(self) -> dict[int, int]:
        rows = db.session.execute(
            text("SELECT customer_id, spendable + pending + held - owed AS net FROM points_account")
        ).all()
        return {row.customer_id: row.net for row in rows}

    def each_has_their_own(self) -> None:
        assert [self.present(who) for who in range(SELVES)] == self.world.people
        assert self._nets() == {self.world.people[who]: self.net[who] for who in range(SELVES)}
        owners = dict(db.session.execute(text("SELECT code, customer_id FROM coupon")).all())  # type: ignore[arg-type]
        assert owners == {code: self.world.people[who] for who, code in self.coupons}

    def recounts_find_nothing(self) -> None:
        assert points.recount() == []
        assert coupons.recount() == []
        assert members.recount(now=self.now) == []
