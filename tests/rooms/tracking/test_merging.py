"""Events follow people who are merged and set apart, also what is written meanwhile."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
from sqlalchemy import text

from app.kernel.carrier import carried_by
from app.kernel.database import db, unit_of_work
from app.knowledge import tracking
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer


def take(customer_id: int, cause: str, now: dt.datetime) -> None:
    tracking.record([tracking.Occurrence("coupon_taken", customer_id, cause, now, {"cause": cause})], now=now)


def taken_by(customer_id: int) -> set[str]:
    return {event.data["cause"] for event in tracking.list_events(customer_id, kinds=["coupon_taken"]).items}


def strays() -> int:
    """Events that do not belong to the present owner of the self they were born to."""
    return int(
        db.session.execute(
            text(
                "SELECT count(*) FROM event LEFT JOIN former_customer AS former ON former.id = born_customer_id"
                " WHERE event.customer_id <> coalesce(former.customer_id, born_customer_id)"
            )
        ).scalar_one()
    )


@pytest.mark.usefixtures("database")
def test_merged_and_set_apart_everybody_has_their_own(now: dt.datetime) -> None:
    stays, goes = a_customer(now), a_customer(now)
    take(stays, "a", now)
    take(goes, "b", now)
    merged = merge(stays, goes, now=now)
    both = taken_by(stays)
    take(stays, "c", now)
    with carried_by({stays: goes}):
        take(stays, "d", now)
    undo(merged, now=now)

    assert both == {"a", "b"}
    assert (taken_by(stays), taken_by(goes)) == ({"a", "c"}, {"b", "d"})
    kinds = [event.kind for event in tracking.list_events(goes).items]
    assert "people_separated" in kinds
    assert "people_merged" not in kinds, "it happened to the survivor"
    assert strays() == 0


@pytest.mark.usefixtures("database")
def test_an_earlier_merge_undone_beneath_a_later_one_takes_its_events_along(now: dt.datetime) -> None:
    first, second, third = (a_customer(now) for _ in range(3))
    take(third, "c", now)
    earlier = merge(second, third, now=now)
    merge(first, second, now=now)
    undo(earlier, holder_id=first, now=now)

    assert (taken_by(first), taken_by(third)) == (set(), {"c"})
    assert strays() == 0


@pytest.mark.usefixtures("database")
def test_who_still_writes_for_a_former_self_writes_for_who_they_are_now(now: dt.datetime) -> None:
    stays, goes = a_customer(now), a_customer(now)
    merge(stays, goes, now=now)
    take(goes, "late", now)

    assert taken_by(stays) == {"late"}


@pytest.mark.parametrize("writer_first", [True, False], ids=["the writer is first", "the merge is first"])
def test_a_writer_beside_a_merge_strands_nothing(committed: flask.Flask, now: dt.datetime, writer_first: bool) -> None:
    """One holds its transaction open until the other has run into it."""
    with committed.app_context(), unit_of_work():
        stays, goes = a_customer(now), a_customer(now)
        tracking.prepare_months_due(now=now, limit=10)
    begun, may_end = threading.Event(), threading.Event()

    def write() -> None:
        take(goes, "a", now)

    def become_one() -> None:
        merge(stays, goes, now=now)

    def run(act: object, *, first: bool) -> None:
        if not first:
            begun.wait(5)
        with committed.app_context(), unit_of_work():
            act()
            if first:
                begun.set()
                may_end.wait(0.5)  # the other one is waiting for us by now

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run, write, first=writer_first), pool.submit(run, become_one, first=not writer_first)]
        for running in runs:
            running.result(10)
    with committed.app_context():
        assert (strays(), taken_by(stays)) == (0, {"a"})
