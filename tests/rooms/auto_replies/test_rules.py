"""Which rule answers, and in what words: pure decisions, by examples and by chance."""

import datetime as dt
import re
import time
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outreach.auto_replies.rules import answers, hearing, hours, patterns, showing, waiting, wording
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy
from app.outreach.auto_replies.rules.matching import Book, Rule
from app.outreach.materials import language

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
LINKS = wording.Links("wx0123456789abcdef", "https://brand.example/")
WORDS = st.text(alphabet="积分券退款ab 12!？", min_size=1, max_size=6)


def rule(number: int, *words: str, matching: str = "contains", priority: int = 100, account: str = "") -> Rule:
    return Rule(number, f"规则 {number}", account, "keyword", matching, words, priority)


def found(said: str, *rules: Rule) -> int | None:
    answer = Book(rules).find("keyword", hearing.normalise(said))
    return answer.id if answer else None


@pytest.mark.parametrize(
    ("said", "rules", "answers_it"),
    [
        ("积分规则", [rule(1, "积分", priority=1), rule(2, "积分规则", matching="exact")], 2),
        ("积分规则是什么", [rule(1, "积分", priority=9), rule(2, "规则", priority=1)], 2),
        ("积分规则是什么", [rule(1, "积分"), rule(2, "积分规则")], 2),
        ("怎么查积分", [rule(1, "积分"), rule(2, "查.*分", matching="pattern")], 1),
        ("怎么查积分", [rule(1, "查.*分", matching="pattern"), rule(2, "怎么", matching="prefix")], 2),
        ("积分", [rule(1, "积分", matching="exact"), rule(2, "积分", account="wx1")], 2),
        ("你好", [rule(1, "积分")], None),
        ("ＴＤ！", [rule(1, "td", matching="exact")], 1),
        ("  积 分", [rule(1, "积分")], None),
        ("", [rule(1, "积分"), rule(2, "a|b", matching="pattern")], None),
    ],
)
def test_what_goes_before_answers(said: str, rules: list[Rule], answers_it: int | None) -> None:
    assert found(said, *rules) == answers_it
    assert found(said, *reversed(rules)) == answers_it, "the order in which they are written does not matter"


@given(st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=3), st.sampled_from(["exact", "contains", "prefix"]),
                          st.integers(0, 3)), max_size=8), WORDS)  # fmt: skip
def test_whoever_answers_was_meant_and_nobody_better_was_left_out(
    written: list[tuple[list[str], str, int]], said: str
) -> None:
    rules = [rule(n, *words, matching=way, priority=at) for n, (words, way, at) in enumerate(written)]
    heard = hearing.normalise(said)
    meet = {"exact": str.__eq__, "contains": str.__contains__, "prefix": str.startswith}
    met = [
        (one.matching != "exact", one.priority, one.id)
        for one in rules
        if any(meet[one.matching](heard, word) for word in map(hearing.normalise, one.words) if word)
    ]

    answer = Book(rules).find("keyword", heard)

    assert (answer is None) == (not met)
    if answer:
        assert (answer.matching != "exact", answer.priority) == min(met)[:2]


@given(WORDS)
def test_guesses_are_three_of_different_rules(said: str) -> None:
    book = Book(
        [
            rule(1, "积分", "查积分"),
            rule(2, "优惠券"),
            rule(3, "退款"),
            rule(4, "x.*", matching="pattern"),
            rule(5, "券"),
        ]
    )

    guessed = book.guess(hearing.normalise(said))

    assert len(guessed) == 3
    assert len(set(guessed)) == 3
    assert not {"积分", "查积分"} <= set(guessed)


def test_the_likest_is_guessed_first() -> None:
    book = Book([rule(1, "门店"), rule(2, "积分"), rule(3, "优惠券"), rule(4, "发票")])

    assert book.guess("有没有优惠") == ["优惠券", "门店", "积分"]
    assert book.guess("") == ["优惠券", "门店", "积分"]
    assert Book([]).guess("积分") == []


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*b", "(.*)*x", "a?" * 60 + "a" * 60, "(x+x+)+y"])
def test_no_pattern_takes_long_whatever_is_said(pattern: str) -> None:
    """Each of these takes longer than the sun will shine where one way after another is tried."""
    read = patterns.compile(pattern + "Z")
    begun = time.perf_counter()
    for said in ("a" * hearing.LONGEST, "x" * hearing.LONGEST, "积" * hearing.LONGEST):
        read.search(said)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    "pattern", ["", "  ", "(", "(?=a)b", r"(a)\1", "a" * 201, "a*", ".*", "x?|", "(a{1000}){1000}"]
)
def test_patterns_that_cannot_be_kept_say_why(pattern: str) -> None:
    with pytest.raises(patterns.PatternInvalid) as refused:
        patterns.compile(pattern)
    assert re.search("[\u4e00-\u9fff]", str(refused.value))


def say(written: str, **values: str) -> str:
    return wording.understand(written, compile_line=language.understand, links=LINKS).say(values)


def test_a_line_without_its_value_is_not_said() -> None:
    written = "可用 {{积分}} 分\n待生效 {{待生效积分}} 分\n欠 {{欠分|0}} 分"

    assert say(written, 积分="5") == "可用 5 分\n欠 0 分"
    assert say(written) == "欠 0 分"
    assert say("{{积分}}") == ""


