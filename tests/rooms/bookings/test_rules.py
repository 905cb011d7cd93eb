"""The pure decisions of the calendar, days of 23 and 25 hours included."""

import datetime as dt
import zoneinfo
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.membership.bookings import rules

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
LORD_HOWE = zoneinfo.ZoneInfo("Australia/Lord_Howe")  # its summer time is half an hour
POLICY = rules.BookingPolicy()
SHORT_DAYS = [(BERLIN, dt.date(2026, 3, 29)), (NEW_YORK, dt.date(2026, 3, 8)), (LORD_HOWE, dt.date(2026, 10, 4))]
LONG_DAYS = [(BERLIN, dt.date(2026, 10, 25)), (NEW_YORK, dt.date(2026, 11, 1)), (LORD_HOWE, dt.date(2026, 4, 5))]
DAYS = [*SHORT_DAYS, *LONG_DAYS, (SHANGHAI, dt.date(2026, 5, 20)), (BERLIN, dt.date(2026, 5, 20))]

a_quarter_range = st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(lambda pair: pair[0] < pair[1])
some_hours = st.lists(a_quarter_range.map(lambda pair: (pair[0] * 15, pair[1] * 15)), max_size=4)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


def quarters_within(windows: list[rules.Interval]) -> set[dt.datetime]:
    lengths = [(begins, int((ends - begins).total_seconds()) // 900) for begins, ends in windows]
    return {begins + dt.timedelta(minutes=15 * quarter) for begins, length in lengths for quarter in range(length)}


@given(place=st.sampled_from(DAYS), hours=some_hours)
def test_working_windows_hold_exactly_the_time_whose_wall_clock_is_in_the_hours(
    place: tuple[zoneinfo.ZoneInfo, dt.date], hours: list[rules.Hours]
) -> None:
    zone, day = place
    walls = {moment: moment.astimezone(zone) for moment in quarters_within([rules.day_bounds(day, zone)])}
    expected = {
        moment
        for moment, wall in walls.items()
        if any(opens <= wall.hour * 60 + wall.minute < closes for opens, closes in hours)
    }

    windows = rules.working_windows(day, zone, hours)

    assert quarters_within(windows) == expected
    assert all(one[1] < other[0] for one, other in pairwise(windows))


@pytest.mark.parametrize(("zone", "day", "hours"), [(*SHORT_DAYS[0], 23), (*SHORT_DAYS[1], 23), (*LONG_DAYS[0], 25)])
def test_a_day_of_23_or_25_hours_has_the_slots_it_really_has(zone: zoneinfo.ZoneInfo, day: dt.date, hours: int) -> None:
    windows = rules.working_windows(day, zone, [rules.WHOLE_DAY])

    starts = rules.slots(windows, length=60, step=60, taken=[])

    assert len(starts) == hours
    assert {later - earlier for earlier, later in pairwise(starts)} == {dt.timedelta(hours=1)}


def test_stock_hours_have_a_break_that_no_slot_touches() -> None:
    windows = rules.working_windows(dt.date(2026, 5, 20), SHANGHAI, [(600, 780), (840, 1260)])

    starts = rules.slots(windows, length=45, step=30, taken=[])

    said = [f"{start.astimezone(SHANGHAI):%H:%M}" for start in starts]
    assert said[0] == "10:00"
    assert said[4:6] == ["12:00", "14:00"]
    assert said[-1] == "20:00"


@given(
    taken=st.lists(st.integers(0, 600).map(lambda at: (at, at + 40)), max_size=6),
    length=st.integers(5, 120),
    step=st.sampled_from([5, 10, 15, 20, 30, 60]),
)
def test_a_slot_lies_within_a_window_on_the_grid_and_touches_nothing_taken(
    taken: list[tuple[int, int]], length: int, step: int
) -> None:
    begins = utc(2026, 5, 20, 2)
    windows = [(begins, begins + rules.minutes(180)), (begins + rules.minutes(240), begins + rules.minutes(660))]
    busy = [(begins + rules.minutes(a), begins + rules.minutes(b)) for a, b in taken]

    starts = set(rules.slots(windows, length=length, step=step, taken=busy))

    expected = set()
    for opens, closes in windows:
        for start in (opens + rules.minutes(n) for n in range(0, 700, step)):
            ends = start + rules.minutes(length)
            if ends <= closes and not any(start < until and since < ends for since, until in busy):
                expected.add(start)
    assert starts == expected


def test_what_is_common_to_the_store_and_the_seat() -> None:
    ten, twelve, one, three = (utc(2026, 5, 20, hour) for hour in (10, 12, 13, 15))

    assert rules.common([(ten, one)], [(twelve, three)]) == [(twelve, one)]
    assert rules.common([(ten, twelve)], [(twelve, three)]) == []


@pytest.mark.parametrize(
    ("starts_at", "allowed"),
    [
        (utc(2026, 5, 20, 5, 59), False),
        (utc(2026, 5, 20, 6, 0), True),
        (utc(2026, 6, 3, 15, 59), True),
        (utc(2026, 6, 3, 16, 0), False),
    ],
    ids=["under two hours", "two hours", "the 14th day", "the 15th day"],
)
def test_K08_bookable_from_two_hours_to_fourteen_days_ahead(starts_at: dt.datetime, allowed: bool) -> None:
    now = utc(2026, 5, 20, 4)

    assert rules.may_be_booked(starts_at, now=now, zone=SHANGHAI, policy=POLICY) is allowed


def test_K08_changes_are_free_until_two_hours_before_or_a_day_where_points_were_paid() -> None:
    starts_at = utc(2026, 5, 22, 4)

    assert rules.changes_end_at(starts_at, paid=False, policy=POLICY) == utc(2026, 5, 22, 2)
    assert rules.changes_end_at(starts_at, paid=True, policy=POLICY) == utc(2026, 5, 21, 4)


@pytest.mark.parametrize(
    ("days", "until"),
    [([], None), ([0, 1], None), ([0, 45, 90], 120), ([0, 45, 91], None), ([80, 0, 1], 110), ([0, 1, 2, 95], 32)],
)
def test_K09_three_no_shows_in_ninety_days_block_for_thirty(days: list[int], until: int | None) -> None:
    first = utc(2026, 1, 1)
    missed = [first + dt.timedelta(days=day) for day in days]

    blocked = rules.blocked_until(missed, policy=POLICY)

    assert blocked == (None if until is None else first + dt.timedelta(days=until))


@pytest.mark.parametrize(("hour", "quiet"), [(21, False), (22, True), (3, True), (7, True), (8, False)])
def test_K10_nobody_is_offered_a_place_at_night(hour: int, quiet: bool) -> None:
    at = dt.datetime(2026, 5, 20, hour, 30, tzinfo=SHANGHAI)

    assert rules.is_quiet(at, SHANGHAI, policy=POLICY) is quiet


def test_codes_are_typed_easily_and_never_alike() -> None:
    codes = {rules.new_code() for _ in range(2000)}

    assert len(codes) == 2000
    assert all(len(code) == 10 and not set(code[1:]) & set("0O1IL5S8B") for code in codes)
    assert rules.normal_code(" y7kd-3mpq 9a ") == "Y7KD3MPQ9A"
