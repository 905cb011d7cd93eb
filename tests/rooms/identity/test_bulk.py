"""Many observations at once give the people, held evidence and proofs that one by one gives."""

import csv
import datetime as dt
import io
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel.database import db
from app.people import identity
from app.people.identity.operations import bulk, recognising
from app.people.identity.operations.gathering import gather, parts_of
from app.people.identity.operations.observing import Observation, observe_all
from app.people.identity.rules.observation_batches import Told, read_batch
from app.people.identity.rules.observation_files import Position, open_file
from tests.conftest import FULL_SIZE

pytestmark = pytest.mark.usefixtures("database")
LATE = 2_000_000_000_000_000
COLUMNS = {
    "p": ("phone", "138{:08}"), "u": ("unionid", "union-{}"), "o": ("openid:wx1", "open-{}"), "c": ("card", "CARD{}"),
    "b": ("ouid:shop", "buyer-{}"), "w": ("wifi_mac", "AA:BB:{}"),
}  # fmt: skip
HEADER = ["seen_at", "source", "proof", *(column for column, _ in COLUMNS.values())]


def value(name: str) -> str:
    return COLUMNS[name[0]][1].format(int(name[1:]) + 1001)


def an_id(name: str) -> identity.Identifier:
    kind, _, scope = COLUMNS[name[0]][0].partition(":")
    return identity.identifier(kind, value(name), scope=scope)


def seen(names: str, now: dt.datetime, *, source: str = "pos", proof: str = "proven", day: int = 0) -> Observation:
    return Observation(tuple(an_id(name) for name in names.split()), source, now + day * dt.timedelta(days=1), proof)


def a_file(observations: Sequence[Observation]) -> bytes:
    """The observations as somebody would send them."""
    stream = io.StringIO()
    rows = csv.writer(stream)
    rows.writerow(HEADER)
    for one in observations:
        cells: dict[str, list[str]] = {}
        for told in one.identifiers:
            cells.setdefault(":".join(filter(None, (told.kind, told.scope))), []).append(told.value)
        rows.writerow(
            [one.seen_at.isoformat(), one.source, one.proof, *("|".join(cells.get(name, [])) for name in HEADER[3:])]
        )
    return stream.getvalue().encode()


def in_bulk(observations: Sequence[Observation], *, now: dt.datetime, ids_a_part: int = 3) -> list[bulk.Written]:
    """What import-observations does with them, in small parts."""
    if not observations:
        return []
    file = open_file(io.BytesIO(a_file(observations)), parquet=False)
    batch = read_batch(list(file.blocks(Position())), Told(None, "stated", LATE))
    return [
        bulk.observe_all(gather(batch, mentions=part), now=now)
        for part in parts_of(batch, ids_a_part=ids_a_part)
    ]  # fmt: skip


def outcome() -> tuple[object, ...]:
    """Who is who, with every living id's proof; what is held; what was seen."""
    lives: dict[int, set[tuple[object, ...]]] = {}
    for row in db.session.execute(text("SELECT customer_id, token, proof FROM identity WHERE until IS NULL")):
        lives.setdefault(row[0], set()).add(tuple(row[1:]))
    held = db.session.execute(text("SELECT low, high, reason FROM identity_held_evidence"))
    pairs = db.session.execute(text("SELECT low, high, source, proof, first_seen FROM identity_evidence"))
    owners = db.session.execute(text("SELECT count(*) FROM customer")).scalar_one()
    return {frozenset(ids) for ids in lives.values()}, set(map(tuple, held)), set(map(tuple, pairs)), owners


NAMES = [f"{letter}{number}" for letter in "puocb" for number in range(3)]
OBSERVATIONS = st.lists(
    st.builds(
        lambda names, source, proof, day: (" ".join(names), source, proof, day),
        st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True),
        st.sampled_from(["pos", "tmall", "wecom"]),
        st.sampled_from(["stated", "picked", "proven"]),
        st.integers(0, 6),
    ),
    max_size=12,
)
# What happens between the first and the second half of what is seen.
EVENTS = st.lists(st.sampled_from(["release p1", "release o0", "apart u0 u1", "apart c0 c1", "same u0 u2", "block p2"]),
                  max_size=2, unique=True)  # fmt: skip


