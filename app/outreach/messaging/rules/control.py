"""Who is left out on purpose, to see what a message does."""

import hashlib
from collections.abc import Iterable

_PARTS = 10_000


def is_control(selves: Iterable[int], *, percent: int, salt: str) -> bool:
    """Whether a person is in the control group: where any of their former selves is.

    By the selves and not by today's id, so that the same people stay out in every wave whatever merges come between: a
    merge never lets a message through to somebody who was kept out, and undoing gives each their own group back.
    """
    return percent > 0 and any(_part(salt, one) < percent * _PARTS // 100 for one in selves)


def _part(salt: str, customer_id: int) -> int:
    digest = hashlib.blake2b(f"{salt}\0{customer_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % _PARTS
