"""One process of `load.operations`: threads that call one operation until the time is up; prints calls per second.

`target` names a function that is told the number of this process and of a thread, and returns what that thread calls
again and again: `def prepare(process: int, thread: int) -> Callable[[], object]`. It runs in the environment of
`ground.variables(url)`. Each thread calls once to warm up; then this prints "ready" and waits for a line on its input,
so that all processes begin together. A call that raises ends the bench.
"""

import importlib
import sys
import threading
import time
from collections.abc import Callable

READY_WITHIN = 120.0


class Threads:
    """The threads of this process, their count of calls, and the first error among them."""

    def __init__(self, prepare: Callable[[int, int], Callable[[], object]], process: int, threads: int) -> None:
        self.prepare, self.process = prepare, process
        self.barrier = threading.Barrier(threads + 1)
        self.go = threading.Event()
        self.end = 0.0
        self.counts: list[int] = []
        self.errors: list[BaseException] = []
        self.threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(threads)]

    def measure(self, seconds: float) -> float:
        """Calls per second of all threads; raises the first error of a call."""
        for thread in self.threads:
            thread.start()
        try:
            self.barrier.wait(READY_WITHIN)
        except threading.BrokenBarrierError as error:
            raise self.errors[0] if self.errors else error from None
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.monotonic()
        self.end = began + seconds
        self.go.set()
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]
        return sum(self.counts) / (time.monotonic() - began)

    def _work(self, number: int) -> None:
        try:
            call = self.prepare(self.process, number)
            call()
            self.barrier.wait(READY_WITHIN)
            self.go.wait()
            count = 0
            while time.monotonic() < self.end:
                call()
                count += 1
            self.counts.append(count)
        except BaseException as error:
            self.errors.append(error)
            self.barrier.abort()


def main(target: str, threads: int, seconds: float, process: int) -> None:
    """Measure and print."""
    module, _, name = target.partition(":")
    print(Threads(getattr(importlib.import_module(module), name), process, threads).measure(seconds))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
