"""What hardly ever changes and everybody asks for, kept in the process for some seconds.

    _tiers = Cached(load_tiers)
    _tiers.get()

A change is seen by other processes within `seconds`, by this one at once where it says `forget`.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
_all: list["Cached[Any]"] = []


class Cached(Generic[T]):
    """What `load` gives, at most some seconds old; however many threads ask, one loads."""

    def __init__(self, load: Callable[[], T], *, seconds: float = 3.0) -> None:
        self._load, self._seconds, self._lock = load, seconds, threading.Lock()
        self._seen: tuple[float, T] | None = None
        _all.append(self)

    def get(self) -> T:
        """What was loaded last."""
        if (seen := self._fresh()) is None:
            with self._lock:
                if (seen := self._fresh()) is None:
                    seen = self._seen = (time.monotonic(), self._load())
        return seen[1]

    def forget(self) -> None:
        """Load again at the next question."""
        self._seen = None

    def _fresh(self) -> tuple[float, T] | None:
        seen = self._seen
        return seen if seen and time.monotonic() - seen[0] <= self._seconds else None


def forget_all() -> None:
    """Drop everything this process keeps so: another database, another moment."""
    for each in _all:
        each.forget()
