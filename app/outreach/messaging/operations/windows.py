"""Windows in which customer-service messages may answer a person: opened by what they do, used up one by one."""

import datetime as dt

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.outreach.messaging.rules.allowances import WINDOWS
from app.people import identity

# An act that is told late does not fill again what a newer one opened.
_OPEN = Statement(
    lambda: text("""
    INSERT INTO service_window (customer_id, born_customer_id, openid_token, account, opened_by, opened_at, closes_at,
        remaining)
    VALUES (:customer_id, :born_customer_id, CAST(:token AS uuid), :account, :opened_by, :now, :closes_at, :remaining)
    ON CONFLICT (customer_id, openid_token, opened_by, born_customer_id) DO UPDATE
    SET opened_at = excluded.opened_at, closes_at = excluded.closes_at, remaining = excluded.remaining
    WHERE service_window.opened_at <= excluded.opened_at""")
)
_CLOSE = Statement(
    lambda: text("""
    UPDATE service_window SET remaining = 0
    WHERE customer_id = :customer_id AND openid_token = CAST(:token AS uuid) AND opened_at <= :now""")
)


def open(account: str, *, openid: str, opened_by: str, now: dt.datetime) -> bool:
    """They wrote (message), tapped (menu), followed, scanned or paid (payment) at `now`: what that allows is allowed.

    False where the openid is nobody's, or the act allows nothing.
    """
    known = identity.identifier("openid", openid, scope=account)
    holder = identity.find_holders([known.key]).get(known.key)
    if holder is None or opened_by not in WINDOWS:
        return False
    remaining, lifetime = WINDOWS[opened_by]
    _OPEN.rows(
        db.session(),
        customer_id=holder.customer_id,
        born_customer_id=holder.born_customer_id,
        token=str(known.token),
        account=account,
        opened_by=opened_by,
        now=now,
        closes_at=now + lifetime,
        remaining=remaining,
    )
    return True


def close(account: str, *, openid: str, now: dt.datetime) -> None:
    """The platform says that none is open (45015, 45047), or they left: nothing more until they do something again."""
    known = identity.identifier("openid", openid, scope=account)
    if holder := identity.find_holders([known.key]).get(known.key):
        _CLOSE.rows(db.session(), customer_id=holder.customer_id, token=str(known.token), now=now)
