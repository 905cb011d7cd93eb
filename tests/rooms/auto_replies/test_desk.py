"""Asking for a person, waiting, being answered; the bot meanwhile."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.kernel import policy
from app.kernel.database import db
from app.outreach import auto_replies, materials, messaging
from app.outreach.auto_replies import desk
from app.outreach.messaging.models import Delivery, ServiceWindow
from app.people import identity
from tests.factories.chatting import OA, an_openid, ask, event, said, text, writes_as
from tests.factories.members import a_member
from tests.factories.merging import merge, undo
from tests.factories.people import a_staff

pytestmark = pytest.mark.usefixtures("stock")
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def only(now: dt.datetime) -> desk.TalkView:
    (found,) = desk.list_open(now=now)
    return desk.get_open(found.id, now=now)


TRANSFER = {"MsgType": "transfer_customer_service"}


def told_by(purpose: str) -> list[tuple[int | None, str]]:
    """What was planned to be sent for a purpose: to whom, and what."""
    wanted = select(Delivery).where(Delivery.purpose_id == materials.purposes.find(purpose).id).order_by(Delivery.id)
    return [(row.customer_id, row.values["内容"]) for row in db.session.scalars(wanted)]


def test_who_asks_for_a_person_is_handed_on_and_told_how_long_it_takes(now: dt.datetime) -> None:
    mine = a_member(now)
    replies = [ask(text(writes_as(mine, now), "人工"), now), ask(text(an_openid(), "我要找客服"), now + MINUTE)]

    assert [reply and reply.fields for reply in replies] == [TRANSFER, TRANSFER]
    (who, first), (_, second) = told_by("hand_over")
    assert who == mine
    assert "大约 3 分钟" in first
    assert "前面还有" not in first
    assert "前面还有 1 位" in second
    assert "大约 6 分钟" in second


def test_what_is_said_of_the_waiting_may_leave_at_once(now: dt.datetime) -> None:
    mine = a_member(now)
    ask(text(writes_as(mine, now), "人工"), now)

    assert messaging.refusing.refused_channels(mine) == set()
    window = db.session.execute(select(ServiceWindow)).scalar_one()
    assert (window.customer_id, window.opened_by, window.account) == (mine, "message", OA)


def test_without_the_platforms_own_service_the_waiting_is_the_answer(now: dt.datetime) -> None:
    policy.change(auto_replies.AutoReplyPolicy, transfers=False)
    openid = an_openid()

    assert "大约 3 分钟" in said(text(openid, "人工"), now)
    assert ask(text(openid, "积分"), now + MINUTE) is None
    assert told_by("hand_over") == []


def test_who_taps_the_menu_is_answered_in_words(now: dt.datetime) -> None:
    assert "大约 3 分钟" in said(event(an_openid(), "CLICK", "人工"), now)


@pytest.mark.parametrize("words", ["TD", "td。", "退订", "别再发了"])
def test_R02_who_wants_no_more_is_left_alone_at_once_also_while_people_answer(now: dt.datetime, words: str) -> None:
    mine = a_member(now)
    openid = writes_as(mine, now)
    ask(text(openid, "人工"), now)

    heard = said(text(openid, words), now + MINUTE)

    assert "已退订" in heard
    assert messaging.refusing.refused_channels(mine) == {""}
    assert "好的" in said(text(openid, "恢复"), now + 2 * MINUTE)
    assert messaging.refusing.refused_channels(mine) == set()


def test_a_refusal_follows_the_self_by_whose_id_it_was_said(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    openid = writes_as(goes, now)
    merged = merge(stays, goes, now=now)
    said(text(openid, "退订"), now)
    assert messaging.refusing.refused_channels(stays) == {""}

    undo(merged, now=now)

    assert messaging.refusing.refused_channels(stays) == set()
    assert messaging.refusing.refused_channels(goes) == {""}


def test_somebody_new_who_wants_no_more_is_a_customer_from_then_on(now: dt.datetime) -> None:
    openid = an_openid()
    said(text(openid, "TD"), now)

    life = identity.who.find_by_token(identity.identifier("openid", openid, scope=OA))

    assert life is not None
    assert messaging.refusing.refused_channels(life.customer_id) == {""}


def test_the_bot_is_silent_while_people_answer_and_comes_back(now: dt.datetime) -> None:
    openid = writes_as(a_member(now), now)
    said(text(openid, "人工"), now)

    reply = ask(text(openid, "积分"), now + MINUTE)
    tapped = said(event(openid, "CLICK", "门店"), now + MINUTE)
    later = said(text(openid, "积分"), now + 2 * HOUR + MINUTE)

    assert reply is not None
    assert reply.fields == TRANSFER
    assert "位置" in tapped, "what is tapped in the menu is answered all the same"
    assert "您的可用积分" in later
    assert [line.words for line in only(now).lines] == ["人工", "积分"]


def test_somebody_else_is_answered_meanwhile(now: dt.datetime) -> None:
    said(text(an_openid(), "人工"), now)

    assert "您好" in said(text(an_openid(), "你好"), now + MINUTE)


def test_asked_again_one_keeps_the_place(now: dt.datetime) -> None:
    openid = an_openid()
    said(text(openid, "人工"), now)
    ask(text(openid, "人工"), now + MINUTE)

    assert only(now).asked_at == now


def test_a_person_takes_over_answers_and_closes(now: dt.datetime) -> None:
    openid, staff_id = writes_as(a_member(now), now), a_staff(now, role="marketer", name="何静")
    said(text(openid, "人工"), now)
    talk = only(now)

    desk.say(talk.id, words="您好，请讲", staff_id=staff_id, now=now + HOUR)
    silent = ask(text(openid, "积分"), now + 2 * HOUR + MINUTE)
    answered = only(now)
    desk.close(talk.id, now=now + 3 * HOUR)

    assert (answered.staff_name, [line.by for line in answered.lines]) == ("何静", ["", "何静", ""])
    assert silent is not None
    assert silent.fields["MsgType"] == "transfer_customer_service", "two hours after the last word of a person"
    assert "您的可用积分" in said(text(openid, "积分"), now + 3 * HOUR)
    assert desk.list_open(now=now) == []
    with pytest.raises(auto_replies.ConversationClosed):
        desk.say(talk.id, words="还在吗", staff_id=staff_id, now=now + 4 * HOUR)


def test_what_a_person_says_leaves_through_the_one_pipeline(now: dt.datetime) -> None:
    mine, staff_id = a_member(now), a_staff(now)
    said(text(writes_as(mine, now), "人工"), now)

    desk.say(only(now).id, words="您好，请讲", staff_id=staff_id, now=now)

    purpose = materials.purposes.find("desk_answer")
    assert told_by("desk_answer") == [(mine, "您好，请讲")]
    assert (purpose.channels, purpose.kind, purpose.pressing) == (("oa_service",), "service", True)


def test_two_of_the_staff_do_not_answer_one(now: dt.datetime) -> None:
    said(text(an_openid(), "人工"), now)
    talk, first, second = only(now), a_staff(now), a_staff(now)
    desk.take_over(talk.id, staff_id=first, now=now)
    desk.take_over(talk.id, staff_id=first, now=now)

    with pytest.raises(auto_replies.ConversationTaken):
        desk.take_over(talk.id, staff_id=second, now=now)
    with pytest.raises(auto_replies.ConversationTaken):
        desk.say(talk.id, words="您好", staff_id=second, now=now)


def test_after_hours_one_is_written_down_and_the_bot_goes_on(now: dt.datetime) -> None:
    night, openid = now + 12 * HOUR, writes_as(a_member(now), now)

    heard = said(text(openid, "人工"), night)

    assert "今天 9:00回来" in heard
    assert "您的可用积分" in said(text(openid, "积分"), night + MINUTE)
    assert only(night).taken_at is None, "somebody finds it in the morning"


def test_nobody_waits_longer_than_the_platform_takes_answers(now: dt.datetime) -> None:
    said(text(an_openid(), "人工"), now)
    said(text(an_openid(), "人工"), now + HOUR)

    assert desk.close_due(now=now + 48 * HOUR + MINUTE) == 1
    assert [talk.asked_at for talk in desk.list_open(now=now)] == [now + HOUR]
    assert desk.close_due(now=now + 48 * HOUR + MINUTE) == 0


def test_asked_anew_after_a_silence_one_waits_anew(now: dt.datetime) -> None:
    openid = an_openid()
    said(text(openid, "人工"), now)
    desk.take_over(only(now).id, staff_id=a_staff(now), now=now)
    later = now + 5 * HOUR

    said(text(openid, "人工"), later)

    assert (only(now).asked_at, only(now).taken_at) == (later, None)


def test_what_was_said_follows_who_is_merged_and_set_apart(now: dt.datetime) -> None:
    stays, goes = a_member(now), a_member(now)
    openid, other = writes_as(goes, now), writes_as(stays, now)
    said(text(openid, "人工"), now)
    said(text(other, "人工"), now)

    merged = merge(stays, goes, now=now)
    assert {talk.customer_id for talk in desk.list_open(now=now)} == {stays}
    ask(text(openid, "还在吗"), now + MINUTE)
    undo(merged, now=now)

    talks = {talk.customer_id: desk.get_open(talk.id, now=now) for talk in desk.list_open(now=now)}
    assert {who: [line.words for line in talk.lines] for who, talk in talks.items()} == {
        goes: ["人工", "还在吗"],
        stays: ["人工"],
    }
    assert talks[goes].account == OA
