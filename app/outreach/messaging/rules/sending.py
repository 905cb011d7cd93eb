"""How much is sent at once: what the brand may set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SendingPolicy:
    """`lanes`: how many send at the same time, over all worker processes. `in_flight`: calls of one lane under way at once."""

    lanes: int = 4
    in_flight: int = 64
