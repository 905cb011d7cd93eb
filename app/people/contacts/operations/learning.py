"""What the platform knows of followers: unionid, and how they came; and who is in its list."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text, update

from app.kernel.database import Statement, db
from app.people import identity
from app.people.contacts.models import Follower, FollowerList
from app.people.contacts.operations import following
from app.people.contacts.operations.following import Change
from app.people.contacts.rules.records import scene_of, way_of

AT_ONCE = 100  # as many as the platform tells in one call
# Who was asked about and is still unknown is asked about again after this long.
AGAIN = dt.timedelta(minutes=1)
# A list that was begun longer ago is read anew.
EACH = dt.timedelta(hours=20)


@dataclass(frozen=True)
class Record:
    """The platform's record of one openid. `follows_since` is empty for who does not follow."""

    openid: str
    follows: bool
    unionid: str = ""
    follows_since: dt.datetime | None = None
    came_by: str | None = None
    scene: str | None = None


@dataclass(frozen=True)
class Asked:
    """Openids to ask an account about, as of `at`."""

    account: str
    openids: tuple[str, ...]
    at: dt.datetime


@dataclass(frozen=True)
class Part:
    """A part of an account's list: what comes after `cursor`; `read`: its end was reached, `missing` were not in it."""

    account: str
    cursor: str
    begun_at: dt.datetime
    read: bool
    missing: tuple[str, ...] = ()


_LEASE = Statement(
    lambda: text(
        """
        WITH due AS (
            SELECT openid_token FROM follower
            WHERE state = 'following' AND learned_at IS NULL AND account = :account
              AND (asked_at IS NULL OR asked_at <= :before)
            ORDER BY since LIMIT :limit FOR UPDATE SKIP LOCKED
        )
        UPDATE follower SET asked_at = :now FROM due WHERE follower.openid_token = due.openid_token
        RETURNING follower.openid_token
        """
    )
)


def choose(accounts: Sequence[str], *, now: dt.datetime) -> Asked | None:
    """Followers of one of these accounts whom the platform was not asked about since they followed; nobody else asks about
    them for a minute. None where there are none."""
    for account in accounts:
        rows = _LEASE.rows(db.session(), account=account, before=now - AGAIN, limit=AT_ONCE, now=now)
        if rows:
            openids = identity.who.values_of([row["openid_token"] for row in rows])
            _no_more([row["openid_token"] for row in rows if row["openid_token"] not in openids], now=now)
            return Asked(account, tuple(openids.values()), now)
    return None


def _no_more(tokens: Sequence[object], *, now: dt.datetime) -> None:
    """Nobody holds these ids any more: there is nobody to ask about."""
    if tokens:
        db.session.execute(update(Follower).where(Follower.openid_token.in_(tokens)).values(learned_at=now))


def write(asked: Asked, *, records: Sequence[Record], now: dt.datetime) -> int:
    """Write down what the platform answered; how many it knew. Whoever it does not know is not asked about again."""
    known = {record.openid: record for record in records}
    seen = [
        identity.observing.Observation(tuple(_ids(asked.account, record)), "official_account", now)
        for record in known.values()
    ]
    if seen:
        identity.observing.observe_all(seen, now=now)
    changes = [_change(asked, record) for record in known.values() if record.follows_since or not record.follows]
    ours = _known_of(asked.account, [change.openid for change in changes if not change.follows])
    following.take([change for change in changes if change.follows or change.openid in ours], now=now)
    tokens = [_openid(asked.account, openid).token for openid in asked.openids]
    older = Follower.learned_at.is_(None) | (Follower.learned_at < asked.at)
    looked = update(Follower).where(Follower.openid_token.in_(tokens), older, Follower.since <= asked.at)
    db.session.execute(looked.values(learned_at=asked.at))
    return len(known)


def _ids(account: str, record: Record) -> Iterator[identity.Identifier]:
    yield _openid(account, record.openid)
    if record.unionid:
        yield identity.identifier("unionid", record.unionid)


