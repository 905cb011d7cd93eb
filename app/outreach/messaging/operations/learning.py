"""What a platform's refusals say of our own counts: where it finds nothing left, nothing is left."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.outreach.messaging.operations import limits

QUOTA = ("45009", "45011")
GRANT_USED_UP = ("43101",)
WINDOW_SHUT = ("45015", "45047")

_USES = (
    "unnest(CAST(:people AS bigint[]), CAST(:uses AS jsonb[])) AS asked (customer_id, uses)"
    " WHERE it.customer_id = asked.customer_id AND it.openid_token = CAST(uses ->> 'token' AS uuid)"
)
# A yes that came while the message was under way still counts.
_EMPTY = Statement(
    lambda: text(
        "UPDATE message_grant AS it SET given = used, refused_at = :now, changed_at = :now"  # noqa: S608  (constants)
        f" FROM {_USES} AND it.template_id = uses ->> 'template_id' AND it.changed_at <= :now"
    )
)
_SHUT = Statement(
    lambda: text(f"UPDATE service_window AS it SET remaining = 0 FROM {_USES} AND it.opened_at <= :now")  # noqa: S608
)


@dataclass(frozen=True)
class Refused:
    """A call that the platform refused with a code; `reserved`: what the attempt had used up."""

    customer_id: int | None
    account: str
    channel: str
    code: str
    reserved: Mapping[str, Any]


def learn(refused: Sequence[Refused], *, now: dt.datetime) -> None:
    """Close what the platform finds used up: quotas (until midnight or the next minute), grants, windows.

    Call it after what the calls had used up was given back.
    """
    for account, channel, code in {(one.account, one.channel, one.code) for one in refused if one.code in QUOTA}:
        limits.learn(account, channel=channel, code=code, now=now)
    for kind, codes, statement in (("grant", GRANT_USED_UP, _EMPTY), ("window", WINDOW_SHUT, _SHUT)):
        if told := [one for one in refused if one.code in codes and kind in one.reserved]:
            statement.rows(
                db.session(),
                people=[one.customer_id for one in told],
                uses=[json.dumps(one.reserved[kind]) for one in told],
                now=now,
            )
