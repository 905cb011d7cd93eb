"""What the platform wants to tell the products behind its apps, and what became of it."""

import heapq
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sandbox.world.apps import App
from sandbox.world.faults import Fault, FaultKind

FINISHED_KEPT = 2000
HELD_BACK_SECONDS = 5.0
WAIT_FOR_OTHERS_SECONDS = 30.0


class PushState(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    GIVEN_UP = "given_up"
    LOST = "lost"


@dataclass(slots=True)
class Push:
    """One message or event on its way to `url`'s app. `fields` is the whole message in the platform's order;
    `shows_replies`: a passive answer would reach the person. `due_at` is of the world's clock."""

    push_id: str
    appid: str
    openid: str
    person_id: str
    name: str
    fields: dict[str, Any]
    made_at: float
    due_at: float
    shows_replies: bool
    state: PushState = PushState.WAITING
    faults: list[str] = field(default_factory=list)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    replies: int = 0
    sealed: str = ""
    next_up: list["Push"] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "push_id": self.push_id,
            "appid": self.appid,
            "openid": self.openid,
            "person_id": self.person_id,
            "name": self.name,
            "fields": {key: value if isinstance(value, str | int | list | dict) else str(value)
                       for key, value in self.fields.items()},
            "made_at": self.made_at,
            "due_at": self.due_at,
            "state": self.state.value,
            "faults": list(self.faults),
            "deliveries": list(self.deliveries),
            "replies": self.replies,
        }  # fmt: skip


@dataclass(slots=True)
class Errand:
    """One chain of deliveries of a push: the usual one, or the copy that a doubling fault ordered."""

    push: Push
    copy: int = 0
    attempts: int = 0

    @property
    def user(self) -> tuple[str, str, int]:
        """Pushes about one person go out one after another; a copy may overlap."""
        return self.push.appid, self.push.openid, self.copy


