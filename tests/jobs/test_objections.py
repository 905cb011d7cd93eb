"""What a room objects to waits with its reason, and happens when the reason is gone."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.people import teams
from app.people.identity.operations.observing import observe, observe_all
from jobs.schedule import find_job
from tests.factories.observations import DAY, an_id, held, people, seen, strays, values
from tests.factories.people import a_staff

pytestmark = pytest.mark.usefixtures("database")


def test_who_was_held_because_both_work_here_is_one_person_once_one_has_left(now: dt.datetime) -> None:
    again = find_job("identity.objections").step
    observe_all([seen("p1 c1", now, proof="stated"), seen("p2 c2", now, proof="stated")], now=now)
    staff = [a_staff(now, code=f"E{name}", phone=an_id(name).value) for name in ("p1", "p2")]

    observe(seen("c1 c2", now, day=1), now=now + DAY)

    assert people() == values("p1 c1", "p2 c2")
    assert {reason for _, _, reason in held()} == {"objection"}
    (said,) = db.session.scalars(text("SELECT data FROM identity_held_evidence"))
    assert said["objections"][0]["code"] == "teams.two_staff"
    assert again(now=now + 2 * DAY, limit=10) == 0, "both are still here"

    teams.leave(staff_id=staff[1], why="离职", now=now + 3 * DAY)

    assert again(now=now + 4 * DAY, limit=10) == 1
    assert people() == values("p1 c1 p2 c2")
    assert (held(), strays()) == (set(), [])
    assert again(now=now + 4 * DAY, limit=10) == 0
