"""Quotas of accounts: so many sends a minute and a day, shared by all workers through Redis, never above.

A hash for each account and channel counts the reservations of the present minute and day. Whoever reserves holds the
account's lock together with others until their transaction ends, and with it the attempts are written: so when the hash is
gone, whoever takes the lock alone finds every reservation as a row, and counts again.
"""

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from redis.commands.core import Script
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from app.kernel import locks
from app.kernel.cached import Cached
from app.kernel.database import Statement, db, reading
from app.kernel.redis import client
from app.outreach.materials import CHANNELS
from app.outreach.messaging.models import AccountLimit
from app.outreach.messaging.rules import quotas
from app.outreach.messaging.rules.quotas import Limit

# (account, channel)
Key = tuple[str, str]

# For each request: reserve as many as every window has room for, all windows at once. Two workers' clocks differ a little:
# what is older than the count was made is told to come again.
_RESERVE = """
local now = tonumber(ARGV[1])
local answers = {}
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 7
  local room, why = tonumber(ARGV[at]), ''
  local known = redis.call('HMGET', key, 'since', 'closed_until')
  local behind = (tonumber(known[1]) or 0) - now
  if not known[1] then
    room, why = 0, 'lost'
  elseif behind > 0 and behind < 5000 then
    room, why = 0, 'lost'
  elseif (tonumber(known[2]) or 0) > now then
    room, why = 0, 'closed'
  else
    local windows = {{ARGV[at + 3], 'minute', 1}, {ARGV[at + 4], 'minute', 1}, {ARGV[at + 5], 'day', 2}, {ARGV[at + 6], 'day', 2}}
    for _, window in ipairs(windows) do
      if window[1] ~= '' then
        local left = tonumber(ARGV[at + window[3]]) - (tonumber(redis.call('HGET', key, window[1])) or 0)
        if left < room then room, why = math.max(left, 0), window[2] end
      end
    end
    if room > 0 then
      for _, window in ipairs(windows) do
        if window[1] ~= '' then redis.call('HINCRBY', key, window[1], room) end
      end
      if redis.call('HLEN', key) > 12 then
        local oldest = {m = tonumber(string.sub(ARGV[at + 3], 2)) - 5, d = tonumber(string.sub(ARGV[at + 5], 2))}
        for _, field in ipairs(redis.call('HKEYS', key)) do
          local kind, number = string.match(field, '^([md])(%d+)$')
          if kind and tonumber(number) < oldest[kind] then redis.call('HDEL', key, field) end
        end
      end
    end
  end
  answers[i] = {room, why, known[2] or '0'}
end
return answers
"""
_GIVE_BACK = """
for i, key in ipairs(KEYS) do
  local number = tonumber(ARGV[i * 2 - 1])
  for field in string.gmatch(ARGV[i * 2], '%S+') do
    if redis.call('HEXISTS', key, field) == 1 then redis.call('HINCRBY', key, field, -number) end
  end
end
"""
_CLOSE = """
if redis.call('EXISTS', KEYS[1]) == 1 and tonumber(redis.call('HGET', KEYS[1], 'closed_until') or '0') < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'closed_until', ARGV[1], 'closed_why', ARGV[2])
end
"""


@functools.cache
def _script(source: str) -> Script:
    return client().register_script(source)


def _name(key: Key) -> str:
    account, channel = key
    return f"quota:{account}:{channel}"


def _set_limits() -> dict[Key, Limit]:
    with reading() as connection:
        rows = connection.execute(AccountLimit.__table__.select()).all()
    return {(row.account, row.channel): Limit(row.a_minute, row.a_day, row.kept_for_notices) for row in rows}


_limits = Cached(_set_limits)


def limit_of(key: Key) -> Limit:
    """What the brand has set for an account's channel, or what holds by default."""
    return _limits.get().get(key) or quotas.DEFAULTS[key[1]]


