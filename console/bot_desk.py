"""People who wait for a person: who they are, what they say, answered here."""

import flask

from app.kernel import clock
from app.outreach import auto_replies
from app.outreach.auto_replies import desk
from app.web.guards import Staff, staff
from console.pages import Answer, pages, show

answerers = staff("store_manager", "lead", "marketer", "admin")
_TALK = "/bot/desk/<sealed(conversation):talk_id>"
LONGEST = 600


@pages.shows("/bot/desk", guard=answerers)
def bot_desk(caller: Staff) -> Answer:
    """Who waits, the longest wait first, then those who are being answered."""
    now = clock.now()
    return show("bot_desk.html", caller, heading="人工对话", talks=desk.list_open(now=now), talk=None, **_frame())


def _frame() -> dict[str, object]:
    return {
        "queue": desk.count_open(),
        "done": flask.request.args.get("done", ""),
        "pieces": auto_replies.rulebook.pieces,
    }


@pages.shows("/bot/desk/queue", guard=answerers)
def desk_queue(caller: Staff) -> Answer:
    """The list alone: a fragment."""
    now = clock.now()
    return show("bot_desk_rows.html", caller, heading="人工对话", talks=desk.list_open(now=now), talk=None, **_frame())


@pages.shows(_TALK, guard=answerers)
def conversation(caller: Staff, talk_id: int) -> Answer:
    """One conversation beside the list."""
    now = clock.now()
    talk = desk.get_open(talk_id, now=now)
    return show("bot_desk.html", caller, heading="人工对话", talks=desk.list_open(now=now), talk=talk, **_frame())


@pages.shows(f"{_TALK}/lines", guard=answerers)
def conversation_lines(caller: Staff, talk_id: int) -> Answer:
    """What was said, anew: a fragment."""
    talk = desk.get_open(talk_id, now=clock.now())
    return show("bot_desk_lines.html", caller, heading="人工对话", talk=talk)


@pages.acts(f"{_TALK}/take", guard=answerers)
def take_conversation(caller: Staff, talk_id: int) -> Answer:
    """Take it over."""
    desk.take_over(talk_id, staff_id=caller.staff_id, now=clock.now())
    return flask.redirect(flask.url_for("console_pages.conversation", talk_id=talk_id), 303)


@pages.acts(f"{_TALK}/say", guard=answerers)
def say_in_conversation(caller: Staff, talk_id: int) -> Answer:
    """Answer by a customer-service message."""
    words = flask.request.form.get("words", "").replace("\r\n", "\n").strip()[:LONGEST]
    if words:
        desk.say(talk_id, words=words, staff_id=caller.staff_id, now=clock.now())
    return flask.redirect(flask.url_for("console_pages.conversation", talk_id=talk_id), 303)


@pages.acts(f"{_TALK}/close", guard=answerers)
def close_conversation(caller: Staff, talk_id: int) -> Answer:
    """It is settled; the bot answers again."""
    desk.close(talk_id, now=clock.now())
    return flask.redirect(flask.url_for("console_pages.bot_desk", done="closed"), 303)
