"""Two sisters are taken for one person, go on as one, and are set apart again: each has what is hers."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel.carrier import carried_by
from app.kernel.database import db
from app.membership import coupons, members, points
from app.people import identity
from app.trade import orders
from tests.factories.coupons import a_template, some_terms
from tests.factories.members import a_member
from tests.factories.orders import a_report

pytestmark = pytest.mark.usefixtures("database")
HOUR = dt.timedelta(hours=1)
PHONES = {"elder": "13700000011", "younger": "13700000022"}
# What may differ between before and after: the record of what was decided, and ids of rows.
RECORDS = {"identity_merge", "identity_merge_note", "identity_decision", "identity_decision_side", "row_image", "event",
           "identity_held_evidence", "identity_evidence", "event_client"}  # fmt: skip


def a_purchase(who: str, number: str, now: dt.datetime, fen: int = 30_000) -> None:
    amounts = orders.Amounts(fen, 0, 0, 0, 0, fen)
    report = a_report(
        number=number, paid_at=now, placed_at=now, reported_at=now, amounts=amounts, lines=None, in_store=True,
        store_code="S1", earns=True, buyers=(orders.Buyer("phone", "", PHONES[who]),),
    )  # fmt: skip
    orders.report_orders([report], source="test", now=now)


def standing(customer_id: int, now: dt.datetime) -> dict[str, object]:
    """What a person sees of herself."""
    member = members.get_member(customer_id)
    return {
        "points": points.get_balance(customer_id=customer_id, now=now),
        "lines": [(line.words, line.spendable) for line in points.explain(customer_id=customer_id, limit=100).items],
        "member": member,
        "coupons": sorted(
            (row.cause, row.state)
            for row in db.session.execute(
                text("SELECT cause, state FROM coupon WHERE customer_id = :id"), {"id": customer_id}
            )
        ),
        "orders": db.session.scalars(
            text("SELECT number FROM sales_order WHERE customer_id = :id ORDER BY number"), {"id": customer_id}
        ).all(),
    }


@pytest.fixture
def sisters(now: dt.datetime) -> tuple[int, int]:
    elder, younger = a_member(now, phone=PHONES["elder"]), a_member(now, phone=PHONES["younger"])
    a_purchase("elder", "E1", now + HOUR)
    a_purchase("younger", "Y1", now + HOUR, fen=50_000)
    template = a_template(terms=some_terms(), now=now, public=False, per_customer=1)
    for customer_id in (elder, younger):
        coupons.grant(customer_id=customer_id, template_id=template.id, cause="gift:1", now=now)
    return elder, younger


def together(sisters: tuple[int, int], now: dt.datetime) -> int:
    """A colleague takes them for one; gives the merge."""
    elder, younger = sisters
    assert identity.deciding.merge_people(elder, other_id=younger, staff_id=None, why="同一人", now=now) == elder
    return int(db.session.execute(text("SELECT max(id) FROM identity_merge")).scalar_one())


def test_the_counter_does_not_join_two_who_have_their_own_phones(sisters: tuple[int, int], now: dt.datetime) -> None:
    card = identity.identifier("card", members.get_member(sisters[1]).card_number)
    phone = identity.identifier("phone", PHONES["elder"])

    said = identity.observing.observe(identity.observing.Observation((phone, card), "demo-pos", now, "picked"), now=now)

    assert said.held == 1
    assert identity.find_customer(card) == sisters[1]


def test_two_are_one_with_everything_they_had(sisters: tuple[int, int], now: dt.datetime) -> None:
    elder, _ = sisters
    together(sisters, now + 2 * HOUR)

    one = standing(elder, now + 3 * HOUR)
    assert one["orders"] == ["E1", "Y1"]
    assert one["points"].spendable == 800  # type: ignore[attr-defined]
    assert len(one["coupons"]) == 2  # type: ignore[arg-type]
    assert points.recount() == []


def test_set_apart_each_has_hers_and_what_came_by_her_own_phone_since(
    sisters: tuple[int, int], now: dt.datetime
) -> None:
    elder, younger = sisters
    before = [standing(one, now + 9 * HOUR) for one in sisters]
    merge_id = together(sisters, now + 2 * HOUR)

    a_purchase("younger", "Y2", now + 3 * HOUR, fen=10_000)
    with carried_by({elder: younger}):
        points.spend(customer_id=elder, amount=100, cause="exchange:1", why="兑换", now=now + 4 * HOUR)
    back = identity.deciding.undo_merge(merge_id, staff_id=None, why="是姐妹", now=now + 5 * HOUR)

    assert back == younger
    after = [standing(one, now + 9 * HOUR) for one in sisters]
    assert after[0] == before[0]
    assert after[1]["orders"] == ["Y1", "Y2"]
    assert after[1]["points"].spendable == 500 + 100 - 100  # type: ignore[attr-defined]
    assert after[1]["coupons"] == before[1]["coupons"]


def test_what_was_spent_together_cannot_be_split(sisters: tuple[int, int], now: dt.datetime) -> None:
    elder, _ = sisters
    merge_id = together(sisters, now + 2 * HOUR)
    points.spend(customer_id=elder, amount=700, cause="exchange:1", why="兑换", now=now + 4 * HOUR)

    with pytest.raises(identity.MergeStands) as refused:
        identity.deciding.undo_merge(merge_id, staff_id=None, why="是姐妹", now=now + 5 * HOUR)

    assert [one["code"] for one in refused.value.data["objections"]] == ["points.spent_together"]
    assert standing(elder, now + 9 * HOUR)["points"].spendable == 100  # type: ignore[attr-defined]


def test_undone_at_once_nothing_but_the_record_has_changed(sisters: tuple[int, int], now: dt.datetime) -> None:
    def rows() -> dict[str, list[str]]:
        tables = db.session.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename !~ '^event_|alembic'")
        ).all()
        return {
            name: sorted(db.session.scalars(text(f"SELECT to_jsonb(it)::text FROM {name} AS it")).all())
            for name in set(tables) - RECORDS
        }

    before = rows()
    identity.deciding.undo_merge(together(sisters, now + 2 * HOUR), staff_id=None, why="是姐妹", now=now + 3 * HOUR)
    after = rows()

    changed = {name: (set(after[name]) - set(before[name]), set(before[name]) - set(after[name])) for name in before}
    more, fewer = changed.pop("tier_period")
    assert ("voided_at" in str(more), fewer) == (True, set()), (
        "the tier of the two together is voided, not deleted (M09)"
    )
    assert {name: rows for name, rows in changed.items() if any(rows)} == {}