def set_limit(account: str, *, channel: str, limit: Limit, now: dt.datetime) -> None:
    """Set how many an account sends by a channel; seen by every process within seconds."""
    if channel not in CHANNELS or min(limit.a_minute, limit.a_day) < 0 or not 0 <= limit.kept_for_notices <= 100:
        raise ValueError(f"no limit of {channel}: {limit}")
    columns = {
        "a_minute": limit.a_minute,
        "a_day": limit.a_day,
        "kept_for_notices": limit.kept_for_notices,
        "changed_at": now,
    }
    row = insert(AccountLimit).values(account=account, channel=channel, **columns)
    db.session.execute(row.on_conflict_do_update(index_elements=["account", "channel"], set_=columns))
    _limits.forget()


# ---- reserving


@dataclass(frozen=True)
class Room:
    """How many of those asked for may go; why not more (minute, day, closed, lost) and from when on one may ask again."""

    granted: int
    why: str
    until: dt.datetime


def hold(keys: Iterable[Key], *, now: dt.datetime) -> None:
    """Before reserving in this transaction: what is counted stays countable until it ends; what was lost is counted anew."""
    wanted = sorted(set(keys))
    if not wanted:
        return
    lost = _which_are_lost(wanted)
    locks.lock_many(db.session(), {_name(key): key in lost for key in wanted})
    for key in _which_are_lost(lost) if lost else ():
        _count_again(key, now)


def _which_are_lost(keys: Sequence[Key]) -> list[Key]:
    pipeline = client().pipeline(transaction=False)
    for key in keys:
        pipeline.exists(_name(key))
    return [key for key, there in zip(keys, pipeline.execute(), strict=True) if not there]


_COUNT_AGAIN = Statement(
    lambda: text("""
    SELECT count(*) FILTER (WHERE started_at >= :minute) AS a_minute,
        count(*) FILTER (WHERE started_at >= :next_minute) AS next_minute,
        count(*) AS a_day, count(*) FILTER (WHERE started_at >= :next_day) AS next_day,
        max(started_at) FILTER (WHERE code = '45009') AS spent_at,
        max(started_at) FILTER (WHERE code = '45011') AS too_fast_at
    FROM delivery_attempt WHERE account = :account AND channel = :channel AND started_at >= :day""")
)


def _count_again(key: Key, now: dt.datetime) -> None:
    """From the attempts, while nobody reserves. What the platform refused for its limits closes again what it closed."""
    names, delay = quotas.windows(now), quotas.CALL_DELAY
    minute, next_minute, next_day = quotas.start_of_minute(now), quotas.next_minute(now), quotas.next_day(now)
    midnight = quotas.start_of_day(now)
    (row,) = _COUNT_AGAIN.rows(
        db.session(),
        account=key[0],
        channel=key[1],
        minute=minute - delay,
        next_minute=next_minute - delay,
        day=midnight - delay,
        next_day=next_day - delay,
    )
    counted = {names.minute: row["a_minute"], names.day: row["a_day"]}
    counted |= {names.next_minute: row["next_minute"]} if names.next_minute else {}
    counted |= {names.next_day: row["next_day"]} if names.next_day else {}
    known = {"since": str(_milliseconds(now))} | {name: str(number) for name, number in counted.items()}
    if row["spent_at"] and row["spent_at"] >= midnight:
        known |= {"closed_until": str(_milliseconds(next_day)), "closed_why": "45009"}
    elif row["too_fast_at"] and row["too_fast_at"] >= minute:
        known |= {"closed_until": str(_milliseconds(next_minute)), "closed_why": "45011"}
    client().hset(_name(key), mapping=cast(Any, known))


