"""Writing down who follows and who left, for any number at once, told twice and in any order."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.kernel.facts import announce
from app.people import identity
from app.people.contacts.facts import FollowerJoined, FollowerLeft
from app.people.contacts.models import Follower
from app.people.contacts.rules import following as rules


@dataclass(frozen=True)
class Change:
    """What is told of one openid of an account: by an event of that moment, or by a list as of `seen_at` (rules.Told)."""

    account: str
    openid: str
    follows: bool
    at: dt.datetime
    seen_at: dt.datetime | None = None
    scene: str = ""
    way: str = ""

    @property
    def told(self) -> rules.Told:
        """As the rules read it."""
        return rules.Told(self.follows, self.at, self.seen_at is None, self.seen_at, self.scene, self.way)


def take(changes: Sequence[Change], *, now: dt.datetime) -> int:
    """Write down what is told of followers; how many followings and leavings were not known before.

    An openid that nobody holds is recognised as a new customer. What lies ahead is dated now.
    """
    read = [replace(change, at=min(change.at, now)) for change in changes]
    ids = {(one.account, one.openid): identity.identifier("openid", one.openid, scope=one.account) for one in read}
    meet(dict.fromkeys(ids.values(), "official_account"), now=now)
    holders = identity.find_holders([known.key for known in ids.values()])
    born = {known.token: holders[known.key].born_customer_id for known in ids.values() if known.key in holders}
    present = identity.merging.hold_present(list(born.values()))
    rows = _rows({key: known.token for key, known in ids.items()}, born, present)
    facts: list[FollowerJoined | FollowerLeft] = []
    for change in read:
        row = rows.get(ids[change.account, change.openid].token)
        if row is None:  # a value that names nobody
            continue
        standing, new = rules.after(_standing(row), change.told)
        again = row.times > 0
        _write(row, standing, change, now=now)
        if new:
            facts.append(_joined(row, change, again=again) if change.follows else _gone(row, change.at))
    db.session.flush()
    announce(sorted(facts, key=lambda fact: type(fact).__name__))
    return len(facts)


def meet(ids: Mapping[identity.Identifier, str], *, now: dt.datetime) -> None:
    """Whom nobody knows yet becomes a customer: each id with the source by which they came."""
    holders = identity.find_holders([known.key for known in ids])
    new = [known for known in ids if known.key not in holders]
    if new:
        identity.observing.observe_all(
            [identity.observing.Observation((known,), ids[known], now) for known in new], now=now
        )


def _rows(
    tokens: dict[tuple[str, str], uuid.UUID], born: dict[uuid.UUID, int], present: dict[int, int]
) -> dict[uuid.UUID, Follower]:
    """The row of each openid, locked, made where there is none; it belongs to whoever holds the openid today."""
    fresh = [
        {"openid_token": token, "account": account, "customer_id": present[born[token]],
         "born_customer_id": born[token], "state": rules.LEFT, "follows": [], "times": 0, "left_exactly": False,
         "scene": "", "way": ""}
        for (account, _), token in sorted(tokens.items(), key=lambda item: item[1])
        if token in born
    ]  # fmt: skip
    if not fresh:
        return {}
    db.session.execute(insert(Follower).on_conflict_do_nothing(), fresh)
    held = select(Follower).where(Follower.openid_token.in_(list(born))).order_by(Follower.openid_token)
    rows = db.session.scalars(held.with_for_update().execution_options(populate_existing=True)).all()
    for row in rows:
        row.born_customer_id = born[row.openid_token]
        row.customer_id = present[row.born_customer_id]
    return {row.openid_token: row for row in rows}


def _standing(row: Follower) -> rules.Standing:
    return rules.Standing(row.state, tuple(row.follows), row.times, row.left_at, row.left_exactly, row.scene, row.way)


def _write(row: Follower, standing: rules.Standing, change: Change, *, now: dt.datetime) -> None:
    if change.seen_at is not None:
        row.learned_at = change.seen_at if standing.since is None or standing.since <= change.seen_at else None
    elif change.follows and standing.follows[-1] == change.at and change.at not in row.follows:
        row.learned_at = row.asked_at = None  # ask the platform about this following
    row.state, row.since, row.follows, row.times = (
        standing.state,
        standing.since,
        list(standing.follows),
        standing.times,
    )
    row.left_at, row.left_exactly = standing.left_at, standing.left_exactly
    row.scene, row.way = standing.scene, standing.way


def _joined(row: Follower, change: Change, *, again: bool) -> FollowerJoined:
    return FollowerJoined(
        row.customer_id, row.born_customer_id, row.account, change.scene, again, change.at, change.way, row.openid_token
    )


def _gone(row: Follower, at: dt.datetime) -> FollowerLeft:
    return FollowerLeft(row.customer_id, row.born_customer_id, row.account, at, row.openid_token)
