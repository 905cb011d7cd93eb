"""What a bench stands on: a durable server kept outside the tree, data made once, and the real web server."""

import contextlib
import hashlib
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.harness.load import http_program
from workbench import environment, home
from workbench.run import answers
from workbench.services import Postgres, Valkey, WorkbenchError, ensure_database, start_postgres, start_valkey
from workbench.setup import ROOT, VENV
from workbench.supervisor import Program, Supervisor

CACHE = Path(os.environ.get("GUIYI_BENCH_CACHE", "~/.cache/guiyi-bench")).expanduser()
CLONE = "run_"
START_WITHIN = 60.0


class Ground:
    """Kept from bench to bench in one run; `close` ends what it started and keeps the data."""

    def __init__(self, cache: Path = CACHE) -> None:
        self.cache = cache
        cache.mkdir(parents=True, exist_ok=True)
        self.postgres: Postgres = start_postgres(cache / "postgres")
        self.valkey: Valkey = start_valkey(cache / "valkey")
        self.supervisor = Supervisor(cache / "logs", cache / "programs.json", say=self.say)
        self.supervisor.clear_former()
        self.drop_clones()

    def say(self, text: str) -> None:
        """Progress, for a person who waits."""
        print(f"  {text}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """End what was started; the data stay for the next time."""
        self.supervisor.stop()
        self.drop_clones()
        self.valkey.stop()
        self.postgres.stop()

    def database(self, name: str, *, sources: list[Path], build: Callable[[str], object]) -> str:
        """The address of the database that `build(url)` filled, on the newest migration, vacuumed and analysed.

        It is made again only when the content of `sources` (files or folders) or of the migrations changed, and
        then its former versions are dropped. One that was not finished is never used.
        """
        mark = _digest([*sources, ROOT / "migrations"])
        whole = f"{name}_{mark}"
        if whole not in self._databases():
            for old in self._databases():
                if old.startswith(f"{name}_") or old == f"half_{name}":
                    self._drop(old)
            began = time.monotonic()
            self.say(f"making the data of {name}")
            url = ensure_database(self.postgres.url, f"half_{name}")
            self._migrate(url)
            build(url)
            with psycopg.connect(_plain(url), autocommit=True) as connection:
                connection.execute("VACUUM (ANALYZE)")
                connection.execute("CHECKPOINT")
            with self._administration() as connection:
                names = (sql.Identifier(f"half_{name}"), sql.Identifier(whole))
                connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
            self.say(f"made the data of {name} in {time.monotonic() - began:.0f} s")
        return ensure_database(self.postgres.url, whole)

    def clone(self, url: str) -> str:
        """A copy of a database that nobody is connected to, to be changed freely; dropped when all benches end."""
        source = url.rpartition("/")[2]
        name = f"{CLONE}{os.getpid()}_{time.monotonic_ns()}"
        with self._administration() as connection:
            names = (sql.Identifier(name), sql.Identifier(source))
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(*names))
        return f"{url.rpartition('/')[0]}/{name}"

    def drop_clones(self) -> None:
        """Drop every clone, also those that a killed run left."""
        for name in self._databases():
            if name.startswith(CLONE):
                self._drop(name)

    def variables(self, url: str) -> dict[str, str]:
        """The environment in which product code works on that database. The secrets are kept with the data."""
        return {
            **environment.kept_secrets(self.cache),
            "DATABASE_URL": url,
            "REDIS_URL": self.valkey.url,
            "GUIYI_ENV": "development",
            "WECHAT_API_BASE": "http://127.0.0.1:9",  # nobody listens there: a bench calls no platform
        }

    @contextlib.contextmanager
    def web(
        self,
        url: str,
        *,
        app: str = "wsgi:app",
        processes: int = 2,
        threads: int = 8,
        extra: dict[str, str] | None = None,
    ) -> Iterator[str]:
        """The real server (granian, as in the Procfile) on that database; gives its address, ends with the block."""
        port = home.free_port()
        words = [str(VENV / "bin" / "granian"), "--interface", "wsgi", "--no-ws", "--host", "127.0.0.1"]
        words += ["--port", str(port), "--workers", str(processes), "--blocking-threads", str(threads), app]
        program = Program(f"web-{app.replace(':', '-')}", " ".join(words))
        supervisor = Supervisor(
            self.cache / "logs",
            self.cache / f"web-{port}.json",
            say=self.say,
            environment={**self.variables(url), **(extra or {})},
        )
        supervisor.start(program)
        try:
            end = time.monotonic() + START_WITHIN
            while not answers(port, "/healthz"):
                if supervisor.ended() or time.monotonic() > end:
                    raise WorkbenchError(supervisor.epitaph(program.name))
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            supervisor.stop()

    def conditions(self) -> dict[str, Any]:
        """What a figure depends on and every line tells."""
        with self._administration() as connection:
            row = connection.execute("SELECT current_setting('server_version'), current_setting('fsync')").fetchone()
        assert row
        return {
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "postgres": row[0],
            "fsync": row[1],
            "http_load": http_program(),
            "commit": _commit(),
        }

    def _migrate(self, url: str) -> None:
        words = [str(VENV / "bin" / "python"), "-m", "migrations.run"]
        known = {**os.environ, **self.variables(url)}
        done = subprocess.run(words, check=False, cwd=ROOT, env=known, capture_output=True, text=True)
        if done.returncode:
            raise WorkbenchError(f"the migrations failed:\n{done.stderr[-2000:]}")

    def _administration(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(_plain(self.postgres.url), autocommit=True)

    def _databases(self) -> list[str]:
        with self._administration() as connection:
            return [row[0] for row in connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate")]

    def _drop(self, name: str) -> None:
        with self._administration() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _plain(url: str) -> str:
    return url.replace("+psycopg", "", 1)


def _digest(sources: list[Path]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        files = sorted(source.rglob("*.py")) if source.is_dir() else [source]
        for path in files:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _commit() -> str:
    words = ["git", "describe", "--always", "--dirty"]
    try:
        return subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True).stdout.strip() or "unknown"
    except OSError:
        return "unknown"
