"""What platforms tell of messages: it arrived, or it did not; in any order, doubled, also before our own answer is written.

What names a message that nobody knows is kept aside: settling looks there, and so does every sweep. A message whose answer
was lost has no id here; by then it is found by whom it was to reach.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import text

from app.kernel import failpoints
from app.kernel.database import Statement, db
from app.outreach.messaging.operations.counting import Counted, count
from app.outreach.messaging.rules import pairing
from app.people import identity

# What belongs to no message within this time is another system's.
KEPT_ASIDE = dt.timedelta(days=3)
# A message may still be on its way to its own line in our books: no guess before every lease of that time has ended.
NO_GUESS_BEFORE = dt.timedelta(seconds=40)
# For so long a sweep tries it; a message that is settled later looks for its receipt itself.
TRIED_FOR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a platform says of one message. `account`: appid, or the provider's channel (sms, voice); `code`: why it failed.

    `platform_id`: the id that sending gave; without it (or when that answer was lost) `openid` or `phone` and `template_id`
    say which.
    """

    account: str
    outcome: Literal["delivered", "failed"]
    at: dt.datetime
    platform_id: str | None = None
    openid: str | None = None
    phone: str | None = None
    template_id: str | None = None
    code: str | None = None


_KEEP = Statement(
    lambda: text("""
    INSERT INTO message_receipt (account, platform_id, born_customer_id, template_id, outcome, code, at, taken_at)
    SELECT *, CAST(:now AS timestamptz) FROM unnest(CAST(:accounts AS text[]), CAST(:platform_ids AS text[]),
        CAST(:selves AS bigint[]), CAST(:templates AS text[]), CAST(:outcomes AS text[]), CAST(:codes AS text[]),
        CAST(:ats AS timestamptz[]))
    ON CONFLICT DO NOTHING""")
)
# Texts and calls leave by no account: their receipts name the channel.
_WHERE_FROM = "coalesce(nullif(it.account, ''), it.channel)"
# A receipt that comes again, or says the contrary later, finds the delivery ended.
_END = """
    heard AS (
        SELECT DISTINCT ON (delivery_id) * FROM said ORDER BY delivery_id, at, receipt_id
    ), locked AS (
        SELECT id, state FROM delivery WHERE id IN (SELECT delivery_id FROM heard) ORDER BY id FOR NO KEY UPDATE
    ), ended AS (
        UPDATE delivery AS it SET state = heard.outcome, ended_at = heard.at,
            platform_id = coalesce(it.platform_id, heard.platform_id), sent_at = coalesce(it.sent_at, heard.at),
            reason = CASE WHEN heard.outcome = 'failed' THEN 'receipt:' || coalesce(heard.code, '') END
        FROM heard JOIN locked ON locked.id = heard.delivery_id
        WHERE it.id = locked.id AND locked.state IN ('sent', 'in_doubt')
        RETURNING it.id, it.dispatch_id, it.state, it.reason, locked.state AS was
    ), used AS (
        DELETE FROM message_receipt WHERE id IN (SELECT receipt_id FROM said)
    ) SELECT * FROM ended"""
_BY_ID = f"""
    WITH said AS (
        SELECT receipt.id AS receipt_id, it.id AS delivery_id, receipt.outcome, receipt.code, receipt.at,
            receipt.platform_id
        FROM message_receipt AS receipt JOIN delivery AS it
            ON it.platform_id = receipt.platform_id AND {_WHERE_FROM} = receipt.account AND it.state <> 'sending'
        WHERE receipt.{{which}}
    ),"""  # noqa: S608  (constants)
APPLY = Statement(lambda: text(_BY_ID.format(which="platform_id = ANY(CAST(:platform_ids AS text[]))") + _END))
_APPLY_SINCE = Statement(lambda: text(_BY_ID.format(which="taken_at > :since") + _END))
_PAIRED = """
    WITH said AS (
        SELECT receipt.id AS receipt_id, pair.delivery_id, receipt.outcome, receipt.code, receipt.at, receipt.platform_id
        FROM unnest(CAST(:receipts AS bigint[]), CAST(:deliveries AS bigint[])) AS pair (receipt_id, delivery_id)
        JOIN message_receipt AS receipt ON receipt.id = pair.receipt_id
    ),"""