def test_links_are_written_as_the_platform_wants_them() -> None:
    assert say("[领卡](小程序:/pages/card/index?a=1&b=2)") == (
        '<a data-miniprogram-appid="wx0123456789abcdef" data-miniprogram-path="pages/card/index?a=1&b=2"'
        ' href="https://brand.example/">领卡</a>'
    )
    assert say("[官网](https://a.example/x)") == '<a href="https://a.example/x">官网</a>'
    assert say("[人工](回复：人工)") == '<a href="weixin://bizmsgmenu?msgmenucontent=人工&msgmenuid=1">人工</a>'


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "小程序:", "pages/x", "https://a/{{等级}}", 'https://a/"x', "回复:<b>"]
)
def test_links_to_elsewhere_are_refused(target: str) -> None:
    with pytest.raises(wording.WordingInvalid):
        say(f"[点这里]({target})")


@given(st.text(max_size=60))
def test_what_others_wrote_opens_no_tag_and_no_line(value: str) -> None:
    said = wording.harmless(value)

    assert not set(said) & set("<>\n\r\0\u2028")
    assert wording.harmless(said) == said


@given(st.lists(st.text(alphabet="积a🌸 ", max_size=400), max_size=12))
def test_what_is_said_always_fits(lines: list[str]) -> None:
    said = wording.fitting("\n".join(lines))

    assert len(said.encode()) <= wording.MOST_BYTES


def test_a_link_is_never_cut() -> None:
    long = say(f"[{'领' * 60}](小程序:pages/card/index)\n" * 12 + "[尾](https://a.example/)")

    assert long.count("<a ") == long.count("</a>") > 0
    assert "<" not in wording.fitting('<a href="https://a.example/' + "x" * 3000 + '">长</a>')


def test_texts_are_shown_without_markup() -> None:
    said = say("您好 [领卡](小程序:pages/card/index) 或 [人工](回复:人工)、[网](https://a.example/)。")

    assert [(piece.words, piece.target) for piece in showing.pieces(said)] == [
        ("您好 ", ""), ("领卡", "小程序 pages/card/index"), (" 或 ", ""), ("人工", "回复 人工"), ("、", ""),
        ("网", "https://a.example/"), ("。", ""),
    ]  # fmt: skip
    assert showing.plain("{{积分|0}} 分\n[领卡](小程序:pages/card/index)") == "〔积分〕 分 领卡"


@pytest.mark.parametrize(
    ("moment", "open_", "back"),
    [
        ("2026-05-20T08:59", False, "今天 9:00"),
        ("2026-05-20T09:00", True, "明天 9:00"),
        ("2026-05-20T20:59", True, "明天 9:00"),
        ("2026-05-22T21:00", False, "周一 9:00"),
        ("2026-05-23T12:00", False, "周一 9:00"),
    ],
)
def test_when_people_are_there_and_back(moment: str, open_: bool, back: str) -> None:
    policy = AutoReplyPolicy(weekdays="12345")
    local = dt.datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)

    opening = hours.next_opening(policy, local=local)

    assert hours.is_open(policy, local=local) is open_
    assert opening is not None
    assert hours.said(opening, local=local) == back
    assert hours.span_said(policy) == "周一、二、三、四、五 9:00–21:00"
    assert hours.next_opening(AutoReplyPolicy(weekdays=""), local=local) is None


def test_hours_that_cannot_be_kept() -> None:
    assert hours.wrong_in(opens="9", closes="21:00", weekdays="1") == ["时间写成 09:00"]
    assert hours.wrong_in(opens="21:00", closes="09:00", weekdays="") == ["结束要晚于开始", "至少选一天"]
    assert hours.wrong_in(opens="09:00", closes="21:00", weekdays="17") == []


@given(st.integers(0, 50), st.lists(st.floats(0, 7200), max_size=20), st.integers(1, 10))
def test_nobody_is_told_that_it_takes_no_time(ahead: int, lately: list[float], each: int) -> None:
    told = waiting.minutes(ahead=ahead, lately=lately, each=each)

    assert told >= max(1, ahead)
    assert answers.of_waiting(ahead, minutes=told)["等待时间"].endswith(("分钟", "小时以上"))


@pytest.mark.parametrize(
    ("metres", "said"),
    [(3, "10 米"), (449, "450 米"), (960, "1.0 公里"), (12_340, "12.3 公里"), (1_264_000, "1,264 公里")],
)
def test_how_far_a_store_is(metres: int, said: str) -> None:
    noon = dt.datetime(2026, 5, 20, 12, tzinfo=SHANGHAI)
    line = answers.StoreLine("湖滨店", "湖滨路", None, metres, [], noon)

    assert said in answers.of_stores([line])["门店列表"]
    assert "今天不营业" in answers.of_stores([line])["门店列表"]


NAMES = ["FromUserName", "MsgType", "Event", "EventKey", "Content", "Location_X", "Location_Y", "Label", "Recognition"]
KINDS = ["text", "event", "location", "subscribe", "SCAN", "CLICK", "voice"]
ANYTHING = st.one_of(
    st.text(max_size=30), st.none(), st.integers(), st.floats(), st.lists(st.text(), max_size=2), st.sampled_from(KINDS)
)


@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_whatever_is_pushed_is_heard_or_not_but_never_trips(fields: dict[str, object]) -> None:
    heard = hearing.listen(fields)

    if heard is not None:
        assert heard.openid
        assert len(heard.words) <= 4 * hearing.LONGEST
        assert "\0" not in heard.raw
