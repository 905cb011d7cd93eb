"""The state machine: every step is done to the real rooms and to the model, then the two must say the same."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from app.kernel.database import db, unit_of_work
from app.kernel.errors import Refusal
from app.membership import bookings, coupons, members, points
from app.membership.coupons import till as desk
from app.trade import orders
from tests.conftest import NOW
from tests.factories.members import NOTICE
from tests.stories.agreement import Agreement
from tests.stories.model.bookings import Bookings
from tests.stories.model.brand import Brand
from tests.stories.model.coupons import Coupons
from tests.stories.world import LIMITS, SEATS, World

PEOPLE = st.sampled_from([0, 0, 0, 1, 1, 2])
PICK = st.just(0) | st.integers(0, 30)  # often what happened last
AMOUNT = st.integers(1, 400)
TEMPLATE = st.sampled_from(sorted(LIMITS))
WAITS = {
    "a little": dt.timedelta(minutes=7),
    "half an hour": dt.timedelta(minutes=30),
    "three hours": dt.timedelta(hours=3),
    "a day": dt.timedelta(days=1),
    "the return period": dt.timedelta(days=7),
    "a month": dt.timedelta(days=33),
    "most of a year": dt.timedelta(days=331),
}
Step = Callable[[], str]


class Membership(Agreement):
    """Three people, three templates, four services on two seats. `world` is set by the test."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = self.world.connection.begin_nested()
        self.now = NOW
        self.model = Brand(coupons=Coupons(LIMITS), bookings=Bookings(self.world.minutes, SEATS))
        self.orders: list[dict[str, Any]] = []
        self.codes: dict[tuple[int, str], str] = {}
        self.bookings: list[tuple[dict[str, Any], int, str]] = []
        self.former: list[tuple[Step, Step]] = []
        self.count = 0

    def teardown(self) -> None:
        """Recount, then undo the whole story: the next one begins in the same world."""
        try:
            self.nothing_differs_from_its_proof()
        finally:
            db.session.remove()
            self.savepoint.rollback()

    def both(self, expected: Step, real: Callable[[], Any], *, again: bool = True) -> str:
        """Do one thing to the model and to the rooms; they must answer alike."""

        def really() -> str:
            try:
                with unit_of_work():
                    real()
            except Refusal as refusal:
                return refusal.code
            return "ok"

        if again:
            self.former.append((expected, really))
        said, answered = expected(), really()
        assert answered == said, f"the room answered {answered}, the field rules say {said}"
        return said

    @property
    def spends(self) -> list[tuple[int, str]]:
        """Whatever was spent, by person and cause."""
        return [(who, cause) for who, mine in self.model.points.items() for cause in mine.taken]

    @property
    def holds(self) -> list[tuple[int, str]]:
        """Whatever was set aside, by person and cause."""
        return [(who, cause) for who, mine in self.model.points.items() for cause in mine.holds]

    @property
    def coupons(self) -> list[tuple[dict[str, Any], str]]:
        """Every coupon of the model with the code that the room gave it."""
        return [(coupon, self.codes[key]) for key, coupon in self.model.coupons.coupons.items()]

    def new(self, what: str) -> str:
        """A cause nobody had."""
        self.count += 1
        return f"{what}:{self.count}"

    # People

    @initialize(more=st.booleans())
    def first_members(self, more: bool) -> None:
        for who in (0, 1) if more else (0,):
            self.join(who=who)

    @precondition(lambda self: len(self.model.joined) < len(self.world.people))
    @rule(who=PEOPLE)
    def join(self, who: int) -> None:
        profile = members.Profile(notice_version=NOTICE)
        customer_id, now = self.world.people[who], self.now
        self.both(
            lambda: self.model.join(who, now=now),
            lambda: members.join(customer_id=customer_id, profile=profile, now=now),
        )

    @precondition(lambda self: self.former)
    @rule(which=PICK, times=st.integers(1, 2))
    def again(self, which: int, times: int) -> None:
        """Anything may be asked for again, at any later time."""
        expected, real = self.former[-1 - which % len(self.former)]
        for _ in range(times):
            said, answered = expected(), real()
            assert answered == said, f"asked again the room answered {answered}, the field rules say {said}"
        self.settle()

    def settle(self) -> None:
        """The jobs do what is due at this moment."""
        self.model.pass_time(self.now)
        self.world.run_jobs(self.now)

    @rule(wait=st.sampled_from(sorted(WAITS)), runs=st.integers(1, 2))
    def pass_time(self, wait: str, runs: int) -> None:
        """Time passes; the jobs run, once or twice."""
        self.now += WAITS[wait]
        for _ in range(runs):
            self.settle()

    # Orders

    @rule(
        who=PEOPLE,
        yuan=st.integers(0, 2_500),
        fen=st.integers(0, 99),
        ago=st.sampled_from([0, 1, 30, 5_000, 100_000, 600_000]),
        shop=st.booleans(),
        use=st.none() | PICK,
        told=st.sampled_from([True, True, False]),
    )
    def buy(self, who: int, yuan: int, fen: int, ago: int, shop: bool, use: int | None, told: bool) -> None:
        """Something happens in a shop, and is told at once or later. `ago` in minutes."""
        paid = self.now - dt.timedelta(minutes=ago)
        order = {"number": self.new("O"), "who": who, "paid": paid, "base": yuan * 100 + fen + 1, "shop": shop}
        mine = [(coupon, code) for coupon, code in self.coupons if coupon["who"] == who]
        coupon, code = mine[use % len(mine)] if use is not None and mine else (None, None)
        order |= {"coupon": coupon, "code": code, "received": None, "refunds": {}}
        self.orders.append(order)
        if told:
            self._tell(order, {"paid"})

    @precondition(lambda self: self.orders)
    @rule(which=PICK, later=st.sampled_from([0, 600, 20_000]))
    def receive(self, which: int, later: int) -> None:
        """The goods arrive."""
        order = self.orders[-1 - which % len(self.orders)]
        if order["received"] is None:
            order["received"] = min(order["paid"] + dt.timedelta(minutes=later), self.now)

    @precondition(lambda self: self.orders)
    @rule(which=PICK, percent=st.sampled_from([1, 50, 100, 100]), told=st.sampled_from([True, True, False]))
    def refund(self, which: int, percent: int, told: bool) -> None:
        """Part of what is left goes back, or all of it; told at once or later."""
        order = self.orders[-1 - which % len(self.orders)]
        left = order["base"] - sum(order["refunds"].values())
        if part := -(-left * percent // 100):
            number = self.new("T")
            order["refunds"][number] = part
            if told:
                self._tell(order, {number})

    @precondition(lambda self: self.orders)
    @rule(which=PICK, data=st.data())
    def tell(self, which: int, data: st.DataObject) -> None:
        """The shop tells something of an order: whatever is true of it, in any order, any number of times."""
        order = self.orders[-1 - which % len(self.orders)]
        true = ["paid", *(["received"] if order["received"] else []), *sorted(order["refunds"])]
        self._tell(order, data.draw(st.sets(st.sampled_from(true), min_size=1), label="parts"))

    def _tell(self, order: dict[str, Any], parts: set[str]) -> None:
        report = self.world.report(order, parts, now=self.now)
        now = self.now

        def really() -> None:
            outcome = orders.report_orders([report], source="test", now=now)[0]
            assert outcome.status != "refused", outcome.reason

        self.both(lambda: self.model.tell(order, parts, now=now), really)
        self.settle()

    # Points

    @rule(who=PEOPLE, amount=AMOUNT)
    def earn(self, who: int, amount: int) -> None:
        cause, customer_id, now = self.new("gift"), self.world.people[who], self.now
        self.both(
            lambda: self.model.of(who).earn(cause, amount, now=now),
            lambda: points.earn(customer_id=customer_id, amount=amount, cause=cause, why="见面礼", now=now),
        )

    @rule(who=PEOPLE, amount=AMOUNT, everything=st.sampled_from([True, True, False]))
    def spend(self, who: int, amount: int, everything: bool) -> None:
        amount = (everything and self.model.of(who).spendable) or amount
        cause, customer_id = self.new("exchange"), self.world.people[who]
        self.both(
            lambda: self.model.of(who).spend(cause, amount),
            lambda: points.spend(customer_id=customer_id, amount=amount, cause=cause, why="兑换", now=self.now),
        )

    @rule(who=PEOPLE, amount=AMOUNT, everything=st.sampled_from([True, True, False]))
    def hold(self, who: int, amount: int, everything: bool) -> None:
        amount = (everything and self.model.of(who).spendable) or amount
        cause, customer_id = self.new("basket"), self.world.people[who]
        self.both(
            lambda: self.model.of(who).hold(cause, amount, now=self.now),
            lambda: points.hold(customer_id=customer_id, amount=amount, cause=cause, why="预留", now=self.now),
        )

    @precondition(lambda self: self.holds)
    @rule(which=PICK, settle=st.booleans())
    def end_hold(self, which: int, settle: bool) -> None:
        who, cause = self.holds[-1 - which % len(self.holds)]
        model, customer_id = self.model.of(who), self.world.people[who]
        end = points.settle_hold if settle else points.release_hold
        self.both(
            lambda: (model.settle if settle else model.release)(cause, now=self.now),
            lambda: end(customer_id=customer_id, cause=cause, now=self.now),
        )

    @precondition(lambda self: self.spends)
    @rule(which=PICK, percent=st.sampled_from([10, 50, 100]))
    def give_points_back(self, which: int, percent: int) -> None:
        who, spend = self.spends[-1 - which % len(self.spends)]
        amount = -(-self.model.of(who).taken[spend]["amount"] * percent // 100)
        cause, customer_id = self.new("return"), self.world.people[who]
        self.both(
            lambda: self.model.of(who).give_back(cause, amount, of=spend, now=self.now),
            lambda: points.give_back(
                customer_id=customer_id, cause_of_spend=spend, cause=cause, amount=amount, now=self.now
            ),
        )

    # Coupons

    @rule(who=PEOPLE, template=TEMPLATE, granted=st.booleans())
    def get_coupon(self, who: int, template: str, granted: bool) -> None:
        cause, customer_id = self.new("coupon"), self.world.people[who]
        give = coupons.grant if granted else coupons.take
        template_id = self.world.templates[template]

        def expected() -> str:
            is_member = who in self.model.joined
            return self.model.coupons.take(who, cause, template, now=self.now, is_member=is_member, granted=granted)

        def really() -> None:
            coupon = give(customer_id=customer_id, template_id=template_id, cause=cause, now=self.now)
            self.codes[who, cause] = coupon.code

        self.both(expected, really)

    @precondition(lambda self: self.coupons)
    @rule(which=PICK, act=st.sampled_from(["lock", "unlock", "redeem", "give_back"]), order=st.integers(0, 3))
    def at_the_till(self, which: int, act: str, order: int) -> None:
        """A till acts for one of its own orders, or for one that the shop tells of as well."""
        coupon, code = self.coupons[-1 - which % len(self.coupons)]
        number = self.orders[-order]["number"] if 0 < order <= len(self.orders) else f"K{order}"
        name = f"demo-shop/{number}"
        shown, place = desk.Shown(codes=(code,)), desk.Place(till="T1", order=name)

        def really() -> None:
            if act == "give_back":
                desk.give_back(codes=[code], order=name, now=self.now)
            else:
                getattr(desk, act)(shown=shown, place=place, now=self.now)

        self.both(lambda: getattr(self.model.coupons, act)(coupon, name, now=self.now), really, again=False)

    # Bookings

    @rule(
        who=PEOPLE,
        service=st.sampled_from(["20", "30", "45", "60"]),
        at=st.integers(0, 40),
        stands=st.sampled_from([True, True, False]),
    )
    def hold_place(self, who: int, service: str, at: int, stands: bool) -> None:
        """Keep a place, and often confirm it at once."""
        starts, customer_id = self.world.moment(self.now, at), self.world.people[who]
        service_id, store_id, found = self.world.services[service], self.world.store_id, {}

        def expected() -> str:
            said, found["model"] = self.model.bookings.hold(who, service, starts, now=self.now)
            return said

        def really() -> None:
            found["room"] = bookings.hold(
                customer_id=customer_id, service_id=service_id, store_id=store_id, starts_at=starts, now=self.now
            )

        if self.both(expected, really, again=False) == "ok":
            view: Any = found["room"]
            self.bookings.append((found["model"], view.id, self.world.code_of(view.id)))
            if stands:
                self.decide_booking(which=0, act="confirm")

    @precondition(lambda self: self.bookings)
    @rule(which=PICK, act=st.sampled_from(["confirm", "confirm", "cancel"]))
    def decide_booking(self, which: int, act: str) -> None:
        booking, booking_id, _ = self.bookings[-1 - which % len(self.bookings)]
        customer_id = self.world.people[booking["who"]]
        self.both(
            lambda: getattr(self.model.bookings, act)(booking, now=self.now),
            lambda: getattr(bookings, act)(booking_id=booking_id, customer_id=customer_id, now=self.now),
        )

    @precondition(lambda self: self.bookings)
    @rule(which=PICK, at=st.integers(0, 40))
    def move_booking(self, which: int, at: int) -> None:
        booking, booking_id, _ = self.bookings[-1 - which % len(self.bookings)]
        customer_id, starts = self.world.people[booking["who"]], self.world.moment(self.now, at)
        self.both(
            lambda: self.model.bookings.move(booking, starts, now=self.now),
            lambda: bookings.move(booking_id=booking_id, customer_id=customer_id, starts_at=starts, now=self.now),
            again=False,
        )

    @precondition(lambda self: self.bookings)
    @rule(which=PICK, in_time=st.sampled_from([True, True, False]), scans=st.integers(1, 2))
    def visit(self, which: int, in_time: bool, scans: int) -> None:
        """The clerk scans the code, once or twice, often when the time has come."""
        booking, _, code = self.bookings[-1 - which % len(self.bookings)]
        if in_time and booking["state"] == "confirmed" and booking["starts"] > self.now:
            self.now = booking["starts"]
            self.settle()
        staff_id, store_id = self.world.staff_id, self.world.store_id
        for _ in range(scans):
            self.both(
                lambda: self.model.bookings.redeem(booking, now=self.now),
                lambda: bookings.counter.redeem_by_code(code, staff_id=staff_id, store_id=store_id, now=self.now),
                again=False,
            )

    # What a story seldom comes to by chance

    @rule(who=PEOPLE, yuan=st.integers(20, 3_000), shop=st.booleans(), again=st.booleans())
    def spend_and_return(self, who: int, yuan: int, shop: bool, again: bool) -> None:
        """Bought, spent what it brought, brought back: something is owed; perhaps another order pays it (M03)."""
        self.buy(who=who, yuan=yuan, fen=1, ago=0, shop=True, use=None, told=True)
        self.spend(who=who, amount=1, everything=True)
        self.refund(which=0, percent=100, told=True)
        if again:
            self.buy(who=who, yuan=yuan * 2, fen=1, ago=20_000, shop=shop, use=None, told=True)
            self.receive(which=0, later=600)
            self._tell(self.orders[-1], {"received"})

    @rule(who=PEOPLE, service=st.sampled_from(["20", "45"]), scans=st.integers(1, 2))
    def book_and_come(self, who: int, service: str, scans: int) -> None:
        """A place tomorrow, confirmed, and the person comes; perhaps two tills scan."""
        known = len(self.bookings)
        self.hold_place(who=who, service=service, at=6, stands=True)
        if len(self.bookings) > known:
            self.visit(which=0, in_time=True, scans=scans)
