"""Decisions about people: they name lives of ids, replace one another, and survive whatever is seen later."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.people import identity
from app.people.identity.operations.observing import observe, observe_all
from tests.factories.observations import DAY, an_id, held, people, people_anew, seen, strays, values

pytestmark = pytest.mark.usefixtures("database")
deciding = identity.deciding


def holder(name: str) -> int:
    found = identity.find_customer(an_id(name))
    assert found is not None
    return found


def merge(one: str, other: str, now: dt.datetime) -> int:
    return deciding.merge_people(holder(one), other_id=holder(other), staff_id=None, why="同一人", now=now)


def apart(one: str, other: str, now: dt.datetime) -> None:
    deciding.keep_apart(holder(one), other_id=holder(other), staff_id=None, why="姐妹", now=now)


def release(name: str, now: dt.datetime) -> None:
    deciding.release(customer_id=holder(name), identifier=an_id(name), why="换号", now=now)


def undo_last(now: dt.datetime) -> int:
    last = db.session.execute(text("SELECT max(id) FROM identity_merge WHERE undone_at IS NULL")).scalar_one()
    return deciding.undo_merge(last, staff_id=None, why="误合并", now=now)


def test_sisters_who_had_the_same_number_one_after_the_other_can_be_kept_apart_C07(now: dt.datetime) -> None:
    observe(seen("p1 o1 c1", now), now=now)
    release("p1", now + DAY)
    observe(seen("p1 o2", now, day=2), now=now + 2 * DAY)

    apart("o1", "o2", now + 3 * DAY)

    assert observe(seen("c1 o2", now, day=4), now=now + 4 * DAY).held == 1
    assert people() == values("o1 c1", "p1 o2") == people_anew()


def test_who_gets_a_number_later_is_not_who_was_kept_apart_C07(now: dt.datetime) -> None:
    """The elder had p1 and was kept apart from the younger; p1 is nobody's now, and then a stranger's."""
    observe_all([seen("p1 o1", now), seen("c2 b2", now)], now=now)
    release("p1", now + DAY)
    apart("o1", "c2", now + 2 * DAY)

    stranger = observe(seen("p1 c2", now, day=3), now=now + 3 * DAY)

    assert stranger.held == 0
    assert people() == values("o1", "p1 c2 b2") == people_anew()


def test_an_undone_merge_stays_undone_when_all_ids_of_one_side_have_ended(now: dt.datetime) -> None:
    observe_all([seen("o1 c1", now), seen("b2", now)], now=now)
    gone = holder("b2")
    merge("o1", "b2", now)
    release("b2", now + DAY)

    assert undo_last(now + 2 * DAY) == gone

    assert deciding.present(gone) == gone
    assert observe(seen("o1 c1", now, day=3), now=now + 3 * DAY).held == 0
    assert deciding.present(gone) == gone
    assert strays() == []


def test_an_undone_merge_in_the_middle_of_a_chain_leaves_the_others(now: dt.datetime) -> None:
    for number in (4, 3, 2, 1):
        observe(seen(f"o{number} b{number}", now), now=now)
    for number in (3, 2, 1):
        merge("o4", f"o{number}", now)
    assert len(people()) == 1
    middle = db.session.execute(text("SELECT max(id) - 1 FROM identity_merge")).scalar_one()

    deciding.undo_merge(middle, staff_id=None, why="误合并", now=now + 3 * DAY)

    assert people() == values("o2 b2", "o1 b1 o3 b3 o4 b4") == people_anew()
    assert strays() == []


def test_whom_a_decision_brings_back_stays_apart_from_the_others(now: dt.datetime) -> None:
    """Both o1 and o2 were set apart from o3; then o1 and o3 are the same after all, and o2 is still another."""
    observe_all([seen("o3 c3", now), seen("o1 b1", now), seen("o2 b2", now)], now=now)
    merge("o1", "o2", now)
    apart("o1", "o3", now + DAY)
    undo_last(now + 2 * DAY)

    merge("o1", "o3", now + 3 * DAY)

    assert people() == values("o1 b1 o3 c3", "o2 b2") == people_anew()
    assert observe(seen("o2 c3", now, day=4), now=now + 4 * DAY).held == 1
    assert observe(seen("o2 b1", now, day=4), now=now + 4 * DAY).held == 1


def test_a_value_blocked_by_mistake_is_its_holders_again(now: dt.datetime) -> None:
    observe_all([seen("p1 c1", now), seen("p1 c2 o2", now)], now=now)
    deciding.block(an_id("p1"), why="门店公用号", staff_id=None, now=now + DAY)
    assert people() == values("c1", "c2 o2") == people_anew()
    assert observe(seen("p1 c1", now, day=2), now=now + 2 * DAY).refused[0].reason == "blocked"

    deciding.unblock(an_id("p1"), why="看错了", staff_id=None, now=now + 3 * DAY)

    assert people() == values("p1 c1 c2 o2") == people_anew()
    assert observe(seen("p1 b1", now, day=4), now=now + 4 * DAY).refused == ()
    assert (held(), strays()) == (set(), [])


def test_nobody_without_an_id_is_decided_about(now: dt.datetime) -> None:
    observe_all([seen("o1", now), seen("o2", now)], now=now)
    (first, second) = (holder("o1"), holder("o2"))
    release("o2", now + DAY)
    with pytest.raises(identity.IdentityMissing):
        deciding.merge_people(first, other_id=second, staff_id=None, why="", now=now + DAY)


def test_a_device_set_apart_from_a_person_stays_apart(now: dt.datetime) -> None:
    observe_all([seen("w1", now), seen("p1 o1", now)], now=now)
    observe(seen("w1 p1", now, day=1), now=now)
    assert people() == values("w1 p1 o1")

    undo_last(now + 2 * DAY)

    assert people() == values("w1", "p1 o1") == people_anew()
    observe(seen("w1 o1", now, day=3), now=now + 3 * DAY)
    assert people() == values("w1", "p1 o1") == people_anew()
