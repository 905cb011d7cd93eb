"""What orders earn, when points end, and the words of a line; without a database."""

import datetime as dt
import zoneinfo

import pytest

from app.membership.points import rules
from app.membership.points.rules import Campaign, EarningRules

NOW = dt.datetime(2026, 5, 20, 4, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")


def earned(
    book: EarningRules, *, fen: int, lines: tuple = (), rate: int = 100, store_id: int | None = None
) -> rules.Earned:
    return rules.points_for_order(book, base_fen=fen, lines=lines, rate=rate, store_id=store_id, at=NOW)


@pytest.mark.parametrize(
    ("fen", "rate", "points"), [(0, 150, 0), (99, 100, 0), (19_999, 110, 219), (19_999, 125, 249), (10_000, 0, 0)]
)
def test_M01_base_times_tier_rate_rounded_down_once(fen: int, rate: int, points: int) -> None:
    assert earned(EarningRules(), fen=fen, rate=rate).points == points


def test_M01_factors_do_not_multiply_the_best_one_counts() -> None:
    span = {"starts_at": NOW, "ends_before": NOW + DAY}
    book = EarningRules(1, (Campaign("双倍", 200, **span), Campaign("三倍", 300, product_codes=("P1",), **span)))

    one = earned(book, fen=10_000, lines=(("P1", 4_000), ("P2", 4_000)), rate=150)

    assert one == rules.Earned(points=(120 + 80 + 40) * 150 // 100, rate=150, factor=None, campaign="三倍、双倍")
    assert earned(book, fen=100).factor == 200


def test_M01_a_campaign_of_another_time_store_or_below_one_changes_nothing() -> None:
    book = EarningRules(
        1,
        (
            Campaign("昨天", 300, NOW - DAY, NOW),
            Campaign("别店", 300, NOW, NOW + DAY, store_ids=(7,)),
            Campaign("打折", 50, NOW, NOW + DAY),
        ),
    )

    assert earned(book, fen=10_000, store_id=8) == rules.Earned(100, 100, 100, None)
    assert earned(book, fen=10_000, store_id=7).points == 300


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-05-20T12:00", "2027-05-31T16:00"),
        ("2027-02-28T23:59", "2028-02-29T16:00"),
        ("2026-12-31T23:59", "2027-12-31T16:00"),
    ],
)
def test_M04_a_year_later_at_the_months_end(moment: str, end: str) -> None:
    bought = dt.datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)

    assert rules.months_later(bought, 12) == dt.datetime.fromisoformat(end).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("refunded", "expired", "back"), [(0, 0, 0), (3_333, 0, 33), (9_999, 0, 99), (12_000, 0, 99), (9_999, 60, 39)]
)
def test_refunds_take_back_in_proportion_and_never_what_has_ended(refunded: int, expired: int, back: int) -> None:
    assert rules.to_take_back(earned=99, expired=expired, refunded_fen=refunded, base_fen=9_999) == back


PLAIN = {"base_fen": 19_900, "rate": 100, "factor": 100, "campaign": None}


@pytest.mark.parametrize(
    ("kind", "explain", "words"),
    [
        ("order", PLAIN, "消费得分：实付 ¥199.00"),
        ("order", PLAIN | {"rate": 110}, "消费得分：实付 ¥199.00 × 等级 1.1 倍"),
        (
            "order",
            PLAIN | {"rate": 125, "factor": 200, "campaign": "会员日"},
            "消费得分：实付 ¥199.00 × 等级 1.25 倍 × 会员日 2 倍",
        ),
        ("order", PLAIN | {"factor": None, "campaign": "会员日"}, "消费得分：实付 ¥199.00 × 会员日（部分商品加倍）"),
        ("refund", {"refunded_fen": 123_405, "base_fen": 200_000}, "订单退款扣回：已退 ¥1,234.05（实付 ¥2,000.00）"),
        ("open", {"order_number": None}, "待生效积分到账"),
        ("opening", {"card_tail": "0123"}, "旧卡积分转入（卡号尾号 0123）"),
        ("adjust_down", {"words": "误发"}, "人工调整：误发"),
        ("settle", {}, "预留的积分已使用"),
        ("give_back", {"words": "退回积分"}, "退回积分"),
    ],
)
def test_every_kind_of_line_reads_naturally(kind: str, explain: dict, words: str) -> None:
    assert rules.words_for(kind, explain) == words
