"""What is said: every message by its purpose, its words in each channel with a live preview, who changed them."""

from typing import Any

import flask

from app.kernel import clock
from app.outreach import materials
from app.people import teams
from app.web.guards import Staff, staff
from console import message_words
from console.pages import Answer, pages, show

editors = staff("marketer", "admin")
KINDS = {"service": "服务通知", "marketing": "营销"}


@pages.shows("/messages")
def list_messages(caller: Staff) -> Answer:
    """Every purpose, the most urgent first, with its channels."""
    kind = flask.request.args.get("kind", "")
    found = materials.purposes.list_purposes()
    shown = [each for each in found if kind in ("", each.kind) or (kind == "off" and not each.enabled)]
    return show(
        "messages.html",
        caller,
        heading="消息",
        purposes=shown,
        chosen=kind,
        counts={"": len(found), "off": sum(not each.enabled for each in found)}
        | {name: sum(each.kind == name for each in found) for name in KINDS},
        states=message_words.states(found),
        kinds=KINDS,
        words=message_words,
        may_edit=caller.role in editors.roles,
    )


@pages.shows("/messages/<sealed(message_purpose):purpose_id>")
def message(caller: Staff, purpose_id: int) -> Answer:
    """One purpose: what it says in the chosen channel, how that looks, and who changed it."""
    chosen = message_words.chosen(materials.purposes.get(purpose_id), flask.request.args)
    return _page(caller, chosen)


@pages.acts("/messages/<sealed(message_purpose):purpose_id>/words", guard=editors)
def save_message(caller: Staff, purpose_id: int) -> Answer:
    """Keep the words of one channel, or say beside each field what is wrong."""
    chosen = message_words.chosen(materials.purposes.get(purpose_id), flask.request.form)
    words = message_words.typed(chosen, flask.request.form)
    if problems := materials.words.check_words(words):
        return flask.make_response(_page(caller, message_words.with_words(chosen, words), problems=problems), 422)
    materials.words.save_words(words, now=clock.now(), staff_id=caller.staff_id)
    return _back(chosen, done="saved")


@pages.acts("/messages/<sealed(message_purpose):purpose_id>/preview", guard=editors)
def preview_message(caller: Staff, purpose_id: int) -> Answer:
    """How the words being typed would look for a sample or for up to three people, and what stands against them."""
    chosen = message_words.chosen(materials.purposes.get(purpose_id), flask.request.form)
    words = message_words.typed(chosen, flask.request.form)
    now = clock.now()
    people = message_words.people(flask.request.form.get("people", ""))
    shown = message_words.with_words(chosen, words)
    return show(
        "message_preview.html",
        caller,
        heading="",
        chosen=shown,
        problems=message_words.by_place(materials.words.check_words(words)),
        previews=message_words.previews(shown, people, now=now),
        unknown=people.unknown,
        words=message_words,
        shown_places=message_words.places_shown(words.channel),
        live=True,
    )


@pages.acts("/messages/<sealed(message_purpose):purpose_id>/reset", guard=editors)
def reset_message(caller: Staff, purpose_id: int) -> Answer:
    """Put back what ships in one channel."""
    chosen = message_words.chosen(materials.purposes.get(purpose_id), flask.request.form)
    materials.words.reset_words(
        purpose_id, channel=chosen.channel, account=chosen.account, now=clock.now(), staff_id=caller.staff_id
    )
    return _back(chosen, done="reset")


@pages.acts("/messages/<sealed(message_purpose):purpose_id>/switch", guard=editors)
def switch_message(caller: Staff, purpose_id: int) -> Answer:
    """Send for this purpose, or do not."""
    enabled = flask.request.form.get("enabled") == "1"
    materials.purposes.switch(purpose_id, enabled=enabled, now=clock.now(), staff_id=caller.staff_id)
    if flask.request.form.get("from") == "list":
        return flask.redirect(flask.url_for("console_pages.list_messages"), 303)
    chosen = message_words.chosen(materials.purposes.get(purpose_id), flask.request.form)
    return _back(chosen, done="on" if enabled else "off")


def _back(chosen: message_words.Chosen, *, done: str) -> Answer:
    address = flask.url_for(
        "console_pages.message",
        purpose_id=chosen.purpose.id,
        channel=chosen.channel,
        account=chosen.account,
        done=done,
    )
    return flask.redirect(address, 303)


def _page(caller: Staff, chosen: message_words.Chosen, *, problems: list[materials.Problem] | None = None) -> str:
    now = clock.now()
    changes = materials.words.list_changes(chosen.purpose.id)
    whom = message_words.people(flask.request.form.get("people", ""))
    values: dict[str, Any] = {
        "chosen": chosen,
        "changes": changes,
        "names": teams.names_of([each.staff_id for each in changes if each.staff_id]),
        "problems": message_words.by_place(problems or []),
        "previews": message_words.previews(chosen, whom, now=now),
        "done": flask.request.args.get("done", ""),
        "kinds": KINDS,
        "words": message_words,
        "may_edit": caller.role in editors.roles,
        "unknown": whom.unknown,
        "live": False,
    }
    return show("message.html", caller, heading=chosen.purpose.name, **values)
