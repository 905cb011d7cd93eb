"""What the tests of orders share: an ear for what they announce."""

from collections import defaultdict
from collections.abc import Callable

import pytest

from app.kernel import facts
from app.trade import orders

KINDS = (orders.OrderPaid, orders.OrderShipped, orders.OrderReceived, orders.OrderRefunded)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Everything orders announce, in order; no other room reacts to it."""
    told: list[object] = []
    ears: dict[type, list[Callable]] = defaultdict(list)
    for kind, reactions in facts.list_reactions().items():
        ears[kind] = [told.extend] if kind in KINDS else reactions
    for kind in KINDS:
        ears[kind] = [told.extend]
    monkeypatch.setattr(facts, "_reactions", ears)
    return told
