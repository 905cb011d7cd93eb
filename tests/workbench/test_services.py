"""The local servers start, are found again, and survive the death of everybody who knew them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from workbench import home, postgres
from workbench.services import Postgres, ensure_database, find_postgres, find_valkey, start_postgres, start_valkey


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    place = tmp_path_factory.mktemp("postgres")
    yield place
    server = start_postgres(place, durable=False)
    server.stop()
    shutil.rmtree(server.data_dir.parent)  # outside pytest's own folder when root runs the tests


def ask(server: Postgres, question: str) -> object:
    with psycopg.connect(server.url.replace("+psycopg", ""), connect_timeout=5) as connection:
        row = connection.execute(question).fetchone()
        return row and row[0]


def pid_of(server: Postgres) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])


def test_a_server_is_started_once_and_reused_by_many_at_the_same_time(folder: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        servers = list(pool.map(lambda _: start_postgres(folder, durable=False), range(3)))
    assert len({server.url for server in servers}) == 1
    assert ask(servers[0], "SELECT lower('ÄÖ归一')") == "äö归一"
    assert ask(servers[0], "SHOW fsync") == "off"


def test_a_stopped_server_comes_back_on_its_port_with_its_data(folder: Path) -> None:
    first = start_postgres(folder, durable=False)
    url = ensure_database(first.url, "kept")
    assert ensure_database(first.url, "kept") == url
    first.stop()
    first.stop()
    assert find_postgres(folder) is None
    second = start_postgres(folder, durable=False)
    assert second.url == first.url
    assert ask(second, "SELECT count(*) FROM pg_database WHERE datname = 'kept'") == 1


def test_a_server_killed_with_9_is_cleared_and_started_again(folder: Path) -> None:
    first = start_postgres(folder, durable=False)
    os.kill(pid_of(first), signal.SIGKILL)
    second = start_postgres(folder, durable=False)
    assert pid_of(second) != pid_of(first) or psutil.pid_exists(pid_of(second))
    assert ask(second, "SELECT 1") == 1


def test_a_pid_file_that_names_a_stranger_does_not_block_the_start(folder: Path) -> None:
    first = start_postgres(folder, durable=False)
    lines = (first.data_dir / "postmaster.pid").read_text().splitlines()
    first.stop()
    user = home.lower_user()  # PostgreSQL is not deceived by a process of somebody else's
    stranger = subprocess.Popen(["sleep", "60"], user=user.pw_uid if user else None)
    try:
        note = first.data_dir / "postmaster.pid"
        note.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert ask(start_postgres(folder, durable=False), "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_hangs_is_replaced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "CONNECT_WITHIN", 2)  # libpq's least
    monkeypatch.setattr(postgres, "STOP_WITHIN", 1)
    first = start_postgres(folder, durable=False)
    os.kill(pid_of(first), signal.SIGSTOP)
    second = start_postgres(folder, durable=False)
    assert ask(second, "SELECT 1") == 1


def test_changed_settings_reach_a_server_that_runs(folder: Path) -> None:
    start_postgres(folder, durable=False)
    changed = start_postgres(folder, durable=False, settings={"work_mem": "7MB"})
    assert ask(changed, "SHOW work_mem") == "7MB"


def test_a_taken_port_is_left_to_its_holder(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        (tmp_path / "port").write_text(str(holder.getsockname()[1]))
        assert home.remembered_port(tmp_path) != holder.getsockname()[1]


def test_valkey_outlives_its_starter_and_is_found_by_the_next(tmp_path: Path) -> None:
    starter = textwrap.dedent(f"""
        import os, pathlib
        from workbench.services import start_valkey
        print(start_valkey(pathlib.Path({str(tmp_path)!r})).url, flush=True)
        os.kill(os.getpid(), 9)
    """)
    done = subprocess.run([sys.executable, "-c", starter], check=False, capture_output=True, text=True, timeout=20)
    found = start_valkey(tmp_path)
    try:
        assert done.stdout.strip() == found.url
    finally:
        found.stop()
    assert find_valkey(tmp_path) is None
