"""One person as a whole: ids and their lives, evidence, merges and their undoing, decisions, former ids, who looked."""

import flask
from werkzeug.exceptions import NotFound as NoSuchPage

from app.kernel import clock
from app.kernel.database import unit_of_work
from app.people import identity
from app.reports import profiles
from app.web.guards import Staff
from console import identity_words
from console.conflicts import Objected, reason, stewards
from console.pages import Answer, pages, show

_PERSON = "/people/<sealed(customer):person_id>"
_MERGE = f"{_PERSON}/merges/<sealed(merge):merge_id>/undo"


@pages.shows("/people", guard=stewards)
def find_people(caller: Staff) -> Answer:
    """Find a person by any id."""
    wanted = flask.request.args.get("q", "").strip()[:128]
    scope = flask.request.args.get("scope", "").strip()[:128]
    found = identity.reviewing.find_by_value(wanted, scope=scope) if wanted else None
    if found is not None:
        return flask.redirect(flask.url_for("console_pages.person", person_id=found), 303)
    return show("people.html", caller, heading="客户身份", wanted=wanted, scope=scope)


@pages.shows(_PERSON, guard=stewards)
def person(caller: Staff, person_id: int) -> Answer:
    """Everything known of a person and why. A former id shows who they are today."""
    with unit_of_work():
        dossier = profiles.open_dossier(person_id, staff_id=caller.staff_id, now=clock.now())
    if dossier is None:
        raise NoSuchPage
    former = person_id != dossier.person.customer_id
    return show("person.html", caller, heading=dossier.face.name, dossier=dossier, former=former, words=identity_words)


@pages.shows(_MERGE, guard=stewards)
def preview_undo(caller: Staff, person_id: int, merge_id: int) -> Answer:
    """What undoing a merge would do, and what stands against it; nothing is changed."""
    now, preview = clock.now(), identity.reviewing.preview_undo(merge_id)
    if preview is None:
        raise NoSuchPage
    with unit_of_work():
        identity.looking.look([preview.from_id], staff_id=caller.staff_id, why=profiles.OPENING, now=now)
    return show(
        "undo_merge.html", caller, heading="撤销合并", preview=preview, person_id=person_id, words=identity_words
    )


@pages.acts(_MERGE, guard=stewards)
def undo_merge(caller: Staff, person_id: int, merge_id: int) -> Answer:
    """Take the merge back."""
    try:
        back = identity.deciding.undo_merge(merge_id, staff_id=caller.staff_id, why=reason(), now=clock.now())
    except identity.MergeStands as stands:
        raise Objected(stands) from None
    return flask.redirect(flask.url_for("console_pages.person", person_id=back, done="undone"), 303)


@pages.acts(f"{_PERSON}/ids/<sealed(identity):life_id>/block", guard=stewards)
def block_id(caller: Staff, person_id: int, life_id: int) -> Answer:
    """This value names nobody: whom it joined is set apart again."""
    blocked = identity.reviewing.find_identifier(life_id)
    if blocked is None:
        raise NoSuchPage
    identity.deciding.block(blocked, why=reason(), staff_id=caller.staff_id, now=clock.now())
    return flask.redirect(flask.url_for("console_pages.person", person_id=person_id, done="blocked"), 303)
