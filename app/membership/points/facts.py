"""What points announce."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class PointsChanged:
    """A member can spend `change` points more, or fewer with a minus. Not told of points that are pending (M02).

    `kind`: the movement's (earn, spend, hold, expire, …), `words`: what the member's line says.
    """

    customer_id: int
    born_customer_id: int
    movement_id: int
    kind: str
    change: int
    words: str
    at: dt.datetime
