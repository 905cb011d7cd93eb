"""Whatever is seen, ended, blocked and decided, in any order: people are at every moment who all that is stored says."""

import datetime as dt
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel.database import db
from app.people import identity
from app.people.identity.operations.observing import observe, observe_all
from tests.conftest import FULL_SIZE
from tests.factories.observations import DAY, a_story, an_id, people, people_anew, strays

pytestmark = pytest.mark.usefixtures("database")
EXAMPLES, STEPS = (300, 25) if FULL_SIZE else (8, 10)
NAMES = [f"{kind}{number}" for kind in "puocb" for number in range(3)] + ["w1", "w2"]
REFUSALS = (
    identity.IdentityMissing, identity.IdentityTaken, identity.IdentifierInvalid, identity.MergeUnknown,
    identity.NobodyKnown, identity.SamePerson,
)  # fmt: skip


def holder(name: str) -> int:
    found = identity.find_customer(an_id(name))
    if found is None:
        raise identity.NobodyKnown
    return found


def a_step(chance: random.Random, now: dt.datetime) -> str:
    """Something that happens, at a later time than what happened before; says what it was."""
    what = chance.choice(
        ["see", "see", "see", "see", "many", "release", "block", "unblock", "merge", "apart", "undo", "give"]
    )
    one, other = chance.sample(NAMES, 2)
    said = f"{what} {one} {other}"
    if what in ("see", "many"):
        story = a_story(chance, length=1 if what == "see" else 4, names=NAMES, now=now - 9 * DAY)
        said = (
            f"{what} {[([f'{i.kind}:{i.value}' for i in s.identifiers], s.source, s.proof, s.seen_at) for s in story]}"
        )
        observe_all(story, now=now) if what == "many" else observe(story[0], now=now)
    elif what == "release":
        identity.deciding.release(customer_id=holder(one), identifier=an_id(one), why="换号", now=now)
    elif what == "block":
        identity.deciding.block(an_id(one), why="公用", staff_id=None, now=now)
    elif what == "unblock":
        for name in NAMES:
            identity.deciding.unblock(an_id(name), why="看错了", staff_id=None, now=now)
    elif what == "merge":
        identity.deciding.merge_people(holder(one), other_id=holder(other), staff_id=None, why="同一人", now=now)
    elif what == "apart":
        identity.deciding.keep_apart(holder(one), other_id=holder(other), staff_id=None, why="姐妹", now=now)
    elif what == "give":
        identity.attach(
            customer_id=holder(one), identifier=an_id(other), proof=chance.choice(["picked", "proven"]), now=now
        )
    else:
        stands = list(db.session.scalars(text("SELECT id FROM identity_merge WHERE undone_at IS NULL ORDER BY id")))
        if stands:
            identity.deciding.undo_merge(chance.choice(stands), staff_id=None, why="误合并", now=now)
    return said


def live(seed: int, *, steps: int, now: dt.datetime) -> list[str]:
    """A history; after every step people are who they should be."""
    chance = random.Random(seed)
    told = []
    for number in range(steps):
        try:
            told.append(a_step(chance, now + (10 + 3 * number) * DAY))
        except REFUSALS:
            continue
        db.session.flush()
        db.session.expire_all()
        assert strays() == [], told
        assert people() == people_anew(), told
    return told


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_people_are_at_every_moment_what_all_evidence_says(now: dt.datetime, seed: int) -> None:
    with db.session.begin_nested() as undone:
        live(seed, steps=STEPS, now=now)
        undone.rollback()
