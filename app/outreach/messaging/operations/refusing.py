"""Who wants no marketing, by a channel or at all; and who is left in peace for a while (R02, R03)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel import carrier
from app.kernel.database import Statement, db
from app.outreach.materials import CHANNELS
from app.outreach.messaging.queries.standing import REFUSALS, Row

# R01: what the platform keeps for service is not among them.
MARKETING_CHANNELS = tuple(channel for channel in CHANNELS if channel != "oa_template")

_ANSWER = """
    INSERT INTO channel_refusal AS known (customer_id, born_customer_id, channel, source, {column})
    VALUES (:customer_id, :born_customer_id, :channel, :source, :now)
    ON CONFLICT (customer_id, born_customer_id, channel) DO UPDATE SET {column} = excluded.{column}, source = excluded.source
    WHERE known.{column} IS NULL OR known.{column} < excluded.{column}"""
_REFUSE = Statement(lambda: text(_ANSWER.format(column="refused_at")))
_ALLOW = Statement(lambda: text(_ANSWER.format(column="allowed_at")))
_KEEP_PEACE = Statement(
    lambda: text("""
    INSERT INTO reach_peace AS known (customer_id, born_customer_id, cause, until)
    SELECT * FROM unnest(CAST(:people AS bigint[]), CAST(:born AS bigint[]), CAST(:causes AS text[]),
        CAST(:moments AS timestamptz[])) AS said (customer_id, born_customer_id, cause, until)
    ORDER BY customer_id, cause
    ON CONFLICT (customer_id, born_customer_id, cause) DO UPDATE SET until = greatest(known.until, excluded.until)""")
)
_END_PEACE = Statement(
    lambda: text("""
    UPDATE reach_peace SET until = :now WHERE customer_id = :customer_id AND cause = :cause AND until > :now""")
)


@dataclass(frozen=True)
class Peaceful:
    """Somebody whom marketing leaves alone until then, for a cause (refund:17, complaint:4)."""

    customer_id: int
    born_customer_id: int
    cause: str
    until: dt.datetime


def refuse(customer_id: int, *, channel: str, source: str, now: dt.datetime) -> None:
    """No more marketing by this channel, by any where it is empty; from the next message on."""
    _answer(_REFUSE, customer_id, channel, source=source, now=now)


def allow(customer_id: int, *, channel: str, source: str, now: dt.datetime) -> None:
    """They take a refusal back. Consent to marketing is another matter (L01)."""
    _answer(_ALLOW, customer_id, channel, source=source, now=now)


def _answer(statement: Statement, customer_id: int, channel: str, *, source: str, now: dt.datetime) -> None:
    if channel and channel not in CHANNELS:
        raise ValueError(f"no channel is called {channel}")
    db.session.flush()
    statement.rows(
        db.session(),
        customer_id=customer_id,
        born_customer_id=carrier.born(customer_id),
        channel=channel,
        source=source,
        now=now,
    )


def refused_channels(customer_id: int) -> set[str]:
    """By which channels a person wants no marketing; an empty one among them means: by none at all."""
    rows: list[Row] = list(REFUSALS.rows(db.session(), people=[customer_id]))
    return {row["channel"] for row in rows}


@dataclass(frozen=True)
class Preference:
    """Whether a person may get marketing by a channel, as far as they are concerned; an empty channel: by any at all."""

    channel: str
    allowed: bool


def list_preferences(customer_id: int) -> list[Preference]:
    """How a person has set each channel by which there is marketing, all of them first."""
    refused = refused_channels(customer_id)
    return [Preference(channel, channel not in refused) for channel in ("", *MARKETING_CHANNELS)]


def set_preferences(
    customer_id: int, *, answers: Mapping[str, bool], source: str, now: dt.datetime
) -> list[Preference]:
    """Refuse (False) or allow (True) by channel, empty for all; how everything stands then. Service messages go on."""
    for channel, allowed in answers.items():
        (allow if allowed else refuse)(customer_id, channel=channel, source=source, now=now)
    return list_preferences(customer_id)


def keep_peace(wishes: Sequence[Peaceful], *, now: dt.datetime) -> None:
    """Marketing leaves these people alone; what is over already is not written down."""
    lasting = {(one.customer_id, one.born_customer_id, one.cause): one for one in wishes if one.until > now}
    if not lasting:
        return
    db.session.flush()
    _KEEP_PEACE.rows(
        db.session(),
        people=[one.customer_id for one in lasting.values()],
        born=[one.born_customer_id for one in lasting.values()],
        causes=[one.cause for one in lasting.values()],
        moments=[one.until for one in lasting.values()],
    )


def end_peace(customer_id: int, *, cause: str, now: dt.datetime) -> None:
    """What they complained of is settled."""
    _END_PEACE.rows(db.session(), customer_id=customer_id, cause=cause, now=now)
