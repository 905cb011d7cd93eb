"""Points by hand."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy.orm import Session

from app.membership import points
from tests.factories.points import someone_with

LEAD = points.Adjustment(reason="小票漏记", evidence="小票 0815", staff_id=1, is_lead=True)


def adjust(customer_id: int, amount: int, now: dt.datetime, **changed: object) -> points.Movement:
    adjustment = dataclasses.replace(LEAD, **changed)
    return points.adjust(customer_id=customer_id, amount=amount, cause="adjust:1", adjustment=adjustment, now=now)


@pytest.mark.parametrize(("amount", "left"), [(500, 600), (-100, 0)])
def test_M06_a_lead_adjusts_with_reason_and_evidence(
    database: Session, now: dt.datetime, amount: int, left: int
) -> None:
    customer_id = someone_with(100, now)

    adjust(customer_id, amount, now)
    adjust(customer_id, amount, now)

    assert points.get_balance(customer_id, now=now).spendable == left
    assert points.explain(customer_id).items[0].words == "人工调整：小票漏记"
    assert points.recount() == []


def test_M06_two_people_may_go_above_the_limit(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)

    adjust(customer_id, 501, now, second_staff_id=2)

    assert points.get_balance(customer_id, now=now).spendable == 601


@pytest.mark.parametrize(
    ("amount", "changed", "refusal"),
    [
        (10, {"reason": " "}, points.ReasonMissing),
        (10, {"evidence": ""}, points.ReasonMissing),
        (10, {"is_lead": False}, points.LeadNeeded),
        (501, {}, points.SecondPersonNeeded),
        (-501, {}, points.SecondPersonNeeded),
        (501, {"second_staff_id": 1}, points.SecondPersonNeeded),
        (-101, {}, points.NotEnoughPoints),
        (0, {}, points.AmountInvalid),
    ],
)
def test_M06_what_is_not_allowed_is_refused(
    database: Session, now: dt.datetime, amount: int, changed: dict, refusal: type[Exception]
) -> None:
    customer_id = someone_with(100, now)

    with pytest.raises(refusal):
        adjust(customer_id, amount, now, **changed)

    assert points.get_balance(customer_id, now=now).spendable == 100


def test_M06_nobody_adjusts_their_own_points(database: Session, now: dt.datetime) -> None:
    customer_id = someone_with(100, now)

    with pytest.raises(points.OwnAccount):
        adjust(customer_id, 10, now, own_customer_id=customer_id)
