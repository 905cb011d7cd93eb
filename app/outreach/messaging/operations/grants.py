"""Grants of subscription messages: each yes is one message (R01), counted as it is given and as it is used."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.people import identity


@dataclass(frozen=True)
class GrantChange:
    """What a person said to one template of one account. `accept`: one message more; `reject`: not now; `cancel`: switched
    off, what was given is void. `at`: when, the present moment where it is empty."""

    account: str
    openid: str
    template_id: str
    change: Literal["accept", "reject", "cancel"]
    at: dt.datetime | None = None


_GIVEN = (
    "SELECT * FROM unnest(CAST(:people AS bigint[]), CAST(:born AS bigint[]), CAST(:tokens AS uuid[]),"
    " CAST(:accounts AS text[]), CAST(:templates AS text[]), CAST(:moments AS timestamptz[]))"
    " AS said (customer_id, born_customer_id, openid_token, account, template_id, at)"
    " ORDER BY customer_id, openid_token, template_id"
)
_COLUMNS = "customer_id, born_customer_id, openid_token, account, template_id, given, used, refused_at, changed_at"
_CONFLICT = "ON CONFLICT (customer_id, openid_token, template_id, born_customer_id) DO UPDATE SET"
# A yes that is told after a later no was void before it was told.
_ACCEPT = Statement(
    lambda: text(f"""
    INSERT INTO message_grant AS known ({_COLUMNS})
    SELECT customer_id, born_customer_id, openid_token, account, template_id, 1, 0, NULL, at FROM ({_GIVEN}) AS said
    {_CONFLICT} given = known.given + 1, refused_at = NULL, changed_at = greatest(known.changed_at, excluded.changed_at)
    WHERE known.refused_at IS NULL OR known.refused_at <= excluded.changed_at""")  # noqa: S608  (constants)
)
_REJECT, _CANCEL = (
    Statement(
        lambda given=given: text(f"""
    INSERT INTO message_grant AS known ({_COLUMNS})
    SELECT customer_id, born_customer_id, openid_token, account, template_id, 0, 0, at, at FROM ({_GIVEN}) AS said
    {_CONFLICT} given = {given}, refused_at = greatest(known.refused_at, excluded.refused_at),
    changed_at = greatest(known.changed_at, excluded.changed_at)
    WHERE known.changed_at <= excluded.changed_at""")  # type: ignore[misc]  # noqa: S608  (constants)
    )
    for given in ("known.given", "known.used")
)
_STATEMENTS = {"accept": _ACCEPT, "reject": _REJECT, "cancel": _CANCEL}
_EMPTY = Statement(
    lambda: text("""
    UPDATE message_grant SET given = used, refused_at = :now, changed_at = greatest(changed_at, :now)
    WHERE customer_id = :customer_id AND openid_token = CAST(:token AS uuid) AND template_id = :template_id""")
)


def take(changes: Sequence[GrantChange], *, now: dt.datetime) -> int:
    """What people said to templates, in the order in which they said it; how many of these were somebody's we know."""
    known = [identity.identifier("openid", one.openid, scope=one.account) for one in changes]
    holders = identity.find_holders([one.key for one in known])
    said = [
        (change, (holders[one.key].customer_id, holders[one.key].born_customer_id, str(one.token)))
        for change, one in zip(changes, known, strict=True)
        if one.key in holders
    ]
    db.session.flush()
    for batch in _rounds(said):
        _write(batch, now)
    return len(said)


_Said = tuple[GrantChange, tuple[int, int, str]]


def _rounds(said: Sequence[_Said]) -> list[list[_Said]]:
    """Batches of one kind of change in which no grant is named twice; what was said later to one is in a later batch."""
    batches: list[list[_Said]] = []
    named: set[tuple[object, ...]] = set()
    for one in said:
        change, who = one
        key = (who, change.template_id)
        if not batches or key in named or batches[-1][0][0].change != change.change:
            batches.append([])
            named = set()
        batches[-1].append(one)
        named.add(key)
    return batches


def _write(batch: Sequence[_Said], now: dt.datetime) -> None:
    _STATEMENTS[batch[0][0].change].rows(
        db.session(),
        people=[who[0] for _, who in batch],
        born=[who[1] for _, who in batch],
        tokens=[who[2] for _, who in batch],
        accounts=[change.account for change, _ in batch],
        templates=[change.template_id for change, _ in batch],
        moments=[change.at or now for change, _ in batch],
    )


def empty(account: str, *, openid: str, template_id: str, now: dt.datetime) -> None:
    """The platform says that nothing is left (43101): what we still counted is void."""
    known = identity.identifier("openid", openid, scope=account)
    if holder := identity.find_holders([known.key]).get(known.key):
        _EMPTY.rows(
            db.session(), customer_id=holder.customer_id, token=str(known.token), template_id=template_id, now=now
        )
