"""The harness reads real reports of the load programs, sends each prepared request once, and quotes the median pair."""

import contextlib
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks.harness import load, outputs
from benchmarks.harness.load import Shot, http_load, http_shots
from benchmarks.harness.pairs import interleaved
from workbench.setup import ROOT

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.txt").read_text()


def test_wrk_is_read() -> None:
    read = outputs.wrk(recorded("wrk"))
    assert (read.rate, read.answers, read.seconds, read.refused, read.broken) == (706.17, 1426, 2.02, 0, 0)
    assert (read.p50, read.p99) == (6.64, 24.96)
    assert outputs.wrk(recorded("wrk-refused")).refused == 684


def test_pgbench_is_read() -> None:
    read = outputs.pgbench(recorded("pgbench"))
    assert (read.rate, read.transactions, read.failed, read.latency) == (13559.03148, 13288, 0, 0.295)
    assert outputs.pgbench(recorded("pgbench-failed")).failed == 1809


def test_autocannon_is_read() -> None:
    read = outputs.shots(recorded("autocannon"))
    assert (read.answers, read.statuses, read.p50, read.p99) == (526, {200: 526}, 276, 411)
    assert read.rate == pytest.approx(526 / 1.03)


@pytest.mark.parametrize("read", [outputs.wrk, outputs.pgbench, outputs.shots])
def test_a_report_cut_short_is_refused(read: object) -> None:
    with pytest.raises(outputs.Unreadable):
        read("Running 2s test @ http://127.0.0.1:18733/\n")  # type: ignore[operator]


def test_the_median_pair_is_quoted_and_the_order_swapped() -> None:
    heard: list[str] = []
    values = {"v": iter([10.0, 30.0, 20.0]), "l": iter([100.0, 100.0, 100.0])}

    def measure(which: str) -> float:
        heard.append(which)
        return next(values[which])

    pairs = interleaved(lambda: measure("v"), lambda: measure("l"), warm=False)
    assert "".join(heard) == "vllvvl"
    result = pairs.result("requests/s", clients=64)
    assert (result.value, result.limit, result.ratio) == (20, 100, 0.2)
    assert result.conditions == {"clients": 64, "pairs": 3, "ratios": [0.1, 0.3, 0.2]}


def test_for_a_time_less_is_more() -> None:
    pairs = interleaved(lambda: 4.0, lambda: 1.0, is_time=True)
    assert pairs.median.ratio == 0.25


@pytest.fixture
def operation(tmp_path: Path) -> dict[str, str]:
    """A module with an operation that takes ten milliseconds and one that fails; the environment that finds it."""
    (tmp_path / "slow_operation.py").write_text(
        "import time\n"
        "def prepare(process, thread): return lambda: time.sleep(0.01)\n"
        "def fail(process, thread): return lambda: 1 / 0\n"
    )
    return {"PYTHONPATH": str(tmp_path)}


def test_operations_of_all_processes_and_threads_are_counted(operation: dict[str, str]) -> None:
    rate = load.operations("slow_operation:prepare", operation, processes=2, threads=3, seconds=0.5)
    assert 250 < rate <= 600


def test_an_operation_that_fails_is_no_figure(operation: dict[str, str]) -> None:
    with pytest.raises(load.Failed, match="slow_operation:fail"):
        load.operations("slow_operation:fail", operation, processes=1, threads=2, seconds=0.5)


class Counting(BaseHTTPRequestHandler):
    """Remembers every request; refuses what asks for it."""

    protocol_version = "HTTP/1.1"
    seen: Counter[tuple[str, str, str]]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.seen[(self.command, self.path, body)] += 1
        self.send_response(409 if "refuse" in self.path else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST = answer

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # a load program that is done hangs up in the middle
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (Counting,), {"seen": Counter()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as made:
        made.daemon_threads = True
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


PROGRAMS = [
    pytest.param("wrk", marks=pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")),
    pytest.param(
        "autocannon",
        marks=pytest.mark.skipif(
            not (ROOT / "node_modules" / "autocannon").exists(), reason="npm packages are not installed: npm ci"
        ),
    ),
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_shot_is_sent_once(server: ThreadingHTTPServer, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIYI_BENCH_LOAD", program)
    shots = [
        Shot(
            f"/{'refuse' if number % 4 == 0 else 'take'}",
            "POST",
            {"Idempotency-Key": str(number)},
            b'{"n":%d}' % number,
        )
        for number in range(101)
    ]
    told = http_shots(f"http://127.0.0.1:{server.server_port}", shots, connections=8, limit=20)
    assert told.statuses == {200: 75, 409: 26}
    seen = server.RequestHandlerClass.seen  # type: ignore[attr-defined]
    assert len(seen) == 101
    assert set(seen.values()) == {1}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_refusal_under_plain_load_is_no_figure(
    server: ThreadingHTTPServer, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUIYI_BENCH_LOAD", program)
    with pytest.raises(load.Failed, match=r"(?s)[1-9]\d* answers refused"):
        http_load(f"http://127.0.0.1:{server.server_port}/refuse", connections=4, seconds=1)
