"""Conflicts: two people whom evidence would join, side by side, and the decision: the same, not the same, later."""

import datetime as dt
from typing import Any

import flask

from app.kernel import clock, ids
from app.kernel.database import unit_of_work
from app.kernel.errors import Conflict, NotFound
from app.kernel.paging import Page
from app.people import identity
from app.reports import profiles
from app.web.guards import Staff, staff
from console import identity_words
from console.coupons import FormWrong
from console.pages import Answer, pages, show

stewards = staff("lead", "admin")
LATER_DAYS = (1, 3, 7, 30)
LONGEST_REASON = 200
_PAIR = "/conflicts/<sealed(customer):person_id>/<sealed(customer):other_id>"


def reason() -> str:
    """Why, as it was typed. Raises FormWrong when it is missing."""
    given = flask.request.form.get("why", "").strip()[:LONGEST_REASON]
    if not given:
        raise FormWrong({"原因": ["写一句，以后查得到"]})
    return given


class Objected(Conflict):
    """Rooms object, in words; nothing was written."""

    code = "console.objected"

    def __init__(self, refused: identity.MergeRefused | identity.MergeStands) -> None:
        super().__init__(**refused.data)
        self.title = refused.title  # type: ignore[misc]  # what was refused
        self.advice = "；".join(  # type: ignore[misc]
            identity_words.said(one["code"], one["data"]) for one in refused.data["objections"]
        )


@pages.shows("/conflicts", guard=stewards)
def list_conflicts(caller: Staff) -> Answer:
    """Who waits for a decision, with the first pair opened: joined by ids, or alike by what is told of them."""
    page = _queue(flask.request.args.get("cursor"))
    if flask.request.headers.get("HX-Request"):
        return show("conflicts_rows.html", caller, heading="", page=page, opened=None, **_words())
    opened = None
    if page.items:
        first = page.items[0]
        opened = _open(caller, first.first.customer_id, first.second.customer_id)
    return _frame(caller, page=page, opened=opened)


@pages.shows(_PAIR, guard=stewards)
def compare(caller: Staff, person_id: int, other_id: int) -> Answer:
    """Two people side by side: what agrees, what differs, what was seen of both."""
    opened = _open(caller, person_id, other_id)
    if opened is None:  # one person by now, or a pair nobody knows
        return flask.redirect("/console/conflicts", 303)
    if flask.request.headers.get("HX-Request"):
        return show("comparison.html", caller, heading="", opened=opened, **_words())
    return _frame(caller, page=_queue(None), opened=opened)


@pages.acts(f"{_PAIR}/merge", guard=stewards)
def merge(caller: Staff, person_id: int, other_id: int) -> Answer:
    """They are one person."""
    why, now = reason(), clock.now()
    _settle_proposal(caller, person_id, other_id, "same")
    try:
        survivor = identity.deciding.merge_people(
            person_id, other_id=other_id, staff_id=caller.staff_id, why=why, now=now
        )
    except identity.MergeRefused as refused:
        raise Objected(refused) from None
    return _onward("merged", survivor)


@pages.acts(f"{_PAIR}/apart", guard=stewards)
def keep_apart(caller: Staff, person_id: int, other_id: int) -> Answer:
    """They are two people, for ever."""
    _settle_proposal(caller, person_id, other_id, "apart")
    identity.deciding.keep_apart(person_id, other_id=other_id, staff_id=caller.staff_id, why=reason(), now=clock.now())
    return _onward("apart", person_id)


@pages.acts(f"{_PAIR}/later", guard=stewards)
def put_off(caller: Staff, person_id: int, other_id: int) -> Answer:
    """Ask again in some days."""
    given = flask.request.form.get("days", "")
    if given not in map(str, LATER_DAYS):
        raise FormWrong({"多久以后": ["选一个"]})
    until = clock.now() + dt.timedelta(days=int(given))
    identity.deciding.put_off(person_id, other_id=other_id, until=until)
    return _onward("later", person_id)


@pages.acts(f"{_PAIR}/unclear", guard=stewards)
def leave_unclear(caller: Staff, person_id: int, other_id: int) -> Answer:
    """They look alike and nobody can tell: not asked again."""
    identity.proposing.settle_proposal(
        person_id, other_id=other_id, verdict="unclear", staff_id=caller.staff_id, now=clock.now()
    )
    return _onward("unclear", person_id)


def _settle_proposal(caller: Staff, person_id: int, other_id: int, verdict: str) -> None:
    if identity.reviewing.find_proposal(person_id, other_id) is not None:
        identity.proposing.settle_proposal(
            person_id, other_id=other_id, verdict=verdict, staff_id=caller.staff_id, now=clock.now()
        )


def _alike() -> bool:
    """Whether the queue is that of people who look alike."""
    return flask.request.values.get("of") == "alike"


def _queue(cursor: str | None) -> Page[profiles.dossiers.ConflictLine]:
    if _alike():
        return profiles.dossiers.list_alike(cursor=cursor)
    return profiles.dossiers.list_conflicts(cursor=cursor, now=clock.now())


def _open(caller: Staff, person_id: int, other_id: int) -> profiles.dossiers.Comparison | None:
    with unit_of_work():
        return profiles.open_comparison(person_id, other_id=other_id, staff_id=caller.staff_id, now=clock.now())


def _frame(caller: Staff, **values: Any) -> str:
    done = flask.request.args.get("done")
    values |= _words() | {
        "done": done if done in identity_words.DONE else None,
        "done_person": flask.request.args.get("person"),
    }
    counts = (identity.reviewing.count_conflicts(now=clock.now()), identity.reviewing.count_proposals())
    return show("conflicts.html", caller, heading="待核对的客户", counts=counts, **values)


def _words() -> dict[str, Any]:
    return {"words": identity_words, "later_days": LATER_DAYS, "of": "alike" if _alike() else None}


def _onward(done: str, person_id: int) -> Answer:
    """To the pair that stood next in the list, else to the list."""
    person, of = ids.seal("customer", person_id), "alike" if _alike() else None
    try:
        after = [ids.unseal("customer", flask.request.form.get(name, "")) for name in ("next_person", "next_other")]
    except (NotFound, UnicodeEncodeError):
        return flask.redirect(flask.url_for("console_pages.list_conflicts", of=of, done=done, person=person), 303)
    onward = flask.url_for(
        "console_pages.compare", person_id=after[0], other_id=after[1], of=of, done=done, person=person
    )
    return flask.redirect(onward, 303)
