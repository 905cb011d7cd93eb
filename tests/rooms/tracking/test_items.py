"""How an item from a phone is read and dated."""

import contextlib
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.knowledge.tracking.rules.items import REASONS, SHAPES, NotAnEvent, PhoneClock, read
from app.knowledge.tracking.rules.kinds import BEHAVIOUR, KINDS, LONGEST_DAYS, TrackingPolicy, days_kept
from app.knowledge.tracking.rules.months import (
    month_named,
    months_ahead,
    months_between,
    months_of,
    name_of,
    next_month,
    start_of,
)

NOW = dt.datetime(2026, 5, 20, 4, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
GOOD: dict[str, dict[str, Any]] = {
    "page": {"page": "/pages/home"},
    "view": {"product_code": "P1", "page": "/pages/product"},
    "search": {"text": "口红 正红", "results": 12},
    "favourite": {"product_code": "P1"},
    "unfavourite": {"product_code": "P1"},
    "share": {"page": "/pages/product", "to": "chat"},
    "dwell": {"page": "/pages/product", "seconds": 31},
}


def clock(sent_at: dt.datetime | None = None) -> PhoneClock:
    return PhoneClock.seen(NOW, sent_at=sent_at, skew_minutes=5, late_days=30)


def item(**more: Any) -> dict[str, Any]:
    return {"client_id": "c-000001", "kind": "view", "at": NOW.isoformat(), "data": {"product_code": "P1"}} | more


def wrong(given: object, sent_at: dt.datetime | None = None) -> tuple[str, str]:
    with pytest.raises(NotAnEvent) as refused:
        read(given, clock(sent_at))
    return refused.value.code.removeprefix("tracking."), refused.value.field


def test_every_kind_of_behaviour_has_a_shape_and_is_read() -> None:
    assert set(SHAPES) == set(BEHAVIOUR) == set(GOOD)
    for kind, data in GOOD.items():
        told = read(item(kind=kind, data=data), clock())
        assert (told.kind, told.data, told.at, told.client_id) == (kind, data, NOW, "c-000001")


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ("text", "item_malformed", ""),
        (item(more=1), "item_malformed", "more"),
        (item(client_id="short"), "item_malformed", "client_id"),
        (item(client_id="含中文的编号一二三"), "item_malformed", "client_id"),
        (item(client_id=12345678), "item_malformed", "client_id"),
        (item(kind="order_paid"), "kind_unknown", "kind"),
        (item(kind=["view"]), "kind_unknown", "kind"),
        (item(data=None), "data_invalid", "data"),
        (item(data={}), "data_invalid", "data.product_code"),
        (item(data={"product_code": ""}), "data_invalid", "data.product_code"),
        (item(data={"product_code": "a\0b"}), "data_invalid", "data.product_code"),
        (item(data={"product_code": "\ud800"}), "data_invalid", "data.product_code"),
        (item(data={"product_code": "P" * 65}), "data_invalid", "data.product_code"),
        (item(data={"product_code": "P1", "openid": "o"}), "data_invalid", "data.openid"),
        (item(kind="dwell", data={"page": "/a", "seconds": True}), "data_invalid", "data.seconds"),
        (item(kind="dwell", data={"page": "/a", "seconds": 86_401}), "data_invalid", "data.seconds"),
        (item(kind="share", data={"page": "/a", "to": "everybody"}), "data_invalid", "data.to"),
        (item(at="yesterday"), "time_invalid", "at"),
        (item(at=1747713600), "time_invalid", "at"),
        (item(at="2026-05-20T12:00:00"), "time_invalid", "at"),
        (item(at="1970-01-01T00:00:00Z"), "time_invalid", "at"),
        (item(at="9999-12-31T23:59:59-12:00"), "time_invalid", "at"),
        (item(at=(NOW - 30 * DAY - MINUTE).isoformat()), "too_late", "at"),
        (item(at=(NOW + 6 * MINUTE).isoformat()), "in_future", "at"),
    ],
)
def test_what_is_no_event_is_refused_with_its_field(given: object, code: str, field: str) -> None:
    assert wrong(given) == (code, field)
    assert f"tracking.{code}" in REASONS


def test_a_small_skew_is_taken_as_now_and_past_times_stay() -> None:
    assert clock().date((NOW + 5 * MINUTE).isoformat()) == NOW
    assert clock(NOW + 4 * MINUTE).date((NOW - MINUTE).isoformat()) == NOW - MINUTE
    assert clock().date((NOW - 30 * DAY).isoformat()) == NOW - 30 * DAY


@pytest.mark.parametrize("off", [dt.timedelta(days=400), -dt.timedelta(hours=9), dt.timedelta(minutes=6)], ids=str)
def test_a_wrong_clock_is_corrected_by_what_it_says_of_itself(off: dt.timedelta) -> None:
    truly = NOW - 3 * MINUTE
    assert clock(sent_at=NOW + off).date((truly + off).isoformat()) == truly


@given(st.datetimes(timezones=st.just(dt.UTC)), st.none() | st.datetimes(timezones=st.just(dt.UTC)))
def test_no_time_ever_lies_ahead_or_too_far_back(at: dt.datetime, sent_at: dt.datetime | None) -> None:
    if sent_at is not None and not 1900 <= sent_at.year <= 2200:  # the door takes no others
        sent_at = None
    try:
        found = clock(sent_at).date(at.isoformat())
    except NotAnEvent:
        return
    assert NOW - 30 * DAY <= found <= NOW


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_whatever_json_brings_is_an_event_or_refused(found: object) -> None:
    for told in (found, item(data=found), item(at=found), item(kind=found), item(client_id=found)):
        with contextlib.suppress(NotAnEvent):
            read(told, clock())


def test_how_long_a_kind_is_kept_follows_the_brand_within_bounds() -> None:
    brand = TrackingPolicy(keep_days={"view": 45, "page": 1, "search": 10_000})
    assert [days_kept(kind, brand) for kind in ("view", "page", "search")] == [45, 31, LONGEST_DAYS]
    assert days_kept("dwell", brand) == KINDS["dwell"].days


@given(st.datetimes(min_value=dt.datetime(2000, 1, 1), max_value=dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC)))
def test_every_moment_lies_in_the_month_of_its_name(moment: dt.datetime) -> None:
    [month] = months_of([moment])
    assert start_of(month) <= moment < start_of(next_month(month))
    assert month_named(name_of(month)) == month
    assert month_named("event_key") is None


def test_months_between_leave_none_out() -> None:
    first, last = dt.datetime(2026, 1, 30, tzinfo=dt.UTC), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    assert [name_of(month) for month in months_between(first, last)] == [
        "event_2026_01",
        "event_2026_02",
        "event_2026_03",
    ]
    assert months_between(last, first) == []


def test_months_ahead_are_those_around_now() -> None:
    assert [name_of(month) for month in months_ahead(dt.datetime(2026, 1, 31, tzinfo=dt.UTC), 2)] == [
        "event_2025_12", "event_2026_01", "event_2026_02", "event_2026_03",
    ]  # fmt: skip