def reserve(wanted: Mapping[tuple[Key, bool], int], *, now: dt.datetime) -> dict[tuple[Key, bool], Room]:
    """Of so many for each (account and channel, whether for a campaign), how many may go now. All in one call, notices first.

    Call `hold` before, in the same transaction. What is granted counts, unless it is given back.
    """
    if not wanted:
        return {}
    order = sorted(wanted, key=lambda one: (one[1], one[0]))
    names = quotas.windows(now)
    arguments: list[Any] = [_milliseconds(now)]
    for key, campaign in order:
        limit = limit_of(key)
        arguments += [wanted[key, campaign], limit.a_minute, limit.a_day_for(campaign=campaign)]
        arguments += [names.minute, names.next_minute, names.day, names.next_day]
    answers = _script(_RESERVE)(keys=[_name(key) for key, _ in order], args=arguments)
    return {one: _room(answer, now) for one, answer in zip(order, answers, strict=True)}


def _room(answer: Sequence[Any], now: dt.datetime) -> Room:
    granted, why, closed_until = int(answer[0]), str(answer[1]), int(answer[2] or 0)
    until = {
        "minute": quotas.next_minute(now),
        "day": quotas.next_day(now),
        "closed": dt.datetime.fromtimestamp(closed_until / 1000, dt.UTC),
        "lost": now + dt.timedelta(seconds=1),
    }.get(why, now)
    return Room(granted, why, until)


def return_unused(keys: Iterable[Key], *, now: dt.datetime) -> None:
    """What was reserved by this very transaction and will not be called for is free again."""
    names = quotas.windows(now)
    fields = " ".join(filter(None, (names.minute, names.next_minute, names.day, names.next_day)))
    counted = Counter(keys)
    if counted:
        arguments = [word for number in counted.values() for word in (number, fields)]
        _script(_GIVE_BACK)(keys=[_name(key) for key in counted], args=arguments)


# ---- what the platform says, and what people look at


def learn(account: str, *, channel: str, code: str, now: dt.datetime) -> dt.datetime | None:
    """The platform refused for its limit: 45009 until midnight in Beijing, 45011 until the next minute. Until when."""
    until = {"45009": quotas.next_day(now), "45011": quotas.next_minute(now)}.get(code)
    if until is not None:
        _script(_CLOSE)(keys=[_name((account, channel))], args=[_milliseconds(until), code])
    return until


def reopen(account: str, *, channel: str) -> None:
    """The platform's count was cleared there: send again without waiting for midnight."""
    client().hdel(_name((account, channel)), "closed_until", "closed_why")


@dataclass(frozen=True)
class Usage:
    """How an account's channel stands. `closed_until`: the platform refused more until then, by `closed_why`."""

    account: str
    channel: str
    limit: Limit
    this_minute: int
    today: int
    closed_until: dt.datetime | None
    closed_why: str | None

    def left_today(self, *, campaign: bool = False) -> int:
        """How many may still go today."""
        return max(self.limit.a_day_for(campaign=campaign) - self.today, 0)


def usage(account: str, *, now: dt.datetime) -> list[Usage]:
    """How every channel of an account stands (account empty: SMS and calls); zero where nothing was counted yet."""
    channels = [channel for channel in CHANNELS if (channel in ("sms", "voice")) == (not account)]
    return usage_of([(account, channel) for channel in channels], now=now)


def usage_of(keys: Sequence[Key], *, now: dt.datetime) -> list[Usage]:
    """How these accounts' channels stand."""
    names = quotas.windows(now)
    pipeline = client().pipeline(transaction=False)
    for key in keys:
        pipeline.hmget(_name(key), [names.minute, names.day, "closed_until", "closed_why"])
    found = []
    for key, (minute, day, closed, why) in zip(keys, pipeline.execute(), strict=True):
        until = dt.datetime.fromtimestamp(int(closed) / 1000, dt.UTC) if closed else None
        is_closed = until is not None and until > now
        found.append(
            Usage(
                *key,
                limit_of(key),
                int(minute or 0),
                int(day or 0),
                until if is_closed else None,
                why if is_closed else None,
            )
        )
    return found


def _milliseconds(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)
