"""Telling a history again for two sides, without a database: what random lives come to seldom."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app.membership.points.rules import Draft, History, Joined, Lot, Purchase, Retelling, Step
from tests.conftest import NOW

DAY = dt.timedelta(days=1)
STAYS, GOES, THIRD = 1, 2, 3


def lot(number: int, born: int, amount: int, *, days: int = 100, state: str = "open") -> Lot:
    return Lot(number, amount, amount, NOW, NOW + days * DAY, state, born_customer_id=born)


def step(number: int, born: int, kind: str, amount: int, **more: Any) -> Step:
    given: dict[str, Any] = {"cause": f"{kind}:{number}", "at": NOW, "gives_back": None, "explain": {}} | more
    return Step(number, born, kind=kind, amount=amount, **given)


def joined(survivor: int, gone: int, after: int, merge_id: int = 1) -> Joined:
    return Joined(merge_id, survivor, gone, after, NOW)


def told(
    *steps: Step,
    unions: tuple[Joined, ...] = (joined(STAYS, GOES, 0),),
    purchases: tuple[Purchase, ...] = (),
    sums: Mapping[tuple[int, str], int] = {},
) -> Retelling:
    history = History(steps, unions, {one.order_id: one for one in purchases}, sums)
    return Retelling(history, leaving=[GOES], from_id=STAYS, to_id=GOES, afterlife=30 * DAY)


def outstanding(retelling: Retelling, side: int, *, days: int = 0) -> list[Draft]:
    return retelling.outstanding(side, merge_id=1, now=NOW + days * DAY)


def test_a_debt_that_others_paid_is_paid_at_a_later_merge_of_its_own_side() -> None:
    """The third comes after the merge that is undone; its points were not needed then, and are now."""
    refund = {"cause": "refund:9", "explain": {"refunded_fen": 0, "base_fen": 0}}
    retelling = told(
        step(1, THIRD, "earn", 40, brings=[lot(1, THIRD, 40)]),
        step(2, GOES, "earn", 50, brings=[lot(2, GOES, 50)]),
        step(3, STAYS, "refund", 30, uses={2: 30}, **refund),
        unions=(joined(STAYS, GOES, 2), joined(STAYS, THIRD, 3, merge_id=2)),
        sums={(STAYS, "member"): -30, (STAYS, "issued"): 30, (THIRD, "member"): 40, (THIRD, "issued"): -40},
    )

    settled, correction = outstanding(retelling, STAYS)

    assert (settled.cause, settled.amount, retelling.lots[1].remaining) == ("merge:2", 30, 10)
    assert (correction.kind, correction.pots) == ("part", {"member": 30, "owed": -30})
    assert retelling.lots[2].remaining == 50


def test_a_refund_that_found_points_ended_takes_them_where_they_were_spent_in_truth() -> None:
    """Together, hers were spent by the other and what was left of the order's ended; alone, the order's were spent."""
    order = Purchase(7, STAYS, "N7", 50, 5000, 5000, 1)
    retelling = told(
        step(1, STAYS, "order", 50, cause="order:7", brings=[lot(1, STAYS, 50, days=9)]),
        step(2, GOES, "earn", 50, brings=[lot(2, GOES, 50, days=5)]),
        step(3, STAYS, "spend", 50, uses={2: 50}),
        step(4, STAYS, "expire", 50, cause="lot:1:expire", at=NOW + 10 * DAY, uses={1: 50}),
        purchases=(order,),
        unions=(joined(STAYS, GOES, 2),),
        sums={(STAYS, "member"): -50, (STAYS, "expired"): 50, (GOES, "member"): 50},
    )

    refund, correction = outstanding(retelling, STAYS, days=20)

    assert (refund.cause, refund.amount, refund.pots) == ("order:7:refunded:5000", 50, {"owed": -50, "issued": 50})
    assert retelling.reversed == {7: 50}
    assert correction.pots == {"member": 50, "expired": -50}


def test_what_ended_pays_no_debt_and_ends_first() -> None:
    refund = {"cause": "refund:9", "explain": {"refunded_fen": 0, "base_fen": 0}, "at": NOW + 6 * DAY}
    retelling = told(
        step(1, STAYS, "earn", 50, brings=[lot(1, STAYS, 50, days=5)]),
        step(2, GOES, "earn", 50, brings=[lot(2, GOES, 50, days=9)]),
        step(3, GOES, "spend", 50, uses={1: 50}),
        step(4, STAYS, "refund", 20, uses={2: 20}, **refund),
        unions=(joined(STAYS, GOES, 2),),
        sums={(STAYS, "member"): 50 - 20},
    )

    ending, correction = outstanding(retelling, STAYS, days=7)

    assert (ending.cause, ending.amount) == ("lot:1:expire", 50)
    assert correction.pots["owed"] == -20
    assert retelling.lots[2].remaining == 0


def test_what_comes_back_together_to_several_lots_ended_is_told_for_one() -> None:
    """Together the two lots used had ended, so heirs were born; alone the own lot takes all back."""
    heirs = [lot(3, STAYS, 30, days=50), lot(4, STAYS, 20, days=50)]
    retelling = told(
        step(1, STAYS, "earn", 60, brings=[lot(1, STAYS, 60)]),
        step(2, GOES, "earn", 30, brings=[lot(2, GOES, 30, days=5)]),
        step(3, GOES, "earn", 20, brings=[lot(5, GOES, 20, days=6)]),
        step(4, STAYS, "spend", 50, uses={2: 30, 5: 20}),
        step(5, STAYS, "give_back", 50, gives_back=4, at=NOW + 20 * DAY, brings=heirs),
        unions=(joined(STAYS, GOES, 3),),
    )

    assert retelling.lots.keys() == {1, 2, 5}
    assert [retelling.lots[number].remaining for number in (1, 2, 5)] == [60, 30, 20]


def test_two_told_to_be_joined_twice_are_joined_once() -> None:
    retelling = told(
        step(1, STAYS, "earn", 60, brings=[lot(1, STAYS, 60)]),
        unions=(joined(STAYS, GOES, 0), joined(STAYS, GOES, 0, merge_id=2)),
    )

    assert retelling.short == {}
    assert retelling.account_of(STAYS).lots == [retelling.lots[1]]


def test_what_was_told_before_the_two_met_is_as_it_was_recorded() -> None:
    """A lot that opened, a correction of an earlier undoing: neither is decided anew."""
    retelling = told(
        step(1, STAYS, "order", 60, cause="order:7", brings=[lot(1, STAYS, 60, state="pending")]),
        step(2, STAYS, "open", 60, cause="lot:1:open"),
        step(3, STAYS, "part", 5, cause="merge:9:undone"),
        step(4, STAYS, "hold", 20, cause="hold:1", uses={1: 20}),
        step(5, STAYS, "part", 5, cause="merge:8:undone"),
        step(6, STAYS, "settle", 20, cause="hold:4:settle"),
        unions=(joined(STAYS, GOES, 4), joined(STAYS, THIRD, 4, merge_id=2)),
    )

    assert [(lot.state, lot.remaining) for lot in retelling.account_of(STAYS).lots] == [("open", 40)]
