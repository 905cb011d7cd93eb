"""Runs one command with the environment of `make run`: `python -m workbench.inside alembic current`.

Local servers are started when the environment names none, and stay for the next command (`workbench.services down`).
"""

import os
import sys

from workbench import environment
from workbench.setup import VENV


def main(words: list[str]) -> None:
    """Become the command; never returns."""
    if not words:
        sys.exit(__doc__)
    environment.start_servers()
    environment.complete()
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    os.execvp(words[0], words)


if __name__ == "__main__":
    main(sys.argv[1:])
