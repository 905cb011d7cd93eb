"""GET /sns/oauth2/access_token, refresh_token, /sns/userinfo and /sns/auth (fact sheet C13)."""

from typing import Any

from sandbox.platform.calls import Call, count, endpoint, ok
from sandbox.platform.credentials import app_of_secret
from sandbox.platform.errors import PlatformError
from sandbox.world.web_logins import TOKEN_SECONDS, USERINFO, Login, State


@endpoint("/sns/oauth2/access_token", method="GET", token=False)
def access_token(call: Call) -> dict[str, Any]:
    """The consent's code becomes two tokens and an openid, once."""
    app = app_of_secret(call, fields=call.query)
    code = call.query.get("code", "")
    if not code:
        raise PlatformError(41008)
    if call.query.get("grant_type") != "authorization_code":
        raise PlatformError(40002)
    count(call)
    state, login = call.world.web_logins.by_code(code, appid=app.appid, now=call.now)
    if state is State.USED:
        raise PlatformError(40163)
    if state is State.EXPIRED:
        raise PlatformError(42003)
    if login is None:
        raise PlatformError(40029)
    call.world.web_logins.exchange(login, now=call.now)
    found = _tokens(login)
    if login.snapshot:
        found["is_snapshotuser"] = 1
    if login.scope == USERINFO and app.bound:
        found["unionid"] = login.unionid
    return found


def _tokens(login: Login) -> dict[str, Any]:
    return {
        "access_token": login.access_token,
        "expires_in": TOKEN_SECONDS,
        "refresh_token": login.refresh_token,
        "openid": login.openid,
        "scope": login.scope,
    }


@endpoint("/sns/oauth2/refresh_token", method="GET", token=False)
def refresh_token(call: Call) -> dict[str, Any]:
    appid, given = call.query.get("appid", ""), call.query.get("refresh_token", "")
    if not appid:
        raise PlatformError(41002)
    if appid not in call.world.apps:
        raise PlatformError(40013)
    if not given:
        raise PlatformError(41003)
    if call.query.get("grant_type") != "refresh_token":
        raise PlatformError(40002)
    call.app_known = call.world.apps[appid]
    count(call)
    state, login = call.world.web_logins.refresh(given, appid=appid, now=call.now)
    if state is State.EXPIRED:
        raise PlatformError(42002)
    if login is None:
        raise PlatformError(40030)
    return _tokens(login)


@endpoint("/sns/userinfo", method="GET", token=False)
def userinfo(call: Call) -> dict[str, Any]:
    """Name and picture, with the consent to them only; sex and places come empty."""
    login = _login_of(call)
    if login.scope != USERINFO:
        raise PlatformError(48001)
    person, app = call.world.person(login.person_id), call.world.app(login.appid)
    as_text = call.world.switches.web_sex_as_text
    found: dict[str, Any] = {
        "openid": login.openid,
        "nickname": "微信用户" if login.snapshot else person.name,
        "sex": "0" if as_text else 0,
        "province": "",
        "city": "",
        "country": "",
        "headimgurl": "https://thirdwx.qlogo.cn/mmopen/vi_32/default/132",
        "privilege": [],
    }
    return {**found, "unionid": login.unionid} if app.bound else found


@endpoint("/sns/auth", method="GET", token=False)
def auth(call: Call) -> dict[str, Any]:
    _login_of(call)
    return ok()


def _login_of(call: Call) -> Login:
    """The living consent of the token, and of this openid."""
    given, openid = call.query.get("access_token", ""), call.query.get("openid", "")
    if not given:
        raise PlatformError(41001)
    if not openid:
        raise PlatformError(41009)
    state, login = call.world.web_logins.by_access(given, now=call.now)
    if state is State.EXPIRED:
        raise PlatformError(42001)
    if login is None:
        raise PlatformError(40001, text="invalid credential, access_token is invalid or not latest")
    if login.openid != openid:
        raise PlatformError(40003)
    call.app_known = call.world.app(login.appid)
    return login
