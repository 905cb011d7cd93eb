"""Sixty-four connections that see overlapping ids make the same people as one connection that sees one thing after another."""

import datetime as dt
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
from sqlalchemy import text

from app.kernel.database import again_when_given_up, db, unit_of_work
from app.people import identity
from app.people.identity.operations.observing import Observation, observe
from tests.conftest import FULL_SIZE
from tests.factories.observations import a_story, an_id, held, people, people_anew, strays

CONNECTIONS = 64
EACH, SEEDS = (8, 4) if FULL_SIZE else (1, 1)
PATIENCE = 60.0  # seconds; a thread that fails must not leave the others waiting
NAMES = [f"{kind}{number}" for kind in "puocb" for number in range(40)] + ["w1", "w2", "w3"]
REFUSALS = (
    identity.IdentityMissing, identity.IdentityTaken, identity.MergeUnknown, identity.NobodyKnown, identity.SamePerson,
)  # fmt: skip
Act = Callable[[], object]


def at_once(app: flask.Flask, acts: Sequence[Sequence[Act]]) -> list[BaseException]:
    """Each list of acts on a connection of its own, an entrance's transaction each, begun together; what went wrong."""
    start = threading.Barrier(len(acts), timeout=PATIENCE)

    def run(mine: Sequence[Act]) -> list[BaseException]:
        wrong: list[BaseException] = []
        with app.app_context():
            start.wait()
            for act in mine:
                try:
                    again_when_given_up(lambda act=act: _in_transaction(act))
                except REFUSALS:
                    continue
                except Exception as error:
                    wrong.append(error)
        return wrong

    with ThreadPoolExecutor(len(acts)) as pool:
        return [error for wrong in pool.map(run, acts, timeout=2 * PATIENCE) for error in wrong]


def _in_transaction(act: Act) -> None:
    with unit_of_work() as session:
        session.execute(text("SET LOCAL lock_timeout = '60s'"))  # a busy machine is no deadlock
        act()


def one_by_one(app: flask.Flask, story: Sequence[Observation], now: dt.datetime) -> tuple[object, object]:
    """What one connection makes of it; nothing of it stays."""
    with app.app_context():
        for one in story:
            observe(one, now=now)
        found = people(), held()
        db.session.rollback()
    return found


@pytest.mark.parametrize("seed", range(SEEDS))
def test_sixty_four_connections_make_the_same_people_as_one(
    committed: flask.Flask, now: dt.datetime, seed: int
) -> None:
    chance = random.Random(seed)
    story = a_story(chance, length=CONNECTIONS * EACH, names=chance.sample(NAMES, 100), now=now)
    expected = one_by_one(committed, story, now)
    acts = [
        [lambda one=one: observe(one, now=now) for one in story[place::CONNECTIONS]] for place in range(CONNECTIONS)
    ]

    wrong = at_once(committed, acts)

    assert wrong == []
    with committed.app_context(), unit_of_work():
        assert (people(), held()) == expected
        assert strays() == []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whoever_decides_beside_them_leaves_nobody_between_two(
    committed: flask.Flask, now: dt.datetime, seed: int
) -> None:
    chance = random.Random(100 + seed)
    names = chance.sample(NAMES, 100)
    story = a_story(chance, length=CONNECTIONS * EACH, names=names, now=now)
    first, beside = story[: len(story) // 3], story[len(story) // 3 :]
    with committed.app_context(), unit_of_work():
        for one in first:
            observe(one, now=now)
    acts: list[Act] = [lambda one=one: observe(one, now=now) for one in beside]
    acts += [a_decision(random.Random(chance.random()), names, now) for _ in first]
    chance.shuffle(acts)

    wrong = at_once(committed, [acts[place::CONNECTIONS] for place in range(CONNECTIONS)])

    assert wrong == []
    with committed.app_context(), unit_of_work():
        assert strays() == []
        assert people() == people_anew()


def a_decision(chance: random.Random, names: list[str], now: dt.datetime) -> Act:
    """Something that is decided by name, about whoever these ids belong to at that moment."""
    what, one, other = chance.choice(["attach", "release", "merge", "apart", "undo"]), *chance.sample(names, 2)
    later = now + dt.timedelta(days=20)

    def holder(name: str) -> int:
        found = identity.find_customer(an_id(name))
        if found is None:
            raise identity.NobodyKnown
        return found

    def act() -> None:
        if what == "attach":
            identity.attach(customer_id=holder(one), identifier=an_id(other), proof="proven", now=later)
        elif what == "release":
            identity.deciding.release(customer_id=holder(one), identifier=an_id(one), why="换号", now=later)
        elif what == "merge":
            identity.deciding.merge_people(holder(one), other_id=holder(other), staff_id=None, why="同一人", now=later)
        elif what == "apart":
            identity.deciding.keep_apart(holder(one), other_id=holder(other), staff_id=None, why="姐妹", now=later)
        else:
            merges = db.session.scalars(text("SELECT id FROM identity_merge WHERE undone_at IS NULL ORDER BY id")).all()
            if merges:
                identity.deciding.undo_merge(merges[len(merges) // 2], staff_id=None, why="误合并", now=later)

    return act
