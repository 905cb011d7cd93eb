"""Who is one person: limits, decisions, lives, and that the order of arrival makes no difference."""

import datetime as dt
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel.database import db
from app.people import identity
from app.people.identity.operations.observing import Observation, observe, observe_all
from tests.factories.observations import DAY, an_id, held, people, seen, values

pytestmark = pytest.mark.usefixtures("database")


def test_ids_seen_together_are_one_person(now: dt.datetime) -> None:
    observe_all([seen("o1 u1", now), seen("u1 p1", now), seen("c1 b1", now)], now=now)
    assert people() == values("o1 u1 p1", "c1 b1")

    assert observe(seen("p1 c1", now), now=now).held == 0
    assert people() == values("o1 u1 p1 c1 b1")


def test_two_proven_phones_are_not_joined_by_weaker_evidence(now: dt.datetime) -> None:
    observe_all([seen("p1 o1", now), seen("p2 o2", now)], now=now)

    said = observe(seen("p1 o2", now, proof="stated", day=1), now=now)

    assert said.held == 1
    assert people() == values("p1 o1", "p2 o2")
    assert {reason for _, _, reason in held()} == {"limit"}


def test_late_stronger_evidence_sets_apart_what_weak_evidence_had_joined(now: dt.datetime) -> None:
    observe(seen("o1 c1", now, proof="stated"), now=now)
    observe(seen("p1 o1", now), now=now)
    assert people() == values("o1 c1 p1")

    observe(seen("p2 c1", now), now=now)

    assert people() == values("o1 p1", "c1 p2")


def test_a_stated_phone_of_a_marketplace_joins_nobody_O01(now: dt.datetime) -> None:
    observe_all([seen("p1 o1", now), seen("b1 p1", now, source="tmall", proof="stated")], now=now)
    assert people() == values("p1 o1", "b1")

    observe(seen("b1 p1", now, source="tmall", proof="picked"), now=now)
    assert people() == values("p1 o1 b1")


def test_weak_ids_go_with_their_best_evidence_and_join_nobody(now: dt.datetime) -> None:
    observe_all([seen("p1 w1", now, proof="stated"), seen("p2 w1", now, proof="stated", day=1)], now=now)
    assert people() == values("p1 w1", "p2")

    observe(seen("p2 w1", now, proof="proven", day=2), now=now)
    assert people() == values("p1", "p2 w1")
    assert held() == set()


def test_C06_a_number_that_was_given_up_no_longer_stands_against_the_next(now: dt.datetime) -> None:
    holder = observe(seen("p1 u1", now), now=now).customer_id
    assert holder
    assert observe(seen("u1 p2", now, day=1), now=now + DAY).held == 1
    identity.deciding.release(customer_id=holder, identifier=an_id("p1"), why="换号", now=now + 2 * DAY)

    assert people() == values("u1 p2"), "what was held joins once nothing stands against it"
    assert held() == set()


def test_who_has_a_card_stays_even_if_known_later(now: dt.datetime) -> None:
    first = observe(seen("o1", now), now=now).customer_id
    carded = observe(seen("u1 c1", now, day=1), now=now + DAY).customer_id

    assert observe(seen("o1 u1", now, day=2), now=now + 2 * DAY).customer_id == carded != first


def test_evidence_told_late_counts_from_when_it_was_seen(now: dt.datetime) -> None:
    observe_all([seen("p1 o1", now), seen("p2 o2", now), seen("p2 c1", now, day=2), seen("p1 c1", now, day=3)], now=now)
    assert people() == values("p1 o1", "p2 o2 c1")

    observe(seen("p1 c1", now, day=1), now=now)
    assert people() == values("p1 o1 c1", "p2 o2")


def test_two_weak_ids_alone_make_nobody_of_two(now: dt.datetime) -> None:
    observe(seen("w1 w2", now), now=now)
    assert people() == values("w1", "w2")


def test_a_weak_id_leaves_a_value_that_names_nobody(now: dt.datetime) -> None:
    observe_all([seen("p1 w1", now), seen("u1 w1", now, proof="stated", day=1)], now=now)
    assert people() == values("p1 w1", "u1")

    identity.deciding.block(an_id("p1"), why="门店公用号", staff_id=None, now=now + 2 * DAY)

    assert people() == values("u1 w1")


def test_whoever_is_seen_with_a_weak_id_is_not_its_holder(now: dt.datetime) -> None:
    observe(seen("p1 w1", now), now=now)
    observe(seen("u1 w1", now, proof="stated", day=1), now=now)
    assert people() == values("p1 w1", "u1")


