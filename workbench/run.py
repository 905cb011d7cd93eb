"""`make run`: the whole product on the sandbox with a demo brand, until Ctrl-C."""

import fcntl
import hashlib
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import psycopg
from rich.console import Console
from rich.table import Table

from workbench import environment
from workbench.postgres import Postgres
from workbench.services import DATA, WorkbenchError
from workbench.setup import ROOT, Progress
from workbench.supervisor import Crashed, Program, Supervisor, procfile
from workbench.valkey import Valkey

PYTHON = ".venv/bin/python"
SANDBOX = Program("sandbox", f"{PYTHON} -m sandbox")
MIGRATIONS = Program("migrations", f"{PYTHON} -m migrations.run")
DEMO_BRAND = Program("demo-brand", f"{PYTHON} -m command_line demo-brand")
START_WITHIN = 60.0

# Who goes where: (who, address, how to come in). The demo brand adds its people: each line of its output that has two
# tabs is such a row.
DOORS = (
    ("运营与管理", "{web}/console/", "用下面的员工码登录"),
    ("顾客", "{sandbox}/", "扮演顾客：打开小程序、按下手机号按钮"),
    ("接口", "{web}/docs", "可读、可试的接口文档"),
)


class Asked(Exception):
    """Somebody asked us to stop."""


class House:
    """Everything that `make run` keeps alive; `stop` ends it in the order that loses nothing."""

    def __init__(self, folder: Path = DATA) -> None:
        self.folder = folder
        self.console = Console(highlight=False)
        self.supervisor = Supervisor(folder / "logs", folder / "programs.json", say=self.console.print)
        self.servers: list[Postgres | Valkey] = []
        self.doors = list(DOORS)
        self.asked = False

    def hear(self, number: int, frame: FrameType | None) -> None:
        """A signal's handler: remember the wish, so that no step is torn in the middle."""
        self.asked = True

    def moment(self) -> None:
        """Called often while waiting; raises Asked once somebody wants us to stop."""
        if self.asked:
            raise Asked

    def start(self) -> dict[str, int]:
        """Bring everything up, telling what happens; returns the ports once every door answers."""
        if self.supervisor.clear_former():
            print("  ended what an earlier run had left behind")
        self._step("PostgreSQL and Valkey", lambda: self.servers.extend(environment.start_servers(self.folder)))
        ports = environment.complete(self.folder)
        if not migrated(os.environ["DATABASE_URL"]):
            self._carry_out("migrations", MIGRATIONS)
        programs = procfile(ROOT / "Procfile")
        for program in (SANDBOX, *(program for program in programs if program.name == "web")):
            self.supervisor.start(program)
        self._load_demo_brand()
        # What works in the background begins when there is something whole to work on; doors do not wait for it.
        for program in programs:
            if program.name != "web":
                self.supervisor.start(program)
        self._await_answers(ports)
        return ports

    def watch(self) -> None:
        """Keep everything alive until somebody asks us to stop (Asked) or it cannot be kept alive (Crashed)."""
        while True:
            self.moment()
            self.supervisor.watch()
            time.sleep(0.1)

    def stop(self) -> None:
        """Programs first, then the servers that we started; all within ten seconds."""
        began = time.monotonic()
        self.supervisor.stop()
        for server in self.servers:
            server.stop()
        print(f"Stopped ({time.monotonic() - began:.1f} s)", flush=True)

    def _step(self, title: str, act: Callable[[], object]) -> None:
        self.moment()
        progress = Progress(title)
        act()
        progress.done()

    def _carry_out(self, title: str, program: Program) -> None:
        self.moment()
        progress = Progress(title)

        def seen(line: str) -> None:
            match line.split("\t"):
                case [who, where, how]:
                    self.doors.append((who, where, how))
                case [text] if text:
                    progress.step(text)

        self.supervisor.carry_out(program, moment=self.moment, seen=seen)
        progress.done()

    def _load_demo_brand(self) -> None:
        """Load it, unless it is there as this version would load it: asking the product itself takes seconds."""
        note = self.folder / "demo.json"
        there = demo_mark(os.environ["DATABASE_URL"])
        if there and note.exists() and (known := json.loads(note.read_text()))["mark"] == there:
            self.doors.extend(tuple(row) for row in known["rows"])
            return
        fixed = len(self.doors)
        self._carry_out("demo brand", DEMO_BRAND)
        note.write_text(json.dumps({"mark": demo_mark(os.environ["DATABASE_URL"]), "rows": self.doors[fixed:]}))

    def _await_answers(self, ports: dict[str, int]) -> None:
        progress = Progress("doors")
        waiting = {"web": (ports["web"], "/readyz"), "sandbox": (ports["sandbox"], "/")}
        end = time.monotonic() + START_WITHIN
        while waiting:
            self.moment()
            ended = self.supervisor.ended()
            if ended:
                raise Crashed(self.supervisor.epitaph(ended))
            for name, (port, path) in list(waiting.items()):
                if answers(port, path):
                    del waiting[name]
            if waiting and time.monotonic() > end:
                raise Crashed(self.supervisor.epitaph(next(iter(waiting))))
            progress.step(f"waiting for {', '.join(waiting)}")
            time.sleep(0.05)
        progress.done("open")

    def show(self, ports: dict[str, int]) -> None:
        """Tell who goes where."""
        addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        table = Table(show_edge=False, pad_edge=False, box=None)
        for heading in ("谁", "去哪里", "怎么进"):
            table.add_column(heading, no_wrap=True)
        for who, where, how in self.doors:
            table.add_row(who, where.format(**addresses), how)
        # Wide enough for addresses even where there is no terminal to ask.
        Console(highlight=False, width=None if sys.stdout.isatty() else 120).print("\n", table, "\n")


