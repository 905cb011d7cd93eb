"""Variables that come from the person, for many at once."""

import datetime as dt

import pytest

from app.membership import points
from app.outreach import materials
from tests.factories.members import a_member
from tests.factories.people import a_customer

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
