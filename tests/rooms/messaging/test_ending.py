"""What follows from each answer: pure."""

import datetime as dt

import pytest

from app.outreach.messaging.rules import ending
from app.outreach.messaging.rules.ending import Answer, Call, follow
from tests.conftest import NOW

MIDNIGHT = dt.datetime(2026, 5, 20, 16, 0, tzinfo=dt.UTC)


def call(**more: object) -> Call:
    values = {"number": 1, "channel": "oa_template", "channels": ("oa_template", "sms"), "tried": (),
              "when_in_doubt": "hold", "started_at": NOW} | more  # fmt: skip
    return Call(**values)


def after(kind: str, given: Call | None = None, code: str = "7") -> ending.Next:
    return follow(given or call(), Answer(kind, code), now=NOW, day_end=MIDNIGHT)


def seconds(found: ending.Next) -> float:
    return (found.due_at - NOW).total_seconds()


def test_what_was_accepted_is_sent() -> None:
    assert after("accepted") == ending.Next("sent")


@pytest.mark.parametrize("kind", ["refused", "invalid"])
def test_a_refusal_is_final_for_its_channel_and_the_next_one_is_tried(kind: str) -> None:
    assert after(kind) == ending.Next("planned", f"{kind}:7", due_at=NOW, gives_back=True)
    last = call(channel="sms", tried=("oa_template",))
    assert after(kind, last) == ending.Next("failed", f"{kind}:7", gives_back=True)


@pytest.mark.parametrize(
    ("kind", "pauses"), [("busy", [2, 4, 8, 300]), ("rate", [60, 120, 240, 900]), ("account", [60, 120, 240, 1800])]
)
def test_what_was_surely_not_carried_out_waits_longer_each_time(kind: str, pauses: list[int]) -> None:
    found = [after(kind, call(number=number)) for number in (1, 2, 3, 50)]
    assert [seconds(one) for one in found] == pauses
    assert {(one.state, one.reason, one.gives_back) for one in found} == {("planned", f"{kind}:7", True)}


def test_a_spent_quota_waits_for_the_next_day() -> None:
    assert after("quota") == ending.Next("planned", "quota:7", due_at=MIDNIGHT, gives_back=True)


def test_a_lost_answer_is_in_doubt_and_nothing_is_given_back() -> None:
    assert after("lost") == ending.Next("in_doubt", "lost")


def test_it_is_asked_again_only_where_the_platform_knows_our_id_and_as_long_as_it_does() -> None:
    asked = after("lost", call(when_in_doubt="retry"))
    assert (asked.state, asked.reason, seconds(asked), asked.gives_back) == ("in_doubt", "lost_retry", 2, False)
    assert after("lost", call(when_in_doubt="retry", channel="sms")).reason == "lost"
    old = call(when_in_doubt="retry", number=4, doubted_since=NOW - dt.timedelta(minutes=8, seconds=55))
    assert after("lost", old).reason == "lost"


@pytest.mark.parametrize(("kind", "reason"), [("busy", "lost_retry"), ("refused", "lost"), ("rate", "lost_retry")])
def test_a_refusal_of_the_second_call_says_nothing_of_the_first(kind: str, reason: str) -> None:
    again = call(when_in_doubt="retry", number=2, doubted_since=NOW - dt.timedelta(seconds=5))
    found = after(kind, again)
    assert (found.state, found.reason, found.gives_back) == ("in_doubt", reason, False)
    assert after("accepted", again) == ending.Next("sent")
