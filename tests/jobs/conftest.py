"""Real clock and worker processes beside the tests, on the tests' own database and queue."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import flask
import pytest

from tests.conftest import REPOSITORY


@pytest.fixture
def processes(committed: flask.Flask) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start `python -m …`; whatever still runs at the end is killed with its children."""
    started: list[subprocess.Popen] = []

    def start(*words: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=REPOSITORY, env=os.environ | {"GUIYI_POOL_SIZE": "8"},
            start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """kill -9 the process and its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def wait_until(happened: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for something, or fail."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.1)
