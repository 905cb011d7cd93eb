"""What contacts announces."""

import datetime as dt
import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class FollowerJoined:
    """Somebody followed an account at `at`. `scene`: of the code they scanned, else empty; `way`: how they came (qr_code,
    paid, search, …), empty while unknown; `again`: they had followed before. Told for each time once, late ones too."""

    customer_id: int
    born_customer_id: int
    account: str
    scene: str
    again: bool
    at: dt.datetime
    way: str
    openid_token: uuid.UUID


@dataclass(frozen=True)
class FollowerLeft:
    """Somebody stopped following an account: nothing can be sent there any more (G05)."""

    customer_id: int
    born_customer_id: int
    account: str
    at: dt.datetime
    openid_token: uuid.UUID
