"""push_memory: resident memory of a worker after sending so many messages while a million others wait, planned, in a
paused dispatch; the limit is what it was after sending as many with nothing waiting."""

from benchmarks._push import many, rig
from benchmarks._push_people import CUSTOMERS
from benchmarks.harness.ground import Ground
from benchmarks.harness.load import Failed
from benchmarks.harness.pairs import Result

SENT = 2_000
MEGA = 1 << 20


def run(ground: Ground) -> Result:
    """A rig of its own."""
    waiting = many("GUIYI_BENCH_PLANNED", CUSTOMERS)
    with rig(ground, followers=SENT) as stand:
        stand.send(SENT)
        stand.send(SENT)
        before = stand.memory()
        stand.plan(waiting)
        stand.send(SENT)
        after = stand.memory()
        if stand.states_of_all()["planned"] != waiting:
            raise Failed("what is paused was sent")
    return Result(after / MEGA, "MiB", before / MEGA, before / after, {"waiting": waiting, "sent_between": SENT})
