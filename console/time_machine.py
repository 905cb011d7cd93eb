"""Moving the product's clock, where GUIYI_TEST_CLOCK allows it: to see tomorrow's bookings and next year's expiry today."""

import datetime as dt

import flask

from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.settings import settings
from app.web.guards import Staff, staff
from console.coupons import FormWrong
from console.pages import Answer, pages, show

keeper = staff("admin")
FARTHEST = dt.timedelta(days=1500)


@pages.shows("/clock", guard=keeper)
def time_machine(caller: Staff) -> Answer:
    """How far the clock is moved, and a form to move it."""
    _only_with_a_test_clock()
    return show("clock.html", caller, heading="时间机器", moved=clock.offset())


@pages.acts("/clock", guard=keeper)
def move_clock(caller: Staff) -> Answer:
    """Move the clock of every process by so many seconds from the real time; 0 brings it back."""
    _only_with_a_test_clock()
    try:
        moved = dt.timedelta(seconds=float(flask.request.form.get("seconds", "")))
    except (ValueError, OverflowError):
        raise FormWrong({"seconds": ["填秒数"]}) from None
    if abs(moved) > FARTHEST:
        raise FormWrong({"seconds": ["最多移动四年"]})
    clock.set_offset(moved)
    return flask.redirect("/console/clock", 303)


def _only_with_a_test_clock() -> None:
    if not settings().test_clock:
        raise NotFound
