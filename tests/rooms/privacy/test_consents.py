"""What a person agreed to, and who looked at them."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel import policy
from app.kernel.database import db
from app.people import identity, privacy
from app.people.privacy.rules import PrivacyPolicy
from tests.factories.people import a_customer, a_staff

VERSION = PrivacyPolicy().notice_version


@pytest.fixture
def customer(database: object, now: dt.datetime) -> int:
    """One customer, beside another who agreed to everything."""
    noise = a_customer(now)
    answer(noise, now, **dict.fromkeys(privacy.PURPOSES, True))
    return a_customer(now, phone="13800000001")


def answer(customer_id: int, now: dt.datetime, **answers: bool) -> list[privacy.ConsentView]:
    return privacy.record_consents(
        customer_id=customer_id, answers=answers, version=VERSION, place="miniprogram", now=now
    )


def stands(views: list[privacy.ConsentView]) -> dict[str, bool | None]:
    return {view.purpose: view.granted for view in views}


def test_L01_nothing_is_agreed_beforehand(customer: int) -> None:
    views = privacy.list_consents(customer)

    assert stands(views) == dict.fromkeys(privacy.PURPOSES)
    assert views[0].purpose == "notice"
    assert all(view.title for view in views)


def test_L01_an_answer_keeps_version_time_and_place(customer: int, now: dt.datetime) -> None:
    answer(customer, now, notice=True, marketing=False)
    (marketing,) = [view for view in privacy.list_consents(customer) if view.purpose == "marketing"]

    assert (marketing.granted, marketing.version, marketing.place, marketing.given_at) == (
        False, VERSION, "miniprogram", now,
    )  # fmt: skip


def test_L01_purposes_are_separate_and_can_be_taken_back(customer: int, now: dt.datetime) -> None:
    answer(customer, now, notice=True, marketing=True, profiling=False)
    after = answer(customer, now + dt.timedelta(days=1), marketing=False)

    assert stands(after) | {"notice": True, "marketing": False, "profiling": False} == stands(after)
    assert privacy.who_agreed([customer], "marketing") == set()
    assert privacy.who_agreed([customer], "notice") == {customer}


def test_the_history_of_answers_stays_and_repeats_add_nothing(customer: int, now: dt.datetime) -> None:
    for granted in (True, True, False, True):
        answer(customer, now, marketing=granted)
    rows = db.session.execute(
        text("SELECT granted FROM consent WHERE customer_id = :customer ORDER BY id"), {"customer": customer}
    )

    assert list(rows.scalars()) == [True, False, True]


def test_L01_an_answer_to_a_notice_that_is_no_longer_shown_is_refused(customer: int, now: dt.datetime) -> None:
    policy.change(PrivacyPolicy, notice_version="2026-06")

    with pytest.raises(privacy.NoticeOutdated) as refused:
        answer(customer, now, notice=True)
    assert refused.value.data == {"notice_version": "2026-06"}


def test_the_notice_is_taken_back_by_closing_the_account_only(customer: int, now: dt.datetime) -> None:
    answer(customer, now, notice=False)
    answer(customer, now, notice=True)

    with pytest.raises(privacy.NoticeStands):
        answer(customer, now, notice=False)


def test_nobody_is_asked_about_unknown_purposes(customer: int, now: dt.datetime) -> None:
    with pytest.raises(privacy.PurposeUnknown):
        answer(customer, now, marketing=True, resale=True)
    assert stands(privacy.list_consents(customer))["marketing"] is None


def test_G08_a_full_number_is_shown_for_a_reason_and_written_down(customer: int, now: dt.datetime) -> None:
    clerk = a_staff(now)
    shown = identity.looking.show_phone(customer_id=customer, staff_id=clerk, reason=" 配送联系 ", now=now)

    assert shown == "+8613800000001"
    assert privacy.list_looks(customer) == [privacy.LookView(clerk, "phone", "配送联系", now)]


def test_G08_without_a_reason_nothing_is_shown(customer: int, now: dt.datetime) -> None:
    clerk = a_staff(now)
    with pytest.raises(privacy.ReasonMissing):
        identity.looking.show_phone(customer_id=customer, staff_id=clerk, reason="  ", now=now)
    assert privacy.list_looks(customer) == []
    with pytest.raises(identity.IdentityMissing):
        identity.looking.show_phone(customer_id=a_customer(now), staff_id=clerk, reason="配送联系", now=now)
