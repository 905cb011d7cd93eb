"""What identity announces."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class IdentityAttached:
    """From now on this id is this customer's. `value_index` is the blind index of the normalised value."""

    customer_id: int
    kind: str
    scope: str
    value_index: bytes
    at: dt.datetime


@dataclass(frozen=True)
class IdentityEnded:
    """The id is nobody's any more, or somebody else's; the customer keeps what they have."""

    customer_id: int
    kind: str
    scope: str
    value_index: bytes
    why: str
    at: dt.datetime
