"""How long somebody waits for a person."""

import math
import statistics
from collections.abc import Sequence

# With fewer than this the last waits say nothing yet.
ENOUGH = 5


def minutes(*, ahead: int, lately: Sequence[float], each: int) -> int:
    """Whole minutes, at least one: by the waits of late (seconds) where there were enough, never less than `each` for those
    who wait before; else `each` for everybody."""
    if len(lately) >= ENOUGH:
        return max(math.ceil(statistics.median(lately) / 60), ahead, 1)
    return max((ahead + 1) * each, 1)
