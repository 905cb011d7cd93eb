"""Lanes: each takes what is due (transaction), calls from a pool of threads (no transaction), writes the answers (transaction).

While some calls wait for the platform, the next deliveries are taken. Any number of lanes may run, in any number of
processes; a lane's number is held by one of them.
"""

import contextlib
import datetime as dt
import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from app.gateways.wechat import refusals
from app.kernel import failpoints
from app.kernel.database import again_when_given_up, db, unit_of_work
from app.kernel.locks import try_lead
from app.kernel.policy import current
from app.outreach.messaging.errands import channels
from app.outreach.messaging.errands.calling import Callers
from app.outreach.messaging.models import SendingPolicy
from app.outreach.messaging.operations import leasing, settling, sweeping
from app.outreach.messaging.operations.leasing import CHUNK, Flight
from app.outreach.messaging.operations.settling import Answered
from app.outreach.messaging.rules import ending

log = logging.getLogger("guiyi.messaging")
Clock = Callable[[], dt.datetime]
T = TypeVar("T")
# How often a lane that has calls under way asks whether something new is due, and waits for those that must rest.
LOOK_EVERY = 0.2
# Answers are written together where they come together.
GATHER = 0.01
# A lane ends after this long, so that a worker can be stopped and changed settings are seen; the clock starts it again.
LONGEST_RUN = 600.0
_KINDS: dict[type[refusals.SendFailed], ending.Kind] = {
    refusals.Busy: "busy",
    refusals.TokenRefused: "busy",
    refusals.RateReached: "rate",
    refusals.QuotaSpent: "quota",
    refusals.AccountRefused: "account",
    refusals.RecipientRefused: "refused",
    refusals.MessageInvalid: "invalid",
    refusals.AnswerLost: "lost",
}


def answer_of(flight: Flight) -> ending.Answer:
    """Make the call and say what came of it. Whatever breaks here that is no refusal may have been carried out."""
    failpoints.here("sending.calling")
    try:
        accepted = channels.send(flight.go)
        answer = ending.Answer("accepted", platform_id=accepted.msgid)
    except refusals.SendFailed as failed:
        kind: ending.Kind = next((_KINDS[each] for each in type(failed).__mro__ if each in _KINDS), "lost")
        answer = ending.Answer(kind, str(failed.code) if failed.code is not None else None)
    except Exception as error:
        log.exception("a call broke", extra={"delivery": flight.go.delivery_id})
        answer = ending.Answer("lost", type(error).__name__)
    failpoints.here("sending.called")
    return answer


class Lane:
    """One lane. `stop`: take nothing more, write what is under way, and end."""

    def __init__(self, *, clock: Clock, stop: threading.Event, in_flight: int) -> None:
        self._clock, self._stop, self._in_flight = clock, stop, in_flight
        self._callers: Callers[Flight, ending.Answer] = Callers(in_flight, answer_of)
        self._resting: dict[int, dt.datetime] = {}
        self._one_by_one = 0
        self._look_at = self._doubts_at = 0.0
        self.done = 0

    def run(self, *, seconds: float) -> int:
        """Send until nothing is due, what rests for its quota included where it ends within `seconds`; how many calls."""
        end = time.monotonic() + seconds
        try:
            while True:
                taking = not self._stop.is_set() and (time.monotonic() < end or not seconds)
                looked_at = self._take() if taking and self._has_room() else 0
                if self._callers.busy:
                    self._write(self._callers.collect(wait=LOOK_EVERY, gather=GATHER))
                elif not looked_at:
                    if not (taking and seconds and self._resting):
                        return self.done
                    self._stop.wait(LOOK_EVERY)
        finally:
            self._callers.close()

    def _has_room(self) -> bool:
        room = self._in_flight - self._callers.busy >= min(CHUNK, self._in_flight)
        return room and (not self._callers.busy or time.monotonic() >= self._look_at)

    def _take(self) -> int:
        """Take what is due and have it called; how many deliveries were looked at."""
        now = self._clock()
        self._resting = {dispatch_id: until for dispatch_id, until in self._resting.items() if until > now}
        leased = self._lease(now, doubted=False)
        looked_at = leased.looked_at
        self._resting |= leased.rests
        if not looked_at:
            self._look_at = time.monotonic() + LOOK_EVERY
        if not looked_at or time.monotonic() >= self._doubts_at:
            looked_at += self._lease(now, doubted=True).looked_at
            self._doubts_at = time.monotonic() + 1.0
        return looked_at

    def _lease(self, now: dt.datetime, *, doubted: bool) -> leasing.Leased:
        limit = min(1 if self._one_by_one else CHUNK, self._in_flight)
        self._one_by_one = max(0, self._one_by_one - 1)
        take = functools.partial(leasing.lease, now=now, limit=limit, resting=list(self._resting), doubted=doubted)
        try:
            leased = again_when_given_up(functools.partial(_in_a_transaction, take))
        except Exception as error:  # one that cannot be judged must not stand in the way of all others
            log.exception("what is due could not be judged")
            if limit > 1:
                self._one_by_one = CHUNK
            else:
                reason, resting = f"error:{type(error).__name__}", list(self._resting)
                put_off = functools.partial(leasing.put_off, now=now, reason=reason, resting=resting, doubted=doubted)
                _in_a_transaction(put_off)
            return leasing.Leased((), 1, {})
        failpoints.here("sending.leased")
        for flight in leased.flights:
            self._callers.submit(flight)
        return leased

    def _write(self, answers: Sequence[tuple[Flight, ending.Answer]]) -> None:
        if not answers:
            return
        answered = [_answered(flight, answer) for flight, answer in answers]
        settle = functools.partial(settling.settle, answered, now=self._clock())
        _with_patience(lambda: again_when_given_up(functools.partial(_in_a_transaction, settle)))
        failpoints.here("sending.settled")
        self.done += len(answers)


