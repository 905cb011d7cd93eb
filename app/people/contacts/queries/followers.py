"""Who follows which account."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.people import identity


@dataclass(frozen=True)
class FollowerView:
    """How a person stands with an account. `times`: how often they followed in all."""

    account: str
    state: str
    since: dt.datetime | None
    left_at: dt.datetime | None
    scene: str
    way: str
    times: int


# Asks for `customer_ids` and `accounts`; where a trip to the server counts it goes along with other questions.
FOLLOWING = Statement(
    lambda: text(
        "SELECT customer_id, account, openid_token FROM follower"
        " WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND account = ANY(CAST(:accounts AS text[]))"
        " AND state = 'following' ORDER BY since DESC, openid_token"
    )
)
_OF_CUSTOMER = Statement(
    lambda: text(
        "SELECT account, state, since, left_at, scene, way, times FROM follower WHERE customer_id = :customer_id"
        " ORDER BY since DESC NULLS LAST, account"
    )
)


def who_follow(customer_ids: Sequence[int], accounts: Sequence[str]) -> dict[tuple[int, str], list[str]]:
    """The openids, in full, by which these people follow these accounts now, the newest first; who does not is left out.

    Whoever left is not reachable there any more (G05). Two statements for any number.
    """
    rows = FOLLOWING.rows(db.session(), customer_ids=list(customer_ids), accounts=list(accounts))
    openids = identity.who.values_of([row["openid_token"] for row in rows])
    found: dict[tuple[int, str], list[str]] = {}
    for row in rows:
        if row["openid_token"] in openids:
            found.setdefault((row["customer_id"], row["account"]), []).append(openids[row["openid_token"]])
    return found


_FOLLOWED = Statement(lambda: text("SELECT 1 FROM follower WHERE openid_token = CAST(:token AS uuid) AND times > 0"))


def ever_followed(openid_token: uuid.UUID) -> bool:
    """Whether this openid follows its account, or did once, as far as has been heard."""
    return bool(_FOLLOWED.rows(db.session(), token=str(openid_token)))


def list_of(customer_id: int) -> list[FollowerView]:
    """How a person stands with every account they ever followed."""
    return [FollowerView(**row) for row in _OF_CUSTOMER.rows(db.session(), customer_id=customer_id)]


_COUNTS = Statement(
    lambda: text(
        "SELECT account, count(*) FILTER (WHERE state = 'following') AS following,"
        " count(*) FILTER (WHERE state = 'left') AS gone FROM follower GROUP BY account ORDER BY account"
    )
)


def count_by_account() -> dict[str, tuple[int, int]]:
    """How many follow each account, and how many left it."""
    return {row["account"]: (row["following"], row["gone"]) for row in _COUNTS.rows(db.session())}
