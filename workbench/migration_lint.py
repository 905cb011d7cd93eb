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


def rendered() -> str:
    """The SQL of all migrations, from nothing to the newest, as an online run says it. No database is asked."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        command.upgrade(config_for("postgresql+psycopg://"), "head", sql=True)
    # Alembic's own table is not ours to shape; the lock time-out is what migrations/env.py sets for every run.
    ours = re.sub(r"CREATE TABLE alembic_version \(.*?\);", "", output.getvalue(), flags=re.DOTALL)
    return f"SET lock_timeout = '{LOCK_TIMEOUT}';\n{ours}"


def main() -> int:
    """Squawk's own answer; its rules are in .squawk.toml."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "migrations.sql"
        script.write_text(rendered())
        words: list[str | Path] = [VENV / "bin" / "squawk", "--config", ROOT / ".squawk.toml", script]
        return subprocess.run(words, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