def happen(event: str, now: dt.datetime) -> None:
    """Something that people decide; nothing where there is nobody to decide about."""
    what, *names = event.split()
    holders = [identity.find_customer(an_id(name)) for name in names]
    if None in holders:
        return
    if what == "release":
        recognising.release(customer_id=holders[0], identifier=an_id(names[0]), why="changed", now=now)
    elif what == "block":
        identity.deciding.block(an_id(names[0]), why="the shop's", staff_id=1, now=now)
    elif len(set(holders)) == 2:
        decide = identity.deciding.keep_apart if what == "apart" else identity.deciding.merge_people
        decide(holders[0], other_id=holders[1], why="looked", staff_id=1, now=now)


@settings(max_examples=100 if FULL_SIZE else 12, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
@given(first=OBSERVATIONS, events=EVENTS, second=OBSERVATIONS, third=OBSERVATIONS)
def test_in_bulk_is_one_by_one(first: list, events: list[str], second: list, third: list, now: dt.datetime) -> None:
    thirds = [[seen(names, now, source=source, proof=proof, day=day) for names, source, proof, day in some]
              for some in (first, second, third)]  # fmt: skip
    outcomes = []
    for take in (lambda batch: [observe_all([one], now=now) for one in batch], lambda batch: in_bulk(batch, now=now)):
        before = db.session.begin_nested()
        take(thirds[0])
        for event in events:
            happen(event, now + dt.timedelta(days=3))
        take(thirds[1])
        take(thirds[2])
        outcomes.append(outcome())
        before.rollback()

    assert outcomes[1] == outcomes[0]


def test_people_are_merged_set_wise_where_nothing_speaks_against_it(now: dt.datetime) -> None:
    observe_all([seen("c1 o1", now), seen("u2 b2", now), seen("p5 u5", now), seen("p6 o6", now)], now=now)

    (written,) = in_bulk([seen("o1 u2", now), seen("u2 p2", now), seen("o6 u5", now)], now=now, ids_a_part=99)

    assert (written.merged, written.left) == (1, 1), "two phones in one person are left to be judged one by one"
    assert identity.find_customer(an_id("p5")) != identity.find_customer(an_id("p6"))
    assert len(outcome()[1]) == 1
    why = db.session.execute(text("SELECT why FROM identity_merge")).scalar_one()
    assert why["evidence"][0]["source"] == "pos"
    assert sorted(why["evidence"][0]["kinds"]) == ["openid", "unionid"]
    carded = identity.find_customer(an_id("c1"))
    born = "SELECT count(*) FROM identity WHERE customer_id = :id AND born_customer_id = :id"
    assert db.session.execute(text(born), {"id": carded}).scalar_one() == 3, "c1, o1 and the new p2; u2, b2 came over"


def test_limits_count_kinds_that_the_file_does_not_name(now: dt.datetime) -> None:
    """Two phones stand against joining two people, also where the file has a column for unionids and cards only."""
    observe_all([seen("p1 u1", now), seen("p2 c2", now)], now=now)
    file = open_file(io.BytesIO(f"seen_at,source,proof,unionid,card\n{now.isoformat()},pos,proven,{value('u1')},{value('c2')}\n"
                                .encode()), parquet=False)  # fmt: skip
    batch = read_batch(list(file.blocks(Position())), Told(None, "stated", LATE))

    (part,) = parts_of(batch, ids_a_part=9)
    assert bulk.observe_all(gather(batch, mentions=part), now=now).left == 1

    assert identity.find_customer(an_id("p1")) != identity.find_customer(an_id("p2"))
    assert len(outcome()[1]) == 1


def test_simple_people_need_no_judge(now: dt.datetime) -> None:
    """A chain, a star, somebody known who is seen with a new id: nobody is looked at one by one."""
    observe_all([seen("p1 u1", now, proof="stated")], now=now)
    told = [seen("c2 o2", now), seen("o2 b2", now), seen("u0 p0", now), seen("u0 o0", now), seen("u1 o1 p1", now)]

    written = in_bulk([*told, seen("w2 b2", now)], now=now, ids_a_part=99)

    assert [(one.left, one.merged, one.new_people, one.new_ids) for one in written] == [(0, 0, 2, 8)]
    again = in_bulk([*told, seen("w2 b2", now)], now=now, ids_a_part=99)
    assert [(one.left, one.merged, one.new_people, one.new_ids) for one in again] == [(0, 0, 0, 0)]
    proofs = db.session.execute(text("SELECT DISTINCT proof FROM identity")).scalars().all()
    assert proofs == ["proven"], "the stated phone was proven meanwhile"
