"""The best set for a basket and why not the others: K01 to K03, cases and properties."""

import datetime as dt
from dataclasses import replace
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.membership.coupons import rules
from app.membership.coupons.rules.judging import BETTER_CHOSEN, GAINS_NOTHING
from app.membership.coupons.rules.terms import Coverage, Scope, Terms, Validity

END = dt.datetime(2026, 5, 27, 16, tzinfo=dt.UTC)
ORDER, PRODUCT = Coverage("order"), Coverage("product")
CASH_20 = Terms("满99减20", "cash", ORDER, Validity(7), value_fen=2_000, threshold_fen=9_900)
DISCOUNT = Terms("8.8折", "discount", ORDER, Validity(7), percent=88, cap_fen=5_000)
LIPS = Terms("口红减10", "cash", PRODUCT, Validity(7), value_fen=1_000, scope=Scope(tags=("口红",)))
SAMPLE = Terms("小样", "exchange", PRODUCT, Validity(7), scope=Scope(products=("S1",)))
FREIGHT = Terms("包邮券", "freight", Coverage("freight"), Validity(7))
LIPSTICK = rules.Line("L1", 9_000, 1, frozenset({"口红"}))
CREAM = rules.Line("C1", 21_000, 2)
BASKET = rules.Basket((LIPSTICK, CREAM), "miniprogram", 7, freight_fen=1_000)


def offers(*terms: Terms) -> list[rules.Offer]:
    return [rules.Offer(number, each, END) for number, each in enumerate(terms, start=1)]


def saved(judgement: rules.Judgement) -> list[tuple[int, int]]:
    return [(applied.coupon_id, applied.discount_fen) for applied in judgement.best]


def test_K02_one_of_each_level_and_a_reason_for_every_other() -> None:
    judgement = rules.judge(BASKET, offers(CASH_20, LIPS, FREIGHT, DISCOUNT, SAMPLE))

    # 300.00 − 10.00 = 290.00, of which 12 % is 34.80; freight 10.00
    assert saved(judgement) == [(2, 1_000), (4, 3_480), (3, 1_000)]
    assert judgement.discount_fen == 5_480
    assert judgement.reasons == {1: BETTER_CHOSEN, 5: "没有适用的商品"}


def test_K01_the_threshold_looks_at_the_lines_in_scope_after_full_reductions() -> None:
    narrow = replace(CASH_20, scope=Scope(products=("L1",)))
    judgement = rules.judge(BASKET, offers(narrow))

    assert (judgement.best, judgement.reasons) == ((), {1: "还差¥9可用"})


def test_K01_the_order_level_coupon_works_on_what_the_product_level_one_left() -> None:
    only_lips = replace(DISCOUNT, percent=50, cap_fen=None, scope=Scope(products=("L1",)))
    judgement = rules.judge(BASKET, offers(LIPS, only_lips))

    assert [applied.shares for applied in judgement.best] == [(1_000, 0), (4_000, 0)]


def test_K03_shares_round_down_and_the_last_takes_the_rest() -> None:
    lines = tuple(rules.Line(code, 100) for code in "abc")
    ten = replace(CASH_20, value_fen=10, threshold_fen=0)
    judgement = rules.judge(rules.Basket(lines), offers(ten))

    assert judgement.best[0].shares == (3, 3, 4)


@pytest.mark.parametrize(
    ("terms", "basket", "why"),
    [
        (replace(CASH_20, scope=Scope(channels=("tmall",))), BASKET, "本渠道不可用"),
        (replace(CASH_20, scope=Scope(stores=(8,))), BASKET, "本门店不可用"),
        (replace(CASH_20, coverage=Coverage("order", with_points=False)), replace(BASKET, points_used=True), "不与积分抵现同用"),
        (replace(CASH_20, scope=Scope(products=("X",))), BASKET, "没有适用的商品"),
        (
            replace(CASH_20, coverage=Coverage("order", with_member_price=False)),
            rules.Basket((replace(CREAM, at_member_price=True),)),
            "不与会员价同享",
        ),
        (FREIGHT, replace(BASKET, freight_fen=0), "这单没有运费"),
        (LIPS, rules.Basket((replace(LIPSTICK, amount_fen=0),)), "适用商品没有可减的金额"),
    ],
)  # fmt: skip
def test_K02_what_speaks_against_a_coupon_is_said(terms: Terms, basket: rules.Basket, why: str) -> None:
    assert rules.judge(basket, offers(terms)).reasons == {1: why}


def test_a_coupon_that_is_barred_says_why_first() -> None:
    barred = rules.Offer(1, replace(CASH_20, scope=Scope(channels=("tmall",))), END, "使用中")

    assert rules.judge(BASKET, [barred]).reasons == {1: "使用中"}


def test_K02_a_scope_that_fits_the_basket_counts() -> None:
    here = replace(CASH_20, scope=Scope(stores=(7,), channels=("miniprogram",), tags=("口红",)), threshold_fen=9_000)

    assert saved(rules.judge(BASKET, offers(here))) == [(1, 2_000)]


def test_lines_at_member_price_are_left_out_where_the_coupon_says_so() -> None:
    apart = replace(CASH_20, coverage=Coverage("order", with_member_price=False), threshold_fen=0)
    basket = rules.Basket((replace(LIPSTICK, at_member_price=True), replace(CREAM, amount_fen=1_500)))

    assert rules.judge(basket, offers(apart)).best[0].shares == (0, 1_500)