class Pushes:
    """The queue. Whoever carries (`sandbox.pushing`) takes errands and says how they went. Its own lock is never held
    while the world's is asked for."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        self.wake: Callable[[], None] = lambda: None
        self.carry: Callable[[Errand], None] = lambda errand: None
        self.verify: Callable[[App], dict[str, Any]] = lambda app: {}
        self._clear()

    def _clear(self) -> None:
        self._ready: deque[Errand] = deque()
        self._later: list[tuple[float, int, Errand]] = []
        self._paused: list[tuple[float, int, Errand]] = []
        self._busy: Counter[tuple[str, str, int]] = Counter()
        self._held: dict[tuple[str, str, int], deque[Errand]] = {}
        self._behind: dict[str, list[Push]] = {}
        self._waiting: dict[str, Push] = {}
        self._finished: deque[Push] = deque(maxlen=FINISHED_KEPT)
        self.totals: Counter[tuple[str, str, str]] = Counter()

    def clear(self) -> None:
        with self._changed:
            self._clear()
            self._changed.notify_all()

    def next_id(self) -> str:
        return f"push{next(self._numbers)}"

    def add(self, push: Push, *, faults: dict[FaultKind, Fault]) -> None:
        """Queues a push; ordered faults lose it, delay it, double it or let the next one overtake it."""
        push.faults = [kind.value for kind in faults]
        if FaultKind.PUSH_DELAY in faults:
            push.due_at += faults[FaultKind.PUSH_DELAY].seconds
        with self._changed:
            if FaultKind.PUSH_LOST in faults:
                self._finish(push, state=PushState.LOST)
                return
            self._waiting[push.push_id] = push
            if FaultKind.PUSH_REORDER in faults:
                self._behind.setdefault(push.appid, []).append(push)
                heapq.heappush(self._paused, (time.monotonic() + HELD_BACK_SECONDS, next(self._numbers), Errand(push)))
            else:
                push.next_up = self._behind.pop(push.appid, [])
                self._queue(Errand(push))
            if FaultKind.PUSH_DUPLICATE in faults:
                self._queue(Errand(push, copy=1))
            self._changed.notify_all()
        self.wake()

    def _queue(self, errand: Errand) -> None:
        if errand.push.due_at > self._now():
            heapq.heappush(self._later, (errand.push.due_at, next(self._numbers), errand))
        else:
            self._ready.append(errand)

    def _release_due(self, *, everything: bool, pauses_too: bool) -> None:
        now, real = self._now(), time.monotonic()
        while self._later and (everything or self._later[0][0] <= now or self._later[0][2].push.made_at > now + 1):
            self._ready.append(heapq.heappop(self._later)[2])
        while self._paused and (pauses_too or self._paused[0][0] <= real):
            errand = heapq.heappop(self._paused)[2]
            if self._still_wanted(errand):
                self._ready.append(errand)

    def _still_wanted(self, errand: Errand) -> bool:
        """A repeat is, while nothing was answered; one that was held back is, unless it was let go meanwhile."""
        if errand.attempts:
            return errand.push.push_id in self._waiting
        behind = self._behind.get(errand.push.appid, [])
        held_back = any(push is errand.push for push in behind)
        if held_back:
            self._behind[errand.push.appid] = [push for push in behind if push is not errand.push]
        return held_back

    def take(self, *, everything: bool = False, pauses_too: bool = False) -> Errand | None:
        """The next errand that is due; with `everything` also what is not due yet, with `pauses_too` repeats at once."""
        with self._changed:
            self._release_due(everything=everything, pauses_too=pauses_too)
            while self._ready:
                errand = self._ready.popleft()
                if self._busy[errand.user]:
                    self._held.setdefault(errand.user, deque()).append(errand)
                    continue
                self._busy[errand.user] += 1
                return errand
        return None

    def done(self, errand: Errand, *, answered: bool, again_after: float | None = None) -> None:
        """How a delivery went; `again_after` (real seconds) orders another one."""
        with self._changed:
            errand.attempts += 1
            user = errand.user
            self._busy.pop(user, None)
            held = self._held.pop(user, None)
            if held:
                self._ready.extendleft(reversed(held))
            if answered:
                self._finish(errand.push, state=PushState.ANSWERED)
            elif again_after is not None:
                heapq.heappush(self._paused, (time.monotonic() + again_after, next(self._numbers), errand))
            elif not errand.copy:
                self._finish(errand.push, state=PushState.GIVEN_UP)
            overtaken, errand.push.next_up = errand.push.next_up, []
            self._ready.extendleft(Errand(push) for push in reversed(overtaken))
            self._changed.notify_all()
        self.wake()

    def _finish(self, push: Push, *, state: PushState) -> None:
        if push.state is not PushState.WAITING:
            return
        self._waiting.pop(push.push_id, None)
        push.state = state
        self._finished.append(push)
        self.totals[push.appid, push.name, state.value] += 1

    def wait(self, seconds: float) -> bool:
        """Waits for work; False when there was none at all for so long."""
        with self._changed:
            if not (self._later or self._paused or self._ready):
                return self._changed.wait(seconds) or bool(self._ready or self._later or self._paused)
            self._changed.wait(min(seconds, self._until_next()))
            return True

    def _until_next(self) -> float:
        waits = [0.25]
        if self._paused:
            waits.append(self._paused[0][0] - time.monotonic())
        if self._later:
            waits.append(self._later[0][0] - self._now())
        return max(0.005, min(waits))

    def drain(self, *, due_only: bool = False) -> int:
        """Delivers in the caller's thread all that waits, repeats included and without their pauses, until nothing is
        left; with `due_only` what is not due by the world's clock stays. Waits for what others are delivering.
        The world's lock must not be held. Returns how many deliveries it made."""
        count, patience = 0, time.monotonic() + WAIT_FOR_OTHERS_SECONDS
        while True:
            errand = self.take(everything=not due_only, pauses_too=True)
            if errand is not None:
                self.carry(errand)
                count += 1
                continue
            with self._changed:
                if not any(self._busy.values()) or time.monotonic() > patience:
                    return count
                self._changed.wait(0.05)

    def list(self, *, appid: str | None = None, name: str | None = None, limit: int = 200) -> list[dict[str, Any]]:
        """The last pushes, oldest first; those still waiting are among them."""
        with self._changed:
            every = [*self._finished, *self._waiting.values()]
            found = [push for push in every if appid in (None, push.appid) and name in (None, push.name)]
            return [push.to_json() for push in found[-limit:]] if limit > 0 else []

    def counted(self) -> dict[tuple[str, str, str], int]:
        """How many pushes ended how, by (appid, name, state); never cut off."""
        with self._changed:
            return dict(self.totals)

    def waiting(self) -> int:
        with self._changed:
            return len(self._waiting)
