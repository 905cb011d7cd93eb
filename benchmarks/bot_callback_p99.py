"""bot_callback_p99: how long a callback waits for its answer, one in a hundred longer; comes with `bot_callback`."""

from benchmarks.bot_callback import run as run
