"""The product's own processes beside the test, on its database and queue, to be killed and started again."""

from collections.abc import Iterator

import flask
import pytest

from tests.killed.processes import House


@pytest.fixture
def house(committed: flask.Flask) -> Iterator[House]:
    """Web, clock and workers, running."""
    running = House()
    running.start("web", "clock", "workers")
    running.wait_for_web()
    yield running
    running.kill("web", "clock", "workers")
