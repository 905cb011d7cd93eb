"""Merge → activity of either self → undo: as if they had never been one."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel import carrier
from app.kernel.database import db
from app.membership import members
from app.membership.members.operations.growth import add_growth
from app.membership.members.operations.reviews import give_tier
from app.membership.members.queries.history import list_growth, list_periods
from app.people import identity
from tests.conftest import FULL_SIZE
from tests.factories.members import a_member
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer, a_phone
from tests.rooms.members.ordering import bought, refunds

DAY = dt.timedelta(days=1)
START = dt.datetime(2026, 1, 1, 4, 0, tzinfo=dt.UTC)
MERGED_ON = 40

# (day, which of the two, what, how much)
Act = tuple[int, int, str, int]


def acts(kinds: list[str], *, last: int) -> st.SearchStrategy[list[Act]]:
    much = st.sampled_from([100, 500, 999, 1000, 1500, 3000])
    act = st.tuples(st.integers(1, last), st.integers(0, 1), st.sampled_from(kinds), much)
    return st.lists(act, min_size=1, max_size=10)


@dataclass
class World:
    """Two people, of whom the second may be a guest; `one`: they are the same person now."""

    selves: tuple[int, int]
    phones: tuple[str, str]
    one: bool = False
    orders: list[tuple[str, int]] = field(default_factory=list)

    @contextmanager
    def carried(self, who: int) -> Iterator[int]:
        """As whom one of the two acts."""
        holder = self.selves[0] if self.one else self.selves[who]
        with carrier.carried_by({holder: self.selves[who]}):
            yield holder

    def do(self, act: Act) -> None:
        day, who, what, much = act
        now = START + day * DAY
        with self.carried(who) as holder:
            if what == "buy":
                self.orders.append((bought(self.phones[who], much, now), much))
            elif what == "refund" and self.orders:
                number, yuan = self.orders[much % len(self.orders)]
                refunds(number, yuan / 2, now)
            elif not members.are_members([self.selves[who]]) and not self.one:
                return
            elif what == "task":
                add_growth(customer_id=holder, amount=10, cause=f"task:{day}:{who}", why="correction", now=now)
            elif what == "tier":
                give_tier(customer_id=holder, level=much % 4, until=now + 500 * DAY, source="gift", now=now)
            elif what == "name":
                members.change_profile(customer_id=holder, full_name=f"林{day}", now=now)

    def looks(self) -> list[object]:
        """Tier, growth, dates, profile and history of the two, as far as they have the card."""
        found: list[object] = []
        for customer_id in self.selves:
            if not members.are_members([customer_id]):
                found.append((list_growth(customer_id), list_periods(customer_id)))
                continue
            one = members.get_member(customer_id)
            found.append((one.standing, one.level, one.level_until, one.joined_at, one.member_since, one.earns_since))
            found.append((one.gift, one.full_name, one.given_level, one.given_until))
            found.append([(entry.why, entry.amount, entry.counts_at) for entry in list_growth(customer_id)])
            periods = list_periods(customer_id)
            found.append([(it.source, it.level, it.since, it.valid_until, it.ended_at) for it in periods])
        return found


def a_world(*, guest: bool) -> World:
    first = a_member(START)
    second = a_customer(START, phone=a_phone()) if guest else a_member(START)
    phones = identity.phones.phones_of([first, second])
    return World((first, second), (phones[first], phones[second]))


def live(acts: list[Act], *, guest: bool, parted_on: int, merging: bool) -> list[object]:
    """What became of two people after all this."""
    world, merged = a_world(guest=guest), None
    for act in sorted([*acts, (MERGED_ON, -1, "merge", 0), (parted_on, -1, "part", 0)]):
        now = START + act[0] * DAY
        members.review_tiers_due(now=now, limit=100)
        if act[1] >= 0:
            world.do(act)
        elif merging and act[2] == "merge":
            merged, world.one = merge(*world.selves, now=now), True
        elif merging and merged is not None:
            undo(merged, now=now)
            world.one = False
        assert members.recount(now=now) == []
    return world.looks()


alike = settings(max_examples=100 if FULL_SIZE else 6, deadline=None, suppress_health_check=list(HealthCheck))


def is_as_if_never_merged(acts: list[Act], *, guest: bool, parted_on: int) -> bool:
    if guest:  # a guest has no card to change
        acts = [act for act in acts if act[1] == 0 or act[2] in {"buy", "refund"}]
    with db.session.begin_nested() as apart:
        merged, never = (live(acts, guest=guest, parted_on=parted_on, merging=it) for it in (True, False))
        apart.rollback()
    return merged == never


@alike
@given(acts(["buy", "buy", "buy", "refund", "task", "tier", "name"], last=300), st.booleans())
def test_parted_people_are_as_if_they_had_never_been_one(database: object, acts: list[Act], guest: bool) -> None:
    assert is_as_if_never_merged(acts, guest=guest, parted_on=200)


@alike
@given(acts(["buy", "buy", "task"], last=900), st.booleans())
def test_M08_years_that_ended_while_they_were_one_are_judged_for_each(
    database: object, acts: list[Act], guest: bool
) -> None:
    assert is_as_if_never_merged(acts, guest=guest, parted_on=800)
