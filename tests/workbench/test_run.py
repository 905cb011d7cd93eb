"""`make run` with stand-ins for the product: it comes up, tells where to go, goes down, and survives its own death."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.kernel.settings import read_settings
from workbench import environment, home
from workbench.run import migrated
from workbench.services import start_postgres, start_valkey

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("run")
    postgres, valkey = start_postgres(place / "postgres", durable=False), start_valkey(place / "valkey")
    # Ports of our own: other tests and a real `make run` may be up at the same time.
    (place / "ports.json").write_text(json.dumps({"web": home.free_port(), "sandbox": home.free_port()}))
    yield place
    valkey.stop()
    postgres.stop()
    shutil.rmtree(postgres.data_dir.parent)


SESSIONS: list["Session"] = []


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """A test that failed half-way leaves no session to the next one."""
    yield
    while SESSIONS:
        session = SESSIONS.pop()
        if session.process.poll() is None:
            session.end(signal.SIGTERM)


class Session:
    """`make run` in a process of its own; servers are given, the product's programs are tiny stand-ins."""

    def __init__(self, folder: Path) -> None:
        script = textwrap.dedent(f"""
            import pathlib, sys
            from workbench import run
            from workbench.supervisor import Program
            run.migrated = lambda url: True
            http = "{sys.executable} -m http.server --bind 127.0.0.1 --directory {folder / "logs"}"
            run.procfile = lambda path: [Program("web", http + " $GUIYI_PORT"), Program("clock", "sleep 99")]
            run.SANDBOX = Program("sandbox", http + " $SANDBOX_PORT")
            run.DEMO_BRAND = Program("demo-brand", "printf '3 of 3\\\\n店长\\\\t{{web}}/console/\\\\tE001\\\\n'")
            house = run.House(pathlib.Path({str(folder)!r}))
            sys.exit(run.main(house))
        """)
        given = {
            "DATABASE_URL": start_postgres(folder / "postgres", durable=False).url,
            "REDIS_URL": start_valkey(folder / "valkey").url,
        }
        kept = {name: value for name, value in os.environ.items() if name not in environment.VARIABLES.values()}
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], cwd=ROOT, env=kept | given, stdout=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []
        SESSIONS.append(self)

    def until_ready(self) -> "Session":
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if self.lines[-1] == "Ready":
                return self
        raise AssertionError("\n".join(["it never said Ready", *self.lines]))

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        with self.process as process:
            return process.wait(10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_ready_and_stops_within_ten_seconds(folder: Path, number: signal.Signals) -> None:
    session = Session(folder).until_ready()
    assert any(re.search(r"http://127.0.0.1:\d+/console/", line) for line in session.lines)
    assert any("店长" in line and "E001" in line and "{" not in line for line in session.lines)
    began = time.monotonic()
    assert session.end(number) == 0
    assert time.monotonic() - began < 10


def test_after_its_death_the_next_one_takes_over_on_the_same_ports(folder: Path) -> None:
    first = Session(folder).until_ready()
    first.end(signal.SIGKILL)
    second = Session(folder).until_ready()
    assert [line for line in first.lines if "http:" in line] == [line for line in second.lines if "http:" in line]
    assert second.end(signal.SIGTERM) == 0


def test_two_at_once_in_one_folder_are_refused(folder: Path) -> None:
    first = Session(folder).until_ready()
    second = Session(folder)
    with second.process as process:
        assert process.wait(10) == 1
    assert first.end(signal.SIGTERM) == 0


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = environment.kept_secrets(tmp_path)
    (tmp_path / "secrets.env").write_text(f"GUIYI_SEAL_KEY={first['GUIYI_SEAL_KEY']}\n")
    (tmp_path / "secrets.env").chmod(0o600)
    second = environment.kept_secrets(tmp_path)
    assert second["GUIYI_SEAL_KEY"] == first["GUIYI_SEAL_KEY"]
    assert second["GUIYI_INDEX_KEY"] != first["GUIYI_INDEX_KEY"]
    assert second == environment.kept_secrets(tmp_path)
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600


def test_the_product_and_the_sandbox_are_told_the_same_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, str] = {}
    monkeypatch.setattr(os, "environ", told)
    ports = environment.complete(tmp_path)
    known = read_settings(told | {"DATABASE_URL": "postgresql://x", "REDIS_URL": "redis://x"})
    account = known.wechat_accounts[told["SANDBOX_OA_APPID"]]
    miniprogram = known.wechat_accounts[told["SANDBOX_APPID"]]
    assert (account.secret, account.push_token) == (told["SANDBOX_OA_SECRET"], told["SANDBOX_OA_TOKEN"])
    assert account.push_keys == (told["SANDBOX_OA_AES_KEY"],)
    assert miniprogram.push_keys == (told["SANDBOX_PUSH_AES_KEY"],)
    callback = f"http://127.0.0.1:{ports['web']}/oa/v1/callbacks/{account.appid}"
    assert told["SANDBOX_OA_CALLBACK_URL"] == callback


def test_a_database_that_was_never_migrated_is_seen_as_such(folder: Path) -> None:
    url = start_postgres(folder / "postgres", durable=False).url
    assert not migrated(url)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        newest = (ROOT / "migrations" / "HEAD").read_text().strip()
        connection.execute("INSERT INTO alembic_version VALUES (%s)", (newest,))
    assert migrated(url)
