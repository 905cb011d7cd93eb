"""Renders every migration to SQL and has squawk look for what would lock or break a running product."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


def rendered() -> str:
    """The SQL of all migrations, from nothing to the newest. Offline: no database is asked."""
    done = subprocess.run(
        [BIN / "alembic", "upgrade", "head", "--sql"],
        check=False,
        cwd=ROOT,
        env={"DATABASE_URL": "postgresql+psycopg://guiyi@127.0.0.1:1/postgres", **os.environ},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"the migrations cannot be rendered to SQL:\n{done.stderr[-3000:]}")
    return done.stdout


def main() -> int:
    """Squawk's own answer; its rules are in .squawk.toml."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "migrations.sql"
        script.write_text(rendered())
        return subprocess.run([BIN / "squawk", "--config", ROOT / ".squawk.toml", script], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
