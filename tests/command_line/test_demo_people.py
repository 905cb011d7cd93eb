"""The demo brand's people: one out of four channels, and two pairs that wait for a decision."""

import datetime as dt

import pytest

from app.kernel.database import db
from app.membership import members, points
from app.people import identity
from command_line import demo_people

pytestmark = pytest.mark.usefixtures("database")


def test_the_demo_shows_one_person_of_four_channels_and_pairs_to_decide(now: dt.datetime) -> None:
    members.ship_stock(now=now)
    points.ship_stock(now=now)
    demo_people.load(now)
    db.session.flush()

    kinds = ("phone", "openid", "unionid", "ouid", "omid", "external_userid")
    assert len({identity.find_customer(demo_people.RUOXI.at(kind)) for kind in kinds}) == 1
    ruoxi = identity.find_customer(demo_people.RUOXI.at("phone"))
    assert ruoxi is not None
    assert points.get_balance(customer_id=ruoxi, now=now).spendable == 268 + 419
    assert identity.reviewing.count_conflicts(now=now) == 2
