"""Numbered points at which a process can be told to die, so that a test can walk through all of them.

`GUIYI_FAILPOINT=name` kills the process that reaches the point, as kill -9 does; `name:3` the third time. Production refuses
to start with it (app/kernel/settings.py).
"""

import functools
import itertools
import os
import signal

from app.kernel.settings import settings


def here(name: str) -> None:
    """A point of the code that has a name; nothing happens unless the environment names it too."""
    if name == _armed()[0] and next(_reached()) == _armed()[1]:
        os.kill(os.getpid(), signal.SIGKILL)


@functools.cache
def _armed() -> tuple[str, int]:
    name, _, times = settings().failpoint.partition(":")
    return name, int(times or 1)


@functools.cache
def _reached() -> "itertools.count[int]":
    return itertools.count(1)
