"""The programs that make load. None of them is Python, except where our own operations are what is measured."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from benchmarks.harness import outputs
from benchmarks.harness.outputs import HttpLoad, SqlLoad, Unreadable
from workbench.services import programs
from workbench.setup import ROOT

HERE = Path(__file__).parent
WRK_THREADS = 2


class Failed(RuntimeError):
    """A load program failed, or answers came that the bench does not allow."""


@dataclass(frozen=True)
class Shot:
    """One prepared request; `body` is sent as it is."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def http_program() -> str:
    """The program that makes HTTP load here: "wrk", else "autocannon"; GUIYI_BENCH_LOAD chooses."""
    return os.environ.get("GUIYI_BENCH_LOAD") or ("wrk" if shutil.which("wrk") else "autocannon")


def http_load(
    url: str, *, connections: int = 64, seconds: float = 5, headers: Mapping[str, str] | None = None
) -> HttpLoad:
    """The same GET again and again on kept connections. Raises Failed when any answer is not 2xx or 3xx."""
    headers = dict(headers or {})
    if http_program() == "wrk":
        threads = min(WRK_THREADS, connections)
        words = ["wrk", "--latency", f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
        load = outputs.wrk(_run([*words, *(f"-H{name}: {value}" for name, value in headers.items()), url]))
    else:
        load = _autocannon({"url": url, "connections": connections, "seconds": seconds, "headers": headers})
    if load.refused or load.broken:
        raise Failed(f"{url}: {load.refused} answers refused, {load.broken} broken of {load.answers}")
    return load


def http_shots(url: str, shots: Iterable[Shot], *, connections: int = 64, limit: float = 120) -> HttpLoad:
    """Each shot once, from `connections` clients that take the next when theirs is answered.

    Refusals are counted in `statuses`, not judged. Raises Failed when an answer is missing or `limit` seconds pass.
    """
    shots = list(shots)
    load = (_wrk_shots if http_program() == "wrk" else _autocannon_shots)(url, shots, connections, limit)
    if load.answers != len(shots):
        raise Failed(f"{url}: {load.answers} answers to {len(shots)} requests, {load.broken} broken")
    return load


def pgbench(
    url: str,
    scripts: list[str | tuple[str, int]],
    *,
    clients: int = 16,
    seconds: float = 5,
    transactions: int | None = None,
    mode: Literal["simple", "extended", "prepared"] = "simple",
    variables: Mapping[str, str | int] | None = None,
) -> SqlLoad:
    """Scripts of SQL (or (script, weight)) by the wheel's pgbench: for `seconds`, or `transactions` per client.

    Raises Failed when a transaction fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, script in enumerate(scripts):
            text, weight = script if isinstance(script, tuple) else (script, 1)
            path = Path(folder) / f"{number}.sql"
            path.write_text(text)
            files += ["-f", f"{path}@{weight}"]
        words = [str(programs() / "pgbench"), "-n", "-M", mode, "-c", str(clients), "-j", str(min(2, clients))]
        words += ["-t", str(transactions)] if transactions else ["-T", str(max(1, round(seconds)))]
        for name, value in (variables or {}).items():
            words += ["-D", f"{name}={value}"]
        load = outputs.pgbench(_run([*words, *files, "-d", url.replace("+psycopg", "", 1)]))
    if load.failed:
        raise Failed(f"pgbench: {load.failed} transactions failed")
    return load


def operations(
    target: str, environment: Mapping[str, str], *, processes: int = 2, threads: int = 8, seconds: float = 5
) -> float:
    """Calls per second of what `target` ("package.module:function") prepares, see `benchmarks.harness.drive`."""
    words = [sys.executable, "-m", "benchmarks.harness.drive", target, str(threads), str(seconds)]
    pipe, known = subprocess.PIPE, {**os.environ, **environment}
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen([*words, str(number)], cwd=ROOT, env=known, stdin=pipe, stdout=pipe, text=True)
            )
            for number in range(processes)
        ]
        for process in running:
            stack.callback(process.kill)
        if not all(process.stdout and process.stdout.readline() == "ready\n" for process in running):
            raise Failed(f"{target} did not get ready; its error is above")
        for process in running:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [process.communicate()[0] for process in running]
    if any(process.returncode for process in running):
        raise Failed(f"{target}: a call failed; its error is above")
    return sum(float(text.splitlines()[-1]) for text in told)


def _run(words: list[str]) -> str:
    done = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{words[0]} ended with {done.returncode}:\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")
    return done.stdout


def _autocannon(told: Mapping[str, object]) -> HttpLoad:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as handle:
        json.dump(told, handle)
        handle.flush()
        return outputs.shots(_run(["node", str(HERE / "load.cjs"), handle.name]))


def _autocannon_shots(url: str, shots: list[Shot], connections: int, limit: float) -> HttpLoad:
    listed = [
        {"method": shot.method, "path": shot.path, "headers": dict(shot.headers), "body": shot.body.decode()}
        for shot in shots
    ]
    return _autocannon({"url": url, "connections": connections, "shots": listed, "limit": limit})


def _wrk_shots(url: str, shots: list[Shot], connections: int, limit: float) -> HttpLoad:
    with tempfile.NamedTemporaryFile("wb", suffix=".shots") as handle:
        for shot in shots:
            raw = _raw(shot, urlsplit(url).netloc)
            handle.write(b"%d\n%b" % (len(raw), raw))
        handle.flush()
        words = ["wrk", "-t1", f"-c{connections}", f"-d{round(limit)}s", "--timeout", "30s"]
        text = _run([*words, "-s", str(HERE / "shots.lua"), url, "--", handle.name])
    if "guiyi" not in text:
        raise Unreadable(f"wrk printed no line of our script:\n{text[-1500:]}")
    return outputs.shots(text)


def _raw(shot: Shot, host: str) -> bytes:
    headers = {"Host": host, **shot.headers}
    if shot.body or shot.method != "GET":
        headers["Content-Length"] = str(len(shot.body))
    head = [f"{shot.method} {shot.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(head).encode() + shot.body