def _openid(account: str, openid: str) -> identity.Identifier:
    return identity.identifier("openid", openid, scope=account)


def _change(asked: Asked, record: Record) -> Change:
    at = record.follows_since if record.follows and record.follows_since else asked.at
    scene, way = scene_of(record.came_by, record.scene), way_of(record.came_by)
    return Change(asked.account, record.openid, record.follows, at, seen_at=asked.at, scene=scene, way=way)


def _known_of(account: str, openids: Sequence[str]) -> set[str]:
    """Those of whom we know that they ever followed: of others there is nothing to write down."""
    tokens = {_openid(account, openid).token: openid for openid in openids}
    rows = db.session.scalars(select(Follower.openid_token).where(Follower.openid_token.in_(list(tokens))))
    return {tokens[token] for token in rows}


def next_part(accounts: Sequence[str], *, now: dt.datetime) -> Part | None:
    """Where reading the lists goes on: an account's that was begun, else one that was not read for long; None: all is read."""
    for account in accounts:
        row = db.session.get(FollowerList, account, with_for_update=True)
        if row is None:
            row = FollowerList(account=account, begun_at=now, cursor="", listed=0)
            db.session.add(row)
        elif row.ended_at is not None:
            if row.begun_at > now - EACH:
                continue
            row.begun_at, row.cursor, row.listed, row.read_at, row.ended_at = now, "", 0, None, None
        db.session.flush()
        missing = _missing(account, row.begun_at) if row.read_at else ()
        if row.read_at and not missing:
            row.ended_at = now
            continue
        return Part(account, row.cursor, row.begun_at, row.read_at is not None, missing)
    return None


_MISSING = Statement(
    lambda: text(
        "SELECT openid_token FROM follower WHERE account = :account AND state = 'following' AND since < :begun_at"
        " AND (listed_at IS NULL OR listed_at < :begun_at) AND (learned_at IS NULL OR learned_at < :begun_at)"
        " ORDER BY openid_token LIMIT :limit"
    )
)


def _missing(account: str, begun_at: dt.datetime) -> tuple[str, ...]:
    tokens = [
        row["openid_token"] for row in _MISSING.rows(db.session(), account=account, begun_at=begun_at, limit=AT_ONCE)
    ]
    openids = identity.who.values_of(tokens)
    if tokens and not openids:
        _no_more(tokens, now=begun_at)
        return _missing(account, begun_at)
    return tuple(openids.values())


_LISTED = Statement(
    lambda: text(
        "UPDATE follower SET listed_at = :begun_at"
        " WHERE openid_token = ANY(CAST(:tokens AS uuid[])) AND state = 'following' RETURNING openid_token"
    )
)


def take_page(part: Part, *, openids: Sequence[str]) -> list[str]:
    """Mark those of a page of the list whom we know as followers; the others, to be asked about."""
    tokens = {known.token: known.value for known in _usable(part.account, openids)}
    rows = _LISTED.rows(db.session(), tokens=list(tokens), begun_at=part.begun_at)
    known = {row["openid_token"] for row in rows}
    return [openid for token, openid in tokens.items() if token not in known]


def _usable(account: str, openids: Sequence[str]) -> list[identity.Identifier]:
    found = []
    for openid in openids:
        try:
            found.append(_openid(account, openid))
        except identity.IdentifierInvalid:
            continue
    return found


def advance(part: Part, *, cursor: str | None, listed: int, now: dt.datetime) -> None:
    """The page is in: the list goes on after `cursor`, None at its end."""
    row = db.session.get(FollowerList, part.account, with_for_update=True)
    if row is None or row.begun_at != part.begun_at or row.cursor != part.cursor:  # somebody else read on meanwhile
        return
    row.listed += listed
    row.cursor, row.read_at = cursor or "", None if cursor else now


def progress() -> Mapping[str, tuple[int, dt.datetime | None]]:
    """Of each account's list how many were in it so far, and when it was read to its end."""
    return {row.account: (row.listed, row.ended_at) for row in db.session.scalars(select(FollowerList))}
