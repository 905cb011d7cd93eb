"""A process that makes people one and two again, until it is killed: `python -m tests.killed.merging_load SEED CUSTOMERS`."""

import itertools
import random
import sys

from sqlalchemy import text

from app.kernel.database import again_when_given_up, db, unit_of_work
from app.membership import points
from app.people import identity
from tests.conftest import NOW

REFUSALS = (
    identity.MergeRefused,
    identity.MergeStands,
    identity.MergeUnknown,
    identity.NobodyKnown,
    identity.SamePerson,
)


def once(chance: random.Random, customers: list[int], number: str) -> None:
    """A gift to one, then two of them are made one, or the latest merge is undone."""
    with unit_of_work():
        one, other = chance.sample(customers, 2)
        points.earn(customer_id=identity.deciding.present(one), amount=7, cause=f"gift:{number}", why="礼", now=NOW)
    with unit_of_work():
        stands = db.session.scalars(
            text("SELECT id FROM identity_merge WHERE undone_at IS NULL ORDER BY id DESC")
        ).all()
        if len(stands) > 2:
            identity.deciding.undo_merge(chance.choice(stands), staff_id=None, why="误合并", now=NOW)
        else:
            identity.deciding.merge_people(one, other_id=other, staff_id=None, why="同一人", now=NOW)


def main(seed: int, customers: list[int]) -> None:
    """Go on until somebody kills us."""
    from app.web.application import create_app

    chance = random.Random(seed)
    with create_app(entrances=[]).app_context():
        print("begun", flush=True)
        for number in itertools.count():
            try:
                again_when_given_up(lambda number=number: once(chance, customers, f"{seed}-{number}"))
            except REFUSALS:
                continue
            print("done", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), [int(one) for one in sys.argv[2].split(",")])
