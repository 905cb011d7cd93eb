"""Under which of their former selves a person acts: rows remember the customer they were born to.

After a merge one customer has several former selves (docs/decisions/0005). Whoever comes in by an id of one of them acts as
the present customer, and what they do is born to that former self, so that undoing the merge gives it back to them.
The entrance says who carries; rooms ask `born` whenever they write `born_customer_id`.
"""

import contextlib
import contextvars
from collections.abc import Iterator, Mapping

_carried: contextvars.ContextVar[Mapping[int, int] | None] = contextvars.ContextVar("carried", default=None)


@contextlib.contextmanager
def carried_by(born_of: Mapping[int, int]) -> Iterator[None]:
    """Until the end of the block, rows of these customers (present id → former self) are born to those selves."""
    token = _carried.set({**(_carried.get() or {}), **born_of})
    try:
        yield
    finally:
        _carried.reset(token)


def born(customer_id: int) -> int:
    """To whom a row of this customer is born: the self by which they came, or they themselves."""
    return (_carried.get() or {}).get(customer_id, customer_id)
