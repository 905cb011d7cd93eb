"""Members become one and are set apart again (C08, C10, M09, M10)."""

import datetime as dt

import pytest
from sqlalchemy import select, text

from app.kernel import carrier
from app.kernel.database import db
from app.kernel.facts import reacts_to
from app.membership import members
from app.membership.members.operations import old_cards
from app.membership.members.operations.growth import add_growth
from app.membership.members.operations.reviews import give_tier
from app.membership.members.queries.history import list_growth, list_periods
from app.people import identity
from app.people.identity.models import MergeNote
from tests.factories.members import a_member
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer, a_phone
from tests.rooms.members.ordering import bought, buys, refunds

pytestmark = pytest.mark.usefixtures("database")
DAY = dt.timedelta(days=1)
heard: list[members.TierChanged] = []
reacts_to(members.TierChanged)(heard.extend)


def stands(customer_id: int) -> tuple[int, int]:
    """Level and growth."""
    member = members.get_member(customer_id)
    return member.level, member.growth


def whole(customer_id: int) -> tuple[object, ...]:
    """Everything about a member: the row, the growth and the tiers they had."""
    periods = [(one.source, one.level, one.since, one.valid_until, one.ended_at) for one in list_periods(customer_id)]
    growth = [(one.cause, one.amount, one.counts_at) for one in list_growth(customer_id)]
    row = db.session.execute(text("SELECT * FROM member WHERE customer_id = :id"), {"id": customer_id}).one()
    return tuple(row), members.get_member(customer_id), periods, growth


def phone_of(customer_id: int) -> str:
    return identity.phones.find_phone(customer_id) or ""


def clean(now: dt.datetime) -> bool:
    return members.recount(now=now) == []


def test_a_guest_who_turns_out_to_be_a_member_brings_the_card_along(now: dt.datetime) -> None:
    guest, member = a_customer(now, phone=a_phone()), a_member(now, full_name="林一")
    buys(member, 1200, now + DAY)
    card, before = members.get_member(member).card_number, whole(member)

    merged = merge(guest, member, now=now + 2 * DAY)

    assert (members.get_member(guest).card_number, stands(guest)) == (card, (1, 1200))
    assert members.are_members([guest, member]) == {guest}
    assert clean(now)
    undo(merged, now=now + 3 * DAY)
    assert whole(member) == before
    assert members.are_members([guest, member]) == {member}


