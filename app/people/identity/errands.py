"""What needs the platform between two transactions."""

import datetime as dt
from dataclasses import dataclass

from app.gateways import miniprogram
from app.kernel.errands import Errand, run_errand
from app.people.identity import queries
from app.people.identity.operations import recognising


@dataclass(frozen=True)
class LoggedIn:
    """Who logged in: a customer, a guest until they take the card (C01). `life_id`: the life of the openid they came by."""

    customer_id: int
    life_id: int
    openid: str
    unionid: str | None


def log_in(code: str, *, now: dt.datetime) -> LoggedIn:
    """Turn a login code into a customer, known by (appid, openid) and unionid.

    Raises what `miniprogram.code_to_session` raises; then nothing was changed.
    """
    return run_errand(
        Errand(
            prepare=lambda: code,
            go=miniprogram.code_to_session,
            settle=lambda _, visitor: _recognise(visitor, now=now),
        )
    )


def _recognise(visitor: miniprogram.Visitor, *, now: dt.datetime) -> LoggedIn:
    ids = [queries.identifier("openid", visitor.openid, scope=visitor.appid)]
    if visitor.unionid:  # may appear late; then it joins the openid's customer (C12)
        ids.append(queries.identifier("unionid", visitor.unionid))
    customer_id = recognising.recognise(ids, source="miniprogram", now=now)
    life = queries.who.find_by_token(ids[0])
    if life is None:  # never: the line above gave the openid a holder
        raise LookupError(customer_id)
    return LoggedIn(customer_id, life.id, visitor.openid, visitor.unionid)
