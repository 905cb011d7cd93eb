"""When is a store open? Wall-clock hours on real calendars."""

import datetime as dt

import pytest

from app.people.stores import rules

ALL_WEEK = {str(weekday): [["10:00", "13:00"], ["14:00", "21:00"]] for weekday in range(1, 8)}


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def open_on(day: str, *, zone: str = "Asia/Shanghai", hours: dict | None = None, special: dict | None = None) -> list:
    return rules.open_periods(
        hours=ALL_WEEK if hours is None else hours,
        special_days=special or {},
        day=dt.date.fromisoformat(day),
        zone=zone,
    )


def test_a_break_parts_the_day() -> None:
    assert open_on("2026-05-20") == [
        (utc("2026-05-20T02:00"), utc("2026-05-20T05:00")),
        (utc("2026-05-20T06:00"), utc("2026-05-20T13:00")),
    ]


def test_a_weekday_that_is_left_out_is_a_day_off() -> None:
    assert open_on("2026-05-20", hours={"1": [["10:00", "21:00"]]}) == []


def test_a_special_day_replaces_its_weekday() -> None:
    special = {"2026-05-20": [["12:00", "15:00"]], "2026-05-21": []}

    assert open_on("2026-05-20", special=special) == [(utc("2026-05-20T04:00"), utc("2026-05-20T07:00"))]
    assert open_on("2026-05-21", special=special) == []


def test_a_night_shop_closes_on_the_next_day() -> None:
    assert open_on("2026-05-20", hours={"3": [["18:00", "26:00"]]}) == [
        (utc("2026-05-20T10:00"), utc("2026-05-20T18:00"))
    ]


@pytest.mark.parametrize(
    ("day", "hours_long"), [("2026-03-07", 24), ("2026-03-08", 23), ("2026-11-01", 25), ("2026-11-02", 24)]
)
def test_a_whole_day_has_23_24_or_25_hours(day: str, hours_long: int) -> None:
    ((opens, closes),) = open_on(
        day, zone="America/New_York", hours={str(n): [["00:00", "24:00"]] for n in range(1, 8)}
    )

    assert closes - opens == dt.timedelta(hours=hours_long)


def test_hours_that_the_clock_jumps_over_are_not_offered_twice() -> None:
    """On 8 March 2026 New York has no half past two."""
    early = {"7": [["01:00", "02:30"], ["02:30", "05:00"]]}
    first, second = open_on("2026-03-08", zone="America/New_York", hours=early)

    assert first == (utc("2026-03-08T06:00"), utc("2026-03-08T07:30"))
    assert second == (utc("2026-03-08T07:30"), utc("2026-03-08T09:00"))


@pytest.mark.parametrize(
    ("hours", "keys"),
    [
        ({"8": []}, "weekdays"),
        ({"2026-02-30": []}, "dates"),
        ({"20260520": []}, "dates"),
        ({"1": [["10:00"]]}, "weekdays"),
        ({"1": [["10:00", "25:60"]]}, "weekdays"),
        ({"1": [["9:00", "10:00"]]}, "weekdays"),
        ({"1": [["10:00", "10:00"]]}, "weekdays"),
        ({"1": [["10:00", "12:00"], ["11:00", "13:00"]]}, "weekdays"),
        ({"1": [["10:00", "30:01"]]}, "weekdays"),
    ],
)
def test_hours_no_calendar_can_follow_are_refused(hours: dict, keys: str) -> None:
    with pytest.raises(rules.NotHours):
        rules.check_hours(hours, keys=keys)


def test_hours_that_can_be_followed_are_taken() -> None:
    rules.check_hours(ALL_WEEK, keys="weekdays")
    rules.check_hours({"2026-05-20": [["00:00", "30:00"]]}, keys="dates")
