"""Variables that come from the person, for many at once."""

import datetime as dt

import pytest

from app.membership import points
from app.outreach import materials
from app.trade import orders
from tests.factories.members import a_member
from tests.factories.orders import a_report
from tests.factories.people import a_customer, a_phone, a_store

pytestmark = pytest.mark.usefixtures("database")


def test_what_is_known_of_members_and_of_a_guest(now: dt.datetime) -> None:
    member = a_member(now, full_name="林晓", birthday=dt.date(1995, 5, 3))
    points.earn(customer_id=member, amount=120, cause="survey:1", why="填写问卷", now=now)
    guest = a_customer(now)
    known = materials.rendering.values_of(
        [member, guest], wanted={"昵称", "积分", "等级", "生日月", "卡号尾号"}, now=now
    )
    assert known[member].pop("卡号尾号").isdigit()
    assert known[member] == {"昵称": "林晓", "积分": "120", "等级": "普卡", "生日月": "5月"}
    assert known[guest].get("昵称") is None


def test_only_what_the_words_use_is_looked_up(now: dt.datetime) -> None:
    member = a_member(now, full_name="林晓")
    assert materials.rendering.values_of([member], wanted={"姓名"}, now=now) == {member: {"姓名": "林晓"}}
    assert materials.rendering.values_of([member], wanted=set(), now=now) == {member: {}}


def test_the_last_purchase_says_store_and_product(now: dt.datetime) -> None:
    phone = a_phone()
    member = a_member(now, phone=phone, full_name="林晓")
    a_store(now, code="HZ01", name="杭州湖滨店")
    said = {"buyers": (orders.Buyer("phone", "", phone),), "store_code": "HZ01"}
    sold = [(9, "丝绒唇釉"), (3, "水光粉底"), (5, "眉笔")]
    orders.report_orders(
        [
            a_report(
                number=f"R{days}",
                placed_at=now - dt.timedelta(days=days),
                paid_at=now - dt.timedelta(days=days),
                reported_at=now,
                lines=(orders.Line(1, "P1", name, 1, 30_000),),
                **said,
            )
            for days, name in sold
        ],
        source="demo-shop",
        now=now,
    )
    never = a_member(now)
    known = materials.rendering.values_of([member, never], wanted={"门店", "最近购买"}, now=now)
    assert known == {member: {"门店": "杭州湖滨店", "最近购买": "水光粉底"}, never: {}}
