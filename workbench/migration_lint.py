"""Renders every migration to SQL and has squawk look for what would lock or break a running product."""

import contextlib
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from migrations.run import LOCK_TIMEOUT, config_for
from workbench.setup import ROOT, VENV

FLAGS = re.DOTALL | re.MULTILINE


def rendered() -> dict[str, str]:
    """The SQL of every migration by its number, as an online run says it. No database is asked."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        command.upgrade(config_for("postgresql+psycopg://"), "head", sql=True)
    # Each migration is a transaction and a file of its own: squawk judges a statement by what its file did before.
    parts = re.split(
        r"^BEGIN;\s+(?=(?:CREATE TABLE alembic_version.*?;\s+)?-- Running upgrade)", output.getvalue(), flags=FLAGS
    )
    # The lock time-out is what migrations/env.py sets for every run.
    return {
        _number(part): f"SET lock_timeout = '{LOCK_TIMEOUT}';\nBEGIN;\n{_ours(part)}" for part in parts if part.strip()
    }


def _number(part: str) -> str:
    found = re.search(r"^-- Running upgrade .*-> (\S+)$", part, re.MULTILINE)
    if not found:
        sys.exit(f"no migration is named in:\n{part[:500]}")
    return found[1]


def _ours(part: str) -> str:
    """Without Alembic's own table, which is not ours to shape."""
    return re.sub(r"^CREATE TABLE alembic_version.*?;$", "", part, count=1, flags=FLAGS)


def main() -> int:
    """Squawk's own answer; its rules are in .squawk.toml."""
    with tempfile.TemporaryDirectory() as folder:
        scripts = []
        for number, text in rendered().items():
            scripts.append(Path(folder) / f"{number}.sql")
            scripts[-1].write_text(text)
        words: list[str | Path] = [VENV / "bin" / "squawk", "--config", ROOT / ".squawk.toml", *scripts]
        return subprocess.run(words, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
