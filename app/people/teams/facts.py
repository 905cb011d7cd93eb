"""What teams announce."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class StaffLeft:
    """Somebody does not work here any more (G03): open work is to be handed over."""

    staff_id: int
    team_id: int | None
    why: str
    at: dt.datetime
