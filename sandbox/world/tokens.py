"""Access tokens: two pools per app, two hours each, and the five minutes in which old and new both work."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.world import ids
from sandbox.world.clock import beijing_day

_WELL_FORMED = re.compile(r"[0-9]+_[A-Za-z0-9_-]{100,512}")
TOKEN_SECONDS = 7200
OVERLAP_SECONDS = 300
FORCED_PER_DAY = 20
FORCED_APART_SECONDS = 30


class TokenState(StrEnum):
    GOOD = "good"
    MALFORMED = "malformed"
    NOT_LATEST = "not_latest"
    EXPIRED = "expired"


@dataclass(slots=True)
class Token:
    """`refused_from` is set once a newer token took its place."""

    text: str
    appid: str
    pool: str
    issued_at: float
    expires_at: float
    refused_from: float | None = None


@dataclass(slots=True)
class _Forced:
    day: str = ""
    count: int = 0
    last_at: float | None = None


@dataclass(slots=True)
class Tokens:
    """All tokens ever issued (until long dead) and the newest of each (app, pool)."""

    _by_text: dict[str, Token] = field(default_factory=dict)
    _newest: dict[tuple[str, str], Token] = field(default_factory=dict)
    _forced: dict[str, _Forced] = field(default_factory=dict)

    def issue(self, appid: str, *, pool: str, now: float, kill: bool = False, collide: bool = False) -> Token:
        """A new token. The older ones of its pool (of both pools when they collide) go on for five minutes,
        or stop at once with `kill`."""
        end = now if kill else now + OVERLAP_SECONDS
        for old in self._by_text.values():
            if old.appid == appid and (old.pool == pool or collide):
                old.refused_from = end if old.refused_from is None else min(old.refused_from, end)
        token = Token(text=ids.access_token(), appid=appid, pool=pool, issued_at=now, expires_at=now + TOKEN_SECONDS)
        self._by_text[token.text] = token
        self._newest[appid, pool] = token
        self._forget_dead(now)
        return token

    def stable(self, appid: str, *, now: float, force: bool, collide: bool) -> tuple[Token, int]:
        """Stable mode: the same token until its last five minutes. A forced refresh beyond its limits acts normally.
        Returns the token and its remaining seconds."""
        current = self._newest.get((appid, "stable"))
        usable = (
            current is not None
            and current.refused_from is None
            and current.issued_at <= now
            and current.expires_at - now > OVERLAP_SECONDS
        )
        if force and self._may_force(appid, now=now):
            current = self.issue(appid, pool="stable", now=now, kill=True, collide=collide)
        elif not usable or current is None:
            current = self.issue(appid, pool="stable", now=now, collide=collide)
        return current, int(current.expires_at - now)

    def _may_force(self, appid: str, *, now: float) -> bool:
        forced = self._forced.setdefault(appid, _Forced())
        if forced.day != beijing_day(now):
            forced.day, forced.count = beijing_day(now), 0
        if forced.count >= FORCED_PER_DAY:
            return False
        if forced.last_at is not None and 0 <= now - forced.last_at < FORCED_APART_SECONDS:
            return False
        forced.count += 1
        forced.last_at = now
        return True

    def check(self, text: str, *, now: float) -> tuple[TokenState, Token | None]:
        if not _well_formed(text):
            return TokenState.MALFORMED, None
        token = self._by_text.get(text)
        if token is None:
            return TokenState.NOT_LATEST, None
        if now >= token.expires_at:
            return TokenState.EXPIRED, token
        if token.refused_from is not None and now >= token.refused_from:
            return TokenState.NOT_LATEST, token
        return TokenState.GOOD, token

    def expire_all(self, *, now: float, appid: str | None = None) -> int:
        """Ends every living token now (42001 afterwards). Returns how many."""
        ended = [
            token
            for token in self._by_text.values()
            if token.expires_at > now and (appid is None or token.appid == appid)
        ]
        for token in ended:
            token.expires_at = now
        return len(ended)

    def _forget_dead(self, now: float) -> None:
        if len(self._by_text) > 5000:
            alive = {text: token for text, token in self._by_text.items() if now - token.expires_at < 86400}
            self._by_text.clear()
            self._by_text.update(alive)


def _well_formed(text: str) -> bool:
    return _WELL_FORMED.fullmatch(text) is not None
