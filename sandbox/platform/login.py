"""GET /sns/jscode2session, /wxa/checksession and /wxa/resetusersessionkey (fact sheet B1, B4)."""

import hmac
from typing import Any

from sandbox.platform.calls import Call, count, endpoint, ok
from sandbox.platform.credentials import app_of_secret
from sandbox.platform.errors import PlatformError
from sandbox.world import Person
from sandbox.world.codes import CodeKind, CodeState
from sandbox.world.open_data import login_state_signature
from sandbox.world.people import Session, new_session_key

PER_USER_AND_MINUTE = 100


@endpoint("/sns/jscode2session", method="GET", token=False)
def jscode2session(call: Call) -> dict[str, Any]:
    """A login code becomes openid and session_key, once."""
    app = app_of_secret(call, fields=call.query)
    js_code = call.query.get("js_code", "")
    if not js_code:
        raise PlatformError(41008)
    if call.query.get("grant_type") != "authorization_code":
        raise PlatformError(40002)
    count(call)
    state, code = call.world.codes.look(js_code, kind=CodeKind.LOGIN, appid=app.appid, now=call.now)
    if state is CodeState.USED and not call.world.switches.reused_login_code_is_40029:
        raise PlatformError(40163)
    if state is not CodeState.FRESH or code is None:
        raise PlatformError(40029)
    person = call.world.person(code.person_id)
    if person.risky:
        raise PlatformError(40226)
    user = f"{app.appid} login {person.person_id}"
    if not call.world.quotas.window(user, cap=PER_USER_AND_MINUTE, seconds=60, now=call.now):
        raise PlatformError(45011)
    code.used = True
    return _session_answer(call, person=person)


def _session_answer(call: Call, *, person: Person) -> dict[str, Any]:
    app, switches = call.app, call.world.switches
    session = person.sessions.get(app.appid) or person.log_in(app.appid, now=call.now)
    found: dict[str, Any] = {"session_key": session.session_key, "openid": person.openid_in(app.appid)}
    if app.bound:
        found["unionid"] = person.unionid
    if switches.login_reply_has_expires_in:
        found["expires_in"] = 7200
    return ok(**found) if switches.login_reply_has_errcode else found


@endpoint("/wxa/checksession", method="GET")
def checksession(call: Call) -> dict[str, Any]:
    """Whether a session key is still the person's current one."""
    _signed_session(call)
    return ok()


@endpoint("/wxa/resetusersessionkey", method="GET")
def resetusersessionkey(call: Call) -> dict[str, Any]:
    """A new key; the old one dies, the expiry is inherited."""
    person, session = _signed_session(call)
    session.session_key = new_session_key()
    call.world.touch(person)
    return ok(openid=person.openid_in(call.app.appid), session_key=session.session_key)


def _signed_session(call: Call) -> tuple[Person, Session]:
    openid = call.query.get("openid", "")
    if not openid:
        raise PlatformError(41009)
    if call.query.get("sig_method") != "hmac_sha256":
        raise PlatformError(87008)
    person = call.world.people.by_openid(call.app.appid, openid=openid)
    if person is None:
        raise PlatformError(40003)
    session = person.sessions.get(call.app.appid)
    if session is None or call.now >= session.expires_at:
        raise PlatformError(87009)
    expected = login_state_signature(session.session_key)
    if not hmac.compare_digest(expected.encode(), call.query.get("signature", "").encode()):
        raise PlatformError(87009)
    return person, session