def test_M10_growth_is_added_and_the_tier_judged_again(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    buys(stays, 600, now + DAY)
    buys(goes, 700, now + DAY)
    assert (stands(stays), stands(goes)) == ((0, 600), (0, 700))

    merge(stays, goes, now=now + 2 * DAY)

    assert stands(stays) == (1, 1300)
    assert members.get_member(stays).level_until == now + 2 * DAY + 365 * DAY
    assert clean(now)


def test_M10_never_below_the_better_of_the_two_until_its_end(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    buys(goes, 3500, now + DAY)
    until = members.get_member(goes).level_until
    buys(stays, 100, now + 5 * DAY)

    merge(stays, goes, now=now + 40 * DAY)

    assert stands(stays) == (2, 3600)
    assert members.get_member(stays).level_until == until
    members.review_tiers_due(now=until, limit=10)
    assert stands(stays)[0] == 1, "nothing was made since the tier was reached"
    assert clean(until)


def test_M10_the_better_given_tier_counts_to_its_end_and_then_the_other(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    give_tier(customer_id=stays, level=1, until=now + 60 * DAY, source="paid", now=now)
    give_tier(customer_id=goes, level=3, until=now + 30 * DAY, source="gift", now=now)

    merge(stays, goes, now=now + DAY)

    assert members.get_member(stays).level == 3
    members.review_tiers_due(now=now + 30 * DAY, limit=10)
    assert (members.get_member(stays).level, members.get_member(stays).given_source) == (1, "paid")
    members.review_tiers_due(now=now + 60 * DAY, limit=10)
    assert members.get_member(stays).level == 0


def test_C08_one_card_stays_and_the_other_is_noted(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now - 90 * DAY, full_name="林一", birthday=dt.date(1990, 5, 1))
    first, second = members.get_member(stays), members.get_member(goes)

    merged = merge(stays, goes, now=now)

    one = members.get_member(stays)
    assert (one.card_number, one.full_name, one.birthday) == (first.card_number, "林一", dt.date(1990, 5, 1))
    assert (one.joined_at, one.member_since, one.earns_since) == (
        second.joined_at,
        second.member_since,
        second.earns_since,
    )
    old = identity.find_customer(identity.identifier("card", second.card_number))
    noted = db.session.scalars(select(MergeNote).where(MergeNote.merge_id == merged.merge_id)).all()
    assert old == stays
    assert [(note.code, note.data) for note in noted if note.code.startswith("member.")] == [
        ("member.second_card", {"card_tail": second.card_number[-4:]})
    ]


def test_C10_no_second_joining_gift_after_a_merge_nor_after_its_undoing(now: dt.datetime) -> None:
    member, guest = a_member(now), a_customer(now, phone=a_phone())
    assert members.get_member(member).gift == "new_customer"
    merged = merge(guest, member, now=now)
    assert a_member(now, customer_id=guest) == guest, "the same card again"
    undo(merged, now=now)
    assert members.get_member(member).gift == "new_customer"
    assert whole(a_member(now, customer_id=member)) == whole(member)

    two = merge(member, a_member(now), now=now)
    undo(two, now=now)
    gifts = [members.get_member(one).gift for one in (member, two.gone_id)]
    claims = db.session.execute(text("SELECT count(*) FROM joining_gift_claim WHERE born_customer_id = ANY(:ids)"),
                                {"ids": [member, two.gone_id]}).scalar_one()  # fmt: skip
    assert (gifts, claims) == (["new_customer", "new_customer"], 2)


def test_C10_who_joined_as_one_has_no_second_gift_for_the_other_self(now: dt.datetime) -> None:
    stays, goes = a_customer(now, phone=a_phone()), a_customer(now, phone=a_phone())
    merged = merge(stays, goes, now=now)
    with carrier.carried_by({stays: goes}):
        a_member(now, customer_id=stays)
    undo(merged, now=now + DAY)

    assert members.are_members([stays, goes]) == {goes}, "the self who took the card has it"
    a_member(now + DAY, customer_id=stays)
    assert (members.get_member(goes).gift, members.get_member(stays).gift) == ("new_customer", None)


def test_M09_a_refund_after_the_merge_works_as_if_the_order_had_never_been(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    number = buys(goes, 1500, now + DAY)
    merged = merge(stays, goes, now=now + 2 * DAY)
    assert stands(stays) == (1, 1500)

    refunds(number, 1500, now + 3 * DAY)
    assert (stands(stays), clean(now)) == ((0, 0), True)
    undo(merged, now=now + 4 * DAY)

    assert (stands(stays), stands(goes), clean(now)) == ((0, 0), (0, 0), True)


def test_undoing_gives_each_what_their_ids_brought_since(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    phones = phone_of(stays), phone_of(goes)
    merged = merge(stays, goes, now=now + DAY)
    bought(phones[0], 300, now + 2 * DAY)
    bought(phones[1], 1100, now + 2 * DAY)
    with carrier.carried_by({stays: goes}):
        add_growth(customer_id=stays, amount=20, cause="task:profile", why="task", now=now + 2 * DAY)
        members.change_profile(customer_id=stays, full_name="林二", now=now + 2 * DAY)
    assert stands(stays) == (1, 1420)

    undo(merged, now=now + 3 * DAY)

    assert (stands(stays), stands(goes)) == ((0, 300), (1, 1120))
    assert (members.get_member(stays).full_name, members.get_member(goes).full_name) == (None, "林二")
    assert clean(now)


def test_a_task_is_done_once_though_two_did_it_before(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    task = {"amount": 20, "cause": "task:profile", "why": "task"}
    for one in (stays, goes):
        add_growth(customer_id=one, **task, now=now)
    merge(stays, goes, now=now + DAY)

    add_growth(customer_id=stays, **task, now=now + 2 * DAY)

    assert stands(stays) == (0, 40)


def test_an_earlier_merge_is_undone_beneath_a_later_one(now: dt.datetime) -> None:
    first, second, third = (a_member(now) for _ in range(3))
    for one, yuan in ((first, 100), (second, 500), (third, 600)):
        buys(one, yuan, now + DAY)
    earlier = merge(second, third, now=now + 2 * DAY)
    assert stands(second) == (1, 1100)
    later = merge(first, second, now=now + 3 * DAY)
    assert stands(first) == (1, 1200)

    undo(earlier, holder_id=first, now=now + 4 * DAY)
    assert (stands(first), stands(third), clean(now)) == ((0, 600), (0, 600), True)

    undo(later, now=now + 5 * DAY)
    assert (stands(first), stands(second), clean(now)) == ((0, 100), (0, 500), True)
    assert db.session.execute(text("SELECT count(*) FROM member_self")).scalar_one() == 0


def test_a_code_shown_before_the_merge_still_means_the_person(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    code = members.get_card(goes, now).code.code
    merge(stays, goes, now=now)

    assert members.find_member_by_card_code(code, now).customer_id == stays


def test_M01_the_tier_of_one_person_rates_what_is_bought_since(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    buys(goes, 3500, now + DAY)
    until = members.get_member(goes).level_until
    merged = merge(stays, goes, now=now + 2 * DAY)
    running = [one.level for one in list_periods(stays) if one.source == "earned" and one.ended_at is None]
    rates = members.rates_at([(stays, now + DAY), (stays, now + 3 * DAY), (stays, until + DAY)])
    assert (running, rates) == ([2], [100, 125, 125])

    members.review_tiers_due(now=until, limit=10)
    assert members.rates_at([(stays, until + DAY)]) == [110]
    undo(merged, now=until + DAY)
    assert members.rates_at([(stays, now + 3 * DAY), (goes, now + 3 * DAY), (goes, until + DAY)]) == [100, 125, 110]


def test_O05_a_guest_set_apart_joins_with_their_own_past(now: dt.datetime) -> None:
    stays, guest = a_member(now), a_customer(now, phone=a_phone())
    phone = phone_of(guest)
    merged = merge(stays, guest, now=now)
    bought(phone, 500, now + DAY)
    assert stands(stays) == (0, 500)
    undo(merged, now=now + 2 * DAY)
    assert (stands(stays), list_growth(guest)) == ((0, 0), [])

    a_member(now + 3 * DAY, customer_id=guest)

    assert stands(guest) == (0, 500)


def whose(table: str, column: str) -> list[int]:
    return sorted(db.session.scalars(text(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")))


def test_rows_that_no_foreign_key_holds_go_over_and_come_back(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    line = {"card_number": "OLD-0001", "phone": phone_of(goes), "growth": "200"}
    members.import_old_cards(lines=[line], cut_over_at=now, now=now, reject=lambda *_: None)
    places = (("joining_gift_claim", "customer_id"), ("old_card", "bound_customer_id"))
    before = [whose(*place) for place in places]
    assert before == [[stays, goes], [goes]]

    merged = merge(stays, goes, now=now)
    assert [whose(*place) for place in places] == [[stays, stays], [stays]]
    undo(merged, now=now)

    assert [whose(*place) for place in places] == before


def test_C09_one_person_has_five_attempts_a_day_whoever_carries_them(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    tries = {"day": now.date(), "most": 5}
    for _ in range(2):
        old_cards.count_attempt(customer_id=goes, **tries)
    merged = merge(stays, goes, now=now)

    counted = [old_cards.count_attempt(customer_id=stays, **tries) for _ in range(4)]
    assert counted == [3, 4, 5, None]
    undo(merged, now=now)

    assert [old_cards.count_attempt(customer_id=one, **tries) for one in (stays, goes)] == [4, 3]


def test_C08_an_old_card_that_one_of_the_two_binds_leaves_with_them(now: dt.datetime) -> None:
    stays, goes = a_member(now - 400 * DAY), a_member(now - 400 * DAY)
    line = {"card_number": "OLD-0001", "phone": phone_of(goes), "growth": "200", "tier": "gold"}
    merged = merge(stays, goes, now=now)
    line |= {"tier_until": "2026-12-31", "joined_on": "2020-05-01"}
    members.import_old_cards(lines=[line], cut_over_at=now, now=now, reject=lambda *_: None)
    assert (stands(stays), members.get_member(stays).member_since.year) == ((2, 200), 2020)

    undo(merged, now=now + DAY)

    assert (stands(stays), stands(goes)) == ((0, 0), (2, 200))
    assert [members.get_member(one).member_since.year for one in (stays, goes)] == [2025, 2020]


def test_the_brand_hears_of_a_rise_that_only_the_two_together_reach(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    buys(stays, 600, now)
    buys(goes, 700, now)
    heard.clear()
    merged = merge(stays, goes, now=now)
    undo(merged, now=now)
    assert [(one.customer_id, one.former_level, one.level, one.why) for one in heard] == [
        (stays, 0, 1, "raised"),
        (stays, 1, 0, "returned"),
        (goes, 1, 0, "returned"),
    ]
    buys(goes, 400, now)
    heard.clear()
    undo(merge(stays, goes, now=now), now=now)
    assert [(one.customer_id, one.level, one.why) for one in heard] == [(stays, 0, "parted")]


def test_undoing_at_once_restores_both_cards_byte_for_byte(now: dt.datetime) -> None:
    stays = a_member(now, full_name="林一", birthday=dt.date(1990, 5, 1))
    goes = a_member(now, full_name="林二", birthday=dt.date(1991, 6, 2))
    buys(stays, 1200, now + DAY)
    buys(goes, 3500, now + 2 * DAY)
    give_tier(customer_id=stays, level=3, until=now + 60 * DAY, source="paid", now=now)
    before = whole(stays), whole(goes)

    undo(merge(stays, goes, now=now + 3 * DAY), now=now + 4 * DAY)

    assert (whole(stays), whole(goes)) == before
    assert db.session.execute(text("SELECT count(*) FROM member_self")).scalar_one() == 0
