"""One process of `load.operations`: threads that call one operation until the time is up; prints calls per second.

`target` names a function that takes the number of this process and returns, once per thread, a function to be called
again and again: `def prepare(process: int, thread: int) -> Callable[[], object]`. It runs in the environment of
`ground.variables(url)`. Calls that raise end the bench.
"""

import importlib
import sys
import threading
import time
from collections.abc import Callable


def calls_until(call: Callable[[], object], start: float, seconds: float) -> int:
    """How many calls ended between `start` (of `time.time()`) and `seconds` later; one call before warms up."""
    call()
    time.sleep(max(0.0, start - time.time()))
    count, end = 0, start + seconds
    while time.time() < end:
        call()
        count += 1
    return count


def main(target: str, threads: int, start: float, seconds: float, process: int) -> int:
    """Run the threads; 1 when any call raised."""
    module, _, name = target.partition(":")
    prepare = getattr(importlib.import_module(module), name)
    counts: list[int] = []
    errors: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            counts.append(calls_until(prepare(process, thread), start, seconds))
        except BaseException as error:
            errors.append(error)
            raise

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    if time.time() > start:
        errors.append(TimeoutError("this process was not ready when the others began"))
    for worker in workers:
        worker.join()
    if errors:
        print(f"{target}: {errors[0]!r}", file=sys.stderr)
        return 1
    print(sum(counts) / seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
