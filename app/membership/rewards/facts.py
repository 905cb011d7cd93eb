"""What the points mall announces. `born_customer_id`: the former self whose exchange it is."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class RewardExchanged:
    """A member gave points for a reward."""

    exchange_id: int
    customer_id: int
    born_customer_id: int
    reward_id: int
    points: int
    at: dt.datetime


@dataclass(frozen=True)
class RewardCollected:
    """A gift was handed over in a store."""

    exchange_id: int
    customer_id: int
    born_customer_id: int
    reward_id: int
    store_id: int | None
    staff_id: int
    at: dt.datetime


@dataclass(frozen=True)
class RewardCancelled:
    """A gift not fetched was given up; its points went back."""

    exchange_id: int
    customer_id: int
    born_customer_id: int
    reward_id: int
    points: int
    at: dt.datetime
