"""What a person's own act allows: so many customer-service messages for so long (fact sheet C8)."""

import datetime as dt
from collections.abc import Mapping

UNLIMITED = 1_000_000
_SHORT, _LONG = dt.timedelta(minutes=1), dt.timedelta(hours=48)

# opened_by → how many messages, for how long. Each is a bucket of its own; the same act again fills it anew.
WINDOWS: Mapping[str, tuple[int, dt.timedelta]] = {
    "message": (5, _LONG),
    "menu": (3, _SHORT),
    "follow": (3, _SHORT),
    "scan": (3, _SHORT),
    "payment": (UNLIMITED, _LONG),
}
