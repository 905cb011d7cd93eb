"""Keeps people and apps in a SQLite file, so that openids, grants and messages survive a restart."""

import json
import sqlite3
from pathlib import Path
from typing import Any


class StateFile:
    """Rows of JSON by (kind, id). One connection, used under the world's lock."""

    def __init__(self, path: str) -> None:
        Path(path).expanduser().parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(Path(path).expanduser(), check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS kept (kind TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, id))"
        )

    def keep(self, rows: list[tuple[str, str, dict[str, Any]]]) -> None:
        """All rows or none."""
        texts = [(kind, key, json.dumps(body)) for kind, key, body in rows]
        self._connection.execute("BEGIN IMMEDIATE")
        with self._connection:  # commits, or rolls back on an error
            self._connection.executemany(
                "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body", texts
            )

    def kept(self, kind: str) -> list[dict[str, Any]]:
        found = self._connection.execute("SELECT body FROM kept WHERE kind = ? ORDER BY rowid", (kind,))
        return [json.loads(body) for (body,) in found]

    def forget_all(self) -> None:
        self._connection.execute("DELETE FROM kept")

    def close(self) -> None:
        self._connection.close()
