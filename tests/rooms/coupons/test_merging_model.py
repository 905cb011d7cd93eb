"""Merge → whatever happens → undo leaves what would be there if nobody had ever been merged."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.errors import Refusal
from app.membership import coupons
from app.membership.coupons import reactions
from app.membership.coupons.operations import bulk, use
from app.membership.coupons.operations.till import Place, Shown
from app.trade import orders
from tests.conftest import FULL_SIZE, NOW
from tests.factories.coupons import a_template, some_terms
from tests.factories.members import a_member
from tests.factories.twins import Selves, whether

PEOPLE = 3
WHO, WHICH, CAUSE, ORDER = st.integers(0, PEOPLE - 1), st.integers(0, 1), st.integers(1, 4), st.integers(1, 4)


@dataclass
class World:
    """Templates of its own, and its coupons in the order in which they came."""

    templates: Sequence[coupons.Template]
    held: list[coupons.Coupon] = field(default_factory=list)


def a_world() -> World:
    short = some_terms(validity=coupons.Validity(days=2), extends_days=3)
    return World([a_template(per_customer=2, total=6), a_template(terms=short, per_customer=1)])


class Lives(RuleBasedStateMachine):
    """Every act is done by a self of a person who may be merged and, where it was not refused, by their twin."""

    def __init__(self) -> None:
        super().__init__()
        self.life = db.session.begin_nested()
        self.now = NOW
        self.selves = Selves([a_member(NOW) for _ in range(PEOPLE)], [a_member(NOW) for _ in range(PEOPLE)])
        self.worlds = (a_world(), a_world())

    def both(self, who: int, act: Callable[[World, int], object]) -> None:
        """`act` in a world as a customer: what is refused to a merged person is not asked of the twin."""
        with self.selves.acting(who):
            done = whether(lambda: act(self.worlds[0], self.selves.present(who)))
        if done:
            act(self.worlds[1], self.selves.twins[who])

    @rule(who=WHO, which=WHICH, cause=CAUSE)
    def take(self, who: int, which: int, cause: int) -> None:
        def act(world: World, customer_id: int) -> None:
            template_id = world.templates[which].id
            got = coupons.take(customer_id=customer_id, template_id=template_id, cause=f"take:{cause}", now=self.now)
            keep(world, got)

        self.both(who, act)

    @rule(who=WHO, which=WHICH, cause=CAUSE, bulkwise=st.booleans())
    def give(self, who: int, which: int, cause: int, bulkwise: bool) -> None:
        def act(world: World, customer_id: int) -> None:
            given = {"template_id": world.templates[which].id, "now": self.now}
            if not bulkwise:
                keep(world, coupons.grant(customer_id=customer_id, cause=f"gift:{cause}", **given))
                return
            bulk.grant_many(wishes=[(customer_id, f"many:{cause}")], **given)
            newest = "SELECT max(id) FROM coupon WHERE customer_id = :customer_id"
            found = db.session.execute(text(newest), {"customer_id": customer_id}).scalar_one()
            if found is None or found in {one.id for one in world.held}:
                raise Already
            keep(world, coupons.get_coupon(customer_id=customer_id, coupon_id=found))

        self.both(who, act)

    def pick(self, data: st.DataObject) -> int:
        return data.draw(st.integers(0, len(self.worlds[0].held) - 1))

    @precondition(lambda self: self.worlds[0].held)
    @rule(data=st.data(), order=ORDER, what=st.sampled_from(["lock", "unlock", "redeem"]))
    def at_the_till(self, data: st.DataObject, order: int, what: str) -> None:
        place, number = Place(till="shop", order=f"shop/{order}"), self.pick(data)
        act = getattr(coupons.till, what)
        self.both(0, lambda world, _: act(shown=Shown(codes=(world.held[number].code,)), place=place, now=self.now))

    @precondition(lambda self: self.worlds[0].held)
    @rule(data=st.data(), who=WHO, order=ORDER)
    def pay_an_order(self, data: st.DataObject, who: int, order: int) -> None:
        number = self.pick(data)
        for world, born, owner in (
            (self.worlds[0], self.selves.ids[who], self.selves.present(who)),
            (self.worlds[1], self.selves.twins[who], self.selves.twins[who]),
        ):
            paid = orders.OrderPaid(
                order_id=order, customer_id=owner, born_customer_id=born, channel="shop", number=str(order),
                store_id=None, paid_at=self.now, base_fen=0, earns=False, at_once=True, lines=(),
                coupon_codes=(world.held[number].code,), at=self.now,
            )  # fmt: skip
            reactions.redeem_what_orders_used([paid])

    @precondition(lambda self: self.worlds[0].held)
    @rule(data=st.data(), order=ORDER)
    def give_back(self, data: st.DataObject, order: int) -> None:
        number = self.pick(data)
        given = {"order": f"shop/{order}", "now": self.now}
        self.both(0, lambda world, _: coupons.till.give_back(codes=[world.held[number].code], **given))

    @precondition(lambda self: self.worlds[0].held)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        number = self.pick(data)
        for world in self.worlds:
            (row,) = use.lock_by_codes([world.held[number].code])
            whose = row["customer_id"]
            use.withdraw(customer_id=whose, coupon_ids=[row["id"]], why="grant_cancelled", now=self.now)

    @rule(hours=st.sampled_from([1, 30, 80]), job=st.booleans())
    def pass_time(self, hours: int, job: bool) -> None:
        self.now += dt.timedelta(hours=hours)
        if job:
            coupons.due.lock_release_due(now=self.now, limit=100)
            coupons.due.expire_due(now=self.now, limit=100)

    @rule(who=WHO, further=st.integers(1, PEOPLE - 1))
    def merge(self, who: int, further: int) -> None:
        self.selves.merge(who, (who + further) % PEOPLE, now=self.now)
        assert coupons.recount() == []

    @precondition(lambda self: self.selves.merges)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.selves.merges) - 1))
        if not self.selves.objections(place):
            self.selves.undo(place, now=self.now)
            assert coupons.recount() == []

    def teardown(self) -> None:
        try:
            self.compare()
        finally:
            self.life.rollback()

    def compare(self) -> None:
        while self.selves.merges:
            for objection in self.selves.objections(-1):
                self.give_up(objection.data["coupon_id"])
            assert self.selves.objections(-1) == []
            self.selves.undo(-1, now=self.now)
        assert wallets(self.selves.ids, self.worlds[0]) == wallets(self.selves.twins, self.worlds[1])
        assert coupons.recount() == []

    def give_up(self, coupon_id: int) -> None:
        """What holds two together is given back, in both worlds."""
        number = [one.id for one in self.worlds[0].held].index(coupon_id)
        for world in self.worlds:
            (row,) = use.lock_by_codes([world.held[number].code])
            standing = use._standing_use(row)
            assert standing is not None
            use.give_back_row(row, use=standing, why="refund", now=self.now)
        db.session.flush()


class Already(Refusal):
    """Nothing came of it: as a refusal, so that the twin is not asked."""

    code = "test.already"
    title = "已有"


def keep(world: World, got: coupons.Coupon) -> None:
    if got.repeated:
        raise Already
    world.held.append(got)


_WALLET = text(
    """
    SELECT coupon.id, coupon.template_id, coupon.cause, coupon.state, coupon.taken, coupon.ends_before,
           coupon.locked_for, coupon.redeemed_at, code.customer_id = coupon.customer_id AS by_code, held.taken AS counted,
           ARRAY(SELECT (cause, order_id, used_at, given_back_at)::text FROM coupon_use AS used
                 WHERE used.customer_id = coupon.customer_id AND used.coupon_id = coupon.id ORDER BY 1) AS uses
    FROM coupon JOIN coupon_code AS code ON code.code = coupon.code
    LEFT JOIN coupon_holding AS held ON held.customer_id = coupon.customer_id AND held.template_id = coupon.template_id
    WHERE coupon.customer_id = :customer_id AND coupon.born_customer_id = :customer_id ORDER BY coupon.id
    """
)


def wallets(people: Sequence[int], world: World) -> list[list[tuple[object, ...]]]:
    """What everybody has, told without ids of either world."""
    numbers = {one.id: number for number, one in enumerate(world.held)}
    kinds = {template.id: number for number, template in enumerate(world.templates)}
    stocks = [coupons.templates.get_template(template.id) for template in world.templates]
    told = [[(stock.taken, stock.promised_fen)] for stock in stocks]
    return told + [
        [
            (numbers[row.id], kinds[row.template_id], *tuple(row)[2:])
            for row in db.session.execute(_WALLET, {"customer_id": who})
        ]
        for who in people
    ]


@pytest.mark.usefixtures("database")
def test_who_was_merged_and_set_apart_has_what_their_twin_has() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=200 if FULL_SIZE else 5,
            stateful_step_count=40 if FULL_SIZE else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),  # shortening a life costs minutes, and it can be read as it is
        ),
    )