def test_a_recycled_phone_does_not_merge_a_strangers_history_C07(now: dt.datetime) -> None:
    former = observe(seen("p1 o1 c1", now), now=now).customer_id
    assert former
    identity.deciding.release(customer_id=former, identifier=an_id("p1"), why="二次放号", now=now + DAY)

    newcomer = observe(seen("p1 o2", now, day=2), now=now + 2 * DAY)
    late = observe(seen("p1 b1", now, day=0), now=now + 3 * DAY)

    assert newcomer.customer_id != former
    assert late.customer_id == former, "what was seen before the end belongs to the former life"
    assert people() == values("o1 c1 b1", "p1 o2")


def test_a_blocked_value_sets_apart_whom_it_joined(now: dt.datetime) -> None:
    observe_all([seen("p1 c1", now), seen("p1 c2", now), seen("p1 c3 o3", now)], now=now)
    assert people() == values("p1 c1 c2 c3 o3")

    identity.deciding.block(an_id("p1"), why="门店公用号", staff_id=None, now=now)

    assert people() == values("c1", "c2", "c3 o3")
    refused = observe(seen("p1 c4", now), now=now).refused
    assert [(one.kind, one.reason) for one in refused] == [("phone", "blocked")]


def test_what_nobody_is_called_is_no_id(now: dt.datetime) -> None:
    nobody = [("phone", "13800138000", ""), ("card", "0000-0000", ""), ("ouid", "anonymous", "s"), ("crm", "匿名", "")]
    for kind, value, scope in nobody:
        one = identity.identifier(kind, value, scope=scope)
        said = observe(Observation((one,), "pos", now), now=now)
        assert (said.customer_id, said.refused[0].reason) == (None, "blocked")
    assert people() == set()


def test_a_decision_joins_what_limits_would_not_and_apart_is_for_ever(now: dt.datetime) -> None:
    first, second = (observe(seen(ids, now), now=now).customer_id for ids in ("p1 o1", "p2 o2"))
    assert first
    assert second
    identity.deciding.keep_apart(first, other_id=second, staff_id=None, why="姐妹", now=now)
    observe(seen("c1 o1", now), now=now)
    assert observe(seen("c1 o2", now, day=1), now=now).held == 1

    stays = identity.deciding.merge_people(first, other_id=second, staff_id=None, why="同一人", now=now)

    assert stays == first
    assert people() == values("p1 o1 p2 o2 c1")
    with pytest.raises(identity.SamePerson):
        identity.deciding.keep_apart(first, other_id=second, staff_id=None, why="", now=now)


def test_an_undone_merge_stays_undone_and_late_evidence_is_held(now: dt.datetime) -> None:
    first, second = (observe(seen(ids, now), now=now).customer_id for ids in ("c1 o1", "c2 b2"))
    assert first
    before = people()
    observe(seen("c1 c2", now), now=now)
    (merge_id,) = db.session.scalars(text("SELECT id FROM identity_merge"))

    assert identity.deciding.undo_merge(merge_id, staff_id=None, why="误合并", now=now) == second

    assert people() == before
    assert observe(seen("c1 c2", now, day=3), now=now).held == 1
    with pytest.raises(identity.MergeUnknown):
        identity.deciding.undo_merge(merge_id, staff_id=None, why="误合并", now=now)


NAMES = [f"{kind}{number}" for kind in "puocb" for number in range(3)] + ["w1", "w2"]
STORIES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
        st.sampled_from(["stated", "picked", "proven"]),
        st.sampled_from(["pos", "crm", "tmall"]),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=12,
)


def told(story: list[tuple[list[str], str, str, int]], now: dt.datetime) -> list[Observation]:
    return [seen(" ".join(ids), now, source=source, proof=proof, day=day) for ids, proof, source, day in story]


@settings(
    max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=STORIES, seed=st.integers(0, 2**16), cuts=st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_the_same_evidence_in_any_order_and_batches_gives_the_same_people(
    now: dt.datetime, story: list[tuple[list[str], str, str, int]], seed: int, cuts: list[int]
) -> None:
    results = []
    for shuffled in (False, True, True):
        observations = told(story, now)
        if shuffled:
            random.Random(seed + len(results)).shuffle(observations)
        sizes = [1] * len(observations) if not results else cuts * len(observations)
        with db.session.begin_nested() as undone:
            for size in sizes:
                batch, observations = observations[:size], observations[size:]
                if batch:
                    observe_all(batch, now=now + 9 * DAY)
            results.append((people(), held()))
            undone.rollback()
    assert results[0] == results[1] == results[2]
