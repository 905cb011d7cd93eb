"""Taking and granting on a real database."""

import datetime as dt

from app.membership import coupons
from tests.factories.coupons import a_template
from tests.factories.people import a_customer


def test_K04_a_coupon_of_seven_days_ends_with_the_seventh_day_after_the_taking_day(
    database: object, now: dt.datetime
) -> None:
    taken = coupons.take(customer_id=a_customer(now), template_id=a_template().id, cause="take:1", now=now)

    assert taken.ends_before == dt.datetime(2026, 5, 27, 16, tzinfo=dt.UTC)  # 28 May 00:00 in Shanghai
    assert taken.starts_at == now


def test_the_same_cause_again_gives_the_first_coupon(database: object, now: dt.datetime) -> None:
    customer_id, template_id = a_customer(now), a_template(total=1).id

    first = coupons.take(customer_id=customer_id, template_id=template_id, cause="take:1", now=now)
    again = coupons.take(customer_id=customer_id, template_id=template_id, cause="take:1", now=now)

    assert (again.id, again.code, again.repeated) == (first.id, first.code, True)
    assert coupons.templates.get_template(template_id).taken == 1
