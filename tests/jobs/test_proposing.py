"""The weekly look for members who may be one person."""

import datetime as dt

from sqlalchemy import text

from app.kernel.database import db
from app.people import identity
from jobs.proposing import propose_same_people
from tests.factories.members import a_member

NAMES = ("欧阳静", "司马光", "诸葛亮", "王安石", "曾巩", "苏轼", "陆游", "辛弃疾", "李清照", "朱淑真", "范仲淹", "柳永")


def strangers(now: dt.datetime) -> None:
    for number, name in enumerate(NAMES[1:]):
        born = dt.date(1960 + 3 * number, 1 + number, 2 + 2 * number)
        a_member(now, phone=f"13{number % 10}{7_654_321 * (number + 3) % 10**8:08}", full_name=name, birthday=born)


def test_members_who_may_be_one_person_are_proposed_and_not_merged(database: object, now: dt.datetime) -> None:
    strangers(now)
    born = dt.date(1990, 3, 7)
    one = a_member(now, phone="13800001111", full_name="欧阳静", birthday=born)
    other = a_member(now, phone="13800001171", full_name="欧阳静", birthday=born)

    assert propose_same_people(now=now, limit=5) == 0

    (proposal,) = identity.reviewing.list_proposals().items
    assert (proposal.first_id, proposal.second_id) == (one, other)
    assert proposal.reasons == ("姓名相同", "生日相同", "手机号差一位")
    assert db.session.execute(text("SELECT count(*) FROM member")).scalar() == len(NAMES) + 1
