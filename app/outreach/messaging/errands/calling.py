"""Threads that make calls, and a queue in which their answers come together."""

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Callers(Generic[Item, Answer]):
    """At most `number` threads that do `act`, started as they are needed. `act` never raises.

    Cheaper than an executor's futures, of which there would be one for each message.
    """

    def __init__(self, number: int, act: Callable[[Item], Answer]) -> None:
        self._number, self._act = number, act
        self._wanted: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[Item, Answer]] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.busy = 0

    def submit(self, item: Item) -> None:
        """Have it done."""
        self.busy += 1
        if len(self._threads) < min(self.busy, self._number):
            self._threads.append(threading.Thread(target=self._work, daemon=True))
            self._threads[-1].start()
        self._wanted.put(item)

    def collect(self, *, wait: float, gather: float) -> list[tuple[Item, Answer]]:
        """What is answered: waits for the first so long, and then a moment for those that come with it. In seconds."""
        found = []
        until = time.monotonic() + wait
        while self.busy:
            try:
                found.append(self._answers.get(timeout=max(0.0, until - time.monotonic())))
            except queue.Empty:
                break
            self.busy -= 1
            if len(found) == 1:
                until = time.monotonic() + gather
        return found

    def close(self) -> None:
        """Let the threads end; nothing may be under way."""
        for _ in self._threads:
            self._wanted.put(None)

    def _work(self) -> None:
        while (item := self._wanted.get()) is not None:
            self._answers.put((item, self._act(item)))
