"""People as pages show them."""

import datetime as dt

import pytest
from sqlalchemy import event

from app.kernel.database import db
from app.membership import members, points
from app.reports import profiles
from app.reports.profiles import rules
from tests.factories.bookings import a_booking, a_salon
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer


@pytest.fixture
def stock(database: object, now: dt.datetime) -> None:
    members.ship_stock(now=now)


def give(customer_id: int, amount: int, now: dt.datetime) -> None:
    why = points.Why("测试")
    points.earn(customer_id=customer_id, amount=amount, cause=f"survey:{amount}", why=why, now=now)


def test_a_members_home_says_everything_at_once(stock: None, now: dt.datetime) -> None:
    customer_id = a_member(now)
    give(customer_id, 240, now)
    a_coupon(customer_id=customer_id, now=now)
    salon = a_salon(now)
    visit = a_booking(now, salon, now + dt.timedelta(days=1), customer_id=customer_id)

    home = profiles.get_home(customer_id=customer_id, now=now)

    assert home.card is not None
    assert (home.card.tier_name, home.card.growth, home.card.next_tier_name, home.card.growth_to_next) == (
        "普卡", 0, "银卡", 1000,
    )  # fmt: skip
    assert (home.points, home.points_owed, home.coupons_usable) == (240, 0, 1)
    assert home.next_booking is not None
    assert home.next_booking.booking_id == visit.id
    assert home.next_booking.store_name.startswith("门店")


def test_the_home_is_one_statement(stock: None, now: dt.datetime) -> None:
    customer_id = a_member(now)
    db.session.flush()
    driver = db.session.connection().connection.driver_connection
    before = driver.execute("SELECT 1") and driver.info.backend_pid
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    profiles.get_home(customer_id=customer_id, now=now)

    assert before == driver.info.backend_pid
    assert statements == [], "nothing but the one compiled statement goes to the server"


def test_C01_a_guest_has_a_home_too(stock: None, now: dt.datetime) -> None:
    home = profiles.get_home(customer_id=a_customer(now), now=now)

    assert home == profiles.MemberHome(None, 0, 0, 0, 0, None, 0, None, None)


def test_nobody_sees_what_is_anothers(stock: None, now: dt.datetime) -> None:
    other = a_member(now)
    give(other, 500, now)
    a_coupon(customer_id=other, now=now)

    home = profiles.get_home(customer_id=a_member(now), now=now)

    assert (home.points, home.coupons_usable) == (0, 0)


def test_a_person_is_found_by_phone_and_card(stock: None, now: dt.datetime) -> None:
    customer_id = a_member(now, phone="13912345678")
    card_number = members.get_member(customer_id).card_number

    assert profiles.find_person("13912345678") == customer_id
    assert profiles.find_person(card_number) == customer_id
    assert profiles.find_person("13900000000") is None
    assert profiles.find_person("林晓") is None


def test_a_customer_without_a_card_is_not_found_among_members(stock: None, now: dt.datetime) -> None:
    guest = a_customer(now, phone="13912345678")

    assert profiles.find_person("13912345678") is None
    assert profiles.get_person(guest, now=now) is None


def test_G08_the_list_shows_masked_phones_and_each_members_own_figures(stock: None, now: dt.datetime) -> None:
    first, second = a_member(now, phone="13912345678"), a_member(now, phone="13987654321")
    give(first, 70, now)

    listed = profiles.list_people(now=now)

    assert [(person.customer_id, person.points) for person in listed.items] == [(second, 0), (first, 70)]
    assert all("1234567" not in (person.phone or "") for person in listed.items)
    assert listed.items[1].phone == "139****5678"


def test_the_list_pages_without_loss(stock: None, now: dt.datetime) -> None:
    everybody = [a_member(now) for _ in range(5)]

    page = profiles.list_people(now=now, limit=3)
    rest = profiles.list_people(now=now, limit=3, cursor=page.next_cursor)

    assert [person.customer_id for person in (*page.items, *rest.items)] == everybody[::-1]
    assert rest.next_cursor is None


@pytest.mark.parametrize(("growth", "threshold", "missing"), [(200, 1000, 800), (1200, 1000, 0), (9000, None, None)])
def test_what_is_missing_to_the_next_tier(growth: int, threshold: int | None, missing: int | None) -> None:
    assert rules.growth_to_next(growth, threshold) == missing


def test_a_merged_person_has_one_page_by_every_id(stock: None, now: dt.datetime) -> None:
    stays, goes = a_member(now, phone="13912345678"), a_member(now, phone="13987654321", full_name="林一")
    cards = [members.get_member(one).card_number for one in (stays, goes)]
    give(stays, 70, now)
    give(goes, 30, now)
    merged = merge(stays, goes, now=now)

    found = {profiles.find_person(wanted) for wanted in ("13912345678", "13987654321", *cards)}
    pages = [profiles.get_person(one, now=now) for one in (stays, goes)]

    assert found == {stays}
    assert pages[0] == pages[1]
    assert pages[0] is not None
    assert (pages[0].person.shown_name, pages[0].person.points, pages[0].home.points) == ("林一", 100, 100)
    ids = [(one.kind, one.scope, one.value) for one in pages[0].identities]
    assert len(ids) == len(set(ids)) == 6
    assert [person.customer_id for person in profiles.list_people(now=now).items] == [stays]
    undo(merged, now=now)
    assert [profiles.find_person(card) for card in cards] == [stays, goes]
    assert [person.points for person in profiles.list_people(now=now).items] == [30, 70]
