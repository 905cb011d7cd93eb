"""What the editor says of words before they are saved."""

import datetime as dt
from dataclasses import replace

import pytest

from app.outreach.materials.rules import checking, texts, wording
from app.outreach.materials.rules.saying import PurposeView, WordsView

KNOWN = {"thing1": {"label": "原因"}, "number2": {"label": "积分"}, "phrase3": {"label": "等级"}}
GOOD = WordsView(
    1, "oa_template", "wx1", "T1", {"thing1": "{{原因}}", "number2": "{{积分|0}}", "phrase3": "{{等级|会员}}"}
)


@pytest.fixture
def purpose(now: dt.datetime) -> PurposeView:
    variables = {
        "原因": {"title": "为什么", "sample": "消费"},
        "商品": {"title": "", "sample": "口红", "sometimes": "1"},
    }
    return PurposeView(
        1, "points", "积分变动", "service", ("oa_template",), 1, "hold", 60, False, True, True, variables, now
    )


def places(words: WordsView, purpose: PurposeView, known: object = KNOWN) -> dict[str, str]:
    return {each.place: each.why for each in checking.problems(words, purpose, known)}  # type: ignore[arg-type]


def with_fields(**fields: str) -> WordsView:
    return replace(GOOD, fields={**GOOD.fields, **fields})


def test_good_words_have_no_problem(purpose: PurposeView) -> None:
    assert places(GOOD, purpose) == {}
    assert places(GOOD, purpose, None) == {}


@pytest.mark.parametrize(
    ("words", "place", "why"),
    [
        (replace(GOOD, template_id=None), "template", "选一个平台模板"),
        (replace(GOOD, fields={"thing1": "a"}), "fields.number2", "模板有这个字段，要写上内容"),
        (with_fields(thing9="a"), "fields.thing9", "模板里没有这个字段"),
        (with_fields(thing1="{{原因"), "fields.thing1", "有一处 {{ }} 写得不完整，变量写成 {{昵称|顾客}}"),
        (with_fields(thing1="{{原困}}"), "fields.thing1", "没有“原困”这个变量"),
        (with_fields(number2="{{积分}}"), "fields.number2", "积分不一定有，写上没有时用的文字，例如 {{积分|顾客}}"),
        (with_fields(thing1="{{商品}}"), "fields.thing1", "商品不一定有，写上没有时用的文字，例如 {{商品|顾客}}"),
        (with_fields(phrase3="{{等级|VIP}}"), "fields.phrase3", "最多 5 个字，只能是汉字"),
        (with_fields(number2="约{{积分|0}}"), "fields.number2", "只能是数字，可带小数"),
        (with_fields(thing1="字" * 21), "fields.thing1", "最多 20 个字符，现在 21 个"),
        (with_fields(thing1="两\n行"), "fields.thing1", "不能换行"),
        (with_fields(thing1="最好的{{原因}}"), "fields.thing1", "“最好”：广告法禁止绝对化用语"),
        (replace(GOOD, link="http://a.cn"), "link", "网址以 https:// 开头"),
        (replace(GOOD, page="/pages/a"), "page", "写小程序页面的路径，例如 pages/points/index"),
        (replace(GOOD, channel="oa_service", fields={}, template_id=None), "body", "写上内容"),
        (WordsView(1, "sms", "", "S1", {}, "分${points}"), "fields.points", "内容里有 ${points}，要写上它是什么"),
        (WordsView(1, "sms", "", "S1", {"a": "1"}, "分"), "fields.a", "内容里没有 ${a}"),
        (WordsView(1, "sms", "", "S1", {"a": "字" * 36}, "分${a}"), "fields.a", "最多 35 个字，现在 36 个"),
    ],
)
def test_each_problem_is_said_where_it_is(purpose: PurposeView, words: WordsView, place: str, why: str) -> None:
    assert places(words, purpose)[place] == why


@pytest.mark.parametrize(
    "said",
    [
        "全网最低价",
        "行业第一",
        "根治痘痘",
        "无副作用",
        "保证美白",
        "100% 有效",
        "转发即送小样",
        "3天见效",
        "国家级品质",
    ],
)
def test_2_5_forbidden_words_are_flagged_with_a_reason(said: str) -> None:
    assert [flag.reason for flag in wording.flags(said)]


@pytest.mark.parametrize(
    "said",
    [
        "最近一次到店",
        "第一次来",
        "最多可用 2 张",
        "最后 3 天",
        "第一件 8 折",
        "请尽快保存",
        "分享给朋友看看",
        "最晚 21:00",
    ],
)
def test_ordinary_words_are_not_flagged(said: str) -> None:
    assert wording.flags(said) == []


@pytest.mark.parametrize(
    ("text", "pieces"),
    [("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2), ("", 1)],
)
def test_R02_pieces_of_a_text(text: str, pieces: int) -> None:
    assert texts.pieces(text) == pieces


def test_R02_marketing_by_text_is_signed_and_says_how_to_refuse(purpose: PurposeView) -> None:
    assert texts.signed("周末有礼", sign="归一", kind="marketing") == "【归一】周末有礼，拒收请回复R"
    assert texts.signed("周末有礼，拒收请回复R", sign="归一", kind="marketing").count("拒收") == 1
    assert texts.signed("积分变动+1", sign="归一", kind="service") == "【归一】积分变动+1"
    words = WordsView(1, "sms", "", "S1", {"why": "{{原因}}"}, "积分因${why}变动" + "。" * 70)
    assert checking.pieces_of(words, purpose, sign="归一") == 2
