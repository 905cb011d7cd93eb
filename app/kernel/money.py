"""Money in fen, as integers. Shares always sum to the whole."""

from collections.abc import Sequence


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` fen over `weights` in proportion, rounded down, the last share taking the rest (field rule K03).

    All-zero weights give everything to the last share. Raises ValueError for no or negative weights.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("split needs weights, none of them negative")
    whole = sum(weights)
    shares = [total * weight // whole if whole else 0 for weight in weights[:-1]]
    return [*shares, total - sum(shares)]


def proportion(amount: int, part: int, whole: int) -> int:
    """`amount` × `part` ÷ `whole`, rounded down; all of `amount` once `part` reaches `whole`."""
    if whole <= 0 or part >= whole:
        return amount
    return amount * max(part, 0) // whole
