"""What follows from an answer, or from none: pure, so that every case can be read and tested alone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

# accepted: taken over by the platform. refused, invalid: final for this channel. The others were surely not carried out and
# wait: busy and token soon, rate a minute, quota until the day is over, account until an operator has mended it. Of what is
# lost nobody knows.
Kind = Literal["accepted", "refused", "invalid", "busy", "rate", "quota", "account", "lost"]
FINAL = ("refused", "invalid")
LATER = ("busy", "rate", "quota", "account")
# first pause and longest, in seconds; each attempt doubles it.
PAUSES = {"busy": (2, 300), "rate": (60, 900), "account": (60, 1800)}
# How long the platform knows our id of a message (10 minutes, not guaranteed longer), less what a call may take.
KNOWN_FOR = dt.timedelta(minutes=9)
# Where it does: by this channel only.
KNOWS_IDS = "oa_template"
# Reasons of a delivery in doubt: it will be asked again under the same id, or it waits for a receipt or a person.
ASK_AGAIN, WAIT_FOR_WORD = "lost_retry", "lost"
# After a refusal these say no more than that no channel was left: the refusal is why it failed.
NOTHING_LEFT = {"unreachable", "not_granted", "window_closed", "value_missing", "refused"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to. `code`: the platform's; `platform_id`: the id that receipts will name."""

    kind: Kind
    code: str | None = None
    platform_id: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """The call that was made: the `number`-th attempt, by this channel.

    `channels` and `tried`: of its purpose, and those that failed for good before. `doubted_since`: when an earlier attempt
    began whose answer was lost; this one went under the same id.
    """

    number: int
    channel: str
    channels: Sequence[str]
    tried: Sequence[str]
    when_in_doubt: str
    started_at: dt.datetime
    doubted_since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of the delivery. `due_at`: when it is looked at again. `gives_back`: what was reserved is free again."""

    state: Literal["sent", "planned", "failed", "in_doubt"]
    reason: str | None = None
    due_at: dt.datetime | None = None
    gives_back: bool = False


def follow(call: Call, answer: Answer, *, now: dt.datetime, day_end: dt.datetime) -> Next:
    """What follows. `day_end`: when the platform counts anew."""
    if answer.kind == "accepted":
        return Next("sent")
    if answer.kind == "lost" or call.doubted_since is not None:
        return _doubt(call, answer, now)
    if answer.kind in FINAL:
        reason = f"{answer.kind}:{answer.code}"
        if set(call.channels) <= {*call.tried, call.channel}:
            return Next("failed", reason, gives_back=True)
        return Next("planned", reason, due_at=now, gives_back=True)
    until = day_end if answer.kind == "quota" else now + pause(answer.kind, call.number)
    return Next("planned", f"{answer.kind}:{answer.code}", due_at=until, gives_back=True)


def pause(kind: str, attempt: int) -> dt.timedelta:
    """How long to wait after this attempt: longer each time, up to the kind's longest."""
    first, longest = PAUSES[kind]
    return dt.timedelta(seconds=min(first * 2 ** min(attempt - 1, 20), longest))


def _doubt(call: Call, answer: Answer, now: dt.datetime) -> Next:
    """It may have been carried out. A refusal of the second call says nothing of the first."""
    since = call.doubted_since or call.started_at
    again = call.when_in_doubt == "retry" and call.channel == KNOWS_IDS and answer.kind not in FINAL
    if again and (due_at := now + pause("busy", call.number)) < since + KNOWN_FOR:
        return Next("in_doubt", ASK_AGAIN, due_at=due_at)
    return Next("in_doubt", WAIT_FOR_WORD)
