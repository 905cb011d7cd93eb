"""What needs an outside company between two transactions: prepare (transaction), go (no transaction), settle (transaction).

Doors and workers share this one runner, so that no outside call ever happens while a transaction is open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.kernel.database import again_when_given_up, unit_of_work

Prepared = TypeVar("Prepared")
Answer = TypeVar("Answer")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Errand(Generic[Prepared, Answer, Result]):
    """Three steps. `go` gets what `prepare` gave; `settle` gets both. A refusal in `go` leaves `prepare` standing."""

    prepare: Callable[[], Prepared]
    go: Callable[[Prepared], Answer]
    settle: Callable[[Prepared, Answer], Result]


def run_errand(errand: Errand[Prepared, Answer, Result]) -> Result:
    """Run the three steps, each transaction committed before the next step begins.

    A last step that was given up for another transaction's sake is done again: the outside call cannot be.
    """
    with unit_of_work():
        prepared = errand.prepare()
    answer = errand.go(prepared)

    def settle() -> Result:
        with unit_of_work():
            return errand.settle(prepared, answer)

    return again_when_given_up(settle)