_APPLY_PAIRS = Statement(lambda: text(_PAIRED + _END))
_UNMATCHED = Statement(
    lambda: text(
        "SELECT id, account, born_customer_id, template_id, at FROM message_receipt"
        " WHERE taken_at BETWEEN :since AND :until AND born_customer_id IS NOT NULL ORDER BY taken_at, id LIMIT :most"
    )
)
# Sent without an id that receipts could name, or with an answer that was lost.
_OPEN = Statement(
    lambda: text(f"""
    SELECT it.id, it.customer_id, {_WHERE_FROM} AS account, it.state, attempt.template_id, attempt.channel, attempt.started_at
    FROM delivery AS it JOIN delivery_attempt AS attempt
        ON attempt.delivery_id = it.id AND attempt.number = it.attempts
    WHERE it.customer_id = ANY(CAST(:people AS bigint[])) AND it.state IN ('sent', 'in_doubt')
        AND it.platform_id IS NULL ORDER BY attempt.started_at, it.id""")  # noqa: S608  (constants)
)
_FORGET = Statement(lambda: text("DELETE FROM message_receipt WHERE taken_at < :before"))


def take(receipts: Sequence[Receipt], *, now: dt.datetime) -> int:
    """Take in what platforms tell; how many deliveries ended by it at once. The others stay aside and are matched later."""
    if not receipts:
        return 0
    selves = _whose(receipts)
    told = sorted(receipts, key=lambda one: (one.account, one.platform_id or "", one.at))
    _KEEP.rows(
        db.session(),
        accounts=[one.account for one in told],
        platform_ids=[one.platform_id for one in told],
        selves=[selves.get(id(one)) for one in told],
        templates=[one.template_id or "" for one in told],
        outcomes=[one.outcome for one in told],
        codes=[one.code for one in told],
        ats=[one.at for one in told],
        now=now,
    )
    ids = [one.platform_id for one in told if one.platform_id]
    ended = APPLY.rows(db.session(), platform_ids=ids) if ids else []
    count(counted(ended), now=now)
    failpoints.here("sending.receiving")
    return len(ended)


def match_aside(*, now: dt.datetime, limit: int = 1000) -> int:
    """Try again what was kept aside: by id, and then, for messages without one, by person; how many deliveries ended."""
    ended = _APPLY_SINCE.rows(db.session(), since=now - TRIED_FOR)
    told = _UNMATCHED.rows(db.session(), since=now - TRIED_FOR, until=now - NO_GUESS_BEFORE, most=limit)
    if told:
        owners = identity.who.find_owners(sorted({row["born_customer_id"] for row in told}))
        for row in told:
            row["customer_id"] = owners.get(row["born_customer_id"])
        pairs = pairing.pair(told, _OPEN.rows(db.session(), people=sorted(set(owners.values()))))
        ended += _APPLY_PAIRS.rows(
            db.session(), receipts=[one for one, _ in pairs], deliveries=[other for _, other in pairs]
        )
    _FORGET.rows(db.session(), before=now - KEPT_ASIDE)
    count(counted(ended), now=now)
    return len(ended)


def counted(ended: Sequence[Mapping[str, Any]]) -> Counter[Counted]:
    """What these ends are in numbers: of which a receipt comes, that has left, whatever became of it."""
    numbers: Counter[Counted] = Counter()
    for row in ended:
        numbers[row["dispatch_id"], row["state"], row["reason"] or ""] += 1
        if row["was"] == "in_doubt":
            numbers[row["dispatch_id"], "in_doubt", ""] -= 1
            numbers[row["dispatch_id"], "sent", ""] += 1
    return numbers


def _whose(receipts: Sequence[Receipt]) -> dict[int, int]:
    """To whose self each belongs, by the receipt's own identity."""
    known = {}
    for one in receipts:
        if one.openid:
            known[id(one)] = identity.identifier("openid", one.openid, scope=one.account).key
        elif one.phone:
            known[id(one)] = identity.identifier("phone", one.phone).key
    holders = identity.find_holders(list(known.values()))
    return {which: holders[key].born_customer_id for which, key in known.items() if key in holders}
