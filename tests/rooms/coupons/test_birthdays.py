"""C11: 生日券 on the day, once a calendar year."""

import datetime as dt
import logging

import pytest
from sqlalchemy import update

from app.kernel.clock import start_of_day
from app.kernel.database import db
from app.membership import coupons, members
from app.membership.coupons.models import CouponRow
from app.membership.members.models import Member
from tests.factories.members import a_member

pytestmark = pytest.mark.usefixtures("database")
HOUR = dt.timedelta(hours=1)
TODAY = dt.date(2026, 5, 20)


def at(year: int, month: int, day: int) -> dt.datetime:
    """A quarter past nine of a day in Shanghai."""
    return start_of_day(dt.date(year, month, day)) + 9.25 * HOUR


def born(birthday: dt.date, *, set_at: dt.datetime) -> int:
    """A member who told their birthday at that time."""
    return a_member(set_at, birthday=birthday)


def granted(now: dt.datetime, *, limit: int = 500) -> list[int]:
    """How many each batch of a run gave, until nobody was left."""
    coupons.ship_stock(now=now)
    counts = []
    while count := coupons.due.grant_birthday_due(now=now, limit=limit):
        counts.append(count)
        assert len(counts) < 20, "the run does not end"
    return counts


def held(customer_id: int, now: dt.datetime) -> list[str]:
    return [coupon.terms.name for coupon in coupons.list_coupons(customer_id=customer_id, now=now).items]


def test_C11_the_birthday_coupon_comes_on_the_day_and_to_nobody_else() -> None:
    long_ago = at(2026, 1, 5)
    mine, others = born(dt.date(1996, 5, 20), set_at=long_ago), born(dt.date(1996, 5, 21), set_at=long_ago)
    a_member(long_ago)

    assert granted(at(2026, 5, 20)) == [1]
    (coupon,) = coupons.list_coupons(customer_id=mine, now=at(2026, 5, 20)).items
    assert (coupon.terms.name, coupon.terms.percent, coupon.terms.cap_fen) == ("生日券", 88, 5_000)
    assert held(others, at(2026, 5, 20)) == []


def test_C11_the_day_is_the_brands() -> None:
    mine = born(dt.date(1996, 5, 20), set_at=at(2026, 1, 5))
    begins = start_of_day(TODAY)  # in UTC it is still the 19th

    assert granted(begins - dt.timedelta(seconds=1)) == []
    assert granted(begins) == [1]
    assert held(mine, begins) == ["生日券"]


def test_C11_once_a_calendar_year_whatever_is_corrected() -> None:
    mine = born(dt.date(1996, 5, 20), set_at=at(2026, 1, 5))
    assert granted(at(2026, 5, 20)) == [1]
    members.change_profile(customer_id=mine, birthday=dt.date(1996, 6, 20), by_lead=True, now=at(2026, 5, 21))

    assert (granted(at(2026, 5, 20)), granted(at(2026, 6, 20)), granted(at(2027, 6, 20))) == ([], [], [1])


@pytest.mark.parametrize(("days", "gifts"), [(7, [1]), (6, []), (0, [])])
def test_C11_a_birthday_told_less_than_seven_days_before_brings_nothing(days: int, gifts: list[int]) -> None:
    told = start_of_day(TODAY - dt.timedelta(days=days)) + HOUR  # the day before in UTC
    born(dt.date(1996, 5, 20), set_at=told)

    assert granted(at(2026, 5, 20) + 14.7 * HOUR) == gifts


@pytest.mark.parametrize(
    ("day", "gifts"), [((2027, 2, 28), [2]), ((2027, 3, 1), []), ((2028, 2, 28), [2]), ((2028, 2, 29), [])]
)
def test_C11_the_29th_of_february_counts_as_the_28th(day: tuple[int, int, int], gifts: list[int]) -> None:
    for birthday in (dt.date(1996, 2, 29), dt.date(1997, 2, 28), dt.date(1997, 2, 27)):
        born(birthday, set_at=at(2026, 1, 5))

    assert granted(at(*day)) == gifts


def test_C11_a_run_works_in_batches_and_goes_on_where_it_broke_off() -> None:
    people = [born(dt.date(1996, 5, 20), set_at=at(2026, 1, 5)) for _ in range(5)]
    too_late = [born(dt.date(1996, 5, 20), set_at=at(2026, 5, 19)) for _ in range(3)]
    people += [born(dt.date(1996, 5, 20), set_at=at(2026, 1, 5)) for _ in range(2)]
    now = at(2026, 5, 20)
    coupons.ship_stock(now=now)

    assert coupons.due.grant_birthday_due(now=now, limit=2) == 2
    assert granted(now, limit=3) == [1, 3, 1]
    assert [held(who, now) for who in people] == [["生日券"]] * 7
    assert [held(who, now) for who in too_late] == [[]] * 3


def test_C11_staff_are_members_too() -> None:
    mine = born(dt.date(1996, 5, 20), set_at=at(2026, 1, 5))
    db.session.execute(update(Member).values(is_staff=True))

    assert granted(at(2026, 5, 20)) == [1]
    assert held(mine, at(2026, 5, 20)) == ["生日券"]


def test_a_used_coupon_is_not_given_a_second_time() -> None:
    born(dt.date(1996, 5, 20), set_at=at(2026, 1, 5))
    assert granted(at(2026, 5, 20)) == [1]
    db.session.execute(update(CouponRow).values(state="redeemed", ended_at=at(2026, 5, 20)))

    assert granted(at(2026, 5, 20) + HOUR) == []


def test_a_template_that_gives_no_more_ends_the_run_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        born(dt.date(1996, 5, 20), set_at=at(2026, 1, 5))
    now = at(2026, 5, 20)
    coupons.ship_stock(now=now)
    coupons.templates.change_stock(template_id=coupons.find_shipped("birthday"), total=1, budget_fen=None)

    with caplog.at_level(logging.WARNING, "guiyi.coupons"):
        assert granted(now) == [1]
    assert "coupons not granted" in caplog.text


def test_a_brand_without_the_programme_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    born(dt.date(1996, 5, 20), set_at=at(2026, 1, 5))

    with caplog.at_level(logging.WARNING, "guiyi.coupons"):
        assert coupons.due.grant_birthday_due(now=at(2026, 5, 20), limit=5) == 0
    assert "has not been shipped" in caplog.text
