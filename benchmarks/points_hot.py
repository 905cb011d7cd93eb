"""points_hot: points_post with every earning on one account, so that all wait for the same lock."""

from collections.abc import Callable

from benchmarks import points_post
from benchmarks.harness.ground import Ground
from benchmarks.harness.pairs import Result

HOT = 1


def prepare(process: int, thread: int) -> Callable[[], object]:
    """Earning for one customer, from every thread."""
    return points_post.earner(lambda chance: HOT, process, thread)


def run(ground: Ground) -> Result:
    """On one account."""
    return points_post.measure(ground, "benchmarks.points_hot:prepare", str(HOT))
