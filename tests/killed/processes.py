"""Start the processes of the Procfile, and kill them with -9."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.conftest import REPOSITORY


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class House:
    """Web, clock and workers as their Procfile starts them, each in a process group of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.running: dict[str, subprocess.Popen] = {}
        self.commands = {
            words[0].rstrip(":"): words[1] for line in (REPOSITORY / "Procfile").read_text().splitlines()
            if not line.startswith("#") and len(words := line.split(" ", 1)) == 2
        }  # fmt: skip

    def start(self, *names: str) -> None:
        """Start what is named."""
        here = os.environ | {"GUIYI_PORT": str(self.port), "GUIYI_POOL_SIZE": "16", "GUIYI_HOST": "127.0.0.1"}
        for name in names:
            command = self.commands[name].replace(".venv/bin/", f"{Path(sys.executable).parent}/")
            self.running[name] = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"], cwd=REPOSITORY, env=here, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def kill(self, *names: str) -> None:
        """kill -9, with all children."""
        for name in names:
            process = self.running.pop(name)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def kill_one_web_process(self) -> None:
        """kill -9 one of the processes that answer; the one above them starts another."""
        parent = self.running["web"].pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        os.kill(int(children[-1]), signal.SIGKILL)

    def wait_for_web(self, seconds: float = 60) -> None:
        """Until it answers, or fail."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(f"{self.address}/healthz"):
                return
            time.sleep(0.1)
        raise AssertionError("the web does not come up")
