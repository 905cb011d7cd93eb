"""What earns (M01): goods paid in money, without freight and without the parts paid by coupon or points."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.kernel.money import split
from app.trade.orders.rules.merging import OrderState
from app.trade.orders.rules.reports import Amounts, Line, Refund


class Share(NamedTuple):
    """What one line paid of the base, in fen."""

    product_code: str
    quantity: int
    base_fen: int


class Taken(NamedTuple):
    """What refunds took of the base so far. `capped`: more was given back than had been paid for the goods."""

    refunded_fen: int
    fully: bool
    capped: bool


def goods_paid(amounts: Amounts | None, lines: Sequence[Line] | None) -> int:
    """What was paid for the goods in money, in fen; from the lines where no sums were told."""
    if amounts is not None:
        return max(0, amounts.paid_fen - amounts.freight_fen)
    return sum(_weights(lines or ()))


def shares(amounts: Amounts | None, lines: Sequence[Line] | None) -> list[Share]:
    """The base split over the lines in fen, the last one taking the rest (K03); lines that do not earn have none.

    An order without lines is one line without a product.
    """
    paid = goods_paid(amounts, lines)
    if not lines:
        return [Share("", 1, paid)]
    weights = _weights(lines)
    parts = weights if sum(weights) == paid else split(paid, weights)
    return [
        Share(line.product_code, line.quantity, part if line.earns else 0)
        for line, part in zip(lines, parts, strict=True)
    ]


def _weights(lines: Sequence[Line]) -> list[int]:
    if all(line.paid_fen is not None for line in lines):
        return [line.paid_fen or 0 for line in lines]
    return [line.price_fen * line.quantity for line in lines]


def base_of(state: OrderState) -> int:
    """What of an order earns, in fen."""
    return base_fen(state.get("amounts"), state.get("lines"))


def base_fen(amounts: Amounts | None, lines: Sequence[Line] | None) -> int:
    """What earns of sums and lines, in fen: all that was paid for goods but for the lines that do not earn."""
    if not lines or all(line.earns for line in lines):
        return goods_paid(amounts, lines)
    return sum(share.base_fen for share in shares(amounts, lines))


def taken_by(refunds: Iterable[Refund], state: OrderState) -> Taken:
    """What these refunds took of the base: never more than there was.

    A refund counts with its goods part where the channel tells it. Where a line does not earn (a gift card), refunds take
    from the base in proportion to what was paid for goods, so that a whole refund takes the whole base.
    """
    paid, base = goods_paid(state.get("amounts"), state.get("lines")), base_of(state)
    given = sum(refund.amount_fen if refund.goods_fen is None else refund.goods_fen for refund in refunds)
    fully = given >= paid and given > 0
    amounts: Amounts | None = state.get("amounts")
    return Taken(
        refunded_fen=base if fully else given * base // max(paid, 1),
        fully=fully,
        capped=given > max(paid, amounts.paid_fen if amounts else 0),
    )
