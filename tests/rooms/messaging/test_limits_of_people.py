"""What limits people who are merged and set apart at random: as if it never happened, each with what they did themselves."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel import policy
from app.kernel.database import db
from app.outreach.messaging import MessagingPolicy, grants, refusing, windows
from app.outreach.messaging.operations import judging
from tests.conftest import FULL_SIZE
from tests.factories.channels import (
    OA,
    a_delivery,
    a_person,
    a_purpose,
    an_attempt,
    goes,
    grant,
    openid_of,
    told,
    verdict,
)  # fmt: skip
from tests.factories.merging import merge, undo
from tests.factories.people import APPID
from tests.factories.twins import Selves

pytestmark = pytest.mark.usefixtures("database")
PEOPLE = 3
MINUTE = dt.timedelta(minutes=1)

WHAT = [
    "accept",
    "cancel",
    "open",
    "refuse",
    "allow",
    "peace",
    "send",
    "send",
    "send",
    "unsend",
    "merge",
    "merge",
    "undo",
]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(WHAT),
        st.integers(0, PEOPLE - 1),
        st.integers(0, PEOPLE - 1),
    ),
    max_size=24,
)
ROWS = {
    "message_grant": "born_customer_id, template_id, given, used, refused_at",
    "service_window": "born_customer_id, opened_by, opened_at, remaining",
    "channel_refusal": "born_customer_id, channel, source, refused_at, allowed_at",
    "reach_peace": "born_customer_id, cause, until",
    "reach_count": "period, scope, number",
}


def rows_of(customer_id: int) -> dict[str, list[tuple[object, ...]]]:
    """What limits a person, with themselves called `me`."""
    found = {}
    for table, columns in ROWS.items():
        where = " AND number > 0" if table == "reach_count" else ""
        wanted = text(f"SELECT {columns} FROM {table} WHERE customer_id = :id{where} ORDER BY 1, 2, 3")
        rows = db.session.execute(wanted, {"id": customer_id})
        found[table] = [tuple("me" if value == customer_id else value for value in row) for row in rows]
    return found


class Life:
    """Does to a self, as whoever they are today, and to its twin what a step says."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        policy.change(MessagingPolicy, marketing_a_day=1000, marketing_a_month=1000)
        self.purpose = a_purpose(now, "sms", kind="marketing", valid_minutes=1_000_000)
        ids, twins = ([a_person(now) for _ in range(PEOPLE)] for _ in range(2))
        self.selves = Selves(ids, twins)
        self.openids = {one: {app: openid_of(one, app) for app in (APPID, OA)} for one in (*ids, *twins)}
        self.sent: dict[int, list[int]] = {one: [] for one in (*ids, *twins)}

    def step(self, what: str, who: int, other: int) -> None:
        """One step; what a merged person may not do is not done by the twin either."""
        self.now += MINUTE
        if what == "merge":
            self.selves.merge(who, other, now=self.now)
        elif what == "undo" and self.selves.merges:
            self.selves.undo(who % len(self.selves.merges), now=self.now)
        elif what != "undo":
            with self.selves.acting(who):
                done = self.act(what, self.selves.ids[who], self.selves.present(who))
            if done:
                twin = self.selves.twins[who]
                assert self.act(what, twin, twin)

    def act(self, what: str, self_id: int, customer_id: int) -> bool:
        """Whether it was done."""
        openids, now = self.openids[self_id], self.now
        if what == "send":
            return self.send(self_id, customer_id)
        if what == "unsend":
            judging.give_back(self.sent[self_id][-1:], now=now)
        elif what in ("accept", "cancel"):
            grants.take([grants.GrantChange(APPID, openids[APPID], "t", what)], now=now)  # type: ignore[arg-type]
        elif what == "open":
            windows.open(OA, openid=openids[OA], opened_by="message", now=now)
        elif what == "peace":
            refusing.keep_peace([refusing.Peaceful(customer_id, self_id, "refund:1", now + 3 * MINUTE)], now=now)
        else:
            getattr(refusing, what)(customer_id, channel="sms", source="test", now=now)
        return True

    def send(self, self_id: int, customer_id: int) -> bool:
        one = a_delivery(self.purpose, customer_id, self.now, born_customer_id=self_id, state="planned")
        found = verdict(one, self.now)
        if isinstance(found, judging.Go):
            an_attempt(found, self.now)
            self.sent[self_id].append(found.delivery_id)
        return isinstance(found, judging.Go)


@settings(max_examples=200 if FULL_SIZE else 10, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_when_all_is_undone_each_has_what_their_twin_has(database: object, steps: list[tuple[str, int, int]]) -> None:
    with db.session.begin_nested() as point:
        life = Life(dt.datetime(2026, 5, 20, 2, tzinfo=dt.UTC))
        for step in steps:
            life.step(*step)
        while life.selves.merges:
            life.selves.undo(len(life.selves.merges) - 1, now=life.now)

        for own, twin in zip(life.selves.ids, life.selves.twins, strict=True):
            assert rows_of(own) == rows_of(twin)
        point.rollback()


def test_what_one_self_refused_stays_refused_when_the_other_took_it_back(now: dt.datetime) -> None:
    stays, goes_over = a_person(now), a_person(now)
    refusing.refuse(goes_over, channel="", source="miniprogram", now=now)
    merged = merge(stays, goes_over, now=now)
    assert refusing.refused_channels(stays) == {""}

    refusing.allow(stays, channel="", source="miniprogram", now=now + MINUTE)

    assert refusing.refused_channels(stays) == set()
    undo(merged, now=now + 2 * MINUTE)
    assert (refusing.refused_channels(stays), refusing.refused_channels(goes_over)) == (set(), {""})


def test_R03_what_both_had_today_counts_for_the_one_they_are(now: dt.datetime) -> None:
    purpose = a_purpose(now, "sms", kind="marketing")
    stays, goes_over = a_person(now), a_person(now)
    goes(a_delivery(purpose, goes_over, now, state="sent"), now)

    merged = merge(stays, goes_over, now=now)

    assert told(a_delivery(purpose, stays, now, state="planned"), now) == "capped_day"
    undo(merged, now=now)
    assert told(a_delivery(purpose, stays, now, state="planned"), now) == "sms"


def test_a_grant_of_who_was_merged_lets_a_message_go(now: dt.datetime) -> None:
    purpose = a_purpose(now, "mp_subscription")
    stays, goes_over = a_person(now), a_person(now)
    grant(goes_over, now)

    merge(stays, goes_over, now=now)

    said = [told(a_delivery(purpose, stays, now, state="planned"), now) for _ in range(2)]
    assert said == ["mp_subscription", "not_granted"]
