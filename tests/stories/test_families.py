"""Merged and set apart by chance, whatever else happens: no point, coupon or order is made or lost, and each gets their own."""

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import scoped_session

from app.kernel.database import db
from tests.conftest import FULL_SIZE
from tests.stories.families import Families
from tests.stories.test_any_order import SIZE
from tests.stories.world import World


def test_no_merge_makes_or_loses_anything(database: scoped_session) -> None:
    Families.world = World(db.engine)
    size = settings(SIZE, max_examples=400 if FULL_SIZE else 8, stateful_step_count=50 if FULL_SIZE else 25)
    run_state_machine_as_test(Families, settings=size)
