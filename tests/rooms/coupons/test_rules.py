"""Pure decisions about coupons: codes, periods, worth, what speaks against taking."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel import codes
from app.membership.coupons import rules
from app.membership.coupons.rules.terms import Coverage, Scope, Template, Terms, Validity

NOON = dt.datetime(2026, 5, 20, 4, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
CASH = Terms("满99减20", "cash", Coverage("order"), Validity(7), value_fen=2_000, threshold_fen=9_900)
DISCOUNT = Terms("8.8折", "discount", Coverage("order"), Validity(7), percent=88, cap_fen=5_000)
SAMPLE = Terms("小样", "exchange", Coverage("product"), Validity(7), scope=Scope(tags=("小样",)))
FREIGHT = Terms("包邮券", "freight", Coverage("freight"), Validity(7))
TEMPLATE = Template(
    id=1, terms=CASH, state="open", public=True, occasion=None, per_customer=1, take_from=None, take_before=None,
    from_pool=False, total=None, budget_fen=None, taken=0, promised_fen=0,
)  # fmt: skip


def test_X06_codes_are_long_distinct_and_prove_themselves() -> None:
    made = {rules.new_code() for _ in range(500)}

    assert len(made) == 500
    assert all(len(code) == 16 and rules.code_of(code) == code for code in made)


@given(st.integers(0, 15), st.sampled_from(codes.ALPHABET))
def test_a_single_wrong_letter_is_no_code(place: int, letter: str) -> None:
    code = "Q00000000000000" + codes._proof("Q00000000000000")
    wrong = code[:place] + letter + code[place + 1 :]

    assert rules.code_of(wrong) == (code if wrong == code else None)


@given(st.text(codes.ALPHABET, min_size=14, max_size=14), st.integers(1, 13))
def test_swapped_neighbours_are_no_code(chance: str, place: int) -> None:
    code = "Q" + chance + codes._proof("Q" + chance)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert rules.code_of(swapped) == (code if swapped == code else None)


def test_a_code_survives_hands_and_ears() -> None:
    code = "Q" + "0" * 13 + "1"
    code += codes._proof(code)
    typed = " q-ooo0 0000 0000-0l" + code[-1].lower() + "\n"

    assert rules.code_of(typed) == code
    assert rules.spellings_of(typed) == [code]
    assert rules.spellings_of(" TMALL-77 ") == ["TMALL-77"]


@pytest.mark.parametrize("text", ["", "Q", "Q" * 16, "R" + "0" * 15, "Q00000000000000U"])
def test_what_is_no_code_of_ours_is_none(text: str) -> None:
    assert rules.code_of(text) is None


@pytest.mark.parametrize(
    ("days", "taken_at", "ends"),
    [
        (0, dt.datetime(2026, 5, 20, 15, 59, 59, tzinfo=dt.UTC), dt.datetime(2026, 5, 20, 16, tzinfo=dt.UTC)),
        (0, dt.datetime(2026, 5, 20, 16, 0, tzinfo=dt.UTC), dt.datetime(2026, 5, 21, 16, tzinfo=dt.UTC)),
        (7, NOON, dt.datetime(2026, 5, 27, 16, tzinfo=dt.UTC)),
    ],
)
def test_K04_days_count_from_the_taking_day_as_day_0(days: int, taken_at: dt.datetime, ends: dt.datetime) -> None:
    assert rules.period_of(Validity(days), taken_at) == rules.Period(taken_at, ends)


def test_K04_a_fixed_period_is_the_same_for_everybody() -> None:
    fixed = Validity(starts_at=NOON + HOUR, ends_before=NOON + 2 * HOUR)

    assert rules.period_of(fixed, NOON) == rules.Period(NOON + HOUR, NOON + 2 * HOUR)
    assert rules.period_of(Validity(ends_before=NOON + HOUR), NOON) == rules.Period(NOON, NOON + HOUR)


def test_K03_a_coupon_comes_back_with_its_old_end_or_seven_days_where_the_template_says_so() -> None:
    assert rules.new_end_after_return(NOON + HOUR, 7, NOON) == NOON + HOUR
    assert rules.new_end_after_return(NOON - HOUR, 0, NOON) == NOON - HOUR
    assert rules.new_end_after_return(NOON - HOUR, 7, NOON) == dt.datetime(2026, 5, 27, 16, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("terms", "needed"),
    [
        (replace(CASH, threshold_fen=4_000), False),
        (replace(CASH, threshold_fen=3_999), True),
        (replace(CASH, threshold_fen=0), True),
        (replace(DISCOUNT, percent=50), False),
        (replace(DISCOUNT, percent=49), True),
        (SAMPLE, True),
        (FREIGHT, False),
    ],
)
def test_K06_worth_over_half_the_price_needs_two_people(terms: Terms, needed: bool) -> None:
    assert rules.needs_two_people(terms, 50) is needed


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"state": "draft"}, "not_open"),
        ({"state": "taking_stopped"}, "not_open"),
        ({"take_from": NOON + HOUR}, "not_yet"),
        ({"take_from": NOON}, None),
        ({"take_before": NOON}, "over"),
        ({"terms": replace(CASH, validity=Validity(ends_before=NOON))}, "over"),
        ({"mine": 1}, "limit_reached"),
        ({"total": 5, "taken": 5}, "sold_out"),
        ({"total": 5, "taken": 4}, None),
        ({"budget_fen": 3_999, "promised_fen": 2_000}, "sold_out"),
        ({"budget_fen": 4_000, "promised_fen": 2_000, "total": 9}, None),
        ({"budget_fen": 1, "terms": FREIGHT}, None),
    ],
)
def test_K06_why_a_template_gives_nothing_now(changes: dict[str, Any], why: str | None) -> None:
    assert rules.why_not_taken(replace(TEMPLATE, **changes), NOON) == why


@pytest.mark.parametrize(
    ("terms", "wrong"),
    [
        (CASH, set()),
        (DISCOUNT, set()),
        (SAMPLE, set()),
        (FREIGHT, set()),
        (replace(CASH, value_fen=0), {"value_fen"}),
        (replace(CASH, percent=88), {"percent"}),
        (replace(CASH, cap_fen=1), {"cap_fen"}),
        (replace(CASH, kind="magic"), {"kind"}),
        (replace(CASH, coverage=Coverage("freight")), {"level"}),
        (replace(DISCOUNT, percent=None), {"percent"}),
        (replace(DISCOUNT, percent=100), {"percent"}),
        (replace(SAMPLE, scope=Scope()), {"scope"}),
        (replace(SAMPLE, coverage=Coverage("order")), {"level"}),
        (replace(CASH, validity=Validity()), {"validity"}),
        (replace(CASH, validity=Validity(7, ends_before=NOON)), {"validity"}),
        (replace(CASH, validity=Validity(-1)), {"validity"}),
        (replace(CASH, validity=Validity(starts_at=NOON, ends_before=NOON)), {"validity"}),
        (replace(CASH, validity=Validity(starts_at=NOON, ends_before=NOON + HOUR)), set()),
        (replace(CASH, validity=Validity(ends_before=NOON)), set()),
    ],
)
def test_terms_that_cannot_stand_are_named(terms: Terms, wrong: set[str]) -> None:
    assert set(rules.faults_of(terms)) == wrong


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (CASH, "满99减20"),
        (replace(CASH, threshold_fen=0, value_fen=1_050), "无门槛减10.50"),
        (DISCOUNT, "8.8折封顶¥50"),
        (replace(DISCOUNT, percent=80, cap_fen=None, threshold_fen=10_000), "满100打8折"),
        (SAMPLE, "兑换"),
        (FREIGHT, "包邮"),
        (replace(FREIGHT, value_fen=800), "包邮最多减¥8"),
    ],
)
def test_terms_say_in_short_what_they_do(terms: Terms, words: str) -> None:
    assert terms.in_short == words


@pytest.mark.parametrize(
    ("state", "starts", "ends", "shown"),
    [
        ("usable", NOON, NOON + HOUR, "usable"),
        ("usable", NOON - HOUR, NOON, "expired"),
        ("usable", NOON + HOUR, NOON + 2 * HOUR, "waiting"),
        ("locked", NOON, NOON + HOUR, "locked"),
    ],
)
def test_K04_an_ended_coupon_shows_as_expired_at_once(
    state: str, starts: dt.datetime, ends: dt.datetime, shown: str
) -> None:
    coupon = rules.Coupon(1, 1, 1, "Q", state, NOON, starts, ends, CASH)

    assert coupon.shown_state(NOON) == shown
