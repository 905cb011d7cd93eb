"""Logins of web pages inside WeChat: codes from the consent page, and the tokens that they become."""

import hashlib
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.world.people import Person

CODE_SECONDS = 300
TOKEN_SECONDS = 7200
REFRESH_SECONDS = 30 * 86400
BASE, USERINFO = "snsapi_base", "snsapi_userinfo"


class State(StrEnum):
    GOOD = "good"
    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"


@dataclass(slots=True)
class Login:
    """One consent. `snapshot` is a visitor of a snapshot page: the account behind it is nobody."""

    code: str
    appid: str
    person_id: str
    openid: str
    unionid: str
    scope: str
    snapshot: bool
    issued_at: float
    used: bool = False
    access_token: str = ""
    access_until: float = 0.0
    refresh_token: str = ""
    refresh_until: float = 0.0


@dataclass(slots=True)
class WebLogins:
    """All consents, found by their code, their access token and their refresh token."""

    _codes: dict[str, Login] = field(default_factory=dict)
    _access: dict[str, Login] = field(default_factory=dict)
    _refresh: dict[str, Login] = field(default_factory=dict)

    def consent(self, *, appid: str, person: Person, openid: str, scope: str, snapshot: bool, now: float) -> Login:
        """A code, good once and for five minutes. Visitors of a snapshot page get ids of nobody."""
        shown = (_virtual(openid), _virtual(person.unionid)) if snapshot else (openid, person.unionid)
        login = Login(
            code=secrets.token_hex(16), appid=appid, person_id=person.person_id, openid=shown[0], unionid=shown[1], scope=scope,
            snapshot=snapshot, issued_at=now,
        )  # fmt: skip
        self._codes[login.code] = login
        return login

    def by_code(self, code: str, *, appid: str, now: float) -> tuple[State, Login | None]:
        login = self._codes.get(code)
        if login is None or login.appid != appid:
            return State.UNKNOWN, None
        if login.used:
            return State.USED, login
        if now - login.issued_at >= CODE_SECONDS:
            return State.EXPIRED, login
        return State.GOOD, login

    def exchange(self, login: Login, *, now: float) -> None:
        """The code is spent; its tokens begin."""
        login.used = True
        login.refresh_token, login.refresh_until = _token(), now + REFRESH_SECONDS
        self._refresh[login.refresh_token] = login
        self._new_access(login, now=now)

    def refresh(self, token: str, *, appid: str, now: float) -> tuple[State, Login | None]:
        """A living access token goes on for two hours more, a dead one is replaced. The refresh token's end stays."""
        login = self._refresh.get(token)
        if login is None or login.appid != appid:
            return State.UNKNOWN, None
        if now >= login.refresh_until:
            return State.EXPIRED, login
        if now < login.access_until:
            login.access_until = now + TOKEN_SECONDS
        else:
            self._new_access(login, now=now)
        return State.GOOD, login

    def by_access(self, token: str, *, now: float) -> tuple[State, Login | None]:
        login = self._access.get(token)
        if login is None or login.access_token != token:
            return State.UNKNOWN, None
        return (State.EXPIRED if now >= login.access_until else State.GOOD), login

    def _new_access(self, login: Login, *, now: float) -> None:
        self._access.pop(login.access_token, None)
        login.access_token, login.access_until = _token(), now + TOKEN_SECONDS
        self._access[login.access_token] = login


def _token() -> str:
    return f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(80)}"


def _virtual(openid: str) -> str:
    return "o" + hashlib.sha256(f"snapshot {openid}".encode()).hexdigest()[:27]
