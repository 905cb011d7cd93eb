"""Who is it? The guards of consumers and of staff.

A consumer brings `Authorization: Bearer …` from the login; a staff member the same, or the cookie of the console, which
counts for changes only when the browser says the page is ours (Origin).
"""

import datetime as dt
from dataclasses import dataclass

import flask

from app.kernel.errors import Forbidden, Unauthenticated
from app.kernel.settings import settings
from app.people import identity, teams
from app.web.pages import ForeignPage, refuse_foreign_pages
from app.web.sessions import close_session, find_session, open_session

CONSUMER_SESSION_LASTS = dt.timedelta(days=7)
STAFF_SESSION_LASTS = dt.timedelta(hours=12)
STAFF_COOKIE = "guiyi_staff"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class NotYourRole(Forbidden):
    """The staff member's role may not do this. Data: `roles` that may."""

    code = "staff.role_forbidden"
    title = "您的角色不能这样做"
    advice = "请找有权限的同事"


@dataclass(frozen=True)
class Consumer:
    """A signed-in consumer: a guest or a member (C01), `customer_id` at this moment. `openid` is theirs in this
    mini-program; they came in by this life of it, which was given to the former self `born_customer_id`."""

    customer_id: int
    openid: str
    life_id: int
    born_customer_id: int

    @property
    def key(self) -> str:
        """Tells callers apart; a merge between a request and its retry changes nothing."""
        return f"consumer:{self.life_id}"

    @property
    def born_of(self) -> dict[int, int]:
        """What they do as the present person is born to the former self by whose id they came."""
        return {self.customer_id: self.born_customer_id}

    def hold(self) -> bool:
        """Whether they are still who the guard saw; they stay so until the transaction ends.

        Who is but themselves is not asked: a merge takes their row in `customer` away, which foreign keys notice.
        """
        return self.born_customer_id == self.customer_id or self._is(identity.who.hold_life(self.life_id))

    def stands(self) -> bool:
        """Whether they are still who the guard saw."""
        return self._is(identity.who.find_life(self.life_id))

    def _is(self, life: identity.who.Life | None) -> bool:
        return life is not None and life.customer_id == self.customer_id


@dataclass(frozen=True)
class Visitor:
    """Somebody on a phone who is not signed in."""

    @property
    def key(self) -> str:
        """Nothing tells visitors apart but what they say of themselves."""
        return "visitor"


@dataclass(frozen=True)
class Staff:
    """A staff member at work, as the database says at this moment."""

    staff_id: int
    code: str
    name: str
    role: str
    team_id: int | None
    store_ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """Tells callers apart."""
        return f"staff:{self.staff_id}"


class ConsumerGuard:
    """Lets in whoever has a consumer's session, as who they are now: the session belongs to a life of an id, and ends with
    it; after a merge it goes on as the one person, after its undoing as their own self again."""

    security = "consumer"

    def __call__(self) -> Consumer:
        token = _bearer()
        found = find_session("consumer", token)
        if found is None or "life_id" not in found:  # opened before sessions knew lives: log in again
            raise Unauthenticated
        life = identity.who.find_life(found["life_id"])
        if life is None:  # the id was released or is somebody else's by now
            close_session("consumer", token)
            raise Unauthenticated
        return Consumer(life.customer_id, found["openid"], life.id, life.born_customer_id)


class VisitorGuard:
    """Lets in everybody: as a consumer with a session, as a visitor without. A session that ended is told so: log in again."""

    security = ""

    def __call__(self) -> Consumer | Visitor:
        return consumer() if flask.request.headers.get("Authorization") else Visitor()


class StaffGuard:
    """Lets in staff at work; with roles, only those. Somebody who left is signed out at once (G03)."""

    security = "staff"

    def __init__(self, roles: tuple[str, ...]) -> None:
        self.roles = roles

    def __call__(self) -> Staff:
        token = _staff_token()
        found = find_session("staff", token)
        if found is None:
            raise Unauthenticated
        member = teams.find_at_work(found["staff_id"])
        if member is None:
            close_session("staff", token)
            raise Unauthenticated
        if self.roles and member.role not in self.roles:
            raise NotYourRole(roles=list(self.roles))
        return Staff(member.staff_id, member.code, member.name, member.role, member.team_id, member.store_ids)


consumer = ConsumerGuard()
visitor = VisitorGuard()


def staff(*roles: str) -> StaffGuard:
    """A guard for staff with one of these roles, for all staff when none is named. Raises ValueError for an unknown role."""
    if unknown := set(roles) - set(teams.ROLES):
        raise ValueError(f"unknown roles: {sorted(unknown)}")
    return StaffGuard(roles)


def sign_in_consumer(*, life_id: int, openid: str) -> str:
    """A new token of whoever came by this life of an openid."""
    data = {"life_id": life_id, "openid": openid}
    return open_session("consumer", subject=life_id, data=data, lasts=CONSUMER_SESSION_LASTS)


def sign_in_staff(*, staff_id: int) -> str:
    """A new staff token."""
    return open_session("staff", subject=staff_id, data={"staff_id": staff_id}, lasts=STAFF_SESSION_LASTS)


def set_staff_cookie(response: flask.Response, token: str) -> None:
    """Put a staff token into the cookie of pages: no script reads it, other sites' forms do not send it.

    In production it never travels without TLS, also where a proxy in front of us ends it.
    """
    response.set_cookie(
        STAFF_COOKIE,
        token,
        max_age=int(STAFF_SESSION_LASTS.total_seconds()),
        secure=flask.request.is_secure or settings().is_production,
        httponly=True,
        samesite="Lax",
    )


def sign_out_staff() -> None:
    """End the session of the present staff request."""
    close_session("staff", _staff_token())


def _bearer() -> str:
    scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    return token.strip()


def _staff_token() -> str:
    if flask.request.headers.get("Authorization"):
        return _bearer()
    token = flask.request.cookies.get(STAFF_COOKIE)
    if not token:
        raise Unauthenticated
    if flask.request.method not in SAFE_METHODS:
        _check_origin()
    return token


def _check_origin() -> None:
    """Another site can make a browser send our cookie, but not our Origin."""
    if not flask.request.headers.get("Origin"):
        raise ForeignPage
    refuse_foreign_pages()
