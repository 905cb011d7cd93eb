"""The phone of a shop: thousands hang on it, and one more costs what the first cost."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.people.identity.operations import components
from app.people.identity.operations.observing import observe
from tests.factories.observations import an_id, held, people, people_anew, seen

pytestmark = pytest.mark.usefixtures("database")
MINUTE = dt.timedelta(minutes=1)

_A_CROWD = text(
    """
    WITH people AS (INSERT INTO customer (source, created_at) SELECT 'pos', :now FROM generate_series(1, :size) RETURNING id),
    ids AS (SELECT id, gen_random_uuid() AS token FROM people),
    held AS (
        INSERT INTO identity (customer_id, born_customer_id, token, kind, scope, value, value_index, proof, since)
        SELECT ids.id, ids.id, ids.token, 'ouid', 'shop', value, value_index, 'picked', :now
        FROM ids, (SELECT value, value_index FROM identity WHERE kind = 'ouid' LIMIT 1) AS one
    )
    INSERT INTO identity_evidence (low, high, source, proof, first_seen, last_seen)
    SELECT least(token, :phone), greatest(token, :phone), 'pos', 'picked', :now, :now FROM ids
    """
)


def test_one_more_buyer_on_the_phone_of_a_shop_does_not_look_at_the_others(
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        observe(seen(f"p1 b{number}", now + number * MINUTE, proof="picked"), now=now)
    db.session.execute(_A_CROWD, {"size": 5_000, "now": now + 20 * MINUTE, "phone": an_id("p1").token})

    monkeypatch.setattr(components, "load", lambda *_args, **_more: pytest.fail("all the others were looked at"))
    said = [observe(seen(f"p1 b{number}", now + number * MINUTE, proof="picked"), now=now) for number in range(30, 33)]

    assert [one.held for one in said] == [1, 1, 1]
    assert len({one.customer_id for one in said}) == 1, "the phone's own person is named first"
    assert {reason for _, _, reason in held()} == {"limit"}


def test_who_is_held_without_looking_is_whom_looking_would_hold(now: dt.datetime) -> None:
    observe(seen("p1 c1", now), now=now)
    observe(seen("p2 c2", now), now=now)
    observe(seen("c1 c2", now + 2 * MINUTE), now=now)  # the last of all: held without looking
    observe(seen("p3 c3 o3", now + 3 * MINUTE), now=now)
    observe(seen("p1 o3", now + 4 * MINUTE), now=now)
    assert people() == people_anew()
    assert len(people()) == 3

    observe(seen("c1 c2", now, proof="proven"), now=now)  # the same, earlier than it was known: before p1 c1, perhaps

    assert people() == people_anew()


def test_a_pair_seen_again_every_day_is_resolved_once(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    observe(seen("p1 o1", now), now=now)
    observe(seen("p2 o2", now), now=now)
    observe(seen("p1 o2", now, day=1), now=now)
    monkeypatch.setattr(components, "load", lambda *_args, **_more: pytest.fail("resolved again"))

    assert observe(seen("p1 o2", now, day=5), now=now).held == 1

    (last,) = db.session.scalars(text("SELECT max(last_seen) FROM identity_evidence"))
    assert last == now + dt.timedelta(days=5), "it is remembered all the same"
