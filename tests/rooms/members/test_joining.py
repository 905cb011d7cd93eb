"""Taking the card."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.membership import members
from app.membership.members.refusals import ConsentMissing, TooYoung
from app.people import identity
from tests.factories.members import NOTICE, a_member
from tests.factories.people import a_customer, a_phone, a_staff

AGREED = members.Profile(notice_version=NOTICE)


def test_C03_a_second_tap_gives_the_same_card(database: object, now: dt.datetime) -> None:
    customer_id = a_member(now)
    first = members.get_member(customer_id)
    again = members.join(customer_id=customer_id, profile=AGREED, now=now + dt.timedelta(days=1))

    assert again == first
    assert db.session.execute(text("SELECT count(*) FROM member")).scalar() == 1


def test_C04_a_phone_of_a_member_is_refused_and_shows_little(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    a_member(now, phone=phone, full_name="林晓月")
    other = a_customer(now)

    with pytest.raises(members.PhoneIsMember) as refused:
        members.join(customer_id=other, phone=identity.identifier("phone", phone), profile=AGREED, now=now)

    assert refused.value.data == {"name": "林*", "phone_tail": phone[-2:]}
    assert members.are_members([other]) == set()


def test_a_phone_of_somebody_known_without_a_card_is_refused(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    a_customer(now, phone=phone)
    with pytest.raises(members.PhoneTaken):
        members.join(customer_id=a_customer(now), phone=identity.identifier("phone", phone), profile=AGREED, now=now)


def test_who_is_known_at_the_counter_by_the_number_is_the_same_person(database: object, now: dt.datetime) -> None:
    number = identity.identifier("phone", a_phone())
    buyer = identity.identifier("ouid", "AAF1", scope="flagship")
    at_counter = identity.recognise([number, buyer], source="pos", proof="picked", now=now)
    visitor = a_customer(now)

    member = members.join(customer_id=visitor, phone=number, profile=AGREED, now=now)

    assert members.are_members([member.customer_id]) == {member.customer_id}
    assert identity.find_customer(buyer) == identity.find_customer(number) == member.customer_id
    assert {at_counter, visitor} >= {member.customer_id}
    assert members.join(customer_id=member.customer_id, phone=number, profile=AGREED, now=now) == member


def test_C11_a_lead_may_correct_a_birthday_once_a_year(database: object, now: dt.datetime) -> None:
    member = a_member(now, birthday=dt.date(1996, 5, 1))

    def set_to(day: int, at: dt.datetime, by_lead: bool = True) -> None:
        birthday = dt.date(1996, 5, day)
        members.change_profile(customer_id=member, birthday=birthday, by_lead=by_lead, now=at)

    with pytest.raises(members.BirthdaySet):
        set_to(2, now, by_lead=False)
    set_to(2, now)
    with pytest.raises(members.BirthdaySet):
        set_to(3, now + dt.timedelta(days=200))
    set_to(4, now + dt.timedelta(days=300))
    assert members.get_member(member).birthday == dt.date(1996, 5, 4)
    with pytest.raises(members.NotMember):
        members.change_profile(customer_id=a_customer(now), full_name="林", now=now)


def test_L01_no_card_without_consent_to_the_present_notice(database: object, now: dt.datetime) -> None:
    customer_id = a_customer(now)
    with pytest.raises(ConsentMissing):
        members.join(customer_id=customer_id, profile=members.Profile(notice_version="2020-01"), now=now)


def test_L03_under_fourteen_there_is_no_card(database: object, now: dt.datetime) -> None:
    day = now.date()
    young = members.Profile(notice_version=NOTICE, birthday=day.replace(year=day.year - 14) + dt.timedelta(days=1))
    old_enough = members.Profile(notice_version=NOTICE, birthday=day.replace(year=day.year - 14))

    with pytest.raises(TooYoung):
        members.join(customer_id=a_customer(now), profile=young, now=now)
    assert members.join(customer_id=a_customer(now), profile=old_enough, now=now).level == 0


def test_C10_a_new_customer_gets_the_gift_once(database: object, now: dt.datetime) -> None:
    assert members.get_member(a_member(now)).gift == "new_customer"
    assert members.get_member(a_member(now)).gift == "new_customer"


def test_X01_staff_get_no_joining_gift(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    a_staff(now, phone=phone)

    assert members.get_member(a_member(now, phone=phone)).gift is None


def test_rates_are_of_the_tier_before_the_moment(database: object, now: dt.datetime) -> None:
    guest, member = a_customer(now), a_member(now)
    later = now + dt.timedelta(seconds=1)

    assert members.rates_at([(guest, now), (member, later), (member, now - dt.timedelta(days=366))]) == [100, 100, 0]
    assert members.are_members([guest, member]) == {member}


def test_the_summary_joins_into_one_statement(database: object, now: dt.datetime) -> None:
    from sqlalchemy import column, select, values
    from sqlalchemy.types import BigInteger

    member = a_member(now)
    asked = values(column("id", BigInteger), name="asked").data([(member,)])
    card = members.summary_of(asked.c.id)
    row = db.session.execute(select(card).select_from(asked.join(card, onclause=asked.c.id > 0))).one()

    assert (row.tier_name, row.growth, row.next_name, row.next_threshold) == ("普卡", 0, "银卡", 1000)
    assert row.card_number == members.get_member(member).card_number