def test_an_exchange_gives_one_piece_the_dearest_in_scope() -> None:
    any_sample = replace(SAMPLE, scope=Scope(products=("L1", "C1")))

    assert rules.judge(BASKET, offers(any_sample)).best[0].shares == (0, 10_500)


def test_a_second_coupon_that_saves_nothing_more_is_kept_for_another_day() -> None:
    all_of_it = replace(CASH_20, value_fen=50_000)
    judgement = rules.judge(BASKET, offers(all_of_it, LIPS))

    assert saved(judgement) == [(1, 30_000)]
    assert judgement.reasons == {2: GAINS_NOTHING}


def test_of_equal_coupons_the_one_that_ends_sooner_is_used() -> None:
    later = rules.Offer(1, FREIGHT, END + dt.timedelta(days=1))
    judgement = rules.judge(BASKET, [later, rules.Offer(2, FREIGHT, END)])
    twins = rules.judge(BASKET, [rules.Offer(1, CASH_20, END + dt.timedelta(days=1)), rules.Offer(2, CASH_20, END)])

    assert saved(judgement) == [(2, 1_000)]
    assert (saved(twins), twins.reasons) == ([(2, 2_000)], {1: BETTER_CHOSEN})


def test_freight_is_taken_off_up_to_its_value() -> None:
    assert saved(rules.judge(BASKET, offers(replace(FREIGHT, value_fen=600)))) == [(1, 600)]


@pytest.mark.parametrize("total", [-1, 3])
def test_a_discount_that_exceeds_its_lines_is_an_error(total: int) -> None:
    with pytest.raises(ValueError, match="exceed"):
        rules.split_over_lines(total, [1, 1])


AMOUNTS = st.lists(st.integers(0, 100_000), min_size=1, max_size=8)
LINES = st.builds(
    rules.Line,
    product_code=st.sampled_from("abcd"),
    amount_fen=st.integers(0, 50_000),
    quantity=st.integers(1, 5),
    tags=st.frozensets(st.sampled_from(["口红", "面霜"])),
    at_member_price=st.booleans(),
)
SCOPES = st.builds(Scope, products=st.sampled_from([(), ("a",), ("a", "b")]), tags=st.sampled_from([(), ("口红",)]))
COVERAGES = {
    level: st.builds(Coverage, st.just(level), st.booleans(), st.booleans())
    for level in ("product", "order", "freight")
}
LINE_COVERAGES = st.one_of(COVERAGES["product"], COVERAGES["order"])
THRESHOLDS = st.sampled_from([0, 0, 5_000, 20_000])
TERMS = st.one_of(
    st.builds(Terms, st.just("c"), st.just("cash"), LINE_COVERAGES, st.just(Validity(7)),
              value_fen=st.integers(1, 30_000), threshold_fen=THRESHOLDS, scope=SCOPES),
    st.builds(Terms, st.just("d"), st.just("discount"), LINE_COVERAGES, st.just(Validity(7)), percent=st.integers(1, 99),
              cap_fen=st.sampled_from([None, 1_000]), threshold_fen=THRESHOLDS, scope=SCOPES),
    st.builds(Terms, st.just("e"), st.just("exchange"), COVERAGES["product"], st.just(Validity(7)), scope=SCOPES),
    st.builds(Terms, st.just("f"), st.just("freight"), COVERAGES["freight"], st.just(Validity(7)),
              value_fen=st.sampled_from([0, 500])),
)  # fmt: skip
BASKETS = st.builds(
    rules.Basket, st.lists(LINES, min_size=1, max_size=5).map(tuple), st.just("shop"), st.none(),
    st.sampled_from([0, 1_000]), st.booleans(),
)  # fmt: skip


@given(AMOUNTS, st.data())
def test_K03_shares_sum_to_the_whole_and_never_exceed_their_line(amounts: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(amounts)))
    shares = rules.split_over_lines(total, amounts)

    assert sum(shares) == total
    assert all(0 <= share <= amount for share, amount in zip(shares, amounts, strict=True))


@given(BASKETS, st.lists(TERMS, max_size=6))
@settings(max_examples=200, deadline=None)
def test_K02_K03_the_best_set_never_takes_more_than_the_line_and_answers_for_every_coupon(
    basket: rules.Basket, terms: list[Terms]
) -> None:
    judgement = rules.judge(basket, offers(*terms))
    taken = [
        sum(applied.shares[place] for applied in judgement.best if applied.shares) for place in range(len(basket.lines))
    ]
    levels = [terms[applied.coupon_id - 1].coverage.level for applied in judgement.best]

    assert all(0 <= off <= line.amount_fen for off, line in zip(taken, basket.lines, strict=True))
    assert all(sum(applied.shares) == applied.discount_fen > 0 for applied in judgement.best if applied.shares)
    assert len(set(levels)) == len(levels)
    assert {applied.coupon_id for applied in judgement.best} | set(judgement.reasons) == set(range(1, len(terms) + 1))
    assert not {applied.coupon_id for applied in judgement.best} & set(judgement.reasons)


@given(BASKETS, st.lists(TERMS, max_size=4))
@settings(max_examples=100, deadline=None)
def test_K02_no_smaller_choice_of_coupons_saves_more(basket: rules.Basket, terms: list[Terms]) -> None:
    everything = offers(*terms)
    best = rules.judge(basket, everything).discount_fen
    choices = chain.from_iterable(combinations(everything, size) for size in range(len(everything)))

    assert all(rules.judge(basket, choice).discount_fen <= best for choice in choices)