def answers(port: int, path: str) -> bool:
    """Whether an HTTP server answers there without an error of its own."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        line.request("GET", path)
        return line.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def migrated(url: str) -> bool:
    """Whether the database stands at the newest migration; asked directly, as the migration tool takes seconds."""
    newest = (ROOT / "migrations" / "HEAD").read_text().strip()
    with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5) as connection:
        found = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        if not found or not found[0]:
            return False
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        return rows == [(newest,)]


def demo_mark(url: str) -> str:
    """What tells one loaded demo brand from another: the loader's files and what it noted; empty when nothing is there."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "command_line").glob("*.py")):
        digest.update(path.read_bytes())
    with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5) as connection:
        found = connection.execute("SELECT to_regclass('brand_policy') IS NOT NULL").fetchone()
        if not found or not found[0]:
            return ""
        row = connection.execute("SELECT values::text FROM brand_policy WHERE name = 'demo'").fetchone()
    digest.update(row[0].encode() if row else b"")
    return digest.hexdigest() if row else ""


def main(house: House) -> int:
    """Run until asked to stop (0) or until something cannot be kept running (1). One at a time in a folder."""
    house.folder.mkdir(exist_ok=True)
    with (house.folder / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("It runs already, from this folder; stop that one first.", file=sys.stderr)
            return 1
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, house.hear)
        return _live(house)


def _live(house: House) -> int:
    began = time.monotonic()
    code = 0
    try:
        ports = house.start()
        (house.folder / "run.json").write_text(json.dumps(ports))
        house.show(ports)
        print(f"Up in {time.monotonic() - began:.1f} s; logs in {house.folder / 'logs'}; Ctrl-C stops everything.")
        print("Ready", flush=True)
        house.watch()
    except Asked:
        print()
    except (Crashed, WorkbenchError, psycopg.Error, OSError) as error:
        # A signal from the terminal reaches the helpers of a step too; their failing is then no failure.
        if not house.asked:
            print(f"\n{error}", file=sys.stderr)
            code = 1
    finally:
        (house.folder / "run.json").unlink(missing_ok=True)
        house.stop()
    return code


if __name__ == "__main__":
    sys.exit(main(House()))
