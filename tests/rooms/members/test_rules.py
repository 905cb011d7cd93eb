"""Tiers as a fold: what holds for every history. Cards and codes: what holds for every number."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.membership.members.rules import cards, joining, old_cards, tiers

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LADDER = tiers.Ladder(
    tuple(tiers.TierLine(plan.level, plan.threshold, plan.keep) for plan in joining.STOCK_TIERS), 365 * DAY
)
KEY = b"k" * 32
ANCHOR = tiers.begin(START, level=0, until=START + 365 * DAY, why="joined")

# Slowness of the machine is no failure of the rules.
on_a_busy_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

END = START + 2000 * DAY
moments = st.integers(0, 1500).map(lambda day: START + day * DAY)
amounts = st.sampled_from([1, 100, 500, 799, 800, 999, 1000, 2400, 3000, 8000])
bought = st.lists(st.builds(tiers.Entry, moments, amounts), max_size=12)


@on_a_busy_machine
@given(bought, st.randoms())
def test_the_order_of_entries_does_not_matter(entries: list[tiers.Entry], chance: object) -> None:
    shuffled = list(entries)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert tiers.count(ANCHOR, entries, LADDER) == tiers.count(ANCHOR, shuffled, LADDER)


@on_a_busy_machine
@given(bought)
def test_counting_on_from_the_running_year_gives_the_same(entries: list[tiers.Entry]) -> None:
    """What is written after each entry, and reviewed on the way, equals one count over everything."""
    standing, kept = ANCHOR, []
    for entry in sorted(entries, key=lambda one: one.at):
        kept.append(entry)
        standing, _ = tiers.review_until(standing, entry.at, LADDER)
        year = [one for one in kept if one.at >= standing.counts_from]
        standing, _ = tiers.count(tiers.rewind(standing), year, LADDER)
    assert standing == tiers.count(ANCHOR, entries, LADDER)[0]


@on_a_busy_machine
@given(bought)
def test_periods_follow_each_other_without_gap(entries: list[tiers.Entry]) -> None:
    standing, steps = tiers.count(ANCHOR, entries, LADDER)
    assert steps[0].since == START
    assert steps[-1] == tiers.step_of(standing)
    for former, step in pairwise(steps):
        assert former.since < step.since <= former.until
        assert step.level > former.level or step.since == former.until


@on_a_busy_machine
@given(bought)
def test_M08_a_fall_is_one_level_and_a_rise_has_a_year(entries: list[tiers.Entry]) -> None:
    _, steps = tiers.count(ANCHOR, entries, LADDER)
    for former, step in pairwise(steps):
        assert step.level >= former.level - 1
        assert step.until == step.since + 365 * DAY


year = st.integers(0, 364).map(lambda day: START + day * DAY)
orders_of_a_year = st.lists(st.tuples(year, st.integers(100, 900_000), st.booleans()), max_size=8)


@on_a_busy_machine
@given(orders_of_a_year, st.randoms())
def test_M09_refunded_orders_of_the_running_year_never_were(
    orders: list[tuple[dt.datetime, int, bool]], chance: object
) -> None:
    """Some orders are refunded in full, in any order, within the year: as a history without them."""
    entries = [tiers.Entry(at, tiers.growth_of(fen)) for at, fen, _ in orders]
    back = [order for order in orders if order[2]]
    chance.shuffle(back)  # type: ignore[attr-defined]
    refunded_at = max([at for at, _, _ in orders], default=START)
    for at, fen, _ in back:
        counts_at = tiers.refund_counts_at(ANCHOR, entries, ordered=at, refunded=refunded_at, ladder=LADDER)
        entries.append(tiers.Entry(counts_at, -tiers.growth_to_take_back(fen, fen, 0)))

    never = [tiers.Entry(at, tiers.growth_of(fen)) for at, fen, is_back in orders if not is_back]
    assert tiers.count(ANCHOR, entries, LADDER)[0] == tiers.count(ANCHOR, never, LADDER)[0]


@on_a_busy_machine
@given(bought, moments, amounts, st.integers(0, 400))
def test_M09_one_refunded_order_never_was_while_its_year_runs(
    others: list[tiers.Entry], at: dt.datetime, amount: int, later: int
) -> None:
    refunded = at + later * DAY
    before = [*(one for one in others if one.at <= refunded), tiers.Entry(at, amount)]
    counts_at = tiers.refund_counts_at(ANCHOR, before, ordered=at, refunded=refunded, ladder=LADDER)
    standing, _ = tiers.count(ANCHOR, [*others, tiers.Entry(at, amount), tiers.Entry(counts_at, -amount)], LADDER)
    judged, _ = tiers.review_until(tiers.count(ANCHOR, before, LADDER)[0], refunded, LADDER)
    if judged.counts_from > at:
        assert counts_at == refunded
    else:
        never, _ = tiers.count(ANCHOR, others, LADDER)
        assert counts_at == at
        assert tiers.review_until(standing, END, LADDER)[0] == tiers.review_until(never, END, LADDER)[0]


@on_a_busy_machine
@given(st.integers(1, 10_000_000), st.lists(st.integers(1, 1_000_000), max_size=8), st.randoms())
def test_refunds_in_any_order_take_back_the_same(base: int, parts: list[int], chance: object) -> None:
    def taken(order: list[int]) -> int:
        total = before = 0
        for part in order:
            total = min(total + part, base)
            before += tiers.growth_to_take_back(base, total, before)
        return before

    shuffled = list(parts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert taken(parts) == taken(shuffled) <= tiers.growth_of(base)
    assert taken([base]) == tiers.growth_of(base)


def test_C08_a_brought_tier_keeps_its_own_end_unless_the_earned_one_is_better() -> None:
    lift = tiers.Entry(START, 500, lift_level=1, lift_until=START + 90 * DAY)
    brought, _ = tiers.count(ANCHOR, [lift], LADDER)
    earned, _ = tiers.count(ANCHOR, [lift, tiers.Entry(START, 600)], LADDER)
    over, _ = tiers.count(ANCHOR, [replace(lift, lift_until=START)], LADDER)

    assert (brought.level, brought.until, brought.kept, brought.why) == (1, START + 90 * DAY, 500, "brought")
    assert (earned.level, earned.until, earned.why) == (1, START + 365 * DAY, "raised")
    assert (over.level, over.growth) == (0, 500)


@pytest.mark.parametrize(
    ("kept", "days_left", "missing"), [(300, 20, 500), (800, 20, None), (300, 31, None), (300, 0, None)]
)
def test_M08_the_hint_before_the_end(kept: int, days_left: int, missing: int | None) -> None:
    silver = replace(ANCHOR, level=1, kept=kept)
    at = silver.until - days_left * DAY
    assert tiers.short_of_keeping(silver, LADDER, at, 30 * DAY) == missing
    assert tiers.short_of_keeping(ANCHOR, LADDER, at, 30 * DAY) is None


def test_M08_what_comes_on_the_first_day_of_a_renewed_year_counts_for_keeping_it() -> None:
    silver = tiers.begin(START, level=1, until=START + 365 * DAY, why="kept")
    kept, _ = tiers.count(silver, [tiers.Entry(START, 800)], LADDER)
    raised, _ = tiers.count(ANCHOR, [tiers.Entry(START + DAY, 1000)], LADDER)

    assert (kept.level, kept.kept) == (1, 800)
    assert (raised.level, raised.kept) == (1, 0)


def test_the_line_above() -> None:
    assert LADDER.next_line(0) == LADDER.lines[1]
    assert LADDER.next_line(3) is None
    assert tiers.Ladder((), 365 * DAY).reached(5) == 0


@on_a_busy_machine
@given(st.integers(1, 10**12 - 1), st.integers(1, 10**12 - 1))
def test_card_numbers_are_unique_and_carry_a_check_digit(one: int, other: int) -> None:
    number = cards.card_number(one, KEY)
    assert len(number) == 16
    assert cards.is_card_number(number)
    assert (number == cards.card_number(other, KEY)) == (one == other)
    wrong = number[:7] + str((int(number[7]) + 1) % 10) + number[8:]
    assert not cards.is_card_number(wrong)


@pytest.mark.parametrize("text", ["", "8" * 15, "x" * 16, "９" * 16, "7" + "0" * 15])
def test_what_is_no_card_number(text: str) -> None:
    assert not cards.is_card_number(text)


def test_card_numbers_reveal_no_order() -> None:
    numbers = [cards.card_number(customer_id, KEY) for customer_id in range(1, 200)]
    assert numbers != sorted(numbers)
    assert len({number[1:4] for number in numbers}) > 50


@on_a_busy_machine
@given(st.integers(1, 10**12 - 1), st.integers(0, 10**10))
def test_X04_a_code_leads_back_to_its_member_in_its_slots_only(customer_id: int, slot: int) -> None:
    code = cards.code_of(customer_id, slot, KEY)
    assert len(code) == 20
    assert code.isdigit()
    assert cards.customer_of_code(code, range(slot - 6, slot + 1), KEY) == customer_id
    assert cards.customer_of_code(code, range(slot + 1, slot + 8), KEY) is None
    assert cards.customer_of_code(code, range(slot, slot + 1), b"another") is None


@pytest.mark.parametrize("code", ["", "1" * 19, "x" * 20, "１" * 20])
def test_what_is_no_code(code: str) -> None:
    assert cards.customer_of_code(code, range(5), KEY) is None


@pytest.mark.parametrize("customer_id", [0, 10**12])
def test_an_id_that_does_not_fit_is_refused(customer_id: int) -> None:
    with pytest.raises(ValueError, match="fit"):
        cards.code_of(customer_id, 1, KEY)


def test_C10_months_back_end_in_the_month() -> None:
    assert joining.months_before(dt.datetime(2026, 3, 31, tzinfo=dt.UTC), 1).date() == dt.date(2026, 2, 28)
    assert joining.months_before(dt.datetime(2026, 5, 20, tzinfo=dt.UTC), 24).date() == dt.date(2024, 5, 20)
    assert joining.months_before(dt.datetime(2026, 1, 5, tzinfo=dt.UTC), 1).date() == dt.date(2025, 12, 5)


@pytest.mark.parametrize(
    ("is_staff", "given_before", "is_old_buyer", "gift"),
    [
        (False, False, False, "new_customer"),
        (False, False, True, "binding"),
        (False, True, False, None),
        (True, False, True, None),
    ],
)
def test_C10_which_gift_is_due(is_staff: bool, given_before: bool, is_old_buyer: bool, gift: str | None) -> None:
    assert joining.gift_for(is_staff=is_staff, given_before=given_before, is_old_buyer=is_old_buyer) == gift


def test_C11_who_was_born_on_29_february_has_it_on_the_28th() -> None:
    born = dt.date(2012, 2, 29)
    assert joining.age_on(born, dt.date(2026, 2, 27)) == 13
    assert joining.age_on(born, dt.date(2026, 2, 28)) == 14
    assert joining.age_on(dt.date(2012, 3, 1), dt.date(2026, 2, 28)) == 13


@pytest.mark.parametrize(
    ("day", "due"),
    [(dt.date(2026, 2, 28), True), (dt.date(2026, 2, 27), False), (dt.date(2025, 2, 28), False)],
)
def test_C11_the_gift_needs_seven_days_since_setting(day: dt.date, due: bool) -> None:
    set_at = dt.datetime(2025, 2, 22, 12, tzinfo=dt.UTC)
    assert joining.birthday_gift_due(dt.date(2000, 2, 29), set_at, day, 7) is due


def test_names_are_compared_without_width_case_and_blanks() -> None:
    assert joining.name_digest("林 晓月") == joining.name_digest("林晓月")
    assert joining.name_digest("Ａnna·Ｌi") == joining.name_digest("anna li")
    assert joining.mask_name("林晓月") == "林*"
    assert old_cards.is_digest(joining.name_digest("林晓月"))
