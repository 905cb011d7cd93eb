"""Mass sends (fact sheet C15)."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.content import WORDS
from sandbox.platform.errors import TEXTS, PlatformError, errmsg
from sandbox.platform.followers import list_of_openids, person_of
from sandbox.platform.tags import carriers, known_tag
from sandbox.world import Person, mass_sending
from sandbox.world.apps import OFFICIAL_ACCOUNT
from sandbox.world.faults import FaultKind
from sandbox.world.mass_jobs import FAILED, GOOD, MassJob
from sandbox.world.sending import receive

LONGEST_CLIENT_ID, MOST_OPENIDS = 64, 10_000
PREVIEW = "mass_preview"
SPEEDS = {0: 80, 1: 60, 2: 45, 3: 30, 4: 10}
ACCEPTED = "send job submission success"


def _by_media(call: Call, given: dict[str, Any]) -> str:
    media_id = given.get("media_id")
    if media_id not in call.book.media:
        raise PlatformError(40007)
    return call.book.media[str(media_id)].title


def _words(call: Call, given: dict[str, Any]) -> str:
    words = text(given, name="content")
    if not words:
        raise PlatformError(44004)
    return words


def _card(call: Call, given: dict[str, Any]) -> str:
    if not text(given, name="card_id"):
        raise PlatformError(40073, text="invalid card id")
    return ""


def _pictures(call: Call, given: dict[str, Any]) -> str:
    for media_id in given.get("media_ids") or [given.get("media_id")]:
        _by_media(call, {"media_id": media_id})
    return ""


TYPES: dict[str, Callable[[Call, dict[str, Any]], str]] = {
    "text": _words, "mpnews": _by_media, "voice": _by_media, "mpvideo": _by_media, "image": _pictures, "wxcard": _card,
}  # fmt: skip


def _message(call: Call) -> dict[str, Any]:
    """What people will see of it; 48008 for a type that cannot be sent to many."""
    kind = text(call.body, name="msgtype")
    if kind not in TYPES:
        raise PlatformError(48008)
    given = call.body.get("images" if kind == "image" and "images" in call.body else kind)
    if not isinstance(given, dict):
        raise PlatformError(44002 if kind != "text" else 44004)
    return {"type": kind, "text": TYPES[kind](call, given), "content": given}


@endpoint("/cgi-bin/message/mass/sendall", method="POST", kind=OFFICIAL_ACCOUNT)
def sendall(call: Call) -> dict[str, Any]:
    """To all followers, or to those with a tag."""
    chosen = call.body.get("filter")
    if not isinstance(chosen, dict):
        raise PlatformError(40035)
    message = _message(call)
    if chosen.get("is_to_all"):
        appid = call.app.appid
        return _submit(
            call, message=message, find=lambda: _following(call, people=call.world.people.all(), appid=appid)
        )
    tag = known_tag(chosen.get("tag_id", chosen.get("group_id")), book=call.book)
    return _submit(call, message=message, find=lambda: carriers(call, number=tag))


@endpoint("/cgi-bin/message/mass/send", method="POST", kind=OFFICIAL_ACCOUNT)
def send(call: Call) -> dict[str, Any]:
    """To two up to ten thousand openids; those who do not follow are left out."""
    openids = list_of_openids(call, name="touser", most=MOST_OPENIDS)
    if len(openids) < 2:
        raise PlatformError(40130)
    message = _message(call)
    people = [person_of(call, openid=openid) for openid in dict.fromkeys(openids)]
    return _submit(call, message=message, find=lambda: _following(call, people=people, appid=call.app.appid))


def _following(call: Call, *, people: list[Person], appid: str) -> list[Person]:
    return [person for person in people if person.follows(appid)]


def _submit(call: Call, *, message: dict[str, Any], find: Callable[[], list[Person]]) -> dict[str, Any]:
    client_id = text(call.body, name="clientmsgid")
    if len(client_id.encode()) > LONGEST_CLIENT_ID:
        raise PlatformError(45067)
    client_id = client_id or _digest(call)
    jobs, appid = call.world.mass_jobs, call.app.appid
    same = jobs.same(appid, client_id=client_id, now=call.now)
    if same is not None:
        return {"errcode": 45065, "errmsg": errmsg(TEXTS[45065], rid=call.rid, path=call.path), "msg_id": same.msg_id}
    job = MassJob(
        msg_id=call.world.next_message_id() % 10**12,
        client_id=client_id,
        status=_fate(call, words=str(message["text"])),
        sent_at=call.now,
        ends_at=call.now + call.world.switches.job_finish_seconds,
    )
    mass_sending.send(call.world, app=call.app, job=job, people=find(), message=message)
    more = {"msg_data_id": job.msg_id + 1} if message["type"] == "mpnews" else {}
    return {"errcode": 0, "errmsg": ACCEPTED, "msg_id": job.msg_id, **more}


def _digest(call: Call) -> str:
    """Without an id of the caller's, range and content stand for one."""
    named = {name: value for name, value in call.body.items() if name != "send_ignore_reprint"}
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()


def _fate(call: Call, *, words: str) -> str:
    if FaultKind.SYSTEM_FAILED in call.faults:
        return FAILED
    hits = [label for word, (label, level) in WORDS.items() if level >= 80 and word in words]
    return f"err({hits[0]})" if hits else GOOD


@endpoint("/cgi-bin/message/mass/preview", method="POST", kind=OFFICIAL_ACCOUNT)
def preview(call: Call) -> dict[str, Any]:
    """To one person, as it would look; counted apart."""
    person = person_of(call, openid=call.body.get("touser") or call.body.get("towxname"))
    message = _message(call)
    if not person.follows(call.app.appid):
        raise PlatformError(43004)
    msg_id = call.world.next_message_id() % 10**12
    shown = {"msgid": str(msg_id), **message}
    receive(call.world, person=person, app=call.app, kind=PREVIEW, message=shown)
    return {"errcode": 0, "errmsg": "preview success", "msg_id": msg_id}


def _job(call: Call) -> MassJob:
    given = call.body.get("msg_id")
    number = int(given) if isinstance(given, str) and given.isdigit() else given
    job = call.world.mass_jobs.get(call.app.appid, msg_id=number) if isinstance(number, int) else None
    if job is None:
        raise PlatformError(40035)
    return job


@endpoint("/cgi-bin/message/mass/get", method="POST", kind=OFFICIAL_ACCOUNT)
def get(call: Call) -> dict[str, Any]:
    job = _job(call)
    return {"msg_id": job.msg_id, "msg_status": job.state(call.now)}


@endpoint("/cgi-bin/message/mass/delete", method="POST", kind=OFFICIAL_ACCOUNT)
def delete(call: Call) -> dict[str, Any]:
    """What was sent can no longer be opened; it stays counted."""
    _job(call).deleted = True
    return ok()


@endpoint("/cgi-bin/message/mass/speed/set", method="POST", kind=OFFICIAL_ACCOUNT)
def set_speed(call: Call) -> dict[str, Any]:
    speed = call.body.get("speed")
    if not isinstance(speed, int) or isinstance(speed, bool) or speed not in SPEEDS:
        raise PlatformError(45083)
    call.book.mass_speed = speed
    call.world.touch(call.book)
    return ok()


@endpoint("/cgi-bin/message/mass/speed/get", method="POST", kind=OFFICIAL_ACCOUNT)
def get_speed(call: Call) -> dict[str, Any]:
    """`realspeed` in ten thousands a minute."""
    if call.book.mass_speed is None:
        raise PlatformError(45084)
    return {"speed": call.book.mass_speed, "realspeed": SPEEDS[call.book.mass_speed]}