def count_due(*, now: dt.datetime) -> int:
    """How many deliveries are due, at most what all lanes look at in one go."""
    return leasing.count_due(now=now, most=current(SendingPolicy).lanes * CHUNK)


def lock_name(number: int) -> str:
    """Of the lock that whoever is lane `number` holds."""
    return f"send_lane:{number}"


def run_lane(number: int, *, clock: Clock, stop: threading.Event) -> int:
    """Be lane `number` until nothing is due, or told to stop; how many calls were made. 0 where somebody is that lane."""
    with _held(lock_name(number)) as mine:
        if not mine:
            return 0
        lane = Lane(clock=clock, stop=stop, in_flight=current(SendingPolicy).in_flight)
        return lane.run(seconds=LONGEST_RUN)


def send_due(*, now: dt.datetime, in_flight: int = 2 * CHUNK) -> int:
    """Send everything that is due at this moment, beside any lanes; how many calls were made."""
    return Lane(clock=lambda: now, stop=threading.Event(), in_flight=in_flight).run(seconds=0)


def sweep(*, now: dt.datetime) -> int:
    """Put right what was left behind, batch by batch; how many."""
    done = 0
    while count := again_when_given_up(lambda: _in_a_transaction(functools.partial(sweeping.sweep_due, now=now))):
        done += count
    failpoints.here("sending.swept")
    return done


def _answered(flight: Flight, answer: ending.Answer) -> Answered:
    purpose = flight.candidate.purpose
    call = ending.Call(
        number=flight.number,
        channel=flight.go.channel,
        channels=purpose.channels,
        tried=flight.candidate.tried,
        when_in_doubt=purpose.when_in_doubt,
        started_at=flight.started_at,
        doubted_since=flight.doubted_since,
    )
    return Answered(flight.go.delivery_id, purpose.code, call, answer, flight.go.reserved)


def _in_a_transaction(action: Callable[[], T]) -> T:
    with unit_of_work():
        return action()


def _with_patience(action: Callable[[], object], *, seconds: float = 60.0) -> None:
    """An answer that is here must not be forgotten because the database is away for a moment."""
    end = time.monotonic() + seconds
    while True:
        try:
            action()
            return
        except DBAPIError:
            if time.monotonic() > end:
                raise
            log.exception("answers could not be written yet")
            db.session.remove()
            time.sleep(1)


@contextlib.contextmanager
def _held(name: str) -> Iterator[bool]:
    """A lock on a connection of its own, for as long as that lives."""
    connection: Connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        yield try_lead(connection, name)
    finally:
        connection.invalidate()
        connection.close()
