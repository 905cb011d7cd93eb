"""Any order, any number of times: chance plays with the real rooms and database, a model of dicts keeps score.

A failure prints the shortest story that leads to it. Cites M01 to M05, M08, M09, K02 to K04, K08, K09, O03, O05.
"""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import scoped_session

from app.kernel.database import db
from tests.conftest import FULL_SIZE
from tests.stories.membership import Membership
from tests.stories.world import World

SIZE = settings(
    max_examples=600 if FULL_SIZE else 10,
    stateful_step_count=60 if FULL_SIZE else 25,
    deadline=None,
    database=None,
    print_blob=True,
    # Shrinking a story takes minutes: at full size only.
    phases=[Phase.generate, Phase.shrink] if FULL_SIZE else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_any_order_any_number_of_times(database: scoped_session) -> None:
    Membership.world = World(db.engine)
    run_state_machine_as_test(Membership, settings=SIZE)
