"""The calendar against a plain model in Python: random days of a few people who share one seat."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from app.kernel.database import db
from app.kernel.errors import Refusal
from app.membership import bookings
from app.membership.bookings.models import Booking
from app.membership.bookings.operations import stock
from tests.conftest import FULL_SIZE, NOW
from tests.factories.people import a_customer, a_staff, a_store

MINUTE, SHANGHAI = dt.timedelta(minutes=1), dt.timedelta(hours=8)
OPENS = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)
LENGTHS = (45, 20, 15, 30)
PEOPLE, SERVICES = st.integers(0, 2), st.integers(0, len(LENGTHS) - 1)
SLOTS = st.integers(0, 4).map(lambda number: OPENS + number * 30 * MINUTE)
ANY = st.integers(0, 10_000)


@dataclass
class Entry:
    """One booking, the slow and obvious way."""

    id: int
    code: str
    person: int
    service: int
    starts: dt.datetime
    state: str
    until: dt.datetime
    moves: int = 0

    @property
    def ends(self) -> dt.datetime:
        return self.starts + LENGTHS[self.service] * MINUTE

    def is_open(self, now: dt.datetime) -> bool:
        return self.state == "confirmed" or (self.state == "held" and now < self.until)

    def occupies(self, now: dt.datetime) -> bool:
        return self.is_open(now) or self.state == "redeemed"

    def meets(self, starts: dt.datetime, minutes: int) -> bool:
        return self.starts < starts + minutes * MINUTE and starts < self.ends


class Days(RuleBasedStateMachine):
    """Holding, confirming, moving, cancelling, redeeming, jobs, time passing."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.entries = NOW, list[Entry]()
        self.people = [a_customer(NOW) for _ in range(3)]
        self.store_id = a_store(NOW)
        self.clerk = a_staff(NOW, store_id=self.store_id)
        drafts = [stock.ServiceDraft(f"项目 {minutes}", "makeup", minutes) for minutes in LENGTHS]
        self.services = [stock.save_service(draft) for draft in drafts]
        hours: dict = {None: [(600, 765)]}
        stock.save_resource(stock.ResourceDraft(self.store_id, "位", self.services, hours))

    def attempt(self, act: Callable[[], object], expected: type[Refusal] | None) -> object:
        """Do it as a request would, and see that exactly the expected refusal comes."""
        try:
            with db.session.begin_nested():
                done: object = act()
        except Refusal as refusal:
            done = refusal
        assert (type(done) if isinstance(done, Refusal) else None) is expected, f"{done!r} instead of {expected}"
        return None if expected else done

    def taken(self, starts: dt.datetime, minutes: int, but: Entry | None = None) -> bool:
        return any(each.occupies(self.now) and each.meets(starts, minutes) for each in self.entries if each is not but)

    def is_slot(self, starts: dt.datetime, minutes: int) -> bool:
        return starts + minutes * MINUTE <= OPENS + 165 * MINUTE

    def pick(self, number: int) -> Entry:
        return self.entries[number % len(self.entries)]

    def why_not_held(self, person: int, service: int, starts: dt.datetime) -> type[Refusal] | None:
        mine = [each for each in self.entries if each.person == person]
        if sum(each.state == "no_show" for each in mine) >= 3:
            return bookings.BlockedOnline
        if any(each.service == service and each.state == "confirmed" for each in mine):
            return bookings.AlreadyBooked
        if starts < self.now + 120 * MINUTE or not self.is_slot(starts, LENGTHS[service]):
            return bookings.NotASlot
        replaced = next((each for each in mine if each.service == service and each.state == "held"), None)
        if self.taken(starts, LENGTHS[service], but=replaced):
            return bookings.SlotTaken
        others = [each for each in mine if each.is_open(self.now) and each is not replaced]
        return bookings.TooManyOpen if len(others) >= 3 else None

    @rule(person=PEOPLE, service=SERVICES, starts=SLOTS)
    def hold(self, person: int, service: int, starts: dt.datetime) -> None:
        expected = self.why_not_held(person, service, starts)
        wish = {"service_id": self.services[service], "store_id": self.store_id, "starts_at": starts}
        held = self.attempt(lambda: bookings.hold(customer_id=self.people[person], now=self.now, **wish), expected)
        if not isinstance(held, bookings.BookingView):
            return
        for each in self.entries:
            if each.person == person and each.service == service and each.state == "held":
                each.state = "expired"
        code = db.session.get_one(Booking, held.id).code
        self.entries.append(Entry(held.id, code, person, service, starts, "held", self.now + 5 * MINUTE))

    @precondition(lambda self: self.entries)
    @rule(number=ANY)
    def confirm(self, number: int) -> None:
        entry, expected = self.pick(number), None
        if entry.state == "expired" or (entry.state == "held" and self.now >= entry.until):
            expected = bookings.HoldExpired
        elif entry.state not in {"held", "confirmed"}:
            expected = bookings.NotOpen
        mine = {"booking_id": entry.id, "customer_id": self.people[entry.person], "now": self.now}
        if self.attempt(lambda: bookings.confirm(**mine), expected):
            entry.state = "confirmed"

    @precondition(lambda self: self.entries)
    @rule(number=ANY)
    def cancel(self, number: int) -> None:
        entry, expected = self.pick(number), None
        if entry.state not in {"held", "confirmed", "cancelled", "expired"}:
            expected = bookings.NotOpen
        elif entry.state == "confirmed" and self.now > entry.starts - 120 * MINUTE:
            expected = bookings.TooLateToChange
        mine = {"booking_id": entry.id, "customer_id": self.people[entry.person], "now": self.now}
        if self.attempt(lambda: bookings.cancel(**mine), expected):
            entry.state = "cancelled" if entry.is_open(self.now) else entry.state

    def why_not_moved(self, entry: Entry, starts: dt.datetime) -> type[Refusal] | None:
        minutes = LENGTHS[entry.service]
        if starts < self.now + 120 * MINUTE or not self.is_slot(starts, minutes):
            return bookings.NotASlot
        if self.taken(starts, minutes, but=entry):
            return bookings.SlotTaken
        if entry.state != "confirmed":
            return bookings.NotOpen
        if entry.moves:
            return bookings.AlreadyMoved
        return bookings.TooLateToChange if self.now > entry.starts - 120 * MINUTE else None

    @precondition(lambda self: self.entries)
    @rule(number=ANY, starts=SLOTS)
    def move(self, number: int, starts: dt.datetime) -> None:
        entry = self.pick(number)
        mine = {"booking_id": entry.id, "customer_id": self.people[entry.person], "now": self.now}
        if self.attempt(lambda: bookings.move(**mine, starts_at=starts), self.why_not_moved(entry, starts)):
            entry.starts, entry.moves = starts, 1

    @precondition(lambda self: self.entries)
    @rule(number=ANY)
    def redeem(self, number: int) -> None:
        entry, expected = self.pick(number), None
        if entry.state in {"redeemed", "done"}:
            expected = bookings.AlreadyRedeemed
        elif entry.state != "confirmed":
            expected = bookings.NotRedeemable
        elif (self.now + SHANGHAI).date() != entry.starts.date():  # the shop's hours lie within one day of UTC
            expected = bookings.OtherDay
        at = {"staff_id": self.clerk, "store_id": self.store_id, "now": self.now}
        if self.attempt(lambda: bookings.counter.redeem_code(code=entry.code, **at), expected):
            entry.state = "redeemed"

    @rule(minutes=st.sampled_from([1, 4, 5, 30, 240, 600]))
    def time_passes(self, minutes: int) -> None:
        if self.now + minutes * MINUTE < OPENS + 330 * MINUTE:
            self.now += minutes * MINUTE

    @rule()
    def jobs_run(self) -> None:
        bookings.release_holds_due(now=self.now)
        bookings.no_show_due(now=self.now)
        for each in self.entries:
            if each.state == "held" and self.now >= each.until:
                each.state = "expired"
            elif each.state == "redeemed" and each.ends <= self.now:
                each.state = "done"
            elif each.state == "confirmed" and each.ends + 30 * MINUTE <= self.now:
                each.state = "no_show"

    @invariant()
    def both_say_the_same(self) -> None:
        rows = db.session.execute(select(Booking).execution_options(populate_existing=True)).scalars()
        real = {row.id: (bookings_state(row, self.now), row.starts_at) for row in rows}
        model = {
            each.id: ("expired" if each.state == "held" and self.now >= each.until else each.state, each.starts)
            for each in self.entries
        }
        assert real == model


def bookings_state(row: Booking, now: dt.datetime) -> str:
    """A hold that ran out counts as expired, whether a job has run or not."""
    return "expired" if row.state == "held" and row.hold_until is not None and row.hold_until <= now else row.state


def test_random_days_of_one_seat_follow_the_model(database: object) -> None:
    def days() -> Days:
        db.session.rollback()
        return Days()

    run_state_machine_as_test(
        days,
        settings=settings(
            max_examples=400 if FULL_SIZE else 10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
