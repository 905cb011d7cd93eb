"""Two accounts become one, and two again."""

import datetime as dt

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel.carrier import carried_by
from app.kernel.database import Statement, db
from app.kernel.facts import ask
from app.membership import points
from app.membership.members import MemberJoined
from app.membership.points.operations.orders import credit_orders
from app.membership.points.reactions import credit_the_past_of_new_members
from app.people import identity
from app.people.identity.operations.merging import Union, merge_all
from app.trade import orders
from app.trade.orders import OrderLine, OrderPaid, OrderRefunded
from tests.factories.members import a_member
from tests.factories.merging import merge, undo
from tests.factories.orders import a_report
from tests.factories.people import a_customer, a_phone
from tests.factories.points import give, someone_with

pytestmark = pytest.mark.usefixtures("database")
DAY = dt.timedelta(days=1)


def spend(customer_id: int, amount: int, cause: str, now: dt.datetime) -> points.Movement:
    return points.spend(customer_id=customer_id, amount=amount, cause=cause, why="换中样", now=now)


def spendable(customer_id: int, now: dt.datetime) -> int:
    assert points.recount() == []
    return points.get_balance(customer_id, now=now).spendable


def everything(session: Session) -> list[list[tuple[object, ...]]]:
    tables = ("points_account", "points_movement", "points_entry", "points_lot", "points_lot_use", "points_hold",
              "points_order", "points_earner", "points_merge")  # fmt: skip
    return [[tuple(row) for row in session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2, 3"))] for name in tables]


def test_who_becomes_one_has_the_points_of_both(now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    spend(goes, 20, "exchange:1", now)

    merge(stays, goes, now=now)

    assert spendable(stays, now) == 130
    assert [line.spendable for line in points.explain(stays).items] == [-20, 50, 100]
    spend(stays, 130, "exchange:2", now)
    assert spendable(stays, now) == 0


def test_who_had_no_account_gets_the_other_ones(now: dt.datetime) -> None:
    stays, goes = a_customer(now), someone_with(50, now)

    merge(stays, goes, now=now)

    assert spendable(stays, now) == 50


def test_undoing_a_merge_leaves_the_tables_as_they_were(database: Session, now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    spend(goes, 20, "exchange:1", now)
    points.hold(customer_id=stays, amount=20, cause="hold:1", why="下单抵扣", now=now)
    before = everything(database)

    undo(merge(stays, goes, now=now), now=now)

    assert everything(database) == before


def test_an_account_opened_for_a_merge_is_closed_by_its_undoing(database: Session, now: dt.datetime) -> None:
    stays, goes = a_customer(now), someone_with(50, now)
    before = everything(database)

    undo(merge(stays, goes, now=now), now=now)

    assert everything(database) == before


def test_the_same_cause_of_both_stays_once_a_person(now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(100, now)
    first, second = spend(stays, 10, "survey:7", now), spend(goes, 30, "survey:7", now)

    merge(stays, goes, now=now)

    assert spend(stays, 10, "survey:7", now).id == first.id
    with carried_by({stays: goes}):
        assert spend(stays, 30, "survey:7", now).id == second.id
    assert spendable(stays, now) == 160


def test_what_is_done_by_an_id_of_the_one_who_went_is_theirs_again(now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    merged = merge(stays, goes, now=now)

    with carried_by({stays: goes}):
        give(stays, 7, now)
    undo(merged, now=now)

    assert (spendable(stays, now), spendable(goes, now)) == (100, 57)


def buy(customer_id: int, order_id: int, fen: int, now: dt.datetime, *, born: int) -> None:
    """An order in a shop, of which points alone hear."""
    lines = (OrderLine("P1", 1, fen),)
    credit_orders(
        [OrderPaid(order_id, customer_id, born, "shop", "N1", None, now, fen, True, True, lines, (), now)], now=now
    )


def owing(amount: int, now: dt.datetime) -> int:
    """A customer who spent what a refund took back: so much is owed."""
    customer_id = a_customer(now)
    credit_the_past_of_new_members([MemberJoined(customer_id, f"C{customer_id}", now, now, None, now)])
    if not amount:
        return customer_id
    buy(customer_id, customer_id, amount * 100, now, born=customer_id)
    spend(customer_id, amount, "exchange:all", now)
    told = OrderRefunded(
        customer_id, customer_id, customer_id, "R1", amount * 100, amount * 100, amount * 100, True, (), now, now
    )
    credit_orders([told], now=now)
    assert points.get_balance(customer_id, now=now).owed == amount
    return customer_id


def test_M03_points_of_the_one_pay_what_the_other_owes(now: dt.datetime) -> None:
    stays, goes = owing(30, now), someone_with(100, now)

    merged = merge(stays, goes, now=now)

    assert spendable(stays, now) == 70
    assert points.explain(stays).items[0].words == "账户合并：积分补上欠分"
    undo(merged, now=now)
    assert (spendable(stays, now), points.get_balance(stays, now=now).owed) == (0, 30)
    assert spendable(goes, now) == 100
    assert points.explain(stays).items[0].words == "账户分开：按各自的往来重新计算"


def test_M03_an_earning_that_would_have_paid_a_debt_pays_it_when_they_part(now: dt.datetime) -> None:
    stays, goes = owing(30, now), someone_with(100, now)
    merged = merge(stays, goes, now=now)
    give(stays, 50, now)
    assert spendable(stays, now) == 120

    undo(merged, now=now)

    assert (spendable(stays, now), points.get_balance(stays, now=now).owed) == (20, 0)
    assert spendable(goes, now) == 100
    assert points.explain(goes).items[0].words == "见面礼"


def test_M04_what_has_ended_pays_no_debt(now: dt.datetime) -> None:
    stays, goes = owing(30, now), someone_with(100, now, expires_at=now + DAY)

    merge(stays, goes, now=now + DAY)

    assert (spendable(stays, now + DAY), points.get_balance(stays, now=now + DAY).owed) == (0, 30)


def test_several_who_go_into_one_pay_together(now: dt.datetime) -> None:
    stays, first, second = owing(30, now), someone_with(20, now), someone_with(25, now)

    merge_all([Union(stays, first), Union(stays, second)], now=now)

    assert spendable(stays, now) == 15


def test_the_number_of_statements_does_not_follow_the_number_of_people(
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sent_for(pairs: int) -> int:
        unions = [Union(someone_with(10, now), someone_with(20, now)) for _ in range(pairs)]
        sent = []
        plain = Statement.send
        monkeypatch.setattr(Statement, "send", lambda *told: (sent.append(told[0].text), plain(*told))[1])
        merge_all(unions, now=now)
        monkeypatch.setattr(Statement, "send", plain)
        return len([one for one in sent if "points_" in one])

    assert sent_for(1) == sent_for(8)


def test_an_order_of_the_one_earns_once_the_other_is_a_member(now: dt.datetime) -> None:
    """O04: the two earn since the member's date; what an order has earned stays with it, also when they part."""
    phone = a_phone()
    stays, goes = a_member(now), a_customer(now, phone=phone)
    paid_at = now - 3 * DAY
    report = a_report(
        buyers=(orders.Buyer("phone", "", phone),), paid_at=paid_at, placed_at=paid_at, reported_at=paid_at
    )
    orders.report_orders([report], source="demo", now=now)
    assert points.get_balance(goes, now=now).pending == 0

    merged = merge(stays, goes, now=now)
    assert points.get_balance(stays, now=now).pending == 240

    undo(merged, now=now)
    assert [points.get_balance(one, now=now).pending for one in (stays, goes)] == [0, 240]
    merge(stays, goes, now=now)
    assert points.get_balance(stays, now=now).pending == 240, "an order earns once ever (M05)"
    assert points.recount() == []


def test_who_parts_earns_since_their_own_date(now: dt.datetime) -> None:
    stays, goes = a_customer(now), owing(0, now)
    merged = merge(stays, goes, now=now)
    assert earns_since(stays) is not None

    undo(merged, now=now)

    assert earns_since(goes) is not None
    assert earns_since(stays) is None


def earns_since(customer_id: int) -> dt.datetime | None:
    found = text("SELECT earns_since FROM points_account WHERE customer_id = :id")
    return db.session.execute(found, {"id": customer_id}).scalar()


def test_parting_is_objected_to_where_one_has_spent_the_others_points(now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    merged = merge(stays, goes, now=now)
    with carried_by({stays: goes}):
        spend(stays, 120, "exchange:1", now)
    proposal = identity.SeparationProposed(merged.merge_id, stays, goes, merged.born_ids)

    (objection,) = [one for one in ask(proposal) if one.code.startswith("points.")]

    assert (objection.code, objection.data) == ("points.spent_together", {"short": {str(goes): 70}})
    with pytest.raises(points.SpentTogether):
        undo(merged, now=now)


def test_what_was_given_back_or_earned_since_makes_up_for_it(now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    merged = merge(stays, goes, now=now)
    with carried_by({stays: goes}):
        spend(stays, 120, "exchange:1", now)
        give(stays, 30, now)
        points.give_back(customer_id=stays, cause_of_spend="exchange:1", cause="cancel:1", now=now, amount=60)

    undo(merged, now=now)

    assert (spendable(stays, now), spendable(goes, now)) == (100, 20)
    points.give_back(customer_id=goes, cause_of_spend="exchange:1", cause="cancel:2", now=now)
    assert spendable(goes, now) == 80
    undo(merge(stays, goes, now=now), now=now)
    assert (spendable(stays, now), spendable(goes, now)) == (100, 80)


def test_each_side_has_spent_its_own_points_once_they_part(database: Session, now: dt.datetime) -> None:
    """Both have 100; the first to end are the others', who were merged, so those were spent."""
    stays, goes = someone_with(100, now, expires_at=now + 9 * DAY), someone_with(100, now, expires_at=now + 5 * DAY)
    merged = merge(stays, goes, now=now)
    spend(stays, 80, "exchange:1", now)

    undo(merged, now=now)

    assert (spendable(stays, now), spendable(goes, now)) == (20, 100)
    points.give_back(customer_id=stays, cause_of_spend="exchange:1", cause="cancel:1", now=now)
    assert spendable(stays, now) == 100
    assert spendable(stays, now + 7 * DAY) == 100, "given back to the own lot, with its own end"


def test_uses_of_lots_are_never_taken_away_but_by_undoing_their_own_merge(database: Session, now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    spend(goes, 20, "exchange:1", now)
    merge(stays, goes, now=now)
    spend(stays, 20, "exchange:2", now)

    for window in (False, True):
        database.execute(text("UPDATE points_merge SET parting = :window"), {"window": window})
        with pytest.raises(IntegrityError, match="append-only"), database.begin_nested():
            database.execute(text("DELETE FROM points_lot_use WHERE born_customer_id = :goes"), {"goes": goes})
    with pytest.raises(IntegrityError, match="append-only"), database.begin_nested():
        database.execute(text("UPDATE points_lot_use SET amount = amount + 1"))


def test_a_refund_after_they_part_is_taken_from_whose_order_it_was(now: dt.datetime) -> None:
    stays, goes = owing(0, now), a_customer(now)
    merged = merge(stays, goes, now=now)
    buy(stays, 7, 5000, now, born=goes)

    undo(merged, now=now)

    assert [points.get_balance(one, now=now).spendable for one in (stays, goes)] == [0, 50]
    told = OrderRefunded(7, goes, goes, "R1", 5000, 5000, 5000, True, (), now, now)
    credit_orders([told], now=now)
    assert [points.get_balance(one, now=now).spendable for one in (stays, goes)] == [0, 0]


def test_nothing_is_born_to_who_is_no_self_of_the_customer(database: Session, now: dt.datetime) -> None:
    stays, goes = someone_with(100, now), someone_with(50, now)
    undo(merge(stays, goes, now=now), now=now)

    with (
        pytest.raises(psycopg.errors.ForeignKeyViolation, match="no self"),
        database.begin_nested(),
        carried_by({stays: goes}),
    ):
        give(stays, 7, now)
    assert (spendable(stays, now), spendable(goes, now)) == (100, 50)
