"""Which of the ids that a channel tells about a buyer can be an id of a person (O01)."""

import re
from collections import Counter
from collections.abc import Iterable

from app.trade.orders.rules.merging import OrderState
from app.trade.orders.rules.reports import Buyer

# Ids that mean something only within the channel that gives them.
_OF_ONE_CHANNEL = {"buyer", "ouid"}
_EXTENSION = re.compile(r"\d[\s]*(?:-|转|,|#|x|ext)[\s]*\d{1,6}$", re.IGNORECASE)
_VIRTUAL = re.compile(r"(?:\+?86)?950\d{5,}")


def is_masked(buyer: Buyer) -> bool:
    """Whether the marketplace hid it: masked, or a virtual number that dies some days after the deal (O01)."""
    value = buyer.value.strip()
    if len(value) == 11 and value.isdigit():
        return False
    if "*" in value or not value:
        return True
    return buyer.kind == "phone" and _looks_virtual(value)


def _looks_virtual(value: str) -> bool:
    return bool(_EXTENSION.search(value) and re.match(r"\+?\d{10,}", value)) or bool(_VIRTUAL.match(value))


def scoped(buyer: Buyer, channel: str) -> Buyer:
    """The buyer id with its scope: ids that only one channel understands are scoped by it."""
    if buyer.kind in _OF_ONE_CHANNEL and not buyer.scope:
        return buyer._replace(scope=channel)
    return buyer


def busy_keys(states: Iterable[OrderState], *, most: int) -> set[str]:
    """Buyer keys that more than `most` orders of one calendar month (UTC) name: a till's or a counter's number (O02)."""
    months: Counter[tuple[str, int, int]] = Counter()
    for state in states:
        at = state.ordered_at
        if at is not None:
            months.update((key, at.year, at.month) for key in state.buyer_keys)
    return {key for (key, _, _), count in months.items() if count > most}
