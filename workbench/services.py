"""PostgreSQL and Valkey on this machine, from wheels, for whoever has no DATABASE_URL or REDIS_URL.

    python -m workbench.services up|down|status

A killed owner leaves nothing stuck: the next start reuses the server that still runs, or clears what is left of it.
"""

import sys
from pathlib import Path

from workbench.home import WorkbenchError
from workbench.postgres import Postgres, ensure_database, find_postgres, programs, start_postgres
from workbench.valkey import Valkey, find_valkey, start_valkey

__all__ = [
    "DATA",
    "Postgres",
    "Valkey",
    "WorkbenchError",
    "ensure_database",
    "find_postgres",
    "find_valkey",
    "programs",
    "start_postgres",
    "start_valkey",
]

DATA = Path(__file__).resolve().parent.parent / ".data"


def _say(name: str, found: Postgres | Valkey | None) -> None:
    print(f"{name:<12}{found.url if found else 'not running'}")


def main(word: str) -> int:
    """Do what `word` asks with the servers in `.data/`; 2 when the word is unknown."""
    if word == "up":
        _say("PostgreSQL", start_postgres(DATA / "postgres"))
        _say("Valkey", start_valkey(DATA / "valkey"))
        return 0
    if word not in ("down", "status"):
        print(__doc__)
        return 2
    servers = {"PostgreSQL": find_postgres(DATA / "postgres"), "Valkey": find_valkey(DATA / "valkey")}
    for name, found in servers.items():
        if found and word == "down":
            found.stop()
        _say(name, found if word == "status" else None)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
