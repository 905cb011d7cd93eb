"""Whether a message may go, asked right before it goes."""

import datetime as dt

import pytest

from app.kernel.facts import Objection, _questions, hears
from app.outreach import materials
from app.outreach.messaging.facts import SendingProposed
from app.outreach.messaging.operations.judging import Go, Hold
from tests.factories.channels import OA, a_delivery, a_dispatch, a_person, a_purpose, says, told, verdict
from tests.factories.merging import merge
from tests.factories.people import a_staff

pytestmark = pytest.mark.usefixtures("database")
MINUTE = dt.timedelta(minutes=1)


def test_a_notice_goes_by_template_to_who_follows(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "oa_template")

    found = verdict(a_delivery(purpose, person, now), now)

    assert isinstance(found, Go)
    assert (found.channel, found.account, found.address[:5]) == ("oa_template", OA, "o-oa-")
    assert found.rendered.data == {"number1": "100"}


def test_nothing_goes_for_a_purpose_that_is_off_or_too_late(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "oa_template")
    late = a_delivery(purpose, person, now, expires_at=now)
    materials.purposes.switch(purpose.id, enabled=False, now=now)

    assert told(late, now) == "too_late"
    assert told(a_delivery(materials.purposes.get(purpose.id), a_person(now), now), now) == "disabled"


def test_L01_marketing_needs_the_newest_yes_and_service_needs_none(now: dt.datetime) -> None:
    marketing, service = a_purpose(now, "sms", kind="marketing"), a_purpose(now, "oa_template")
    never, no, yes = a_person(now, agreed=False), a_person(now), a_person(now, agreed=False)
    says(no, now + MINUTE, marketing=False)
    says(yes, now, marketing=False)
    says(yes, now + MINUTE, marketing=True)

    assert [told(a_delivery(marketing, who, now), now) for who in (never, no)] == ["no_consent"] * 2
    assert told(a_delivery(marketing, yes, now), now) != "no_consent"
    assert [told(a_delivery(service, who, now, state="sent"), now) for who in (never, no)] == ["oa_template"] * 2


def test_X01_staff_get_no_marketing_but_their_own_notices(now: dt.datetime) -> None:
    phone = "13912340001"
    person = a_person(now, phone=phone)
    a_staff(now, phone=phone)
    marketing, service = a_purpose(now, "sms", kind="marketing"), a_purpose(now, "oa_template")

    assert told(a_delivery(marketing, person, now, state="planned"), now) == "staff"
    assert told(a_delivery(service, person, now), now) == "oa_template"


def test_a_merged_person_is_told_once(now: dt.datetime) -> None:
    stays, goes = a_person(now), a_person(now)
    purpose = a_purpose(now, "oa_template")
    dispatch = a_dispatch(purpose, now)
    first = a_delivery(purpose, stays, now, dispatch, occasion="birthday:2026", state="sent")
    merge(stays, goes, now=now)
    second = a_delivery(purpose, stays, now, dispatch, occasion="birthday:2026", born_customer_id=goes)

    assert (told(second, now), told(first, now)) == ("told_already", "told_already")
    assert told(a_delivery(purpose, stays, now, dispatch, occasion="birthday:2027", state="sent"), now) == "oa_template"


def test_who_upstairs_does_not_want_it_any_more_holds_it_back(now: dt.datetime) -> None:
    purpose = a_purpose(now, "oa_template")
    wanted, unwanted = (a_delivery(purpose, a_person(now), now) for _ in range(2))

    @hears(SendingProposed)
    def object_to_one(proposed: SendingProposed) -> list[Objection]:
        occasions = proposed.occasion_by_delivery
        return [
            Objection("booking.cancelled", {"delivery_id": one}) for one in occasions if one == unwanted.delivery_id
        ]

    try:
        assert (told(wanted, now), told(unwanted, now)) == ("oa_template", "objected:booking.cancelled")
    finally:
        _questions[SendingProposed].remove(object_to_one)


def test_R01_no_way_left_says_why_by_each_channel(now: dt.datetime) -> None:
    person = a_person(now, follows=())
    purpose = a_purpose(now, "oa_template", "oa_service")

    found = verdict(a_delivery(purpose, person, now), now)

    assert found == Hold(
        found.delivery_id, "unreachable", {"oa_template": "not_following", "oa_service": "window_closed"}
    )
